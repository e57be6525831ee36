"""The dose as it is charted: its start, devices and boluses, pauses, its end."""

from datetime import datetime, timedelta
from decimal import Decimal

from clinic.refusals import Invalid, NotAllowed
from sessions import queries
from sessions.models import Session
from sessions.protocol import Route
from sessions.services.changes.doing import NOTHING, Change, Doing
from sessions.states import When


def start(session: Session, doing: Doing) -> Change:
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


def dose(session: Session, doing: Doing) -> Change:
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


def pause(session: Session, doing: Doing) -> Change:
    session.held_at = doing.at
    reason = doing.words("reason")
    return f"Paused: {reason}" if reason else "Paused", NOTHING


def hold(session: Session, doing: Doing) -> Change:
    return f"Held before dose: {doing.reason()}", NOTHING


def resume(session: Session, doing: Doing) -> Change:
    if session.dose_started_at is None:
        return "Resumed", frozenset({When.BEFORE_DOSE})
    end_pause(session, doing.at)
    return "Resumed", frozenset({When.AFTER_DOSE})


def end_pause(session: Session, at: datetime) -> None:
    """Count the pause that ends now: nothing ran in it, and the planned end moves on by it."""
    if session.held_at is None:
        return
    pause = at - session.held_at
    session.paused_s += round(pause.total_seconds())
    if session.planned_end_at is not None:
        session.planned_end_at += pause
    session.held_at = None


def stop(session: Session, doing: Doing) -> Change:
    as_planned = session.planned_end_at is not None and doing.at >= session.planned_end_at
    reason = doing.words("reason") or ("planned end" if as_planned else doing.reason())
    session.dose_ended_at = doing.at
    end_pause(session, doing.at)
    after = frozenset({When.AFTER_DOSE}) if session.dose_started_at else NOTHING
    return f"Dose ended: {reason}", after


def end_dose(session: Session, at: datetime) -> None:
    if session.dose_started_at is not None and session.dose_ended_at is None:
        session.dose_ended_at = at
