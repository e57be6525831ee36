"""The typical range in published groups, behind the systolic curve: hatched, neutral, never a limit. Pure."""

from collections.abc import Sequence
from typing import Any

from screens.charts.inputs import TypicalPoint

NAME = "Typical range in published groups"
MEAN_NAME = "Typical mean in published groups"
# beyond the peak, where the curve falls and leaves room above it
NAMED_AT_MINUTE = 90


def typical_traces(points: Sequence[TypicalPoint]) -> list[dict[str, Any]]:
    """The band between its edges where a spread is known, else the mean line alone; nothing without points.

    Drawn first, so that every value lies over it; it takes no hover, for it holds no measurement.
    """
    if not points:
        return []
    minutes = [point.minute for point in points]
    low = [point.low for point in points if point.low is not None]
    high = [point.high for point in points if point.high is not None]
    if len(low) < len(points) or len(high) < len(points):
        return [_line(MEAN_NAME, minutes, [point.mean for point in points], "longdashdot", 1.5)]
    return [
        {
            **_line(NAME, minutes + minutes[::-1], [*low, *reversed(high)], "solid", 1),
            "fill": "toself",
            "fillcolor": "rgba(0,0,0,0)",
            "fillpattern": {
                "shape": "/",
                "fgcolor": "var(--ink-3)",
                "bgcolor": "rgba(0,0,0,0)",
                "fgopacity": 0.55,
                "size": 9,
                "solidity": 0.12,
            },
        }
    ]


def typical_name(points: Sequence[TypicalPoint]) -> list[dict[str, Any]]:
    """What it is, beside its falling end; ``name`` lets a narrow page leave it to the legend."""
    if not points:
        return []
    named = next((point for point in points if point.minute >= NAMED_AT_MINUTE), points[-1])
    words = NAME if named.high is not None else MEAN_NAME
    return [
        {
            "name": "typical",
            "x": named.minute,
            "xanchor": "center",
            "y": named.mean if named.high is None else named.high,
            "yref": "y",
            "yanchor": "bottom",
            "yshift": 8,
            "showarrow": False,
            "font": {"size": 11, "color": "var(--ink-2)"},
            "text": words,
        }
    ]


def reach(points: Sequence[TypicalPoint]) -> list[float]:
    """The pressures that the axis must show for all of it to be seen."""
    return [value for point in points for value in (point.low, point.mean, point.high) if value is not None]


def _line(name: str, x: Sequence[float], y: Sequence[float], dash: str, width: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(x),
        "y": list(y),
        "yaxis": "y",
        "line": {"color": "var(--ink-3)", "width": width, "dash": dash},
        "hoverinfo": "skip",
    }
