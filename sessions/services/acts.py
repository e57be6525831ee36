"""Acts on a session. Each takes who and when, follows the table of states, and keeps an entry.

Acts that move due times are called through ``vitals.services.acts``, which re-plans the watch row in the
same transaction; nothing else calls ``act``.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from clinic.access import Act, Principal, check
from clinic.refusals import Invalid, NotAllowed, NotFound
from sessions import dosing, known_scales, protocol, queries, scales, states
from sessions.models import Session
from sessions.protocol import ReadinessEvidence, Route
from sessions.services import follow_ups, gate, signing
from sessions.services.changes import dose
from sessions.services.changes.doing import AHEAD, Doing
from sessions.services.changes.seat import leave_chair
from sessions.services.changes.table import CHANGES
from sessions.services.entries import keep
from sessions.states import State


def locked(clinic_id: int, session_id: UUID) -> Session:
    """The session, locked until the transaction ends. raises: NotFound."""
    found = (
        Session.objects.select_for_update(of=("self",))
        .select_related("patient", "chair", "protocol", "clinic", "course")
        .filter(clinic_id=clinic_id, id=session_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def act(session: Session, doing: Doing) -> Session:
    """Do one act on a locked session: check role, time and state, change the row, keep event and audit.

    raises: AccessDenied; Invalid for a time or value; NotAllowed naming what is missing; Conflict (chair).
    """
    check(doing.by, Act(doing.act))
    _check_time(session, doing)
    signing.check_signature(doing.by, doing.words("signature"))
    if doing.act == "release" and protocol.is_early(doing.at, session.window_ends_at):
        doing = _ending_early(session, doing)
        check(doing.by, Act.END_EARLY)
    source = State(session.state)
    if doing.act == "release" and source in states.PRESENT:
        _check_release(session, doing)
    if doing.act == "end-early":
        _check_reviewed(session)
    if not states.rows_of(doing.act, source):
        allowed = ", ".join(state.replace("_", " ") for state in states.sources_of(doing.act))
        raise NotAllowed(
            f"“{states.WORDS[doing.act]}” is not possible: the session is {source.replace('_', ' ')}.",
            missing=[f"a session that is {allowed}"],
        )
    doing = replace(doing, entries=queries.entries(session.id), kept=dict(doing.details))
    if doing.act == "start":
        gate.pass_at_start(session, doing)
    text, holds = CHANGES[doing.act](session, doing)
    target = states.target_of(doing.act, source, holds)
    if target is None:
        conditions = " or ".join(row.when.value for row in states.rows_of(doing.act, source))
        raise NotAllowed(f"“{states.WORDS[doing.act]}” is possible only {conditions}.", missing=[conditions])
    session.state = target
    if doing.act in dosing.KINDS:
        dose.write_columns(session, doing.with_this())
    ends = target in states.ENDS and source not in states.ENDS
    if ends:
        session.ended_at = doing.at
        leave_chair(session, doing.at)
    session.window_ends_at = protocol.window_end(queries.rules_of(session.protocol_id), session.clock)
    session.save()
    keep(
        session,
        doing.act,
        by=doing.by,
        at=doing.at,
        recorded_at=doing.recorded_at,
        text=text,
        late=doing.is_late,
        details=doing.kept,
    )
    if ends and target in states.HOME:
        follow_ups.plan(session, by=doing.by, known_at=doing.recorded_at)
    return session


def take_back_readiness(session: Session, *, by: Principal, at: datetime, text: str) -> None:
    """A breach while ready: back to monitoring, charted by the corridor itself."""
    session.state = State.MONITORING
    session.ready_at = None
    session.waiting_for_escort_at = None
    session.save(update_fields=["state", "ready_at", "waiting_for_escort_at"])
    keep(session, "breach", by=by, at=at, recorded_at=at, text=text)


def keep_gap(session: Session, *, by: Principal, from_at: datetime, until_at: datetime) -> None:
    """Write into the record that nobody watched from one moment to another."""
    keep(
        session,
        "gap",
        by=by,
        at=from_at,
        recorded_at=until_at,
        text=f"Not watched for {round((until_at - from_at).total_seconds())} s",
        details={"from": from_at.isoformat(), "until": until_at.isoformat()},
    )


def _check_time(session: Session, doing: Doing) -> None:
    """An act is neither in the future nor before what it follows."""
    if doing.at > doing.recorded_at + AHEAD:
        raise Invalid(f"at {doing.at.isoformat()} is in the future.", field="at")
    for earlier, words in (
        (session.checked_in_at, "the check-in"),
        (session.dose_started_at, "the start of the dose"),
        (session.held_at, "the pause"),
        (session.dose_ended_at, "the end of the dose"),
    ):
        if earlier is not None and doing.at < earlier and doing.act not in states.CHARTED_ANY_TIME:
            raise Invalid(
                f"at {doing.at.isoformat()} is before {words} at {earlier.isoformat()}.", field="at"
            )


def _ending_early(session: Session, doing: Doing) -> Doing:
    """Turn a release before the window's end into the early end of its route, or refuse it by name."""
    missing = [f"earliest release {_local(session, session.window_ends_at):%H:%M}"]
    if not doing.words("reason"):
        raise NotAllowed("The window has not ended.", missing=[*missing, "or a reason for an early end"])
    name = protocol.early_end_act(Route(session.protocol.route))
    if name == "end-early" and not signing.is_prescriber(doing.by, gate.day_of(session, doing.recorded_at)):
        raise NotAllowed(
            "An end before the window's end is signed by a prescriber.",
            missing=[*missing, "or the signature of a prescriber whose credential is in date"],
        )
    return replace(doing, act=name)


def _local(session: Session, at: datetime | None) -> datetime:
    """A moment in the clinic's zone, for words that people read."""
    assert at is not None, "callers pass a moment that is set in this state"  # noqa: S101
    return at.astimezone(session.clinic.zone)


def missing_before_release(session: Session, *, at: datetime, evidence: ReadinessEvidence) -> tuple[str, ...]:
    """What a release still lacks, in words; empty when it may be done."""
    ends_at = session.window_ends_at
    missing = protocol.missing_before_release(
        state=State(session.state),
        at=at,
        window_ends_at=_local(session, ends_at) if ends_at else None,
        dose_ended_at=session.dose_ended_at,
        evidence=evidence,
    )
    return missing + awaiting_review(session)


def awaiting_review(session: Session) -> tuple[str, ...]:
    """The answers on scales that a named clinician has still to look at, in words."""
    return scales.awaiting_review(queries.entries(session.id), known_scales.scales())


def _check_release(session: Session, doing: Doing) -> None:
    """Refuse a release while anything is missing, naming all of it at once."""
    missing = missing_before_release(session, at=doing.at, evidence=doing.evidence)
    if missing:
        raise NotAllowed("Not yet: something is missing before release.", missing=missing)


def _check_reviewed(session: Session) -> None:
    """An early release waits for a review too; a patient who leaves by himself does not."""
    if waiting := awaiting_review(session):
        raise NotAllowed("Not yet: an answer on a scale has to be looked at first.", missing=waiting)
