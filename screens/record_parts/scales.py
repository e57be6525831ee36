"""The record page's part on scales: what was taken, what waits for a review, what the indication asks for."""

from dataclasses import dataclass
from datetime import datetime

from clinic.access import Act, Principal, may
from sessions import known_scales, scales, states
from sessions import queries as treatments
from sessions.indications import Indication
from sessions.models import Session
from sessions.scales import Scale, Taken
from sessions.services import signing
from sessions.services.gate import day_of
from sessions.shipped_scales import PACKS
from sessions.states import State


@dataclass(frozen=True, slots=True)
class Asked:
    """A scale that is asked for, and when it was last taken for that; None when not yet."""

    scale: Scale
    taken_at: datetime | None


@dataclass(frozen=True, slots=True)
class ScalesPart:
    taken: list[Taken]
    awaiting: tuple[str, ...]
    before_dose: list[Asked]
    at_leaving: list[Asked]
    others: list[Scale]
    charts: bool
    reviews: bool


def part(row: Session, by: Principal, at: datetime) -> ScalesPart:
    entries = treatments.entries(row.id)
    known = known_scales.scales()
    taken = scales.taken(entries, known)
    pack = PACKS[Indication(row.course.indication)]
    dose_at = row.dose_started_at
    before = [one for one in taken if dose_at is None or one.at <= dose_at]
    after = [one for one in taken if dose_at is not None and one.at > dose_at]
    named = {*pack.before_dose, *pack.at_leaving}
    return ScalesPart(
        taken=taken,
        awaiting=scales.awaiting_review(entries, known),
        before_dose=[_asked(known[code], before) for code in pack.before_dose],
        at_leaving=[_asked(known[code], after) for code in pack.at_leaving],
        others=[scale for code, scale in known.items() if code not in named],
        charts=may(by, Act.SCALE) and bool(states.rows_of("scale", State(row.state))),
        reviews=may(by, Act.REVIEW_SCALE) and signing.is_prescriber(by, day_of(row, at)),
    )


def _asked(scale: Scale, taken: list[Taken]) -> Asked:
    times = [one.at for one in taken if one.scale == scale.code]
    return Asked(scale, max(times, default=None))
