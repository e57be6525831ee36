"""The session chart as a plain dictionary for Plotly.

Pure: numbers, times and frozen dataclasses in, JSON-ready values out. Colours are the names of the
stylesheet's custom properties ("var(--ink)"); the page puts the values of day, night or paper in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise
from statistics import median
from typing import Any, Literal

MarkKind = Literal["dose", "dose-end", "symptom", "flag", "correction", "note"]
Priority = Literal["note", "low", "medium", "high"]

HEIGHT_PX = 700
_MARGIN_PX = {"l": 58, "r": 92, "t": 40, "b": 44}
_LABEL_GAP_PX = 14
_MARKERS_UP_TO = 240  # beyond this many moments dots would hide the line


@dataclass(frozen=True, slots=True)
class ChartReading:
    """One stored row as the chart needs it: newest versions only, a moment may come in several rows.

    values: the judged columns that hold a number, by vital, in the vital's unit.
    doubtful, absent: vital to the reason why its value is not used, or could not be measured.
    """

    measured_at: datetime
    values: Mapping[str, float]
    recorded_by: str = ""
    late: bool = False
    doubtful: Mapping[str, str] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at one moment; `vital` and `priority` where it belongs to a value."""

    kind: MarkKind
    at: datetime
    text: str
    vital: str | None = None
    priority: Priority | None = None


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One row of the session's limit set, threshold in the vital's unit."""

    vital: str
    direction: Literal["high", "low"]
    priority: Priority
    threshold: float
    code: str


@dataclass(frozen=True, slots=True)
class ChartWindow:
    """The session's clocks. `zero_at` is the dose start, or the check-in while nothing was given."""

    zero_at: datetime
    dosed: bool
    dose_ended_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Panel:
    vitals: tuple[str, ...]
    title: str
    axis: str  # Plotly's name of the y axis: "y", "y2", …
    domain: tuple[float, float]
    usual: tuple[float, float]  # shown even when no value comes near; wider when one does


_PANELS = (
    _Panel(("systolic", "diastolic", "mean"), "BP<br>mmHg", "y", (0.62, 1.0), (55, 190)),
    _Panel(("heart_rate",), "HR<br>/min", "y2", (0.435, 0.59), (38, 136)),
    _Panel(("respiratory_rate",), "RR<br>/min", "y3", (0.28, 0.405), (4, 32)),
    _Panel(("spo2",), "SpO₂<br>%", "y4", (0.115, 0.25), (86, 100.5)),
)
_STRIP = "y5"
_STRIP_DOMAIN = (0.0, 0.085)
_WORDS = {
    "systolic": "Systolic",
    "diastolic": "Diastolic",
    "mean": "Mean",
    "heart_rate": "Heart rate",
    "respiratory_rate": "Resp. rate",
    "spo2": "SpO₂",
    "temperature": "Temperature",
    "etco2": "EtCO₂",
    "sedation": "Sedation",
}
_UNITS = {
    "systolic": "mmHg",
    "diastolic": "mmHg",
    "mean": "mmHg",
    "heart_rate": "/min",
    "respiratory_rate": "/min",
    "spo2": "%",
    "temperature": "°C",
    "etco2": "mmHg",
    "sedation": "of 5",
}
_PRIORITY_ORDER: tuple[Priority, ...] = ("note", "low", "medium", "high")
_LINE_DASH: dict[Priority, str] = {"note": "dot", "low": "dot", "medium": "dash", "high": "solid"}
_PRIORITY_ICON: dict[Priority, str] = {"note": "", "low": "●", "medium": "◆", "high": "▲"}
_PRIORITY_SYMBOL: dict[Priority, str] = {
    "note": "circle",
    "low": "circle",
    "medium": "diamond",
    "high": "triangle-up",
}
_STRIP_SYMBOL: dict[MarkKind, str] = {
    "dose": "square",
    "dose-end": "square-open",
    "symptom": "circle",
    "flag": "diamond-tall",
    "correction": "hexagram-open",
    "note": "circle-open",
}


@dataclass(slots=True)
class _Moment:
    """All that was measured at one time, paired from its rows."""

    measured_at: datetime
    values: dict[str, float] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    doubtful: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    authors: list[str] = field(default_factory=list)


