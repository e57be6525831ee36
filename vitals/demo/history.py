"""The demo's courses before today: sessions of earlier days from check-in to release, and what came after.

Scores, symptoms and answers are invented; that they fall over the course claims nothing of any treatment.
"""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from clinic.models import Clinic, Patient
from clinic.tokens import principal_of_device
from sessions import day_queries, record
from sessions import queries as treatments
from sessions.models import FollowUp, Session
from sessions.protocol import Route
from sessions.services import days, follow_ups
from sessions.services import schedule as scheduling
from vitals.demo import charting
from vitals.demo.cast import Earlier, Symptom, Treatment

OPENED, BEGUN, CLOSED = time(8, 30), time(10), time(18)
ARRIVED_MIN, RATED_MIN, GATE_MIN = -12, -9, -4
# a full set answers every step of its protocol, with as few of them as may be
SETS_MIN = {
    Route.IV: (-5, 10, 20, 30, 40, 55, 70, 85, 100, 115),
    Route.NASAL: (-5, 10, 25, 40, 55, 70, 85, 100, 115, 128),
}
# nasal: two hours after the last of three devices at the most
READY_MIN = {Route.IV: 121, Route.NASAL: 131}
RELEASED_AFTER_MIN = 2
# what is sent is answered so long after
ANSWERED_AFTER = timedelta(hours=1)


def before_today(clinic: Clinic, patient: Patient, one: Treatment, at: datetime) -> None:
    """Enter the earlier sessions of one course, once: a patient who has been here has a past already."""
    if Session.objects.filter(clinic=clinic, patient=patient, ended_at__isnull=False).exists():
        return
    for earlier in sorted(one.earlier, key=lambda earlier: -earlier.days_ago):
        _session(clinic, patient, one, earlier, at)


def _session(clinic: Clinic, patient: Patient, one: Treatment, earlier: Earlier, at: datetime) -> None:
    date = (at.astimezone(clinic.zone) - timedelta(days=earlier.days_ago)).date()
    begun = datetime.combine(date, BEGUN, clinic.zone)
    charting.open_day(clinic, datetime.combine(date, OPENED, clinic.zone))
    by = charting.principal(clinic, one.nurse)
    arrived = begun + timedelta(minutes=ARRIVED_MIN)
    planned = scheduling.schedule(
        by=by,
        at=arrived - timedelta(days=1),
        patient_id=patient.id,
        chair=one.chair,
        protocol_code=one.protocol,
        indication=one.indication,
        scheduled_at=arrived,
    )
    row = treatments.session(clinic.pk, planned.id)
    charting.act(by, row, "check-in", arrived)
    charting.consent(by, row, arrived)
    _treated(clinic, one, earlier, row, begun)
    _at_home(row, earlier, at)
    _close_day(clinic, datetime.combine(date, CLOSED, clinic.zone))


def _treated(clinic: Clinic, one: Treatment, earlier: Earlier, row: Session, begun: datetime) -> None:
    by = charting.principal(clinic, one.nurse)
    monitor = principal_of_device(charting.monitor_of(clinic, one.chair))
    route = Route(row.protocol.route)
    _, simulated = charting.calm_patient(row)
    ready = READY_MIN[route]
    # of what happens in one minute the set comes first: the decision and the start see its pressure
    plan: list[tuple[int, str, dict[str, Any]]] = [
        (RATED_MIN, "scale", dict(earlier.phq_9)),
        (GATE_MIN, "gate", {}),
        (0, "decide", {}),
        *charting.dose_plan(one, route, begun),
        *((minute, "measure", {}) for minute in SETS_MIN[route]),
        *((symptom.from_min, "symptom", _said(symptom)) for symptom in earlier.symptoms),
        *((symptom.until_min, "resolve-symptom", {"code": symptom.code}) for symptom in earlier.symptoms),
        (ready, "readiness", {}),
        (ready + RELEASED_AFTER_MIN, "release", {"no_driving_advised": True}),
    ]
    for minute, name, details in sorted(plan, key=lambda doing: (doing[0], doing[1] != "measure")):
        moment = begun + timedelta(minutes=minute)
        if name == "measure":
            charting.measure(by, monitor, row, simulated, moment, minute, scored=True)
        elif name == "gate":
            charting.answer_gate(by, row, moment)
        elif name == "decide":
            charting.decide(clinic, row, moment)
        elif name == "resolve-symptom":
            charting.act(by, row, name, moment, {"of": str(_entry_of(row, details["code"]))})
        elif name == "readiness":
            charting.assess(by, row, moment, escort=f"Relative of {one.family_name}", relation="sister")
        else:
            charting.act(by, row, name, moment, details)


def _said(symptom: Symptom) -> dict[str, Any]:
    return {"code": symptom.code, "severity": symptom.severity}


def _entry_of(row: Session, code: str) -> UUID:
    """The entry in which a symptom was charted last."""
    charted = record.of_kind(treatments.entries(row.id), "symptom")
    return next(entry.entry for entry in reversed(charted) if entry.details["code"] == code)


def _at_home(row: Session, earlier: Earlier, at: datetime) -> None:
    """Every check-in whose time has come was sent and answered; nothing in the answers worries."""
    due = FollowUp.objects.filter(session=row, due_at__lte=at - ANSWERED_AFTER).order_by("due_at")
    for follow_up, mood in zip(due, earlier.moods, strict=False):
        sending = follow_ups.claim(follow_up.id, at=follow_up.due_at)
        if sending is None:
            continue
        follow_ups.sent(sending, channel="e-mail", at=follow_up.due_at)
        answers = {"mood": mood, "slept": True, "symptoms": [], "harm": False}
        if follow_up.kind == "24h":
            answers["drove"] = False
        follow_ups.answer(sending.key, answers, at=follow_up.due_at + ANSWERED_AFTER)


def _close_day(clinic: Clinic, at: datetime) -> None:
    """Close the day, unless it was closed: two courses may have a session on one day."""
    span = day_queries.day_of(clinic, at)
    if not any(entry.kind == "close" for entry in day_queries.entries(clinic.pk, span.day)):
        days.close_day(by=charting.principal(clinic, "supervisor"), at=at, points=(), reason="")
