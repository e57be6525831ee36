"""Writes of the treatment record. Each takes who and when, follows the table of states, and keeps an event.

Acts that move due times are called through ``vitals.services.acts``, which re-plans the watch row in the
same transaction; nothing else calls ``act``.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from clinic import audit
from clinic import queries as ground
from clinic.access import Act, Principal, check
from clinic.models import Clinic, CredentialKind, User
from clinic.refusals import Invalid, NotAllowed, NotFound
from sessions import protocol, queries, shipped, states
from sessions.changes import CHANGES, Doing, leave_chair
from sessions.models import Protocol, ProtocolStep, Session, SessionEvent
from sessions.protocol import ReadinessEvidence, Route
from sessions.states import State

# A tablet's clock may run a little ahead of ours.
AHEAD = timedelta(minutes=1)


def install_protocols(clinic: Clinic) -> None:
    """Give a new clinic version 1 of each shipped protocol. Doing it again changes nothing."""
    for rules in shipped.PROTOCOLS:
        row, made = Protocol.objects.get_or_create(
            clinic=clinic,
            code=rules.code,
            version=rules.version,
            defaults={
                "name": shipped.NAMES[rules.code],
                "route": rules.route,
                "total_min": rules.total_min,
                "post_min": rules.post_min,
                "planned_dose_min": rules.planned_dose_min,
            },
        )
        if made:
            ProtocolStep.objects.bulk_create(
                ProtocolStep(
                    protocol=row,
                    position=position,
                    label=step.label,
                    anchor=step.anchor,
                    first_min=step.first_min,
                    every_min=step.every_min,
                    until=step.until or "",
                    needs=list(step.needs),
                    opens_min=step.opens_min,
                    closes_min=step.closes_min,
                )
                for position, step in enumerate(rules.steps)
            )


def schedule(
    *,
    by: Principal,
    at: datetime,
    patient_id: UUID,
    chair: str | None,
    protocol_code: str,
    indication: str,
    scheduled_at: datetime,
) -> Session:
    """Plan a session. raises: AccessDenied, NotFound for a patient or chair not in the clinic, Invalid."""
    check(by, Act.SCHEDULE)
    patient = ground.patient(by.clinic_id, patient_id)
    row = queries.current_protocol(by.clinic_id, protocol_code)
    if row is None:
        known = ", ".join(sorted(p.code for p in queries.current_protocols(by.clinic_id)))
        raise Invalid(f"Protocol “{protocol_code}” is not one of this clinic's: {known}.", field="protocol")
    place = ground.chair_named(by.clinic_id, chair) if chair else None
    with transaction.atomic():
        session = Session.objects.create(
            clinic_id=by.clinic_id,
            patient=patient,
            chair=place,
            protocol=row,
            indication=indication,
            scheduled_at=scheduled_at,
        )
        _keep(session, "schedule", by=by, at=at, recorded_at=at, text=f"Scheduled, {row.name}")
    return session


def locked(clinic_id: int, session_id: UUID) -> Session:
    """The session, locked until the transaction ends. raises: NotFound."""
    found = (
        Session.objects.select_for_update(of=("self",))
        .select_related("patient", "chair", "protocol", "clinic")
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
    if doing.act == "release" and protocol.is_early(doing.at, session.window_ends_at):
        doing = _ending_early(session, doing)
        check(doing.by, Act.END_EARLY)
    source = State(session.state)
    if doing.act == "release" and source in states.PRESENT:
        _check_release(session, doing)
    if not states.rows_of(doing.act, source):
        allowed = ", ".join(state.replace("_", " ") for state in states.sources_of(doing.act))
        raise NotAllowed(
            f"“{states.WORDS[doing.act]}” is not possible: the session is {source.replace('_', ' ')}.",
            missing=[f"a session that is {allowed}"],
        )
    text, holds = CHANGES[doing.act](session, doing)
    target = states.target_of(doing.act, source, holds)
    if target is None:
        conditions = " or ".join(row.when.value for row in states.rows_of(doing.act, source))
        raise NotAllowed(f"“{states.WORDS[doing.act]}” is possible only {conditions}.", missing=[conditions])
    session.state = target
    if target in states.ENDS:
        session.ended_at = doing.at
        leave_chair(session, doing.at)
    session.window_ends_at = protocol.window_end(queries.rules_of(session.protocol_id), session.clock)
    session.save()
    _keep(
        session,
        doing.act,
        by=doing.by,
        at=doing.at,
        recorded_at=doing.recorded_at,
        text=text,
        late=doing.is_late,
        details=doing.details,
    )
    return session


def take_back_readiness(session: Session, *, by: Principal, at: datetime, text: str) -> None:
    """A breach while ready: back to monitoring, charted by the corridor itself."""
    session.state = State.MONITORING
    session.ready_at = None
    session.waiting_for_escort_at = None
    session.save(update_fields=["state", "ready_at", "waiting_for_escort_at"])
    _keep(session, "breach", by=by, at=at, recorded_at=at, text=text)


def keep_gap(session: Session, *, by: Principal, from_at: datetime, until_at: datetime) -> None:
    """Write into the record that nobody watched from one moment to another."""
    _keep(
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
        if earlier is not None and doing.at < earlier and doing.act not in {"note", "symptom"}:
            raise Invalid(
                f"at {doing.at.isoformat()} is before {words} at {earlier.isoformat()}.", field="at"
            )


def _ending_early(session: Session, doing: Doing) -> Doing:
    """Turn a release before the window's end into the early end of its route, or refuse it by name."""
    missing = [f"earliest release {_local(session, session.window_ends_at):%H:%M}"]
    if not doing.words("reason"):
        raise NotAllowed("The window has not ended.", missing=[*missing, "or a reason for an early end"])
    name = protocol.early_end_act(Route(session.protocol.route))
    if name == "end-early" and not _is_prescriber(doing):
        raise NotAllowed(
            "An end before the window's end is signed by a prescriber.",
            missing=[*missing, "or the signature of a prescriber whose credential is in date"],
        )
    return Doing(doing.by, name, doing.at, doing.recorded_at, doing.details, doing.evidence)


