"""Rows and panels as the API's words. The names are the contract: others script against them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.utils.dateparse import parse_datetime

from clinic import clock
from clinic.access import Act as AccessAct
from clinic.access import Principal, may
from clinic.refusals import Invalid
from sessions import dose_order, dosing, record, states
from sessions import queries as treatments
from sessions.dose_order import Order, Unusual
from sessions.dosing import Dose
from sessions.gate import GateState
from sessions.models import Session
from sessions.protocol import ReadinessEvidence, Route
from sessions.record import Entry
from sessions.services import acts as treatment_services
from sessions.services import gate
from sessions.states import State
from vitals import limit_queries, queries, rules
from vitals.api import limit_words, news_words, seen_words
from vitals.api.checklist_words import checklists
from vitals.limits import Kind, LimitRule, LimitSet
from vitals.models import Watch
from vitals.panel import Panel
from vitals.plausible import RANGES
from vitals.queries import BoardView, FlagView, ReadingView
from vitals.scored_sets import scored_sets
from vitals.services.finding_rows import as_words
from vitals.services.limit_sets import limit_set
from vitals.services.readiness import evidence
from vitals.vital import FIELDS, tidy


def reading(view: ReadingView) -> dict[str, Any]:
    return {
        "id": view.id,
        "measured_at": view.measured_at,
        "received_at": view.received_at,
        **{name: view.values.get(name) for name in FIELDS},
        "late": view.late,
        "doubtful": dict(view.doubtful),
        "absent": dict(view.absent),
        "version": view.version,
        "supersedes": view.supersedes,
        "superseded_by": view.superseded_by,
        "recorded_by": view.recorded_by,
        "source": view.source,
        "reason": view.reason,
    }


def flag(view: FlagView) -> dict[str, Any]:
    row = view.flag
    return {
        "id": row.id,
        "session": row.session_id,
        "condition": row.condition,
        "priority": row.priority,
        "category": row.category,
        "state": row.state,
        "late": row.late,
        "vital": row.vital or None,
        "direction": row.direction or None,
        "value": None if row.value is None else tidy(float(row.value)),
        "threshold": None if row.threshold is None else tidy(float(row.threshold)),
        "rule": row.rule,
        "text": row.text,
        "why": row.why,
        "opened_at": row.opened_at,
        "raised_at": row.raised_at,
        "activated_at": row.activated_at,
        "drawn_at": row.drawn_at,
        "escalated": row.escalated,
        "paused_by": row.paused_by or None,
        "paused_until": row.paused_until,
        "pause_reason": row.pause_reason or None,
        "readings": len(view.findings),
        "acknowledged_by": row.acknowledged_by or None,
        "acknowledged_at": row.acknowledged_at,
        "action": row.action or None,
        "resolved_at": row.resolved_at,
        "resolved_cause": row.resolved_cause or None,
        "findings": [as_words(finding) for finding in view.findings],
    }


def limits(rows: LimitSet, baseline: Mapping[str, float] | None = None) -> dict[str, Any]:
    """A limit set for screens. ``limit`` of a row: the value at which it is met by that value alone.

    It is null for a row that asks for a symptom, another vital, or a baseline that is not given.
    """
    known = baseline or {}
    return {
        "id": str(rows.id),
        "name": rows.name,
        "version": rows.version,
        "reviewed_by": rows.reviewed_by or None,
        "reviewed_on": rows.reviewed_on or None,
        "band": rules.band(rows),
        "rules": [
            {
                "code": rule.code,
                "vital": rule.vital,
                "direction": rule.direction,
                "priority": rule.priority,
                "kind": rule.kind,
                "threshold": None if rule.threshold is None else tidy(rule.threshold),
                "limit": _limit_alone(rule, known),
                "baseline_by": None if rule.baseline_by is None else tidy(rule.baseline_by),
                "baseline_unit": rule.baseline_unit,
                "is_plain": rule.is_plain,
                "readings": rule.readings,
                "flags": rule.confirm_words(),
                "words": rule.words(),
                "source": rule.source,
            }
            for rule in rows.rules
        ],
        "plausible": {name: list(span) for name, span in RANGES.items()},
    }


def _limit_alone(rule: LimitRule, baseline: Mapping[str, float]) -> float | None:
    if rule.kind is not Kind.VALUE or rule.symptoms or rule.with_vital is not None:
        return None
    limit = rule.limit_for(baseline)
    return None if limit is None else tidy(limit)


def _own_limits(
    row: Session, watched: tuple[Panel, Watch] | None, at: datetime
) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """The limits as they hold for this patient at a moment, and what of them was changed for the patient."""
    if watched is None:
        return None, []
    panel, watch = watched
    moment = min(at, row.ended_at or at)
    held = rules.limits_at(moment, limit_set(watch.limit_set_id), panel.patient_limits)
    own = limit_queries.held_in(panel, moment)
    return limits(held, rules.baseline_values(panel.baseline)), [limit_words.change(one) for one in own]


def board_json(view: BoardView, *, cursor: str) -> bytes:
    """A board as JSON. The panels are inserted as the texts they are, never decoded."""
    head = {
        "clinic": {"id": view.clinic.pk, "name": view.clinic.name, "time_zone": view.clinic.time_zone},
        "clock": {"now": clock.now(), "rate": clock.rate()},
        "chairs": [{"id": id_, "name": name} for id_, name in view.chairs],
        "limit_sets": {str(id_): limits(limit_set(id_)) for id_ in view.limit_set_ids},
        "typical": news_words.TYPICAL_ROWS,
        "cursor": cursor,
        "sessions": [msgspec.Raw(panel.encode()) for panel in view.panels],
    }
    return msgspec.json.encode(head)


def session(row: Session, *, by: Principal, at: datetime) -> dict[str, Any]:
    """One session in full: who, where, how it stands, what may be done now, what was done."""
    watched = queries.panel_of(row)
    panel = watched[0] if watched else None
    views = queries.readings(row.id) if panel else []
    own_limits, patient_limits = _own_limits(row, watched, at)
    patient, chair = row.patient, row.chair
    events = treatments.events(row.id)
    entries = record.current(treatments.entry_of(event) for event in events)
    given = dosing.dose_of(entries, treatments.rules_of(row.protocol_id))
    started = record.of_kind(entries, "start")
    seen = evidence(panel, row, at)
    before_dose = gate.state(row, seen, at=at, entries=entries)
    return {
        **session_line(row),
        "patient": {
            "id": patient.id,
            "mrn": patient.mrn,
            "given_name": patient.given_name,
            "family_name": patient.family_name,
            "birth_date": patient.birth_date,
            "sex": patient.sex,
            "allergies": patient.allergies,
            "weight_kg": None if patient.weight_kg is None else tidy(float(patient.weight_kg)),
        },
        "chair": {"id": chair.id, "name": chair.name} if chair else None,
        "earliest_release_at": row.window_ends_at,
        "dose": dose(given, started[0] if started else None, at),
        "waiting": waiting(row),
        "outcome": row.outcome or None,
        "outcome_reason": row.outcome_reason or None,
        "course": row.course_id,
        "escort": row.escort or None,
        "escort_phone": row.escort_phone or None,
        "acts": acts(row, seen, before_dose, by=by, at=at),
        "checklists": checklists(row, before_dose, entries),
        "events": [
            {
                "id": event.id,
                "entry": event.entry,
                "version": event.version,
                "status": event.status,
                "reason": event.reason,
                "superseded": treatments.is_superseded(event),
                "kind": event.kind,
                "at": event.at,
                "recorded_at": event.recorded_at,
                "by": event.by_name,
                "late": event.late,
                "text": event.text,
                "details": event.details,
            }
            for event in events
        ],
        "steps": [
            {
                "label": view.step.label,
                "due_at": view.step.due_at,
                "opens_at": view.step.opens_at,
                "closes_at": view.step.closes_at,
                "needs": list(view.step.needs),
                "state": view.state.value,
                "postponed_min": view.step.postponed_min,
            }
            for view in (queries.steps(row, panel, views, at) if panel else [])
        ],
        "symptoms": seen_words.symptoms(row),
        "news2": news_words.news(row, scored_sets(row, views, entries), by),
        "typical": news_words.typical_words(row, panel),
        "panel": msgspec.to_builtins(panel),
        "limits": own_limits,
        "patient_limits": patient_limits,
        "clock": {"now": at, "rate": clock.rate()},
    }


def session_line(row: Session) -> dict[str, Any]:
    """A session as one line of the day's list."""
    patient, chair = row.patient, row.chair
    return {
        "id": row.id,
        "state": row.state,
        "patient": {
            "id": patient.id,
            "mrn": patient.mrn,
            "given_name": patient.given_name,
            "family_name": patient.family_name,
            "birth_date": patient.birth_date,
        },
        "chair": {"id": chair.id, "name": chair.name} if chair else None,
        "protocol": {
            "code": row.protocol.code,
            "version": row.protocol.version,
            "name": row.protocol.name,
            "route": row.protocol.route,
            "planned_dose_min": row.protocol.planned_dose_min,
        },
        "indication": row.indication,
        "scheduled_at": row.scheduled_at,
        "checked_in_at": row.checked_in_at,
        "dose_started_at": row.dose_started_at,
        "dose_ended_at": row.dose_ended_at,
        "planned_end_at": row.planned_end_at,
        "window_ends_at": row.window_ends_at,
        "ended_at": row.ended_at,
        "nurse": row.nurse.shown_name() if row.nurse else None,
    }