def figure(
    readings: Iterable[ChartReading],
    marks: Sequence[Mark],
    limits: Sequence[LimitLine],
    window: ChartWindow,
    zone: tzinfo,
) -> dict[str, Any]:
    """Draw one session: stacked panels over minutes since the dose, clock time of the clinic above.

    readings: any order, aware times; halves of one moment are paired, nothing is averaged.
    marks:    shown in the strip below; those with a vital also at the value they belong to.
    limits:   rows of the session's own limit set; lines for medium and high, a band between the medium ones.
    returns:  {"data": [...], "layout": {...}} of plain JSON types.
    raises:   nothing; an empty session gives empty panels.
    """
    moments = _pair(readings)
    minutes = [_minutes(moment.measured_at, window) for moment in moments]
    ranges = {panel.axis: _y_range(panel, moments) for panel in _PANELS}
    x_range = _x_range(minutes, marks, window)
    data: list[dict[str, Any]] = [_clock_anchor(x_range)]
    for panel in _PANELS:
        data.extend(_panel_traces(panel, moments, minutes, ranges[panel.axis][1]))
        data.extend(_value_marks(panel, marks, moments, window))
    data.append(_whole_set(moments, minutes))
    data.extend(_strip_marks(marks, window))
    shapes = [*_clock_lines(window)]
    notes: list[dict[str, Any]] = []
    for panel in _PANELS:
        shown = _lines_shown(panel, limits, ranges[panel.axis])
        shapes += _band(panel, limits, ranges[panel.axis])
        shapes += [_limit_shape(panel, line) for line in shown]
        notes += _limit_names(panel, shown, ranges[panel.axis])
    return {"data": data, "layout": _layout(shapes, notes, ranges, x_range, window, zone)}


def _pair(readings: Iterable[ChartReading]) -> list[_Moment]:
    """Join the rows of one `measured_at`, oldest moment first; a value given twice keeps the later row's."""
    moments: dict[datetime, _Moment] = {}
    for reading in readings:
        moment = moments.setdefault(reading.measured_at, _Moment(reading.measured_at))
        moment.values.update(reading.values)
        if reading.late:
            moment.late.update(reading.values)
        else:
            moment.late.difference_update(reading.values)
        moment.doubtful.update(reading.doubtful)
        moment.absent.update(reading.absent)
        if reading.recorded_by and reading.recorded_by not in moment.authors:
            moment.authors.append(reading.recorded_by)
    return [moments[at] for at in sorted(moments)]


def _minutes(at: datetime, window: ChartWindow) -> float:
    return round((at - window.zero_at).total_seconds() / 60, 2)


def _gap_minutes(minutes: Sequence[float]) -> float:
    """The distance at which a line breaks: three usual steps, never less than five minutes."""
    steps = [after - before for before, after in pairwise(minutes)]
    return max(5.0, 3 * median(steps)) if steps else 5.0


def _series(
    vital: str, moments: Sequence[_Moment], minutes: Sequence[float]
) -> list[tuple[float, float, _Moment]]:
    return [
        (at, moment.values[vital], moment)
        for at, moment in zip(minutes, moments, strict=True)
        if vital in moment.values
    ]


def _panel_traces(
    panel: _Panel, moments: Sequence[_Moment], minutes: Sequence[float], top: float
) -> list[dict[str, Any]]:
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


def _pressure_band(moments: Sequence[_Moment], minutes: Sequence[float]) -> dict[str, Any]:
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


def _line(panel: _Panel, vital: str, series: Sequence[tuple[float, float, _Moment]]) -> dict[str, Any]:
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
        "name": _WORDS[vital],
        "x": x,
        "y": y,
        "yaxis": panel.axis,
        "line": {
            "color": "var(--ink)",
            "width": 1.5 if is_mean else 2,
            "dash": "dot" if is_mean else "solid",
        },
        "marker": {"color": "var(--ink)", "size": 6},
        "hovertemplate": f"{_WORDS[vital]} %{{y}} {_UNITS[vital]}<extra></extra>",
    }