def _is_prescriber(doing: Doing) -> bool:
    return User.objects.filter(
        id=doing.by.actor_id,
        credentials__kind=CredentialKind.PRESCRIBER,
        credentials__expires_on__gte=doing.recorded_at.date(),
    ).exists()


def _local(session: Session, at: datetime | None) -> datetime:
    """A moment in the clinic's zone, for words that people read."""
    assert at is not None, "callers pass a moment that is set in this state"  # noqa: S101
    return at.astimezone(session.clinic.zone)


def _keep(
    session: Session,
    kind: str,
    *,
    by: Principal,
    at: datetime,
    recorded_at: datetime,
    text: str,
    late: bool = False,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Keep one event and its audit row, in the caller's transaction."""
    SessionEvent.objects.create(
        session=session,
        kind=kind,
        at=at,
        recorded_at=recorded_at,
        by_id=by.device_id or by.user_id,
        by_name=by.name,
        late=late,
        text=text,
        details=dict(details or {}),
    )
    audit.record(
        [
            audit.Entry(
                by=by,
                act=kind,
                subject="session",
                subject_id=str(session.id),
                session_id=session.id,
                details={"at": at.isoformat(), "state": session.state},
            )
        ]
    )


def missing_before_release(session: Session, *, at: datetime, evidence: ReadinessEvidence) -> tuple[str, ...]:
    """What a release still lacks, in words; empty when it may be done."""
    ends_at = session.window_ends_at
    return protocol.missing_before_release(
        state=State(session.state),
        at=at,
        window_ends_at=_local(session, ends_at) if ends_at else None,
        dose_ended_at=session.dose_ended_at,
        evidence=evidence,
    )


def _check_release(session: Session, doing: Doing) -> None:
    """Refuse a release while anything is missing, naming all of it at once."""
    missing = missing_before_release(session, at=doing.at, evidence=doing.evidence)
    if missing:
        raise NotAllowed("Not yet: something is missing before release.", missing=missing)
