"""The row of ticks in the strip, one for each moment, whose hover says what the lines do not show. Pure."""

from collections.abc import Sequence
from typing import Any

from screens.charts.moments import Moment
from screens.charts.panels import STRIP
from screens.charts.words import UNITS, WORDS, escaped


def whole_sets(moments: Sequence[Moment], minutes: Sequence[float]) -> dict[str, Any]:
    """One tick at each moment; its hover adds sedation, what could not be measured, and who charted it."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "The set",
        "x": list(minutes),
        "y": [0.15] * len(minutes),
        "yaxis": STRIP,
        "marker": {"size": 5, "symbol": "line-ns-open", "color": "var(--ink-3)"},
        "text": [_set_words(moment) for moment in moments],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _set_words(moment: Moment) -> str:
    lines = [
        f"{WORDS[vital]} {moment.values[vital]:g} {UNITS[vital]}"
        for vital in ("sedation", "temperature", "etco2")
        if vital in moment.values
    ]
    lines += [f"{WORDS[vital]} could not be measured: {reason}" for vital, reason in moment.absent.items()]
    by = ", ".join(moment.authors)
    lines.append(f"{'late, ' if moment.late else ''}by {by}" if by else ("late" if moment.late else ""))
    return "<br>".join(escaped(line) for line in lines if line)