def waiting(row: Session) -> dict[str, Any] | None:
    """Since when the patient waits for the escort, and whom to call; None when nobody waits."""
    if row.waiting_for_escort_at is None or row.ended_at is not None:
        return None
    return {
        "since": row.waiting_for_escort_at,
        "escort": row.escort or None,
        "phone": row.escort_phone or None,
    }


def dose(given: Dose, start: Entry | None, at: datetime) -> dict[str, Any]:
    """What the dose panel shows. Amounts are calculated from the charted times; we drive no pump."""
    running = given.mg_per_h if given.started_at and not given.ended_at else None
    strength = given.concentration_mg_per_ml
    iv = given.route is Route.IV and given.started_at is not None
    return {
        "planned_mg": _tidy(given.total_mg),
        "calculated_mg": round(given.given_mg(at), 1) if given.started_at else None,
        "remaining_mg": round(given.remaining_mg(at), 1) if given.started_at else None,
        "rate_mg_per_h": round(running, 2) if iv and running else None,
        "rate_ml_per_h": round(running / strength, 1) if iv and running and strength else None,
        "concentration_mg_per_ml": _tidy(strength),
        "weight_kg": _tidy(given.weight_kg),
        "arithmetic": list(start.details.get("arithmetic", [])) if start else [],
        "unusual": list(start.details.get("unusual", [])) if start else [],
        "flows": [
            {"from": flow.from_at, "until": flow.until_at, "mg_per_h": round(flow.mg_per_h, 4)}
            for flow in given.flows
        ],
        "boluses": [{"at": bolus.at, "mg": _tidy(bolus.mg)} for bolus in given.boluses],
        "planned_devices": given.planned_devices,
        "devices_given": len(given.devices),
        "devices": [
            {"number": one.number, "at": one.at, "lot": one.lot or None, "expires_on": one.expires_on}
            for one in given.devices
        ],
        "rest_until": given.rest_until,
        "paused_s": given.paused_s,
    }


