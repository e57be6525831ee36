"""Charts of a desk page as plain dictionaries for Plotly: columns and lines by month, bars by name. Pure.

Colours are names of the stylesheet's custom properties, as in ``figure``. A None is drawn as nothing; where
it stands for a value that is hidden, the words under its month say so, lest it be taken for none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from screens.charts.words import PRIORITY_ICON, escaped

HEIGHT_PX = 300
BAR_PX = 34
# room for the months below, or for the names at the left
MARGIN_PX = {"l": 62, "r": 16, "t": 44, "b": 34}
LINE_PX = 18
LETTER_PX, LONGEST_NAME_PX = 8, 230


@dataclass(frozen=True, slots=True)
class Look:
    """How a state is drawn: its colour with the pattern and the sign that tell it without one."""

    colour: str
    pattern: str
    sign: str


TARGET_LINE = {"color": "var(--ink)", "width": 2, "dash": "dash"}
PLAIN = Look("band", "", "")
LOOKS = {
    "high": Look("high", "", PRIORITY_ICON["high"]),
    "medium": Look("medium", "/", PRIORITY_ICON["medium"]),
    "low": Look("low", "-", PRIORITY_ICON["low"]),
    "technical": Look("technical", ".", "◷"),
}


@dataclass(frozen=True, slots=True)
class Series:
    """One value per month; ``state`` names a look, and is empty for what is no state.

    hidden: per month what is said in place of a hidden value, such as "<5"; empty where nothing is hidden.
    """

    name: str
    values: Sequence[float | None]
    hidden: Sequence[str] = ()
    state: str = ""
    dash: str = "solid"


@dataclass(frozen=True, slots=True)
class Target:
    """A line across, named by its words."""

    value: float
    words: str


def columns(
    months: Sequence[str], series: Sequence[Series], *, unit: str, target: Target | None = None
) -> dict[str, Any]:
    """Columns by month, one series on the other. returns: {"data", "layout"} of plain JSON types."""
    data = [_column(one, months, unit) for one in series]
    return _by_month(data, months, series, target, unit=unit, highest=_highest(series, target, stacked=True))


def lines(
    months: Sequence[str], series: Sequence[Series], *, unit: str, target: Target | None = None
) -> dict[str, Any]:
    """Lines by month, broken where a month has no value."""
    data = [_line(one, months, unit) for one in series]
    return _by_month(data, months, series, target, unit=unit, highest=_highest(series, target, stacked=False))


def bars(names: Sequence[str], values: Sequence[float | None], *, unit: str) -> dict[str, Any]:
    """Bars to the right, the first name on top."""
    data = {
        "type": "bar",
        "orientation": "h",
        "x": list(values),
        "y": [escaped(name) for name in names],
        "marker": _marker(PLAIN),
        "hovertemplate": f"%{{y}}: %{{x}} {escaped(unit)}<extra></extra>",
    }
    layout = {
        **_page(),
        "height": 70 + BAR_PX * max(len(names), 1),
        "margin": {**MARGIN_PX, "l": _names_px(names), "t": 8, "b": 52},
        "showlegend": False,
        "xaxis": {**_axis(), "rangemode": "tozero", "title": _title(unit)},
        "yaxis": {**_axis(), "autorange": "reversed", "showgrid": False},
    }
    return {"data": [data], "layout": layout}


def _names_px(names: Sequence[str]) -> int:
    return min(LONGEST_NAME_PX, 24 + LETTER_PX * max(map(len, names), default=0))


def _column(one: Series, months: Sequence[str], unit: str) -> dict[str, Any]:
    look = LOOKS.get(one.state, PLAIN)
    return {
        "type": "bar",
        "name": f"{look.sign} {one.name}".strip(),
        "x": list(months),
        "y": list(one.values),
        "marker": _marker(look),
        "hovertemplate": f"{one.name} %{{y}} {escaped(unit)}<extra></extra>",
    }


def _marker(look: Look) -> dict[str, Any]:
    edge = "var(--ink-2)" if look is PLAIN else f"var(--{look.colour}-edge)"
    marker: dict[str, Any] = {"color": f"var(--{look.colour})", "line": {"color": edge, "width": 1.5}}
    if look.pattern:
        ink = f"var(--{look.colour}-ink)"
        marker["pattern"] = {
            "shape": look.pattern,
            "fillmode": "overlay",
            "fgcolor": ink,
            "fgopacity": 0.8,
            "size": 8,
            "solidity": 0.25,
        }
    return marker


def _line(one: Series, months: Sequence[str], unit: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": one.name,
        "x": list(months),
        "y": list(one.values),
        "connectgaps": False,
        "line": {"color": "var(--ink)", "width": 2, "dash": one.dash},
        "marker": {
            "size": 9,
            "symbol": "circle" if one.dash == "solid" else "circle-open",
            "color": "var(--ink)",
        },
        "hovertemplate": f"{one.name} %{{y}} {escaped(unit)}<extra></extra>",
    }


def _highest(series: Sequence[Series], target: Target | None, *, stacked: bool) -> float:
    by_month = zip(*(one.values for one in series), strict=True)
    known = ([value for value in values if value is not None] for values in by_month)
    tops: list[float] = [sum(values) if stacked else max(values) for values in known if values]
    return max([*tops, target.value if target else 0.0])


def _by_month(
    data: list[dict[str, Any]],
    months: Sequence[str],
    series: Sequence[Series],
    target: Target | None,
    *,
    unit: str,
    highest: float,
) -> dict[str, Any]:
    labels = [_label(month, at, series) for at, month in enumerate(months)]
    lines_below = max((label.count("<br>") for label in labels), default=0)
    ticks = {"tickvals": list(range(len(months))), "ticktext": labels, "automargin": True}
    layout = {
        **_page(),
        "barmode": "stack",
        "bargap": 0.35,
        "height": HEIGHT_PX + LINE_PX * lines_below,
        "margin": {**MARGIN_PX, "b": MARGIN_PX["b"] + LINE_PX * lines_below},
        "hovermode": "x unified",
        "xaxis": {**_axis(), "type": "category", "categoryarray": list(months), "showgrid": False, **ticks},
        "yaxis": {**_axis(), "range": [0, highest * 1.12 or 1], "title": _title(unit), "nticks": 6},
        "shapes": [_across(target)] if target else [],
    }
    return {"data": data + ([_in_key(target, months)] if target else []), "layout": layout}


def _label(month: str, at: int, series: Sequence[Series]) -> str:
    """A month, and under it what is hidden of it."""
    hidden = [
        f"{LOOKS.get(one.state, PLAIN).sign} {one.hidden[at]}".strip()
        for one in series
        if one.hidden and one.hidden[at]
    ]
    return "<br>".join([escaped(month), *map(escaped, dict.fromkeys(hidden))])


def _across(target: Target) -> dict[str, Any]:
    at = {"yref": "y", "y0": target.value, "y1": target.value}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, **at, "line": dict(TARGET_LINE)}


def _in_key(target: Target, months: Sequence[str]) -> dict[str, Any]:
    """A trace without a point, so that the line across has its words in the key and not over a column."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": escaped(target.words),
        "x": list(months[:1]),
        "y": [None],
        "line": dict(TARGET_LINE),
        "hoverinfo": "skip",
    }


def _title(unit: str) -> dict[str, Any]:
    return {"text": escaped(unit), "font": {"size": 14, "color": "var(--ink)"}, "standoff": 8}


def _axis() -> dict[str, Any]:
    return {
        "fixedrange": True,
        "zeroline": False,
        "color": "var(--ink-2)",
        "gridcolor": "var(--line)",
        "linecolor": "var(--line)",
        "tickfont": {"size": 14},
    }


def _page() -> dict[str, Any]:
    return {
        "paper_bgcolor": "var(--tile)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "var(--font)", "size": 14, "color": "var(--ink-2)"},
        "showlegend": True,
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.02,
            "yanchor": "bottom",
            "traceorder": "normal",
            "itemclick": False,
            "itemdoubleclick": False,
            "font": {"size": 15, "color": "var(--ink)"},
        },
        "hoverlabel": {
            "bgcolor": "var(--tile)",
            "bordercolor": "var(--ink)",
            "font": {"size": 14, "color": "var(--ink)"},
        },
    }