def _late_points(panel: _Panel, vital: str, points: Sequence[tuple[float, float]]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{_WORDS[vital]}, late",
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
    panel: _Panel, vital: str, points: Sequence[tuple[float, str]], top: float
) -> dict[str, Any]:
    """Crosses along the panel's upper edge: the number itself is not drawn, it is not believed."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"{_WORDS[vital]}, not used",
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
        "text": [_escape(f"{_WORDS[vital]} not used: {reason}") for _, reason in points],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _value_marks(
    panel: _Panel, marks: Sequence[Mark], moments: Sequence[_Moment], window: ChartWindow
) -> list[dict[str, Any]]:
    """Flags and corrections, on the value they speak of: held at that moment, else the one just before."""
    placed = [
        (mark, value)
        for mark in marks
        if mark.vital in panel.vitals and (value := _value_at(mark, moments)) is not None
    ]
    if not placed:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "Flags and corrections",
            "x": [_minutes(mark.at, window) for mark, _ in placed],
            "y": [value for _, value in placed],
            "yaxis": panel.axis,
            "marker": {
                "symbol": [_value_symbol(mark) for mark, _ in placed],
                "size": 14,
                "color": [_mark_colour(mark) for mark, _ in placed],
                "line": {"color": "var(--ink)", "width": 1.5},
            },
            "hoverinfo": "skip",
        }
    ]


def _value_at(mark: Mark, moments: Sequence[_Moment]) -> float | None:
    held = [
        moment.values[mark.vital]
        for moment in moments
        if mark.vital is not None and mark.vital in moment.values and moment.measured_at <= mark.at
    ]
    return held[-1] if held else None


def _value_symbol(mark: Mark) -> str:
    return _PRIORITY_SYMBOL[mark.priority] if mark.priority else _STRIP_SYMBOL[mark.kind]


def _mark_colour(mark: Mark) -> str:
    return f"var(--{mark.priority})" if mark.priority in ("low", "medium", "high") else "var(--ink)"


def _whole_set(moments: Sequence[_Moment], minutes: Sequence[float]) -> dict[str, Any]:
    """Unseen points that add to the hover what the lines do not show: sedation, gaps in the set, authors."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "The set",
        "x": list(minutes),
        "y": [0.15] * len(minutes),
        "yaxis": _STRIP,
        "marker": {"size": 5, "symbol": "line-ns-open", "color": "var(--ink-3)"},
        "text": [_set_words(moment) for moment in moments],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _set_words(moment: _Moment) -> str:
    lines = [
        f"{_WORDS[vital]} {moment.values[vital]:g} {_UNITS[vital]}"
        for vital in ("sedation", "temperature", "etco2")
        if vital in moment.values
    ]
    lines += [f"{_WORDS[vital]} could not be measured: {reason}" for vital, reason in moment.absent.items()]
    by = ", ".join(moment.authors)
    lines.append(f"{'late, ' if moment.late else ''}by {by}" if by else ("late" if moment.late else ""))
    return "<br>".join(_escape(line) for line in lines if line)


def _strip_marks(marks: Sequence[Mark], window: ChartWindow) -> list[dict[str, Any]]:
    shown = sorted((mark for mark in marks if mark.kind not in ("flag", "correction")), key=lambda m: m.at)
    spoken = sorted(marks, key=lambda mark: mark.at)
    if not spoken:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers+text",
            "name": "What happened",
            "x": [_minutes(mark.at, window) for mark in shown],
            "y": [0.75] * len(shown),
            "yaxis": _STRIP,
            "marker": {
                "symbol": [_STRIP_SYMBOL[mark.kind] for mark in shown],
                "size": 10,
                "color": "var(--ink)",
            },
            "text": [_escape(words) for words in _labels_apart(shown, window)],
            "textposition": "middle right",
            "textfont": {"size": 12, "color": "var(--ink)"},
            "cliponaxis": False,
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "name": "Marks",
            "x": [_minutes(mark.at, window) for mark in spoken],
            "y": [0.75] * len(spoken),
            "yaxis": _STRIP,
            "marker": {"size": 12, "opacity": 0},
            "text": [_escape(_mark_words(mark)) for mark in spoken],
            "hovertemplate": "%{text}<extra></extra>",
        },
    ]


