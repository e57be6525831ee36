"""A clinic's change of pressure after the dose began, over the typical one. Pure.

The clinic's own is a line with whiskers, the typical range hatched ground: they differ in kind, not colour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from screens.charts.desk import MARGIN_PX, axis, page, title
from screens.charts.inputs import TypicalPoint
from screens.charts.typical_band import reach, typical_traces

HEIGHT_PX = 380
NAME = "This clinic: mean, and 10 to 90 %"


@dataclass(frozen=True, slots=True)
class Change:
    """About a minute of the dose's clock: mean change in mmHg, and the edges of eight in ten sessions."""

    minute: int
    mean: float
    low: float
    high: float


def figure(changes: Sequence[Change], typical: Sequence[TypicalPoint], *, until_min: int) -> dict[str, Any]:
    """Change over minutes since the dose began. returns: {"data", "layout"} of plain JSON types."""
    own = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": NAME,
        "x": [one.minute for one in changes],
        "y": [one.mean for one in changes],
        "line": {"color": "var(--ink)", "width": 2.5},
        "marker": {"size": 9, "symbol": "circle", "color": "var(--ink)"},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [one.high - one.mean for one in changes],
            "arrayminus": [one.mean - one.low for one in changes],
            "color": "var(--ink-2)",
            "thickness": 1.5,
            "width": 6,
        },
        "hovertemplate": "%{x} min: %{y} mmHg<extra></extra>",
    }
    ends = [0.0, *reach(typical), *(edge for one in changes for edge in (one.low, one.high))]
    room = (max(ends) - min(ends)) * 0.06 or 1
    layout = {
        **page(),
        "height": HEIGHT_PX,
        "margin": {**MARGIN_PX, "b": 52},
        "xaxis": {
            **axis(),
            "range": [-4, until_min + 4],
            "dtick": 20,
            "title": title("minutes since the start"),
        },
        "yaxis": {
            **axis(),
            "range": [min(ends) - room, max(ends) + room],
            "zeroline": True,
            "zerolinecolor": "var(--ink-2)",
            "title": title("mmHg from baseline"),
            "nticks": 7,
        },
    }
    return {"data": [*typical_traces(typical), own], "layout": layout}
