"""How far each axis reaches and what stands on it; the session's clocks as upright lines. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

from screens.charts.inputs import ChartWindow, Mark
from screens.charts.moments import Moment, minutes_at
from screens.charts.panels import STRIP, STRIP_DOMAIN, Panel


def value_range(panel: Panel, moments: Sequence[Moment], also: Sequence[float] = ()) -> tuple[float, float]:
    """The usual range, widened by a twentieth beyond any value outside it; ``also`` is to be seen too."""
    values = [moment.values[vital] for moment in moments for vital in panel.vitals if vital in moment.values]
    values += also
    low, high = panel.usual
    margin = (high - low) / 20
    if values and min(values) < low:
        low = min(values) - margin
    if values and max(values) > high:
        high = max(values) + margin
    return low, high


def time_range(minutes: Sequence[float], marks: Sequence[Mark], window: ChartWindow) -> tuple[float, float]:
    """All that is drawn and the whole window, in minutes, with four to spare on each side."""
    at = [*minutes, *(minutes_at(mark.at, window) for mark in marks), 0.0]
    end = max([*at, 60.0 if window.ends_at is None else minutes_at(window.ends_at, window)])
    return min(at) - 4, end + 4


def _ticks(x_range: tuple[float, float]) -> list[int]:
    """Whole tens of minutes, or halves of an hour once tens would crowd the axis."""
    step = 10 if x_range[1] - x_range[0] <= 200 else 30
    first = int(-(-x_range[0] // step) * step)
    return list(range(first, int(x_range[1]) + 1, step))


def clock_anchor(x_range: tuple[float, float]) -> dict[str, Any]:
    """An empty trace on the upper axis: Plotly draws no axis that nothing hangs on."""
    return {
        "type": "scatter",
        "x": list(x_range),
        "y": [None, None],
        "xaxis": "x2",
        "yaxis": "y",
        "hoverinfo": "skip",
    }


def clock_lines(window: ChartWindow) -> list[dict[str, Any]]:
    """Upright lines through all panels: dose start, dose end, end of the window."""
    lines: list[tuple[datetime | None, str, float]] = [
        (window.zero_at if window.dosed else None, "solid", 1.5),
        (window.dose_ended_at, "dot", 1.5),
        (window.ends_at, "solid", 2.5),
    ]
    return [
        {
            "type": "line",
            "xref": "x",
            "x0": minutes_at(at, window),
            "x1": minutes_at(at, window),
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "line": {"color": "var(--ink-2)", "width": width, "dash": dash},
        }
        for at, dash, width in lines
        if at is not None
    ]


def time_axes(
    x_range: tuple[float, float], window: ChartWindow, zone: tzinfo
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The minutes since the dose, below; the same moments by the clinic's clock, above."""
    ticks = _ticks(x_range)
    clock = [(window.zero_at + timedelta(minutes=tick)).astimezone(zone).strftime("%H:%M") for tick in ticks]
    since = "dose start" if window.dosed else "check-in"
    axis: dict[str, Any] = {
        "range": list(x_range),
        "tickvals": ticks,
        "zeroline": False,
        "color": "var(--ink-2)",
        "linecolor": "var(--line)",
        "tickfont": {"size": 13},
        "fixedrange": False,
    }
    below = {
        **axis,
        "anchor": STRIP,
        "gridcolor": "var(--line)",
        "title": {"text": f"minutes since {since}", "font": {"size": 13}},
        "hoverformat": ".0f",
        "unifiedhovertitle": {"text": "%{x:.0f} min since " + since},
    }
    above = {
        **axis,
        "overlaying": "x",
        "matches": "x",
        "side": "top",
        "anchor": "y",
        "ticktext": clock,
        "showgrid": False,
    }
    return below, above


def strip_axis() -> dict[str, Any]:
    """From 0 to 1, without numbers: the strip has rows, not values."""
    return {
        "domain": list(STRIP_DOMAIN),
        "range": [0, 1],
        "fixedrange": True,
        "showticklabels": False,
        "showgrid": False,
        "zeroline": False,
    }


def panel_axis(panel: Panel, y_range: tuple[float, float]) -> dict[str, Any]:
    """The panel's place on the page and its range, `y_range` in the unit of its vitals."""
    return {
        "domain": list(panel.domain),
        "range": list(y_range),
        "fixedrange": True,
        "title": {"text": panel.title, "font": {"size": 14, "color": "var(--ink)"}, "standoff": 6},
        "gridcolor": "var(--line)",
        "nticks": 5,
        "zeroline": False,
        "color": "var(--ink-2)",
    }


def in_layout(trace_axis: str) -> str:
    """Plotly names the axis "y2" of a trace "yaxis2" in the layout."""
    return f"yaxis{trace_axis[1:]}"
