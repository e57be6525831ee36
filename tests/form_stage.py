"""A nasal session from check-in to release, as the tests of its monitoring form need it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from clinic.access import Principal
from clinic.models import Clinic, Patient, User
from sessions import queries as treatments
from sessions.models import Session
from sessions.services import entries
from tests import builders
from tests.builders import Cast

MEDICINES = {
    "benzodiazepines": "no",
    "sedative-hypnotics": "no",
    "opioids": "no",
    "psychostimulants": "yes",
    "maois": "no",
}
# minute of the session: what is charted then; no blood pressure from minute 35 to 50
SETS: Mapping[int, Mapping[str, Any]] = {
    -8: {
        "systolic": 128,
        "diastolic": 80,
        "heart_rate": 72,
        "respiratory_rate": 14,
        "spo2": 98,
        "sedation": 5,
    },
    15: {"spo2": 97, "sedation": 5},
    30: {"spo2": 94, "sedation": 4},
    60: {"systolic": 141, "diastolic": 88, "spo2": 96, "sedation": 4},
    75: {"spo2": 97, "sedation": 5},
    120: {"systolic": 130, "diastolic": 82, "heart_rate": 70, "spo2": 98, "sedation": 5},
}
ENDED_MIN = 127


def complete_data(cast: Cast) -> None:
    """The clinic's address and the nurse's name, telephone and e-mail, as somebody filled them in."""
    Clinic.objects.filter(pk=cast.clinic.pk).update(
        address_1="1 Harbor Street", city="Boston", state="MA", zip_code="02110"
    )
    User.objects.filter(pk=cast.nurse.actor_id).update(
        last_name="Nguyen", phone="617 555 0100", email="nurse@harbor.example"
    )


def gate(session: Session, by: Principal, at: datetime, answers: Mapping[str, str] = MEDICINES) -> None:
    with transaction.atomic():
        entries.keep(
            session,
            "gate",
            by=by,
            at=at,
            recorded_at=at,
            text="Pre-dose checklist",
            details={"answers": dict(answers)},
        )


def dosed(
    cast: Cast, started_at: datetime, *, chair: str = "1", lots: tuple[str, ...] = ("A1001", "A1002")
) -> Session:
    """Two devices, ten minutes after check-in, with these lots."""
    session = builders.checked_in(
        cast.nurse, cast.clinic, started_at - timedelta(minutes=10), protocol="nasal-esketamine", chair=chair
    )
    Patient.objects.filter(pk=session.patient_id).update(given_name="Ada", family_name="Lindqvist")
    gate(session, cast.nurse, started_at - timedelta(minutes=6))
    first, second = lots
    builders.act(cast.nurse, session, "start", started_at, planned_devices=2, lot=first)
    builders.act(cast.nurse, session, "dose", started_at + timedelta(minutes=5), device=2, lot=second)
    return treatments.session(cast.clinic.pk, session.id)


def chart(
    session: Session, by: Principal, minute: int, *, received_at: datetime | None = None, **values: Any
):
    """A set at a minute after the first device. Returns the reading's id."""
    assert session.dose_started_at is not None
    at = session.dose_started_at + timedelta(minutes=minute)
    [told] = builders.record(builders.incoming(by, session, at, received_at=received_at, **values))
    return told.id


def released(
    cast: Cast, started_at: datetime, *, sets: Mapping[int, Mapping[str, Any]] = SETS, **how: Any
) -> Session:
    """The whole session; released in minute 127."""
    session = dosed(cast, started_at, **how)
    for minute, values in sets.items():
        chart(session, cast.nurse, minute, **values)
    for minute, act in ((ENDED_MIN - 2, "readiness"), (ENDED_MIN, "release")):
        builders.act(cast.nurse, session, act, started_at + timedelta(minutes=minute))
    return treatments.session(cast.clinic.pk, session.id)
