"""Writes of the treatment record. Each takes who and when, follows the table of states, and keeps an event.

Acts that move due times are called through ``vitals.services.acts``, which re-plans the watch row in the
same transaction; nothing else calls ``act``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from clinic import audit
from clinic import queries as ground
from clinic.access import Act, Principal, check
from clinic.models import Chair, Clinic, CredentialKind, User
from clinic.refusals import Conflict, Invalid, NotAllowed, NotFound
from sessions import protocol, queries, shipped, states
from sessions.models import Occupancy, Protocol, ProtocolStep, Session, SessionEvent
from sessions.protocol import ReadinessEvidence, Route
from sessions.states import State, When

# Charted this long after it happened, an entry is history: stored and shown as late.
LATE_AFTER = timedelta(minutes=30)
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


@dataclass(frozen=True, slots=True)
class Doing:
    """One act under way: who, what, when it happened, when it is charted, and its particulars."""

    by: Principal
    act: str
    at: datetime
    recorded_at: datetime
    details: Mapping[str, Any]
    evidence: ReadinessEvidence

    @property
    def is_late(self) -> bool:
        return self.recorded_at - self.at > LATE_AFTER

    def words(self, name: str) -> str:
        """A text among the particulars; empty when not given."""
        return str(self.details.get(name, "")).strip()

    def reason(self) -> str:
        """The reason given. raises: Invalid when there is none."""
        reason = self.words("reason")
        if not reason:
            raise Invalid(f"“{states.WORDS[self.act]}” needs a reason.", field="reason")
        return reason


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
    text, holds = _CHANGES[doing.act](session, doing)
    target = states.target_of(doing.act, source, holds)
    if target is None:
        conditions = " or ".join(row.when.value for row in states.rows_of(doing.act, source))
        raise NotAllowed(f"“{states.WORDS[doing.act]}” is possible only {conditions}.", missing=[conditions])
    session.state = target
    if target in states.ENDS:
        session.ended_at = doing.at
        _leave_chair(session, doing.at)
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


# --- what each act changes: (words for the timeline, conditions that now hold)

Change = tuple[str, frozenset[When]]
NOTHING: frozenset[When] = frozenset()


def _check_in(session: Session, doing: Doing) -> Change:
    session.checked_in_at = doing.at
    session.watched_from = doing.recorded_at
    session.nurse_id = doing.by.user_id
    if session.chair is None:
        raise NotAllowed("Check-in needs a chair.", missing=["a chair"])
    name = session.chair.name
    _sit(session, session.chair, doing)
    return f"Checked in, chair {name}", NOTHING


def _sit(session: Session, chair: Chair, doing: Doing) -> None:
    """Sit in the chair from ``at``. raises: Conflict when somebody sits there.

    History never takes a chair from the one who sits there now: such a session has no place on the board's
    chairs, and only the words of its check-in say where it was.
    """
    if doing.is_late and Occupancy.objects.filter(chair=chair, to_at__isnull=True).exists():
        session.chair = None
        return
    try:
        with transaction.atomic():
            Occupancy.objects.create(session=session, chair=chair, from_at=doing.at)
    except IntegrityError as error:
        raise Conflict(f"Chair {chair.name} is taken by another session.", field="chair") from error
    session.chair = chair


def _leave_chair(session: Session, at: datetime) -> None:
    for seat in Occupancy.objects.filter(session=session, to_at__isnull=True):
        seat.to_at = max(at, seat.from_at)
        seat.save(update_fields=["to_at"])


def _start(session: Session, doing: Doing) -> Change:
    session.dose_started_at = doing.at
    rules = queries.rules_of(session.protocol_id)
    if rules.route is Route.IV:
        session.dose_mg = _dose_mg(doing)
        concentration = doing.details.get("concentration_mg_per_ml")
        session.concentration_mg_per_ml = Decimal(str(concentration)) if concentration else None
        minutes = int(doing.details.get("duration_min") or rules.planned_dose_min)
        session.planned_end_at = doing.at + timedelta(minutes=minutes)
        words = f"Infusion started, {float(session.dose_mg):g} mg over {minutes} min"
        return words, frozenset({When.DOSE_GOES_ON})
    session.planned_devices = int(doing.details.get("planned_devices") or 2)
    session.dose_mg = Decimal(28 * session.planned_devices)  # 28 mg a device, per its label
    session.devices_given = 1
    session.planned_end_at = doing.at + timedelta(minutes=5 * (session.planned_devices - 1))
    return _device_given(session, doing)


def _dose_mg(doing: Doing) -> Decimal:
    dose = doing.details.get("dose_mg")
    if dose is None:
        raise Invalid("dose_mg is needed to start an infusion.", field="dose_mg")
    return Decimal(str(dose))


def _dose(session: Session, doing: Doing) -> Change:
    if Route(session.protocol.route) is Route.IV:
        bolus = doing.details.get("bolus_mg")
        if bolus is None:
            raise Invalid("bolus_mg is needed to chart a bolus.", field="bolus_mg")
        session.dose_mg = (session.dose_mg or Decimal(0)) + Decimal(str(bolus))
        return f"Bolus {bolus:g} mg given per order", frozenset({When.DOSE_GOES_ON})
    expected = session.devices_given + 1
    device = doing.details.get("device") or expected
    if device != expected:
        raise NotAllowed(
            f"Device {device} is not the next: {expected - 1} of {session.planned_devices} are charted.",
            missing=[f"device {expected}"],
        )
    session.devices_given = expected
    return _device_given(session, doing)


def _device_given(session: Session, doing: Doing) -> Change:
    """A nasal device was used; the last planned one ends the dose."""
    lot = doing.words("lot")
    words = f"Device {session.devices_given} of {session.planned_devices} given"
    words += f", lot {lot}" if lot else ""
    if session.devices_given < (session.planned_devices or 0):
        return words, frozenset({When.DOSE_GOES_ON})
    session.dose_ended_at = doing.at
    return words, frozenset({When.DOSE_IS_DONE})


def _pause(session: Session, doing: Doing) -> Change:
    session.held_at = doing.at
    reason = doing.words("reason")
    return f"Paused: {reason}" if reason else "Paused", NOTHING


def _hold(session: Session, doing: Doing) -> Change:
    return f"Held before dose: {doing.reason()}", NOTHING


def _resume(session: Session, doing: Doing) -> Change:
    if session.dose_started_at is None:
        return "Resumed", frozenset({When.BEFORE_DOSE})
    _end_pause(session, doing.at)
    return "Resumed", frozenset({When.AFTER_DOSE})


def _end_pause(session: Session, at: datetime) -> None:
    """Count the pause that ends now: nothing ran in it, and the planned end moves on by it."""
    if session.held_at is None:
        return
    pause = at - session.held_at
    session.paused_s += round(pause.total_seconds())
    if session.planned_end_at is not None:
        session.planned_end_at += pause
    session.held_at = None


def _stop(session: Session, doing: Doing) -> Change:
    as_planned = session.planned_end_at is not None and doing.at >= session.planned_end_at
    reason = doing.words("reason") or ("planned end" if as_planned else doing.reason())
    session.dose_ended_at = doing.at
    _end_pause(session, doing.at)
    after = frozenset({When.AFTER_DOSE}) if session.dose_started_at else NOTHING
    return f"Dose ended: {reason}", after


def _cancel(session: Session, doing: Doing) -> Change:
    session.outcome, session.outcome_reason = "cancelled", doing.reason()
    holds = NOTHING if session.dose_started_at else frozenset({When.BEFORE_DOSE})
    return f"Cancelled: {session.outcome_reason}", holds


def _transfer(session: Session, doing: Doing) -> Change:
    session.outcome, session.outcome_reason = "transferred", doing.reason()
    _end_pause(session, doing.at)
    _end_dose(session, doing.at)
    return f"Transferred: {session.outcome_reason}", NOTHING


def _move_chair(session: Session, doing: Doing) -> Change:
    chair = ground.chair_named(session.clinic_id, doing.words("chair"))
    _leave_chair(session, doing.at)
    _sit(session, chair, doing)
    return f"Moved to chair {chair.name}", NOTHING


def _note(session: Session, doing: Doing) -> Change:
    text = doing.words("text")
    if not text:
        raise Invalid("text is empty: a note needs words.", field="text")
    return text, NOTHING


def _symptom(session: Session, doing: Doing) -> Change:
    code = doing.words("code")
    if not code:
        raise Invalid("code is needed: which symptom?", field="code")
    severity = doing.words("severity")
    words = "No symptoms" if code == "none" else code.replace("-", " ").capitalize()
    return f"{words}, {severity}" if severity else words, NOTHING


def _readiness(session: Session, doing: Doing) -> Change:
    session.ready_at = doing.at
    session.ready_by = doing.by.name
    return f"Assessed ready by {doing.by.name}", NOTHING


def _wait_escort(session: Session, doing: Doing) -> Change:
    session.waiting_for_escort_at = doing.at
    return "Waiting for escort", NOTHING


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


def _release(session: Session, doing: Doing) -> Change:
    session.outcome = "released"
    return f"Released by {doing.by.name}", NOTHING


def _end_early(session: Session, doing: Doing) -> Change:
    session.outcome, session.outcome_reason = "released early", doing.reason()
    _end_dose(session, doing.at)
    return f"Released before the window's end by {doing.by.name}: {session.outcome_reason}", NOTHING


def _leave_early(session: Session, doing: Doing) -> Change:
    session.outcome, session.outcome_reason = "left before the minimum", doing.reason()
    _end_dose(session, doing.at)
    return f"Left before the minimum: {session.outcome_reason}", NOTHING


def _end_dose(session: Session, at: datetime) -> None:
    if session.dose_started_at is not None and session.dose_ended_at is None:
        session.dose_ended_at = at


_CHANGES: dict[str, Callable[[Session, Doing], Change]] = {
    "check-in": _check_in,
    "start": _start,
    "dose": _dose,
    "pause": _pause,
    "hold": _hold,
    "resume": _resume,
    "stop": _stop,
    "cancel": _cancel,
    "transfer": _transfer,
    "move-chair": _move_chair,
    "note": _note,
    "symptom": _symptom,
    "readiness": _readiness,
    "wait-escort": _wait_escort,
    "release": _release,
    "end-early": _end_early,
    "leave-early": _leave_early,
}
