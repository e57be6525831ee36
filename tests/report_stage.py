"""Four sessions as the tests of the session report need them: infused, streamed, stopped for harm; the nasal
one is the form's.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from clinic.access import Principal
from clinic.models import Patient
from sessions import queries as treatments
from sessions import record
from sessions.ledger import Kind
from sessions.models import Course, Session
from sessions.services import ledger
from tests import builders
from tests.builders import Cast
from vitals.services import acts

MIN = timedelta(minutes=1)
CAUTIONS = (
    "vascular", "hypersensitivity", "psychosis", "substance-use", "cardiovascular", "hepatic", "pregnancy",
    "benzodiazepines", "sedative-hypnotics", "opioids", "psychostimulants", "maois",
)  # fmt: skip
CONFIRMED = ("identity", "fasting", "escort", "line")
LEAVING = (
    "bp", "spo2", "breathing", "alert", "oriented", "dissociation", "nausea", "gait", "suicidality",
    "advice", "belongings", "contact",
)  # fmt: skip
# minute: systolic, diastolic, heart rate, breathing rate, SpO2, sedation
COURSE = {
    10: (148, 90, 88, 16, 97, 5),
    20: (168, 101, 96, 17, 96, 4),
    26: (171, 103, 97, 17, 96, 4),
    30: (158, 96, 92, 16, 95, 4),
    40: (150, 91, 86, 15, 96, 4),
    55: (142, 86, 80, 15, 97, 5),
    70: (136, 84, 76, 15, 97, 5),
    85: (132, 82, 74, 14, 98, 5),
    100: (130, 80, 73, 14, 98, 5),
    118: (128, 80, 72, 14, 98, 5),
}
NAMES = ("systolic", "diastolic", "heart_rate", "respiratory_rate", "spo2", "sedation")


def chart(by: Principal, session: Session, at: datetime, **values: Any) -> Any:
    """A set by a person or a device; the reading's id."""
    [told] = builders.record(builders.incoming(by, session, at, **values))
    return told.id


def _patient(session: Session, **columns: Any) -> None:
    named = {
        "given_name": "Ada",
        "family_name": "Lindqvist",
        "birth_date": date(1974, 3, 9),
        "mrn": "MR-2207",
    }
    Patient.objects.filter(pk=session.patient_id).update(
        **{**named, "weighed_on": date(2026, 11, 20), **columns}
    )


def _answers(codes: tuple[str, ...], answer: str) -> Mapping[str, str]:
    return dict.fromkeys(codes, answer)


