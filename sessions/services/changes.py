"""What each act changes on a session: one function per act, and the table that names them.

Each takes the locked session and what is being done, changes the row's fields, and gives back the words for
the timeline and the conditions that now hold. Whether the act may be done is decided in ``services``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from clinic import queries as ground
from clinic.access import Principal
from clinic.models import Chair
from clinic.refusals import Conflict, Invalid, NotAllowed
from sessions import queries, states
from sessions.models import Occupancy, Session
from sessions.protocol import ReadinessEvidence, Route
from sessions.states import When

# Charted this long after it happened, an entry is history: stored and shown as late.
LATE_AFTER = timedelta(minutes=30)


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


def leave_chair(session: Session, at: datetime) -> None:
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
    leave_chair(session, doing.at)
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


CHANGES: dict[str, Callable[[Session, Doing], Change]] = {
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