def order(ordered: Order, unusual: Sequence[Unusual]) -> dict[str, Any]:
    """An order worked out before anything is charted."""
    return {
        "dose_mg": tidy(float(ordered.dose_mg)),
        "ml_per_h": None if ordered.ml_per_h is None else round(float(ordered.ml_per_h), 1),
        "arithmetic": list(dose_order.arithmetic(ordered)),
        "unusual": [{"code": one.code, "words": one.words} for one in unusual],
    }


def _tidy(value: float | None) -> int | float | None:
    return None if value is None else tidy(value)


# what the screens offer, in the order in which a session goes
SHOWN_ACTS = (
    "check-in",
    "start",
    "dose",
    "pause",
    "resume",
    "stop",
    "hold",
    "readiness",
    "wait-escort",
    "release",
    "move-chair",
    "symptom",
    "note",
    "transfer",
    "cancel",
)


def acts(
    row: Session, seen: ReadinessEvidence, before_dose: GateState, *, by: Principal, at: datetime
) -> list[dict[str, Any]]:
    """Every act the state knows a row for; start and release with what they still lack."""
    state = State(row.state)
    offered: list[dict[str, Any]] = []
    for name in SHOWN_ACTS:
        rows = states.rows_of(name, state)
        missing: tuple[str, ...] = ()
        if name == "release" and state in states.PRESENT:
            missing = treatment_services.missing_before_release(row, at=at, evidence=seen)
        elif not rows:
            continue
        elif name == "start":
            missing = gate.missing_before_start(before_dose)
        offered.append(
            {
                "act": name,
                "label": states.WORDS[name],
                "allowed": may(by, AccessAct(name)) and not missing,
                "missing": list(missing),
            }
        )
    return offered


def moment(text: str | None, name: str) -> datetime | None:
    """A time given in a query or body; None when not given. raises: Invalid without a zone."""
    if text is None or text == "":
        return None
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Invalid(f"{name} “{text}” is not a time with a zone, such as 2026-11-23T10:40:00Z.", field=name)
    return at
