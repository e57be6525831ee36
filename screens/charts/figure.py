"""The session chart as a plain dictionary for Plotly.

Pure: numbers, times and frozen dataclasses in, JSON-ready values out. Colours are the names of the
stylesheet's custom properties ("var(--ink)"); the page puts the values of day, night or paper in.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from typing import Any

from screens.charts import axes, limit_lines
from screens.charts.inputs import ChartReading, ChartWindow, LimitLine, Mark, TypicalPoint
from screens.charts.marks import strip_marks, value_marks
from screens.charts.moments import minutes_at, paired
from screens.charts.panels import HEIGHT_PX, MARGIN_PX, PANELS, STRIP
from screens.charts.traces import panel_traces
from screens.charts.typical_band import reach, typical_name, typical_traces
from screens.charts.whole_sets import whole_sets


def figure(
    readings: Iterable[ChartReading],
    marks: Sequence[Mark],
    limits: Sequence[LimitLine],
    window: ChartWindow,
    zone: tzinfo,
    typical: Sequence[TypicalPoint] = (),
) -> dict[str, Any]:
    """Draw one session: stacked panels over minutes since the dose, clock time of the clinic above.

    readings: any order, aware times; halves of one moment are paired, nothing is averaged.
    marks:    shown in the strip below; those with a vital also at the value they belong to.
    typical:  how pressure moved in published groups, around this patient's baseline; behind everything.
    limits:   rows of the session's own limit set; lines for medium and high, a band between the innermost.
    returns:  {"data": [...], "layout": {...}} of plain JSON types.
    raises:   nothing; an empty session gives empty panels.
    """
    moments = paired(readings)
    minutes = [minutes_at(moment.measured_at, window) for moment in moments]
    seen = {PANELS[0].axis: reach(typical)}
    ranges = {panel.axis: axes.value_range(panel, moments, seen.get(panel.axis, ())) for panel in PANELS}
    x_range = axes.time_range(minutes, marks, window)
    data: list[dict[str, Any]] = [axes.clock_anchor(x_range), *typical_traces(typical)]
    for panel in PANELS:
        data += panel_traces(panel, moments, minutes, ranges[panel.axis][1])
        data += value_marks(panel, marks, moments, window)
    data.append(whole_sets(moments, minutes))
    data += strip_marks(marks, window)
    below, above = axes.time_axes(x_range, window, zone)
    layout = {
        **_page(),
        "xaxis": below,
        "xaxis2": above,
        axes.in_layout(STRIP): axes.strip_axis(),
        **_behind_the_values(limits, ranges, window, typical_name(typical)),
        **{axes.in_layout(panel.axis): axes.panel_axis(panel, ranges[panel.axis]) for panel in PANELS},
    }
    return {"data": data, "layout": layout}


def _behind_the_values(
    limits: Sequence[LimitLine],
    ranges: Mapping[str, tuple[float, float]],
    window: ChartWindow,
    more_names: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    """The session's clocks, and each panel's limits with their names; `ranges` by the panel's axis."""
    shapes = axes.clock_lines(window)
    names: list[dict[str, Any]] = []
    for panel in PANELS:
        y_range = ranges[panel.axis]
        shown = limit_lines.lines_shown(panel, limits, y_range)
        shapes += limit_lines.band(panel, limits, y_range)
        shapes += [limit_lines.limit_shape(panel, line) for line in shown]
        names += limit_lines.limit_names(panel, shown, y_range)
    return {"shapes": shapes, "annotations": [*names, *more_names]}


def _page() -> dict[str, Any]:
    """What does not depend on the session: size, colours, one hover through all panels."""
    return {
        "height": HEIGHT_PX,
        "margin": dict(MARGIN_PX),
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
    }
