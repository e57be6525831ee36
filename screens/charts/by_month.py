"""Charts of a desk page as plain dictionaries for Plotly: columns and lines by month, bars by name. Pure.

A None is drawn as nothing; where
it stands for a value that is hidden, the words under its month say so, lest it be taken for none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from screens.charts.desk import MARGIN_PX, axis, page, title
from screens.charts.words import PRIORITY_ICON, escaped

HEIGHT_PX = 300
BAR_PX = 34
LINE_PX = 18
LETTER_PX, LONGEST_NAME_PX = 8, 230


@dataclass(frozen=True, slots=True)
class Look:
    """How a series is drawn: its colours with the pattern and the sign that tell it without them."""

    colour: str
    edge: str
    ink: str
    pattern: str = ""
    sign: str = ""


def _of_state(state: str, pattern: str, sign: str) -> Look:
    return Look(f"var(--{state})", f"var(--{state}-edge)", f"var(--{state}-ink)", pattern, sign)


def _neutral(pattern: str) -> Look:
    return Look("var(--band)", "var(--ink-2)", "var(--ink)", pattern)


TARGET_LINE = {"color": "var(--ink)", "width": 2, "dash": "dash"}
PLAIN = _neutral("")
LOOKS = {
    "high": _of_state("high", "", PRIORITY_ICON["high"]),
    "medium": _of_state("medium", "/", PRIORITY_ICON["medium"]),
    "low": _of_state("low", "-", PRIORITY_ICON["low"]),
    "technical": _of_state("technical", ".", "◷"),
    "hatched": _neutral("/"),
    "crossed": _neutral("x"),
}
# lines tell themselves apart by these: dash and mark
MARKS = {"solid": "circle", "dot": "circle-open", "dash": "square", "dashdot": "diamond-open"}


@dataclass(frozen=True, slots=True)
class Series:
    """One value per month, or whatever stands below; ``state`` names a look, and is empty for the plain one.

    hidden: per month what is said in place of a hidden value, such as "<5"; empty where nothing is hidden.
    spread: per month the edges of what lies about its value; None where that is not told.
    """

    name: str
    values: Sequence[float | None]
    hidden: Sequence[str] = ()
    state: str = ""
    dash: str = "solid"
    spread: Sequence[tuple[float, float] | None] = ()


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
    return _by_month(data, months, series, target, unit=unit, reach=_reach(series, target, stacked=True))


def lines(
    months: Sequence[str], series: Sequence[Series], *, unit: str, target: Target | None = None
) -> dict[str, Any]:
    """Lines by month, broken where a month has no value."""
    data = [_line(one, months, unit) for one in series]
    return _by_month(data, months, series, target, unit=unit, reach=_reach(series, target, stacked=False))


def bars(
    names: Sequence[str],
    values: Sequence[float | None],
    *,
    unit: str,
    spread: Sequence[tuple[float, float] | None] = (),
) -> dict[str, Any]:
    """Bars to the right, the first name on top; ``spread`` as in ``Series``."""
    data = {
        "type": "bar",
        "orientation": "h",
        "x": list(values),
        "y": [escaped(name) for name in names],
        "marker": _marker(PLAIN),
        "hovertemplate": f"%{{y}}: %{{x}} {escaped(unit)}<extra></extra>",
        **({"error_x": _whiskers(values, spread)} if spread else {}),
    }
    layout = {
        **page(),
        "height": 70 + BAR_PX * max(len(names), 1),
        "margin": {**MARGIN_PX, "l": _names_px(names), "t": 8, "b": 52},
        "showlegend": False,
        "xaxis": {**axis(), "rangemode": "tozero", "title": title(unit)},
        "yaxis": {**axis(), "autorange": "reversed", "showgrid": False},
    }
    return {"data": [data], "layout": layout}


def _whiskers(values: Sequence[float | None], spread: Sequence[tuple[float, float] | None]) -> dict[str, Any]:
    """How far each value's edges lie from it."""
    known = [
        None if value is None or edges is None else (value - edges[0], edges[1] - value)
        for value, edges in zip(values, spread, strict=True)
    ]
    return {
        "type": "data",
        "symmetric": False,
        "arrayminus": [one and one[0] for one in known],
        "array": [one and one[1] for one in known],
        "color": "var(--ink-2)",
        "thickness": 1.5,
        "width": 6,
    }


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
    marker: dict[str, Any] = {"color": look.colour, "line": {"color": look.edge, "width": 1.5}}
    if look.pattern:
        marker["pattern"] = {
            "shape": look.pattern,
            "fillmode": "overlay",
            "fgcolor": look.ink,
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
        "marker": {"size": 9, "symbol": MARKS[one.dash], "color": "var(--ink)"},
        "hovertemplate": f"{one.name} %{{y}} {escaped(unit)}<extra></extra>",
        **({"error_y": _whiskers(one.values, one.spread)} if one.spread else {}),
    }


def _reach(series: Sequence[Series], target: Target | None, *, stacked: bool) -> tuple[float, float]:
    """The lowest and the highest that is drawn; zero is always in it."""
    by_month = zip(*(one.values for one in series), strict=True)
    known = [[value for value in values if value is not None] for values in by_month]
    ends = [sum(values) if stacked else end(values) for values in known if values for end in (min, max)]
    ends += [edge for one in series for edges in one.spread if edges for edge in edges]
    ends.append(target.value if target else 0.0)
    return min([0.0, *ends]), max(ends)


def _by_month(
    data: list[dict[str, Any]],
    months: Sequence[str],
    series: Sequence[Series],
    target: Target | None,
    *,
    unit: str,
    reach: tuple[float, float],
) -> dict[str, Any]:
    labels = [_label(month, at, series) for at, month in enumerate(months)]
    lines_below = max((label.count("<br>") for label in labels), default=0)
    # by name: a number among tickvals would be taken for the name of a category such as "2"
    ticks = {"tickvals": list(months), "ticktext": labels, "automargin": True}
    layout = {
        **page(),
        "barmode": "stack",
        "bargap": 0.35,
        "height": HEIGHT_PX + LINE_PX * lines_below,
        "margin": {**MARGIN_PX, "b": MARGIN_PX["b"] + LINE_PX * lines_below},
        "hovermode": "x unified",
        "xaxis": {**axis(), "type": "category", "categoryarray": list(months), "showgrid": False, **ticks},
        "yaxis": {
            **axis(),
            "range": [reach[0] * 1.12, reach[1] * 1.12 or 1],
            "title": title(unit),
            "nticks": 6,
        },
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
