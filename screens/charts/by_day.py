"""A column for each day; a day whose number is not told has a mark on the ground line. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from reports.small_counts import Said
from screens.charts.desk import MARGIN_PX, axis, page, title
from screens.charts.words import escaped

HEIGHT_PX = 300
BAND = {"color": "var(--band)", "line": {"color": "var(--ink-2)", "width": 1}}
NOT_TOLD = "1 to 4, or not told"


def columns(days: Sequence[tuple[date, Said]], *, unit: str) -> dict[str, Any]:
    """Columns on a line of days, so that days without any are gaps. returns: {"data", "layout"}."""
    hidden = [f"{day:%Y-%m-%d}" for day, said in days if said.value is None]
    highest = max((said.value for _, said in days if said.value is not None), default=0)
    data: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": unit.capitalize(),
            "x": [f"{day:%Y-%m-%d}" for day, _ in days],
            "y": [said.value for _, said in days],
            "marker": BAND,
            "hovertemplate": f"%{{x|%a %-d %b %Y}}: %{{y}} {escaped(unit)}<extra></extra>",
        }
    ]
    if hidden:
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": NOT_TOLD,
                "x": hidden,
                "y": [0] * len(hidden),
                "marker": {"symbol": "circle-open", "size": 8, "color": "var(--ink)", "line": {"width": 1.5}},
                "cliponaxis": False,
                "hovertemplate": f"%{{x|%a %-d %b %Y}}: {NOT_TOLD}<extra></extra>",
            }
        )
    layout = {
        **page(),
        "height": HEIGHT_PX,
        "margin": dict(MARGIN_PX),
        "bargap": 0.2,
        "xaxis": {**axis(), "type": "date", "showgrid": False, "tickformat": "%-d %b"},
        "yaxis": {**axis(), "range": [0, highest * 1.12 or 1], "title": title(unit), "nticks": 6},
        "showlegend": bool(hidden),
    }
    return {"data": data, "layout": layout}
