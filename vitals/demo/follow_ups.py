"""Two demo patients who went home: one answered something that somebody should look at, one not at all."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from clinic.access import Principal
from clinic.models import Clinic, Patient
from sessions.models import FollowUp
from sessions.services import follow_ups
from sessions.services import schedule as scheduling
from vitals.measured import Measured
from vitals.services import acts
from vitals.services.arrivals import Incoming
from vitals.services.record import record_readings


@dataclass(frozen=True, slots=True)
class WentHome:
    """Who, how long ago the session ended, and what was answered; None for no answer."""

    given_name: str
    family_name: str
    birth_date: date
    weight_kg: Decimal
    chair: str
    ended_h_ago: int
    answers: dict[str, Any] | None


WENT_HOME = (
    WentHome(
        "Ines",
        "Calloway",
        date(1979, 4, 2),
        Decimal(66),
        "5",
        26,
        {"mood": 6, "drove": True, "slept": False, "symptoms": ["dizziness", "vomiting"], "harm": False},
    ),
    WentHome("Edgar", "Thorne", date(1968, 9, 30), Decimal(84), "6", 50, None),
)

_DOSE_MIN, _READY_MIN, _RELEASED_MIN = 40, 121, 122
_BEFORE_DOSE = {"systolic": 122, "diastolic": 76, "heart_rate": 68, "spo2": 98, "sedation": 5}


def seed(clinic: Clinic, by: Principal, at: datetime) -> None:
    """Enter both sessions as they happened, before anybody sits in their chairs today."""
    for one in WENT_HOME:
        _went_home(clinic, by, one, at - timedelta(hours=one.ended_h_ago), at)


def _went_home(clinic: Clinic, by: Principal, one: WentHome, ended_at: datetime, at: datetime) -> None:
    patient, _ = Patient.objects.get_or_create(
        clinic=clinic,
        mrn=f"DEMO-{one.family_name.upper()}",
        defaults={
            "given_name": one.given_name,
            "family_name": one.family_name,
            "birth_date": one.birth_date,
            "sex": "unknown",
            "weight_kg": one.weight_kg,
            "email": f"{one.family_name.lower()}@example.org",
            "phone": "555 0143",
            "address": f"{one.family_name} House, Example Street, Exampleton",
        },
    )
    began = ended_at - timedelta(minutes=_RELEASED_MIN)
    session = scheduling.schedule(
        by=by,
        at=began,
        patient_id=patient.id,
        chair=one.chair,
        protocol_code="iv-ketamine",
        indication="Severe depression",
        scheduled_at=began,
    )
    plan: tuple[tuple[int, str, dict[str, Any]], ...] = (
        (-10, "check-in", {}),
        (0, "start", {"dose_mg": 35, "duration_min": _DOSE_MIN, "concentration_mg_per_ml": 1}),
        (_DOSE_MIN, "stop", {"reason": "planned end"}),
        (_READY_MIN, "readiness", {"items": {}, "escort": "Neighbour"}),
        (_RELEASED_MIN, "release", {}),
    )
    for minute, name, details in plan:
        moment = began + timedelta(minutes=minute)
        acts.act(by=by, session_id=session.id, name=name, at=moment, recorded_at=moment, details=details)
        if name == "check-in":
            before = Measured(None, moment, _BEFORE_DOSE)
            record_readings([Incoming(by, 1, moment, before, session_id=session.id)], at=moment)
    first = FollowUp.objects.get(session=session, kind="24h")
    sending = follow_ups.claim(first.id, at=first.due_at)
    if sending is None:
        return
    follow_ups.sent(sending, channel="e-mail", at=first.due_at)
    if one.answers is not None:
        follow_ups.answer(sending.key, one.answers, at=min(at, first.due_at + timedelta(hours=1)))
