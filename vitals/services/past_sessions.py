"""Sessions that are over, read back as the plain values that a replay takes; and what is known of them.

A corrected reading or entry counts as it stands now; a reading keeps the time at which it first came in.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from sessions import queries as treatments
from sessions.adverse_events import adverse_events
from sessions.models import Session
from sessions.postponing import postponements
from sessions.record import Entry
from sessions.states import State
from sessions.symptoms import SERIOUS, Severity, episodes
from sessions.waiting import past_waits
from vitals import rules
from vitals.comparing import Known, KnownKind
from vitals.limits import Priority
from vitals.measured import Measured
from vitals.models import Flag, Watch
from vitals.panel import OpenSymptom, Panel, PatientLimit, Postponed, decode
from vitals.replaying import Arrival, PastSession, Standing
from vitals.services.plans import plan_of
from vitals.vital import FIELDS

# what a screen writes for somebody who merely takes a flag: no action yet
CLAIMS = frozenset({"", "I'm on it"})


def past_session(session: Session, watch: Watch) -> PastSession:
    """A session with a dose that is over, as it is replayed."""
    panel = decode(watch.panel)
    entries = treatments.entries(session.id)

    def planned(now: Panel) -> Sequence[Any]:
        return plan_of(watch.protocol_id, now)

    return PastSession(
        id=session.id,
        route=session.protocol.route,
        standings=tuple(_standings(session, entries)),
        arrivals=tuple(_arrivals(session.id)),
        plan_of=planned,
        patient_limits=tuple(_whole(change) for change in panel.patient_limits),
        rings_from=panel.rings_from,
    )


def _whole(change: PatientLimit) -> PatientLimit:
    """As it was before its end was noticed."""
    return msgspec.structs.replace(change, is_over=False)


def _standings(session: Session, entries: Sequence[Entry]) -> Iterator[Standing]:
    """How the session stood at its check-in and from each moment on at which that changed."""
    first, last = session.checked_in_at, session.ended_at
    assert first is not None, "was checked in"  # noqa: S101
    assert last is not None, "is over"  # noqa: S101
    times = {session.dose_started_at, session.dose_ended_at, session.waiting_for_escort_at}
    times |= {entry.at for entry in entries if entry.kind in {"symptom", "resolve-symptom", "postpone"}}
    times |= {at for wait in past_waits(entries) for at in wait}
    seats = list(session.occupancies.order_by("from_at", "pk").values_list("from_at", "chair_id"))
    times |= {at for at, _ in seats}
    moments = sorted({at for at in times if at is not None and first < at < last} | {first, last})
    for at in moments:
        taken = [chair for from_at, chair in seats if from_at <= at]
        yield _standing(session, entries, at, chair=taken[-1] if taken else None)


def _standing(session: Session, entries: Sequence[Entry], at: datetime, *, chair: UUID | None) -> Standing:
    known = [entry for entry in entries if entry.at <= at]
    begun = _reached(session.dose_started_at, at)
    ended = _reached(session.dose_ended_at, at)
    assert session.checked_in_at is not None, "was checked in"  # noqa: S101
    state = State.MONITORING if ended else State.DOSING if begun else State.CHECKED_IN
    return Standing(
        at=at,
        state=State(session.state) if session.ended_at == at else state,
        chair=chair,
        checked_in_at=session.checked_in_at,
        dose_started_at=begun,
        planned_end_at=session.planned_end_at if begun else None,
        dose_ended_at=ended,
        waiting_for_escort_at=_reached(session.waiting_for_escort_at, at),
        waited=tuple(past_waits(known)),
        postponed=tuple(
            Postponed(one.label, one.due_at, one.minutes, one.by, one.reason) for one in postponements(known)
        ),
        symptoms=tuple(
            OpenSymptom(one.code, one.severity == Severity.SEVERE, one.onset_at)
            for one in episodes(known)
            if one.is_open and not one.late
        ),
    )


def _reached(moment: datetime | None, at: datetime) -> datetime | None:
    return moment if moment is not None and moment <= at else None


_NEWEST = f"""
WITH RECURSIVE version AS (
    SELECT id, id AS newest, received_at AS first_received_at, device_id IS NOT NULL AS from_device
    FROM vitals_reading WHERE session_id = %(session)s AND supersedes IS NULL
    UNION ALL
    SELECT v.id, r.id, v.first_received_at, v.from_device FROM version v
    JOIN vitals_reading r ON r.session_id = %(session)s AND r.supersedes = v.newest
)
SELECT r.measured_at, v.first_received_at, v.from_device, r.doubtful, r.absent,
       {", ".join(f"r.{name}::float8" for name in FIELDS)}
FROM version v JOIN vitals_reading r ON r.session_id = %(session)s AND r.id = v.newest
WHERE NOT EXISTS (SELECT FROM vitals_reading n WHERE n.session_id = %(session)s AND n.supersedes = r.id)
ORDER BY v.first_received_at, r.measured_at, r.id
"""  # noqa: S608  the column names are constants


def _arrivals(session_id: UUID) -> Iterator[Arrival]:
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, {"session": session_id})
        rows = cursor.fetchall()
    for measured_at, received_at, from_device, doubtful, absent, *columns in rows:
        values = {name: value for name, value in zip(FIELDS, columns, strict=True) if value is not None}
        # as received: what cannot be is found out again
        values |= {name: value for name, (value, _) in _json(doubtful).items()}
        yield Arrival(Measured(None, measured_at, values, _json(absent)), received_at, from_device)


def _json(value: Any) -> Mapping[str, Any]:
    """A jsonb column read through a plain cursor: Django leaves it as text."""
    found: Mapping[str, Any] = msgspec.json.decode(value) if isinstance(value, str) else value or {}
    return found


# --- what is known to have happened


def known_events(session: Session) -> list[Known]:
    """What the record says happened, by time: see ``comparing.KnownKind``. Not what was corrected away."""
    entries = treatments.entries(session.id)
    found = [*_flags(session.id), *_adverse(entries), *_symptoms(entries)]
    return sorted(found, key=lambda one: (one.since, one.words))


def _flags(session_id: UUID) -> Iterator[Known]:
    rows = (
        Flag.objects.filter(session_id=session_id, late=False, activated_at__isnull=False)
        .exclude(condition=rules.CALL_CONDITION)
        .exclude(resolved_cause="corrected")
    )
    for row in rows:
        high = row.peak == Priority.HIGH and row.first_taken_at is not None
        acted = row.action not in CLAIMS
        if acted or (high and row.category == "physiological"):
            kind = KnownKind.ACTED if acted else KnownKind.HIGH
            words = f"{row.text}: {row.action}" if acted else row.text
            yield Known(kind, words, row.opened_at, row.activated_at or row.opened_at, row.condition)


def _adverse(entries: Iterable[Entry]) -> Iterator[Known]:
    for one in adverse_events(entries):
        yield Known(KnownKind.ADVERSE, ", ".join(one.criteria), one.at, one.at)


def _symptoms(entries: Iterable[Entry]) -> Iterator[Known]:
    for one in episodes(entries):
        if one.code in SERIOUS:
            words = one.code.replace("-", " ").capitalize()
            yield Known(KnownKind.SYMPTOM, words, one.onset_at, one.onset_at)
