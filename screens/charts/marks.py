"""What happened: marks in the strip, and on the values that flags and corrections belong to. Pure."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from screens.charts.inputs import ChartWindow, Mark, MarkKind, Priority
from screens.charts.moments import Moment, minutes_at
from screens.charts.panels import STRIP, Panel
from screens.charts.words import PRIORITY_ICON, escaped

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


def value_marks(
    panel: Panel, marks: Sequence[Mark], moments: Sequence[Moment], window: ChartWindow
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
            "x": [minutes_at(mark.at, window) for mark, _ in placed],
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


def _value_at(mark: Mark, moments: Sequence[Moment]) -> float | None:
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


def strip_marks(marks: Sequence[Mark], window: ChartWindow) -> list[dict[str, Any]]:
    """What happened, with its words; and an unseen point for every mark, flags too, that the hover reads."""
    shown = sorted((mark for mark in marks if mark.kind not in ("flag", "correction")), key=lambda m: m.at)
    spoken = sorted(marks, key=lambda mark: mark.at)
    if not spoken:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers+text",
            "name": "What happened",
            "x": [minutes_at(mark.at, window) for mark in shown],
            "y": [0.75] * len(shown),
            "yaxis": STRIP,
            "marker": {
                "symbol": [_STRIP_SYMBOL[mark.kind] for mark in shown],
                "size": 10,
                "color": "var(--ink)",
            },
            "text": [escaped(words) for words in _labels_apart(shown, window)],
            "textposition": "middle right",
            "textfont": {"size": 12, "color": "var(--ink)"},
            "cliponaxis": False,
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "name": "Marks",
            "x": [minutes_at(mark.at, window) for mark in spoken],
            "y": [0.75] * len(spoken),
            "yaxis": STRIP,
            "marker": {"size": 12, "opacity": 0},
            "text": [escaped(_mark_words(mark)) for mark in spoken],
            "hovertemplate": "%{text}<extra></extra>",
        },
    ]


def _labels_apart(shown: Sequence[Mark], window: ChartWindow) -> list[str]:
    """Each mark's word where the next leaves it room (about 1.3 minutes a letter, on paper), else none."""
    at = [minutes_at(mark.at, window) for mark in shown]
    room = [after - before for before, after in pairwise([*at, float("inf")])]
    return [
        mark.text if len(mark.text) * 1.3 + 3 <= space else ""
        for mark, space in zip(shown, room, strict=True)
    ]


def _mark_words(mark: Mark) -> str:
    icon = PRIORITY_ICON[mark.priority] if mark.priority else ""
    return f"{icon} {mark.text}".strip()
