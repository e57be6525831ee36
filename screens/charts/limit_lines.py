"""The session's limits behind a panel's values: lines, their names, the band between them. Pure."""

from collections.abc import Sequence
from typing import Any

from screens.charts.inputs import LimitLine, Priority
from screens.charts.panels import HEIGHT_PX, MARGIN_PX, Panel
from screens.charts.words import PRIORITY_ICON, escaped

_LABEL_GAP_PX = 14
_PRIORITY_ORDER: tuple[Priority, ...] = ("note", "low", "medium", "high")
_LINE_DASH: dict[Priority, str] = {"note": "dot", "low": "dot", "medium": "dash", "high": "solid"}


def lines_shown(panel: Panel, limits: Sequence[LimitLine], y_range: tuple[float, float]) -> list[LimitLine]:
    """Medium and high rows inside the panel, the strongest where several share a threshold; lowest first."""
    strongest: dict[tuple[str, str, float], LimitLine] = {}
    for line in sorted(limits, key=lambda line: _PRIORITY_ORDER.index(line.priority)):
        inside = y_range[0] <= line.threshold <= y_range[1]
        if line.vital in panel.vitals and line.priority in ("medium", "high") and inside:
            strongest[(line.vital, line.direction, line.threshold)] = line
    return sorted(strongest.values(), key=lambda line: line.threshold)


def limit_shape(panel: Panel, line: LimitLine) -> dict[str, Any]:
    """The limit across the whole panel, behind the values; the dash tells its priority."""
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


def limit_names(
    panel: Panel, lines: Sequence[LimitLine], y_range: tuple[float, float]
) -> list[dict[str, Any]]:
    """Each limit's name beside its line, pushed up by as many pixels as keep two names apart."""
    plot_px = HEIGHT_PX - MARGIN_PX["t"] - MARGIN_PX["b"]
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
                "text": escaped(_limit_words(panel, line)),
                "hovertext": f"{line.priority} limit, rule {line.code}"
                + (", changed for this patient" if line.own else ""),
            }
        )
    return names


def _limit_words(panel: Panel, line: LimitLine) -> str:
    which = f"{line.vital[:3]} " if len(panel.vitals) > 1 else ""
    sign = "≥" if line.direction == "high" else "≤"
    own = " own" if line.own else ""
    return f"{PRIORITY_ICON[line.priority]} {which}{sign} {line.threshold:g}{own}"


def band(panel: Panel, limits: Sequence[LimitLine], y_range: tuple[float, float]) -> list[dict[str, Any]]:
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
