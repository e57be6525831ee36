"""The record page's part on alertness and oxygen, and the scores of the sets around them."""

from dataclasses import dataclass
from datetime import datetime

from clinic.access import Act, Principal, may
from sessions import alertness, states
from sessions.alertness import Consciousness, Target
from sessions.models import Session
from sessions.services import gate, signing
from sessions.states import State
from vitals import news2, scored_sets
from vitals.news2 import LABEL, Item, News2


@dataclass(frozen=True, slots=True)
class NewsPart:
    """What the part shows, and what may be charted from it.

    scored: the sets that stand around a look, oldest first, each with what to say beside it.
    signs:  the person may sign the SpO2 scale; ``other_scale`` is the one that does not hold now.
    """

    scored: list[tuple[News2, str]]
    labels: tuple[str, ...]
    target: Target | None
    too_young: bool
    dissociation_counts: bool
    choices: tuple[tuple[str, str], ...]
    most_oxygen_l_min: int
    charts: bool
    signs: bool
    other_scale: int
    not_for: str = news2.NOT_FOR
    acknowledged: str = news2.ACKNOWLEDGED


def part(row: Session, by: Principal, at: datetime) -> NewsPart:
    sets = scored_sets.of_session(row)
    state = State(row.state)
    signs = may(by, Act.OXYGEN_TARGET) and bool(states.rows_of("oxygen-target", state))
    return NewsPart(
        scored=[(one, sets.remarks.get(one.look.entry, "") if one.look else "") for one in sets.scored],
        labels=tuple(LABEL[item] for item in Item),
        target=sets.target,
        too_young=sets.too_young,
        dissociation_counts=row.clinic.dissociation_counts_as_confusion,
        choices=tuple((one.value, alertness.WORDS[one]) for one in Consciousness),
        most_oxygen_l_min=alertness.MOST_OXYGEN_L_MIN,
        charts=may(by, Act.ALERTNESS) and bool(states.rows_of("alertness", state)),
        signs=signs and signing.is_prescriber(by, gate.day_of(row, at)),
        other_scale=alertness.USUAL_SCALE if sets.target else alertness.LOW_TARGET_SCALE,
    )
