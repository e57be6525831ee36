"""The dose as it is charted: its start, devices, boluses and rates, pauses, its end.

Each change writes its words and what its entry keeps; the columns of the session are then what the sum over
all entries says (``dosing.dose_of``), for an act as for a correction.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from clinic.refusals import Invalid, NotAllowed
from sessions import dose_order, dosing, queries
from sessions.dose_order import Order, Unusual
from sessions.dosing import Dose
from sessions.models import Session
from sessions.protocol import ProtocolRules, Route
from sessions.record import Entry
from sessions.services.changes.doing import NOTHING, Change, Doing
from sessions.states import When

CHECKS = {"line-check": "Line checked", "flush": "Line flushed"}


def start(session: Session, doing: Doing) -> Change:
    rules = queries.rules_of(session.protocol_id)
    if rules.route is Route.IV:
        words = _start_infusion(session, doing)
    else:
        doing.kept.setdefault("planned_devices", dosing.DEVICES_UNLESS_SAID)
        words = _device_words(doing, _charted(session, doing, rules))
    # what was open before it is part of the start, corrected or not
    words += str(doing.kept.get("gate_words", ""))
    return words, _goes_on(_charted(session, doing, rules))


def _start_infusion(session: Session, doing: Doing) -> str:
    order, found = ordered(session, doing.details, at=doing.at)
    _ask_reason(doing, found)
    doing.kept.update(_as_kept(order))
    words = f"Infusion started, {dose_order.shown(order.dose_mg)} mg over {order.duration_min} min"
    return _with_reason(words, doing, found)


def ordered(
    session: Session, details: Mapping[str, Any], *, at: datetime
) -> tuple[Order, tuple[Unusual, ...]]:
    """The order in a body of ``start``, and what is unusual about it for this patient on that day."""
    rules, patient = queries.rules_of(session.protocol_id), session.patient
    order = dose_order.order_of(
        details, known_weight_kg=patient.weight_kg, planned_min=rules.planned_dose_min
    )
    found = dose_order.unusual(
        order,
        rules=rules.dose,
        known_weight_kg=patient.weight_kg,
        weighed_on=patient.weighed_on,
        on=at.astimezone(session.clinic.zone).date(),
    )
    return order, found


def _as_kept(order: Order) -> dict[str, object]:
    """The order with what was worked out, as the entry keeps it."""
    numbers = {
        "dose_mg": order.dose_mg,
        "mg_per_kg": order.mg_per_kg,
        "weight_kg": order.weight_kg,
        "concentration_mg_per_ml": order.concentration_mg_per_ml,
    }
    kept: dict[str, object] = {name: float(value) for name, value in numbers.items() if value is not None}
    return kept | {"duration_min": order.duration_min, "arithmetic": list(dose_order.arithmetic(order))}


def _ask_reason(doing: Doing, found: tuple[Unusual, ...]) -> None:
    """What is unusual needs a reason and then goes on; history is never refused, only marked."""
    if not found:
        return
    doing.kept["unusual"] = [one.code for one in found]
    if not (doing.words("reason") or doing.is_late or doing.correcting):
        raise NotAllowed(
            "This dose is unusual: read it again, and give a reason to go on.",
            missing=[*(one.words for one in found), "a reason to go on"],
        )


def _with_reason(words: str, doing: Doing, found: tuple[Unusual, ...]) -> str:
    if not found:
        return words
    why = doing.words("reason") or "no reason charted"
    return f"{words} ({'; '.join(one.words for one in found)}: {why})"


def dose(session: Session, doing: Doing) -> Change:
    rules = queries.rules_of(session.protocol_id)
    check = doing.words("check")
    if check:
        return CHECKS[check], frozenset({When.DOSE_GOES_ON})
    if rules.route is Route.IV:
        after = _charted(session, doing, rules)
        return _infusion_words(doing, after), _goes_on(after)
    before = dosing.dose_of(doing.entries, rules)
    expected = len(before.devices) + 1
    device = doing.details.get("device") or expected
    if device != expected:
        raise NotAllowed(
            f"Device {device} is not the next: {expected - 1} of {before.planned_devices} are charted.",
            missing=[f"device {expected}"],
        )
    found = _rested(session, doing, before)
    _ask_reason(doing, found)
    doing.kept["device"] = expected
    after = _charted(session, doing, rules)
    return _with_reason(_device_words(doing, after), doing, found), _goes_on(after)


def _rested(session: Session, doing: Doing, before: Dose) -> tuple[Unusual, ...]:
    """A device given before the rest after the last one has ended."""
    rest_until = before.rest_until
    if rest_until is None or doing.at >= rest_until:
        return ()
    until = rest_until.astimezone(session.clinic.zone)
    return (Unusual("no-rest", f"the rest after device {len(before.devices)} ends at {until:%H:%M}"),)


def _infusion_words(doing: Doing, after: Dose) -> str:
    bolus = doing.details.get("bolus_mg")
    if bolus is not None:
        return f"Bolus {float(bolus):g} mg given per order"
    if doing.details.keys() & {"rate_ml_per_h", "rate_mg_per_h"}:
        rate = Decimal(str(after.flows[-1].mg_per_h if after.mg_per_h is None else after.mg_per_h))
        ml_per_h = doing.details.get("rate_ml_per_h")
        of_volume = f"{float(ml_per_h):g} mL/h, " if ml_per_h is not None else ""
        return f"Rate changed to {of_volume}{dose_order.shown(rate)} mg/h"
    raise Invalid(
        "bolus_mg, rate_ml_per_h, rate_mg_per_h or check is needed: what was done?", field="bolus_mg"
    )


def _device_words(doing: Doing, after: Dose) -> str:
    lot = doing.words("lot")
    words = f"Device {len(after.devices)} of {after.planned_devices} given"
    return f"{words}, lot {lot}" if lot else words


def pause(session: Session, doing: Doing) -> Change:
    _charted(session, doing, queries.rules_of(session.protocol_id))
    reason = doing.words("reason")
    return f"Paused: {reason}" if reason else "Paused", NOTHING


def hold(session: Session, doing: Doing) -> Change:
    return f"Held before dose: {doing.reason()}", NOTHING


def resume(session: Session, doing: Doing) -> Change:
    after = _charted(session, doing, queries.rules_of(session.protocol_id))
    return "Resumed", frozenset({When.BEFORE_DOSE if after.started_at is None else When.AFTER_DOSE})


def stop(session: Session, doing: Doing) -> Change:
    rules = queries.rules_of(session.protocol_id)
    before = dosing.dose_of(doing.entries, rules)
    if before.started_at is None:
        return "Dose ended", NOTHING
    as_planned = before.planned_end_at is not None and doing.at >= before.planned_end_at
    reason = doing.words("reason") or ("planned end" if as_planned else doing.reason())
    after = _charted(session, doing, rules)
    words = f"Dose ended: {reason}"
    if after.route is Route.IV:
        given = Decimal(str(after.given_mg(doing.at)))
        total = Decimal(str(after.total_mg or 0))
        doing.kept["given_mg"] = float(dose_order.tenth(given))
        words += f"; calculated {dose_order.shown(given)} of {dose_order.shown(total)} mg given"
    return words, frozenset({When.AFTER_DOSE})


def _charted(session: Session, doing: Doing, rules: ProtocolRules) -> Dose:
    """The dose with this act in it. raises: Invalid when the act does not fit the others."""
    return dosing.dose_of(doing.with_this(), rules)


def _goes_on(after: Dose) -> frozenset[When]:
    return frozenset({When.DOSE_GOES_ON if after.ended_at is None else When.DOSE_IS_DONE})


def write_columns(session: Session, entries: list[Entry]) -> None:
    """Write into the session's columns what the current entries say of the dose.

    raises: Invalid when the entries cannot follow each other.
    """
    dose = dosing.dose_of(entries, queries.rules_of(session.protocol_id))
    session.dose_mg = _decimal(dose.total_mg)
    session.weight_kg = _decimal(dose.weight_kg)
    session.concentration_mg_per_ml = _decimal(dose.concentration_mg_per_ml)
    session.planned_devices = dose.planned_devices
    session.devices_given = len(dose.devices)
    session.dose_started_at = dose.started_at
    session.planned_end_at = dose.planned_end_at
    session.dose_ended_at = dose.ended_at
    session.held_at = dose.held_at
    session.paused_s = dose.paused_s


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else dose_order.tenth(Decimal(str(value)))
