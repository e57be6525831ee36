"""The plan of due sets of a session under way, computed once per dose clock and what was put off."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from sessions import queries as treatments
from sessions.postponing import moved
from sessions.protocol import DoseClock, Step, plan, window_end
from vitals.panel import Panel

# Sets go on being due this long after the earliest release, should the patient still be there.
BEYOND = timedelta(hours=4)


def plan_of(protocol_id: int, panel: Panel) -> Sequence[Step]:
    """Every due set of the session as its clock stands now, in order of time."""
    return _plan(
        protocol_id,
        panel.checked_in_at,
        panel.dose_started_at,
        panel.dose_ended_at or panel.planned_end_at,
        panel.waiting_for_escort_at,
        tuple(panel.waited),
        tuple((one.label, one.due_at, one.minutes) for one in panel.postponed),
    )


@lru_cache(maxsize=20_000)
def _plan(
    protocol_id: int,
    checked_in_at: datetime | None,
    started_at: datetime | None,
    ended_at: datetime | None,
    waiting_at: datetime | None,
    waited: tuple[tuple[datetime, datetime], ...],
    postponed: tuple[tuple[str, datetime, int], ...],
) -> tuple[Step, ...]:
    rules = treatments.rules_of(protocol_id)
    clock = DoseClock(checked_in_at, started_at, ended_at, waiting_at, waited)
    until = window_end(rules, clock) or checked_in_at
    if until is None:
        return ()
    moves = {(label, due_at): minutes for label, due_at, minutes in postponed}
    return tuple(moved(plan(rules, clock, until=until + BEYOND), moves))