def infused(cast: Cast, at: datetime, *, chair: str = "1", finished: bool = True, **patient: Any) -> Session:
    """Ketamine by vein from ``at`` on: decided, flagged, paused, corrected, witnessed, released."""
    nurse, supervisor = cast.nurse, cast.supervisor
    session = builders.checked_in(nurse, cast.clinic, at - 20 * MIN, chair=chair)
    _patient(session, **patient)
    plan = {"planned_sessions": 6, "consent_signed_on": date(2026, 11, 2)}
    Course.objects.filter(pk=session.course_id).update(**plan)
    session = treatments.session(cast.clinic.pk, session.id)

    def act(kind: str, minute: float, by: Principal = nurse, /, **details: Any) -> None:
        builders.act(by, session, kind, at + minute * MIN, **details)

    act("gate", -15, answers=_answers(CONFIRMED, "yes"))
    cautions = {**_answers(CAUTIONS, "no"), "cardiovascular": "yes"}
    act("gate", -14, answers=cautions, notes={"cardiovascular": "treated hypertension"})
    before = {"systolic": 144, "diastolic": 88, "heart_rate": 78, "respiratory_rate": 14, "spo2": 98}
    chart(nurse, session, at - 10 * MIN, **before, sedation=5, temperature=36.6)
    signed = {"reason": "Known white-coat pressure", "signature": supervisor.name}
    act("decide", -5, supervisor, decision="go-ahead", **signed)
    act("scale", -4, scale="pain-nrs", answers={"pain": 3})
    act("start", 0, dose_mg=35, weight_kg=70, concentration_mg_per_ml=10)
    _drug(cast, session, at)
    change: dict[str, Any] = {"code": "HR-2", "vital": "heart_rate", "threshold": 125}
    builders.limit_change(supervisor, session.patient, at + 2 * MIN, **change)
    _charted(nurse, session, at, until=20)
    act("pause", 21, reason="Pressure")
    act("symptom", 22, code="nausea", severity="moderate", action="Bowl, head up")
    _charted(nurse, session, at, after=20, until=26)
    order = {"name": "Ondansetron", "dose_text": "4 mg", "route": "IV", "ordered_by": "Dr. Okafor"}
    act("medicine", 27, **order, indication="nausea")
    act("resume", 28)
    [reading] = _charted(nurse, session, at, after=26, until=30)
    builders.correct(nurse, reading, at + 33 * MIN, reason="Cuff on the other arm", systolic=154.0)
    _charted(nurse, session, at, after=30, until=40)
    absent = {"systolic": "cuff off", "diastolic": "cuff off"}
    chart(nurse, session, at + 45 * MIN, absent=absent)
    chart(cast.gateway, session, at + 46 * MIN, systolic=61, diastolic=120, heart_rate=84)
    act("stop", 47, reason="planned end")
    act("alertness", 48, consciousness="D", oxygen_l_min=0)
    act("note", 50, text="Sister called; waits dowstairs")
    _charted(nurse, session, at, after=40, until=70)
    _correct_note(nurse, session, at + 72 * MIN)
    _end_nausea(nurse, session, at + 75 * MIN)
    _charted(nurse, session, at, after=70, until=118)
    return _left(cast, session, at) if finished else treatments.session(cast.clinic.pk, session.id)


def _charted(by: Principal, session: Session, at: datetime, *, after: int = 0, until: int) -> list[Any]:
    """The sets of the course in these minutes; their readings' ids."""
    return [
        chart(by, session, at + minute * MIN, **dict(zip(NAMES, values, strict=True)))
        for minute, values in COURSE.items()
        if after < minute <= until
    ]


def _entry(session: Session, kind: str) -> Any:
    return record.of_kind(treatments.entries(session.id), kind)[-1].entry


def _correct_note(by: Principal, session: Session, at: datetime) -> None:
    acts.correct_entry(
        by=by,
        session_id=session.id,
        entry=_entry(session, "note"),
        new_at=None,
        details={"text": "Sister called; waits downstairs"},
        in_error=False,
        reason="Spelling",
        recorded_at=at,
    )


def _end_nausea(by: Principal, session: Session, at: datetime) -> None:
    builders.act(by, session, "resolve-symptom", at, of=str(_entry(session, "symptom")))


def _drug(cast: Cast, session: Session, at: datetime) -> None:
    """A vial: 3.5 mL drawn, 3.3 given, 0.2 wasted and witnessed from another station."""
    nurse, witness = (
        replace(by, station=station) for by, station in ((cast.nurse, "tablet"), (cast.supervisor, "phone"))
    )
    about: dict[str, Any] = {
        "label": f"K-{session.id.hex[:4]}",
        "lot": "L-77",
        "ndc": "00000-010",
        "expires_on": date(2027, 6, 30),
    }
    when: dict[str, Any] = {"at": at - 30 * MIN, "recorded_at": at - 30 * MIN}
    vial = ledger.receive(by=nurse, product_code="ketamine-10", quantity=Decimal(20), **about, **when).item
    moved = [
        (Kind.DRAW, "3.5", -2, {}),
        (Kind.GIVE, "3.3", 48, {}),
        (Kind.WASTE, "0.2", 49, {"method": "cartridge"}),
    ]
    for kind, quantity, minute, more in moved:
        moment = at + minute * MIN
        entry = ledger.chart(
            by=nurse, at=moment, recorded_at=moment, item_id=vial.id, kind=kind,
            quantity=Decimal(quantity), session_id=session.id, **more,
        )  # fmt: skip
    ledger.witness(by=witness, entry=entry.entry, at=at + 50 * MIN)


