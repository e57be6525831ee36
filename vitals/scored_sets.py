"""NEWS2 of a session, worked out from its readings and entries each time it is read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sessions import alertness
from sessions import queries as treatments
from sessions.alertness import Look, Target
from sessions.models import Session
from sessions.record import Entry
from vitals import news2, queries
from vitals.news2 import MEASURED, YOUNGEST_YEARS, News2, Value
from vitals.queries import ReadingView
from vitals.vital import Vital


@dataclass(frozen=True, slots=True)
class ScoredSets:
    """What a session's chart comes to.

    newest:    the set that is newest; None while nothing was charted.
    scored:    the sets that stand around a look at the patient, by time, complete or not.
    target:    what a prescriber signed last; None on the usual scale.
    remarks:   a look's entry → what to say where its sedation score tells another story.
    too_young: NEWS2 is not for this patient, so nothing is scored.
    """

    newest: News2 | None
    scored: tuple[News2, ...]
    target: Target | None
    remarks: Mapping[UUID, str]
    too_young: bool = False

    @property
    def last_complete(self) -> News2 | None:
        return next((one for one in reversed(self.scored) if one.total is not None), None)


def of_session(row: Session) -> ScoredSets:
    """The same, read by itself. The caller has checked that the session is of the clinic."""
    return scored_sets(row, queries.readings(row.id), treatments.entries(row.id))


def scored_sets(row: Session, views: Iterable[ReadingView], entries: Sequence[Entry]) -> ScoredSets:
    """The session's sets. views: every version of its readings; entries: those that count, by time."""
    signed = alertness.targets(entries)
    target = signed[-1] if signed and signed[-1].scale == alertness.LOW_TARGET_SCALE else None
    if _years(row) < YOUNGEST_YEARS:
        return ScoredSets(None, (), target, {}, too_young=True)
    current = [view for view in views if view.superseded_by is None]
    values = {item: _values(current, item.value) for item in MEASURED}
    looks = alertness.looks(entries)
    sets = news2.scored(values, looks, signed)
    return ScoredSets(
        newest=news2.newest(values, sets, signed),
        scored=tuple(sets),
        target=target,
        remarks=_remarks(looks, _values(current, Vital.SEDATION)),
    )


def _values(views: Iterable[ReadingView], name: str) -> list[Value]:
    return [
        Value(view.measured_at, view.values[name], by_person=view.source == "staff")
        for view in views
        if name in view.values
    ]


def _years(row: Session) -> int:
    """The patient's age in whole years on the day of the session."""
    on = row.scheduled_at.astimezone(row.clinic.zone).date()
    born = row.patient.birth_date
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _remarks(looks: Iterable[Look], sedation: Sequence[Value]) -> dict[UUID, str]:
    """Where consciousness and the sedation score of the same set do not go together."""
    found: dict[UUID, str] = {}
    for look in looks:
        near = news2.nearest(look.at, sedation)
        if near and (said := alertness.beside_sedation(look.consciousness, near.value)):
            found[look.entry] = said
    return found
