"""Trying a limit set on past sessions: asked for by a supervisor, worked off in pieces by whichever worker.

Each session's result is stored in a transaction of its own that also renews the job's lease: a worker that
dies loses one session's work.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as of_day
from uuid import UUID

import msgspec
from django.db import DatabaseError, transaction
from django.db.models import F

from clinic import audit, jobs
from clinic.access import Act, Principal, check
from clinic.jobs import GOING_ON, JobState
from clinic.models import Clinic
from clinic.refusals import Invalid, NotAllowed, NotFound
from sessions.models import Session
from vitals import limits
from vitals.comparing import Compared, compare
from vitals.models import LimitReplay, LimitReplayResult, LimitSet, Watch
from vitals.services.limit_sets import current_limit_set_id, limit_set, read_limit_set
from vitals.services.past_sessions import known_events, past_session

MOST_SESSIONS = 2000
log = logging.getLogger("vigil.replays")
_rules = msgspec.json.Decoder(tuple[limits.LimitRule, ...])
_compared = msgspec.json.Decoder(Compared)


def ask(
    *,
    by: Principal,
    limit_set_id: int,
    from_day: date,
    until_day: date,
    at: datetime,
    beside_current: bool = False,
) -> LimitReplay:
    """Ask for a limit set to be tried on the clinic's sessions of its protocol that began in these days.

    from_day, until_day: both in it, in the clinic's zone.
    beside_current:      against the set in use now; else against the one that each session had.
    raises: AccessDenied; NotFound; Invalid when there are none, or too many; NotAllowed while another
            replay of the set goes on.
    """
    with transaction.atomic():
        row = LimitSet.objects.select_for_update().filter(clinic_id=by.clinic_id, pk=limit_set_id).first()
        if row is None:
            raise NotFound
        check(by, Act.REPLAY_LIMITS)
        if row.replays.filter(state__in=GOING_ON).exists():
            raise NotAllowed(
                "A replay of these limits goes on already.", missing=["its end, or to cancel it"]
            )
        chosen = sessions_of(by.clinic_id, row.protocol_code, from_day, until_day)
        current = current_limit_set_id(by.clinic_id, row.protocol_code) if beside_current else None
        replay = LimitReplay.objects.create(
            clinic_id=by.clinic_id,
            limit_set=row,
            rules=msgspec.json.encode(read_limit_set(row.pk).rules).decode(),
            beside_id=current,
            from_day=from_day,
            until_day=until_day,
            session_ids=chosen,
            asked_by=by.name,
            asked_at=at,
        )
        _audit(by, Act.REPLAY_LIMITS, replay)
    return replay


def sessions_of(clinic_id: int, protocol_code: str, from_day: date, until_day: date) -> list[UUID]:
    """The sessions with a dose that are over, by check-in. raises: Invalid."""
    if until_day < from_day:
        raise Invalid(f"The last day, {until_day}, lies before the first, {from_day}.", field="until_day")
    zone = Clinic.objects.get(pk=clinic_id).zone
    found = list(
        Session.objects.filter(
            clinic_id=clinic_id,
            protocol__code=protocol_code,
            ended_at__isnull=False,
            dose_started_at__isnull=False,
            checked_in_at__gte=datetime.combine(from_day, of_day(), zone),
            checked_in_at__lt=datetime.combine(until_day + timedelta(days=1), of_day(), zone),
            watch__isnull=False,
        )
        .order_by("checked_in_at", "id")
        .values_list("id", flat=True)[: MOST_SESSIONS + 1]
    )
    if not found:
        raise Invalid(
            f"No session of this protocol that is over began from {from_day} to {until_day}.",
            field="from_day",
        )
    if len(found) > MOST_SESSIONS:
        raise Invalid(f"More than {MOST_SESSIONS} sessions: choose fewer days.", field="from_day")
    return found


def cancel(*, by: Principal, replay_id: UUID, at: datetime) -> LimitReplay:
    """End a replay that goes on; what it has found so far stays readable.

    raises: AccessDenied; NotFound; NotAllowed when it has ended.
    """
    with transaction.atomic():
        replay = LimitReplay.objects.select_for_update().filter(clinic_id=by.clinic_id, pk=replay_id).first()
        if replay is None:
            raise NotFound
        check(by, Act.REPLAY_LIMITS)
        if not replay.goes_on:
            raise NotAllowed(f"The replay is {replay.state} already.", missing=["one that goes on"])
        replay.state, replay.ended_at, replay.lease = JobState.CANCELLED, at, None
        replay.save(update_fields=["state", "ended_at", "lease"])
        _audit(by, "cancel-replay", replay)
    return replay


def _audit(by: Principal, act: str, replay: LimitReplay) -> None:
    details = {
        "limit_set": replay.limit_set_id,
        "beside": replay.beside_id,
        "from": replay.from_day.isoformat(),
        "until": replay.until_day.isoformat(),
        "sessions": len(replay.session_ids),
    }
    audit.record(
        [audit.Entry(by=by, act=act, subject="limit-replay", subject_id=str(replay.id), details=details)]
    )


# --- the work


def unclaimed() -> list[UUID]:
    """The replays that go on and that no living worker has: new ones, and those whose worker died."""
    return jobs.unclaimed(LimitReplay.objects.all())


def work(replay_id: UUID, *, at: datetime, for_s: float = jobs.PIECE_S) -> bool:
    """Do a piece of a replay, unless another worker has it. True when there is more to do.

    at: when it ends, should it end in this piece.
    """
    rows = LimitReplay.objects.all()
    lease = jobs.claim(rows, replay_id)
    if lease is None:
        return False
    replay = LimitReplay.objects.get(pk=replay_id)
    tried = _tried(replay)
    stop_at = time.monotonic() + for_s
    for session_id in replay.session_ids[replay.done :]:
        if time.monotonic() >= stop_at:
            return jobs.let_go(rows, replay_id, lease)
        if not _store(replay, lease, session_id, _compare(replay, session_id, tried)):
            return False
    jobs.end(rows, replay_id, lease, state=JobState.DONE, at=at)
    return False


def _tried(replay: LimitReplay) -> limits.LimitSet:
    """The rows as they stood when it was asked for."""
    row = replay.limit_set
    return limits.LimitSet(row.pk, row.name, row.version, row.reviewed_by, "", _rules.decode(replay.rules))


def _compare(replay: LimitReplay, session_id: UUID, tried: limits.LimitSet) -> Compared:
    """One session under both sets; one that cannot be replayed is said to be so, and the others go on."""
    session = Session.objects.select_related("protocol").get(pk=session_id)
    watch = Watch.objects.get(pk=session_id)
    beside = limit_set(replay.beside_id or watch.limit_set_id)
    try:
        return compare(past_session(session, watch), known_events(session), beside=beside, tried=tried)
    except DatabaseError:
        raise
    except Exception as error:
        log.exception("session %s cannot be replayed", session_id)
        return Compared(failure=type(error).__name__)


def _store(replay: LimitReplay, lease: UUID, session_id: UUID, compared: Compared) -> bool:
    """Keep one result and renew the lease; False, and nothing kept, when the job is not ours any more."""
    with transaction.atomic():
        renewed = jobs.renew(LimitReplay.objects.all(), replay.pk, lease, done=F("done") + 1)
        if renewed:
            LimitReplayResult.objects.create(
                replay=replay, session_id=session_id, compared=msgspec.json.encode(compared).decode()
            )
    return renewed


# --- what came of it


@dataclass(frozen=True, slots=True)
class Ran:
    """A replay with what it has found so far, by session in the order of their check-in."""

    replay: LimitReplay
    results: Mapping[UUID, Compared]
    sessions: Mapping[UUID, Session]

    @property
    def is_changed(self) -> bool:
        """True when the limits that were tried have been changed since."""
        return _rules.decode(self.replay.rules) != read_limit_set(self.replay.limit_set_id).rules


def replay_of(by: Principal, replay_id: UUID) -> LimitReplay:
    """A replay of the clinic, for who may. raises: NotFound for another clinic's; AccessDenied."""
    rows = LimitReplay.objects.select_related("limit_set", "beside")
    row = rows.filter(clinic_id=by.clinic_id, pk=replay_id).first()
    if row is None:
        raise NotFound
    check(by, Act.REPLAY_LIMITS)
    return row


def ran(replay: LimitReplay) -> Ran:
    rows = {row.session_id: row for row in replay.results.select_related("session__patient")}
    known = [id_ for id_ in replay.session_ids if id_ in rows]
    return Ran(
        replay,
        {id_: _compared.decode(rows[id_].compared) for id_ in known},
        {id_: rows[id_].session for id_ in known},
    )