def _labels_apart(shown: Sequence[Mark], window: ChartWindow) -> list[str]:
    """Each mark's word where the next leaves it room (about 1.3 minutes a letter, on paper), else none."""
    at = [_minutes(mark.at, window) for mark in shown]
    room = [after - before for before, after in pairwise([*at, float("inf")])]
    return [
        mark.text if len(mark.text) * 1.3 + 3 <= space else ""
        for mark, space in zip(shown, room, strict=True)
    ]


def _mark_words(mark: Mark) -> str:
    icon = _PRIORITY_ICON[mark.priority] if mark.priority else ""
    return f"{icon} {mark.text}".strip()


def _lines_shown(panel: _Panel, limits: Sequence[LimitLine], y_range: tuple[float, float]) -> list[LimitLine]:
    """Medium and high rows inside the panel, the strongest where several share a threshold; lowest first."""
    strongest: dict[tuple[str, str, float], LimitLine] = {}
    for line in sorted(limits, key=lambda line: _PRIORITY_ORDER.index(line.priority)):
        inside = y_range[0] <= line.threshold <= y_range[1]
        if line.vital in panel.vitals and line.priority in ("medium", "high") and inside:
            strongest[(line.vital, line.direction, line.threshold)] = line
    return sorted(strongest.values(), key=lambda line: line.threshold)


def _limit_shape(panel: _Panel, line: LimitLine) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "x domain",
        "x0": 0,
        "x1": 1,
        "yref": panel.axis,
        "y0": line.threshold,
        "y1": line.threshold,
        "layer": "below",
        "line": {"color": "var(--ink-3)", "width": 1, "dash": _LINE_DASH[line.priority]},
    }


def _limit_names(
    panel: _Panel, lines: Sequence[LimitLine], y_range: tuple[float, float]
) -> list[dict[str, Any]]:
    """Each limit's name beside its line, pushed up by as many pixels as keep two names apart."""
    plot_px = HEIGHT_PX - _MARGIN_PX["t"] - _MARGIN_PX["b"]
    px_per_unit = plot_px * (panel.domain[1] - panel.domain[0]) / (y_range[1] - y_range[0])
    names: list[dict[str, Any]] = []
    free_from_px = float("-inf")
    for line in lines:
        line_px = (line.threshold - y_range[0]) * px_per_unit
        name_px = max(line_px, free_from_px)
        free_from_px = name_px + _LABEL_GAP_PX
        names.append(
            {
                "xref": "x domain",
                "x": 1,
                "xanchor": "left",
                "xshift": 4,
                "yref": panel.axis,
                "y": line.threshold,
                "yshift": round(name_px - line_px),
                "showarrow": False,
                "font": {"size": 11, "color": "var(--ink-2)"},
                "text": _escape(_limit_words(panel, line)),
                "hovertext": f"{line.priority} limit, rule {line.code}",
            }
        )
    return names


def _limit_words(panel: _Panel, line: LimitLine) -> str:
    which = f"{line.vital[:3]} " if len(panel.vitals) > 1 else ""
    sign = "≥" if line.direction == "high" else "≤"
    return f"{_PRIORITY_ICON[line.priority]} {which}{sign} {line.threshold:g}"


def _band(panel: _Panel, limits: Sequence[LimitLine], y_range: tuple[float, float]) -> list[dict[str, Any]]:
    """The room between the panel's first vital's innermost limits, as on the board's sparkline."""
    telling = [
        line for line in limits if line.vital == panel.vitals[0] and line.priority in ("medium", "high")
    ]
    lows = [line.threshold for line in telling if line.direction == "low"]
    highs = [line.threshold for line in telling if line.direction == "high"]
    if not telling:
        return []
    return [
        {
            "type": "rect",
            "xref": "x domain",
            "x0": 0,
            "x1": 1,
            "yref": panel.axis,
            "y0": max(lows, default=y_range[0]),
            "y1": min(highs, default=y_range[1]),
            "layer": "below",
            "line": {"width": 0},
            "fillcolor": "var(--band)",
            "opacity": 0.55,
        }
    ]


