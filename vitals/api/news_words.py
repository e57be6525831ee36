"""NEWS2 and the typical response as the API's words: for the session page and the bedside."""

from typing import Any

from clinic.access import Act, Principal, may
from sessions import alertness, states
from sessions.models import Session
from sessions.protocol import Route
from sessions.states import State
from vitals import news2, typical
from vitals.news2 import LABEL, News2
from vitals.panel import Panel
from vitals.scored_sets import ScoredSets


def news(row: Session, sets: ScoredSets, by: Principal) -> dict[str, Any]:
    """The newest set and, while that is not complete, the last one that was."""
    last = sets.last_complete
    complete = sets.newest is not None and sets.newest.total is not None
    return {
        "newest": one_set(sets.newest, sets) if sets.newest else None,
        "last_complete": one_set(last, sets) if last and not complete else None,
        "spo2_scale": alertness.LOW_TARGET_SCALE if sets.target else alertness.USUAL_SCALE,
        "scale_signed_by": sets.target.by_name if sets.target else None,
        "dissociation_counts_as_confusion": row.clinic.dissociation_counts_as_confusion,
        "too_young": sets.too_young,
        "not_for": news2.NOT_FOR,
        "acknowledged": news2.ACKNOWLEDGED,
        "consciousness": [
            {"code": one.value, "text": alertness.WORDS[one]} for one in alertness.Consciousness
        ],
        "charts": may(by, Act.ALERTNESS) and bool(states.rows_of("alertness", State(row.state))),
    }


def one_set(one: News2, sets: ScoredSets) -> dict[str, Any]:
    return {
        "at": one.at,
        "total": one.total,
        "risk": one.risk,
        "missing": list(one.missing),
        "threes": list(one.threes),
        "spo2_scale": one.scale,
        "dissociation_counts_as_confusion": one.look.dissociation_counts if one.look else None,
        "by": one.look.by_name if one.look else None,
        "remark": sets.remarks.get(one.look.entry) if one.look else None,
        "parts": [
            {
                "item": part.item,
                "label": LABEL[part.item],
                "words": part.words or None,
                "at": part.at,
                "points": part.points,
            }
            for part in one.parts
        ],
    }


def typical_words(row: Session, panel: Panel | None) -> str | None:
    """What the chart shows behind the curve, in words; None where there is no baseline, or no dose yet."""
    baseline = panel.baseline.systolic if panel and panel.baseline else None
    if row.dose_started_at is None:
        return None
    return typical.words(baseline, Route(row.protocol.route)) or None


# route → the rows as a screen draws them around any baseline: [minute, mean, low, high], low and high null
# where no spread is published
TYPICAL_ROWS: dict[str, Any] = {
    route.value: {
        "words": typical.WORDS if response.has_spread else typical.MEAN_WORDS,
        "rows": [[one.minute, one.mean, one.low, one.high] for one in response.anchors],
    }
    for route, response in typical.TYPICAL.items()
}
