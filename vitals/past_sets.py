"""How the sets of sessions that are over stood, for many sessions at once.

The plan is the one that was rung by, and ``protocol.state_of`` judges it, as on a session's own page. Only
the measurements are looked up by the database: a session under a streaming monitor holds thousands of them,
and of each window it is enough to know one moment at which each vital was measured in it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from clinic.arrays import array
from sessions import protocol
from sessions.protocol import Step, StepState
from vitals.models import Watch
from vitals.panel import decode
from vitals.queries import steps_until
from vitals.vital import FIELDS


@dataclass(frozen=True, slots=True)
class PastSet:
    """A set of a session that is over, as it stood at the session's end."""

    session_id: UUID
    label: str
    due_at: datetime
    state: StepState


@dataclass(frozen=True, slots=True)
class _Planned:
    session_id: UUID
    step: Step
    ends_at: datetime


# a charted "could not measure" answers a set as a value does; a corrected reading counts as it stands now
_COLUMNS = ", ".join(
    f"min(r.measured_at) FILTER (WHERE r.{name} IS NOT NULL OR r.absent ? '{name}')" for name in FIELDS
)
_WITNESSES = f"""
SELECT {_COLUMNS}
FROM unnest(%(sessions)s::uuid[], %(opens)s::timestamptz[], %(closes)s::timestamptz[]) WITH ORDINALITY
         AS asked(session_id, opens_at, closes_at, place)
LEFT JOIN vitals_reading r
  ON r.session_id = asked.session_id AND r.measured_at BETWEEN asked.opens_at AND asked.closes_at
 AND r.id NOT IN (
     SELECT supersedes FROM vitals_reading WHERE clinic_id = %(clinic)s AND supersedes IS NOT NULL)
GROUP BY asked.place ORDER BY asked.place
"""  # noqa: S608  the column names are constants


def past_sets(clinic_id: int, session_ids: Sequence[UUID]) -> Iterator[PastSet]:
    """Every set that was due before the end of these sessions of the clinic; those still open have none.

    Two halves of a pressure that contradict each other count as measured here, for a measurement was made.
    """
    planned = list(_planned(clinic_id, session_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            _WITNESSES,
            {
                "clinic": clinic_id,
                "sessions": array(one.session_id for one in planned),
                "opens": array(one.step.opens_at.isoformat() for one in planned),
                "closes": array(one.step.closes_at.isoformat() for one in planned),
            },
        )
        found = cursor.fetchall()
    for one, moments in zip(planned, found, strict=True):
        measured = {name: (at,) for name, at in zip(FIELDS, moments, strict=True) if at is not None}
        state = protocol.state_of(one.step, measured, one.ends_at)
        yield PastSet(one.session_id, one.step.label, one.step.due_at, state)


def _planned(clinic_id: int, session_ids: Iterable[UUID]) -> Iterator[_Planned]:
    rows = Watch.objects.filter(
        clinic_id=clinic_id, session_id__in=list(session_ids), session__ended_at__isnull=False
    )
    told = rows.values_list("session_id", "session__protocol_id", "session__ended_at", "panel")
    for session_id, protocol_id, ended_at, panel in told:
        assert ended_at is not None, "the filter asks for it"  # noqa: S101
        for step in steps_until(protocol_id, decode(panel), ended_at):
            yield _Planned(session_id, step, ended_at)