def _clock_lines(window: ChartWindow) -> list[dict[str, Any]]:
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
            "x0": _minutes(at, window),
            "x1": _minutes(at, window),
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "line": {"color": "var(--ink-2)", "width": width, "dash": dash},
        }
        for at, dash, width in lines
        if at is not None
    ]


def _y_range(panel: _Panel, moments: Sequence[_Moment]) -> tuple[float, float]:
    """The usual range, widened by a twentieth beyond any value outside it."""
    values = [moment.values[vital] for moment in moments for vital in panel.vitals if vital in moment.values]
    low, high = panel.usual
    margin = (high - low) / 20
    if values and min(values) < low:
        low = min(values) - margin
    if values and max(values) > high:
        high = max(values) + margin
    return low, high


def _x_range(minutes: Sequence[float], marks: Sequence[Mark], window: ChartWindow) -> tuple[float, float]:
    at = [*minutes, *(_minutes(mark.at, window) for mark in marks), 0.0]
    end = max([*at, 60.0 if window.ends_at is None else _minutes(window.ends_at, window)])
    return min(at) - 4, end + 4


def _ticks(x_range: tuple[float, float]) -> list[int]:
    """Whole tens of minutes, or halves of an hour once tens would crowd the axis."""
    step = 10 if x_range[1] - x_range[0] <= 200 else 30
    first = int(-(-x_range[0] // step) * step)
    return list(range(first, int(x_range[1]) + 1, step))


def _clock_anchor(x_range: tuple[float, float]) -> dict[str, Any]:
    """An empty trace on the upper axis: Plotly draws no axis that nothing hangs on."""
    return {
        "type": "scatter",
        "x": list(x_range),
        "y": [None, None],
        "xaxis": "x2",
        "yaxis": "y",
        "hoverinfo": "skip",
    }


def _layout(
    shapes: list[dict[str, Any]],
    notes: list[dict[str, Any]],
    ranges: Mapping[str, tuple[float, float]],
    x_range: tuple[float, float],
    window: ChartWindow,
    zone: tzinfo,
) -> dict[str, Any]:
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
    layout: dict[str, Any] = {
        "height": HEIGHT_PX,
        "margin": dict(_MARGIN_PX),
        "paper_bgcolor": "var(--tile)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "var(--font)", "size": 13, "color": "var(--ink-2)"},
        "showlegend": False,
        "hovermode": "x unified",
        "hoversubplots": "axis",
        "hoverlabel": {
            "bgcolor": "var(--tile)",
            "bordercolor": "var(--ink)",
            "font": {"size": 14, "color": "var(--ink)"},
        },
        "xaxis": {
            **axis,
            "anchor": _STRIP,
            "gridcolor": "var(--line)",
            "title": {"text": f"minutes since {since}", "font": {"size": 13}},
            "hoverformat": ".0f",
            "unifiedhovertitle": {"text": "%{x:.0f} min since " + since},
        },
        "xaxis2": {
            **axis,
            "overlaying": "x",
            "matches": "x",
            "side": "top",
            "anchor": "y",
            "ticktext": clock,
            "showgrid": False,
        },
        _layout_axis(_STRIP): {
            "domain": list(_STRIP_DOMAIN),
            "range": [0, 1],
            "fixedrange": True,
            "showticklabels": False,
            "showgrid": False,
            "zeroline": False,
        },
        "shapes": shapes,
        "annotations": notes,
    }
    for panel in _PANELS:
        layout[_layout_axis(panel.axis)] = {
            "domain": list(panel.domain),
            "range": list(ranges[panel.axis]),
            "fixedrange": True,
            "title": {"text": panel.title, "font": {"size": 14, "color": "var(--ink)"}, "standoff": 6},
            "gridcolor": "var(--line)",
            "nticks": 5,
            "zeroline": False,
            "color": "var(--ink-2)",
        }
    return layout


def _layout_axis(trace_axis: str) -> str:
    """Plotly names the axis "y2" in a trace "yaxis2" in the layout."""
    return f"yaxis{trace_axis[1:]}"


def _escape(text: str) -> str:
    """Plotly reads tags in any text; names and reasons come from people."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