def _left(cast: Cast, session: Session, at: datetime) -> Session:
    nurse = cast.nurse
    builders.act(nurse, session, "leaving-check", at + 119 * MIN, items=_answers(LEAVING, "yes"))
    escort: dict[str, Any] = {
        "escort": "Maj Lindqvist",
        "escort_relation": "sister",
        "escort_phone": "617 555 0111",
    }
    builders.act(nurse, session, "readiness", at + 128 * MIN, items={}, **escort)
    builders.act(nurse, session, "release", at + 130 * MIN, no_driving_advised=True)
    return treatments.session(cast.clinic.pk, session.id)


def streamed(cast: Cast, at: datetime, *, hours: float = 6, chair: str = "2") -> Session:
    """A long session with a monitor's values every 30 s, a dip of SpO2 in the second hour, and three sets."""
    session = builders.checked_in(cast.nurse, cast.clinic, at - 10 * MIN, chair=chair)
    _patient(session, given_name="Bo", family_name="Marsh", mrn="MR-2208")
    chart(cast.nurse, session, at - 5 * MIN, **dict(zip(NAMES, COURSE[100], strict=True)))
    builders.act(cast.nurse, session, "start", at, dose_mg=60, weight_kg=70, duration_min=240)
    count = round(hours * 120)
    batch = [
        builders.incoming(cast.gateway, session, at + number * MIN / 2, **_streamed_values(number))
        for number in range(1, count)
    ]
    for first in range(0, len(batch), 100):
        builders.record(*batch[first : first + 100])
    for minute in (60, 180, 300):
        values = {"received_at": at + count * MIN / 2, **dict(zip(NAMES, COURSE[85], strict=True))}
        chart(cast.nurse, session, at + minute * MIN + timedelta(seconds=7), **values)
    builders.act(cast.nurse, session, "stop", at + count * MIN / 2, reason="as ordered")
    return treatments.session(cast.clinic.pk, session.id)


def _streamed_values(number: int) -> dict[str, Any]:
    wave = math.sin(number / 40)
    dip = 8 if 150 <= number <= 156 else 0
    values: dict[str, Any] = {
        "heart_rate": round(78 + 9 * wave),
        "respiratory_rate": round(15 + 2 * wave),
        "spo2": round(97 - dip + wave),
    }
    if number % 10 == 0:
        values |= {"systolic": round(132 + 14 * wave), "diastolic": round(82 + 7 * wave)}
    return values


def harmed(cast: Cast, at: datetime, *, chair: str = "3") -> Session:
    """Stopped for pressure and chest pain after 25 minutes, then transferred."""
    nurse = cast.nurse
    session = builders.checked_in(nurse, cast.clinic, at - 20 * MIN, chair=chair)
    _patient(session, given_name="Cleo", family_name="Varga", mrn="MR-2209")
    chart(nurse, session, at - 8 * MIN, **dict(zip(NAMES, COURSE[100], strict=True)))
    builders.act(nurse, session, "start", at, dose_mg=80, weight_kg=70, reason="As ordered by Dr. Okafor")
    for minute, pressure in ((10, (162, 98)), (20, (196, 116)), (24, (204, 121))):
        values = {"systolic": pressure[0], "diastolic": pressure[1], "heart_rate": 118, "spo2": 95}
        chart(nurse, session, at + minute * MIN, **values)
    builders.act(nurse, session, "symptom", at + 24 * MIN, code="chest-pain", severity="severe")
    builders.act(nurse, session, "stop", at + 25 * MIN, reason="Chest pain, pressure 204/121")
    builders.act(
        nurse, session, "adverse-event", at + 31 * MIN,
        criteria=["important-medical-event", "hospitalisation"],
        narrative="Chest pain at 204/121. Infusion stopped, oxygen, ECG.",
        intervention="Ambulance called", outcome="ongoing", suspected="unknown",
        told=[{"who": "Dr. Okafor", "at": (at + 26 * MIN).isoformat()}],
    )  # fmt: skip
    builders.act(nurse, session, "transfer", at + 40 * MIN, reason="To the emergency department")
    return treatments.session(cast.clinic.pk, session.id)
