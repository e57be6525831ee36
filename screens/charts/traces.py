"""The values of one panel: lines, the pressure band, what came late and what is not used. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Any

from screens.charts.moments import Moment
from screens.charts.panels import Panel
from screens.charts.words import UNITS, WORDS, escaped

_MARKERS_UP_TO = 240  # beyond this many moments dots would hide the line


def panel_traces(
    panel: Panel, moments: Sequence[Moment], minutes: Sequence[float], top: float
) -> list[dict[str, Any]]:
    """All values of the panel; `top` is its upper edge in the unit of its vitals."""
    traces = [_pressure_band(moments, minutes)] if "systolic" in panel.vitals else []
    for vital in panel.vitals:
        series = _series(vital, moments, minutes)
        traces.append(_line(panel, vital, series))
        late = [(at, value) for at, value, moment in series if vital in moment.late]
        if late:
            traces.append(_late_points(panel, vital, late))
        doubtful = [
            (at, moment.doubtful[vital])
            for at, moment in zip(minutes, moments, strict=True)
            if vital in moment.doubtful
        ]
        if doubtful:
            traces.append(_doubtful_points(panel, vital, doubtful, top))
    return traces


def _line(panel: Panel, vital: str, series: Sequence[tuple[float, float, Moment]]) -> dict[str, Any]:
    gap = _gap_minutes([at for at, _, _ in series])
    x: list[float | None] = []
    y: list[float | None] = []
    before: float | None = None
    for at, value, _ in series:
        if before is not None and at - before > gap:
            x.append(None)
            y.append(None)
        x.append(at)
        y.append(value)
        before = at
    is_mean = vital == "mean"
    dots = len(series) <= _MARKERS_UP_TO and not is_mean
    return {
        "type": "scatter",
        "mode": "lines+markers" if dots else "lines",
        "name": WORDS[vital],
        "x": x,
        "y": y,
        "yaxis": panel.axis,
        "line": {
            "color": "var(--ink)",
            "width": 1.5 if is_mean else 2,
            "dash": "dot" if is_mean else "solid",
        },
        "marker": {"color": "var(--ink)", "size": 6},
        "hovertemplate": f"{WORDS[vital]} %{{y}} {UNITS[vital]}<extra></extra>",
    }


def _late_points(panel: Panel, vital: str, points: Sequence[tuple[float, float]]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{WORDS[vital]}, late",
        "x": [at for at, _ in points],
        "y": [value for _, value in points],
        "yaxis": panel.axis,
        "marker": {
            "symbol": "circle",
            "size": 9,
            "color": "var(--tile)",
            "line": {"color": "var(--ink)", "width": 2},
        },
        "hoverinfo": "skip",
    }


def _doubtful_points(
    panel: Panel, vital: str, points: Sequence[tuple[float, str]], top: float
) -> dict[str, Any]:
    """Crosses along the panel's upper edge: the number itself is not drawn, it is not believed."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{WORDS[vital]}, not used",
        "x": [at for at, _ in points],
        "y": [top] * len(points),
        "yaxis": panel.axis,
        "cliponaxis": False,
        "marker": {
            "symbol": "x-open",
            "size": 10,
            "color": "var(--ink-2)",
            "line": {"width": 1.5, "color": "var(--ink-2)"},
        },
        "text": [escaped(f"{WORDS[vital]} not used: {reason}") for _, reason in points],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _pressure_band(moments: Sequence[Moment], minutes: Sequence[float]) -> dict[str, Any]:
    """Systolic down to diastolic, one closed outline for each unbroken run (Plotly parts them at a null)."""
    pairs = [
        (at, moment.values["systolic"], moment.values["diastolic"])
        for at, moment in zip(minutes, moments, strict=True)
        if "systolic" in moment.values and "diastolic" in moment.values
    ]
    gap = _gap_minutes([at for at, _, _ in pairs])
    x: list[float | None] = []
    y: list[float | None] = []
    for run in _runs(pairs, gap):
        if x:
            x.append(None)
            y.append(None)
        x += [at for at, _, _ in run] + [at for at, _, _ in reversed(run)]
        y += [systolic for _, systolic, _ in run] + [diastolic for _, _, diastolic in reversed(run)]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "Blood pressure, systolic to diastolic",
        "x": x,
        "y": y,
        "yaxis": "y",
        "fill": "toself",
        "fillcolor": "var(--ink)",
        "opacity": 0.16,
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def _runs(
    pairs: Sequence[tuple[float, float, float]], gap_minutes: float
) -> list[list[tuple[float, float, float]]]:
    runs: list[list[tuple[float, float, float]]] = []
    for pair in pairs:
        if not runs or pair[0] - runs[-1][-1][0] > gap_minutes:
            runs.append([])
        runs[-1].append(pair)
    return runs


def _series(
    vital: str, moments: Sequence[Moment], minutes: Sequence[float]
) -> list[tuple[float, float, Moment]]:
    return [
        (at, moment.values[vital], moment)
        for at, moment in zip(minutes, moments, strict=True)
        if vital in moment.values
    ]


def _gap_minutes(minutes: Sequence[float]) -> float:
    """The distance at which a line breaks: three usual steps, never less than five minutes."""
    steps = [after - before for before, after in pairwise(minutes)]
    return max(5.0, 3 * median(steps)) if steps else 5.0
