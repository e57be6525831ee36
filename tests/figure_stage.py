"""A clinic's past as rows, for figures over it: what one session comes to, and twenty thousand."""

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import connection

from clinic.access import Principal
from clinic.models import Clinic
from reports.asked import months_before
from sessions.indications import Indication
from sessions.models import (
    Course,
    DayEntry,
    FollowUp,
    FollowUpAnswer,
    FormFiling,
    Occupancy,
    Session,
    SessionEvent,
)
from tests import builders, flag_stage
from vitals.models import Watch
from vitals.panel import Panel, decode, encode
from vitals.simulator.population import Route as SimulatedRoute
from vitals.simulator.ward import seated

MINUTE = timedelta(minutes=1)


def treated(
    by: Principal,
    of: Clinic,
    at: datetime,
    *,
    protocol: str = "iv-ketamine",
    course: Course | None = None,
    dose_min: float = 40,
    ready_min: float | None = 121,
    released_min: float | None = 125,
    before_min: float = 10,
    dose_mg: float = 35,
    devices: int = 2,
    **columns: Any,
) -> Session:
    """A session whose dose began at ``at``; minutes are of its clock, None for what did not come about."""
    arrived = at - before_min * MINUTE
    row = flag_stage.session(by, of, arrived, protocol=protocol)
    found: dict[str, Any] = {
        "dose_started_at": at,
        "dose_ended_at": at + dose_min * MINUTE,
        "ready_at": None if ready_min is None else at + ready_min * MINUTE,
        "ended_at": None if released_min is None else at + released_min * MINUTE,
        "state": "monitoring" if released_min is None else "released",
        "weight_kg": Decimal(70),
        "dose_mg": Decimal(str(dose_mg)) if protocol == "iv-ketamine" else Decimal(28 * devices),
        "devices_given": 0 if protocol == "iv-ketamine" else devices,
        **({"course": course} if course else {}),
        **columns,
    }
    Session.objects.filter(pk=row.pk).update(**found)
    return Session.objects.select_related("course", "protocol").get(pk=row.pk)


def indicated(of: Session, indication: Indication) -> None:
    Course.objects.filter(pk=of.course_id).update(indication=indication.value)


def sat(
    of: Session, chair: str = "1", *, from_at: datetime | None = None, to_at: datetime | None = None
) -> None:
    """The session sat in a chair, from its check-in to its end unless told otherwise."""
    assert of.checked_in_at
    Occupancy.objects.create(
        session=of,
        chair=of.clinic.chairs.get(name=chair),
        from_at=from_at or of.checked_in_at,
        to_at=to_at or of.ended_at,
    )


def day_said(of: Clinic, by: Principal, at: datetime, kind: str) -> None:
    """The clinic opened or closed its day at that moment."""
    DayEntry.objects.create(
        clinic=of,
        day=at.astimezone(of.zone).date(),
        kind=kind,
        items={},
        at=at,
        by_id=by.actor_id,
        by_name=by.name,
    )


def symptom(of: Session, code: str, *, minute: float = 15, **columns: Any) -> SessionEvent:
    assert of.dose_started_at
    return flag_stage.charted(
        of, of.dose_started_at + minute * MINUTE, "symptom", details={"code": code}, **columns
    )


def rated(
    of: Session, at: datetime, total: int | None, *, scale: str = "phq-9", **columns: Any
) -> SessionEvent:
    """A scale as its entry keeps it, with this total; None for one that is not complete."""
    details = {"scale": scale, "total": total, "complete": total is not None}
    return flag_stage.charted(of, at, "scale", details=details, **columns)


def corrected(entry: SessionEvent, **columns: Any) -> SessionEvent:
    """The next version of an entry."""
    return flag_stage.charted(
        entry.session,
        entry.at,
        entry.kind,
        **{
            "entry": entry.entry,
            "version": entry.version + 1,
            "supersedes": entry,
            "reason": "Slip",
            "status": "amended",
            "details": entry.details,
            **columns,
        },
    )


def answered(of: Session, kind: str, answers: dict[str, Any]) -> None:
    """A check-in at home, answered an hour after it was due."""
    assert of.ended_at
    due_at = (
        of.ended_at
        + {"24h": timedelta(hours=24), "day-3": timedelta(days=3), "day-7": timedelta(days=7)}[kind]
    )
    asked = FollowUp.objects.create(
        clinic_id=of.clinic_id, session=of, kind=kind, due_at=due_at, expires_at=due_at + timedelta(hours=48)
    )
    FollowUpAnswer.objects.create(follow_up=asked, answered_at=due_at + timedelta(hours=1), answers=answers)


def filed(of: Session, after: timedelta, by: Principal) -> None:
    """Somebody says that they filed the session's form so long after its end."""
    assert of.ended_at
    at = of.ended_at + after
    FormFiling.objects.create(
        clinic_id=of.clinic_id,
        session=of,
        form_version="test",
        cells=[],
        digest="0" * 64,
        channel="portal",
        filed_at=at,
        recorded_at=at,
        by_id=by.actor_id,
        by_name=by.name,
    )


def watched(by: Principal, of: Session) -> None:
    """The watch row of a session that is over, with the clock that its plan hangs on."""
    like = Watch.objects.first()
    if like is None:
        builders.checked_in(by, of.clinic, datetime(2026, 1, 5, 15, tzinfo=UTC))
        like = Watch.objects.get()
    panel = decode(like.panel)
    told = Panel(
        **{
            **{name: getattr(panel, name) for name in panel.__struct_fields__},
            "session": of.id,
            "checked_in_at": of.checked_in_at,
            "dose_started_at": of.dose_started_at,
            "dose_ended_at": of.dose_ended_at,
            "waiting_for_escort_at": None,
        }
    )
    assert of.checked_in_at
    Watch.objects.create(
        session=of,
        clinic_id=of.clinic_id,
        protocol=of.protocol,
        limit_set=like.limit_set,
        is_open=False,
        from_at=of.checked_in_at,
        until_at=of.ended_at,
        panel=encode(told),
    )


_READING = """
INSERT INTO vitals_reading (clinic_id, id, session_id, measured_at, received_at, user_id, version, supersedes,
                            reason, absent, systolic, diastolic, heart_rate, respiratory_rate, spo2, sedation)
VALUES (%(clinic)s, %(id)s, %(session)s, %(at)s, %(at)s, %(user)s, %(version)s, %(supersedes)s,
        %(reason)s, %(absent)s::jsonb, %(systolic)s, %(diastolic)s, %(heart_rate)s, %(respiratory_rate)s,
        %(spo2)s, %(sedation)s)
"""
VITALS = ("systolic", "diastolic", "heart_rate", "respiratory_rate", "spo2", "sedation")


def measured(
    by: Principal,
    of: Session,
    minute: float,
    *,
    replaces: Any = None,
    absent: str | None = None,
    **vitals: float,
) -> Any:
    """A reading at a minute of the dose's clock as a row; returns its id."""
    assert of.dose_started_at
    made = uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            _READING,
            {
                **dict.fromkeys(VITALS),
                **vitals,
                "clinic": of.clinic_id,
                "id": made,
                "session": of.id,
                "at": of.dose_started_at + minute * MINUTE,
                "user": by.actor_id,
                "version": 2 if replaces else 1,
                "supersedes": replaces,
                "reason": "Slip" if replaces else "",
                "absent": absent,
            },
        )
    return made


# --- half a year of a clinic, for pages to show


SYMPTOMS = (("dissociation", 0.45), ("dizzy", 0.3), ("sedation", 0.25), ("nausea", 0.14), ("headache", 0.08))
CHAIRS = 4
SET_MINUTES = (-5, 10, 20, 30, 40, 55, 70, 85, 100, 115)
DAYS_BETWEEN = (0, 4, 7, 11, 14, 18)


def half_a_year(by: Principal, of: Clinic, first: date, *, courses: int = 3) -> int:
    """Courses of six sessions, twice so many begun in each of six months; the same every time."""
    chance = random.Random(11)
    made = 0
    for back in range(6):
        month = months_before(first, -back)
        for number in range(courses * 2):
            protocol = "nasal-esketamine" if number % 5 == 4 else "iv-ketamine"
            made += _course(
                by, of, chance, month + timedelta(days=number == 5 and back % 2), number, protocol
            )
    return made


def _course(by: Principal, of: Clinic, chance: random.Random, day: date, number: int, protocol: str) -> int:
    course: Course | None = None
    total = chance.randrange(14, 24)
    for visit, later in enumerate(DAYS_BETWEEN):
        on = day + timedelta(days=later)
        at = datetime.combine(on, time(10 + 3 * (number % 2), 5 * (number % 4)), of.zone)
        row = treated(
            by,
            of,
            at,
            protocol=protocol,
            course=course,
            before_min=chance.uniform(12, 30),
            ready_min=121 + chance.expovariate(1 / 9),
            released_min=150 + chance.uniform(0, 10),
            dose_mg=chance.choice([28, 35, 35, 35, 42]),
            devices=chance.choice([2, 3]),
        )
        course = row.course
        sat(row, str(1 + number % CHAIRS))
        watched(by, row)
        total = max(2, total - chance.randrange(0, 4))
        rated(row, at - 3 * MINUTE, total)
        for code, often in SYMPTOMS:
            if chance.random() < often * 0.9**visit:
                symptom(row, code)
        for kind in ("24h", "day-3", "day-7"):
            if visit == 0 and chance.random() < 0.8:
                answered(row, kind, {"mood": min(10, 3 + chance.randrange(5)), "slept": True})
        if protocol == "nasal-esketamine" and chance.random() < 0.95:
            filed(row, timedelta(days=chance.choice([1, 1, 2, 3, 9])), by)
        patient = seated(f"{day}{number}", row.id, SimulatedRoute(row.protocol.route))
        for minute in SET_MINUTES:
            if chance.random() < 0.93:
                seen = patient.vitals_at(minute + chance.uniform(0, 3), artefacts=False)
                vitals: dict[str, Any] = {name: round(seen[name], 1) for name in VITALS[:-1]}
                measured(by, row, minute, sedation=5, **vitals)
    return len(DAYS_BETWEEN)


# --- twenty thousand sessions


_COURSES = """
INSERT INTO infusions_course
SELECT (jsonb_populate_record(c, jsonb_build_object(
    'id', gen_random_uuid(), 'closed_at', c.opened_at, 'close_reason', 'n ' || n))).*
FROM infusions_course c, generate_series(1, %(sessions)s / 6) n WHERE c.id = %(course)s
"""
# whole days apart, so that the clock times in the watch row's text are right after its dates are put right
_SESSIONS = """
INSERT INTO infusions_session
SELECT (jsonb_populate_record(s, jsonb_build_object(
    'id', gen_random_uuid(), 'course_id', c.id,
    'checked_in_at', s.checked_in_at - back, 'watched_from', s.watched_from - back,
    'scheduled_at', s.scheduled_at - back, 'dose_started_at', s.dose_started_at - back,
    'dose_ended_at', s.dose_ended_at - back, 'ready_at', s.ready_at - back, 'ended_at', s.ended_at - back))).*
FROM infusions_session s, (
    SELECT id, row_number() OVER () AS place FROM infusions_course WHERE close_reason LIKE 'n %%'
) c, generate_series(0, 5) visit,
LATERAL (SELECT (mod(c.place, 700) + 4 * visit) * interval '1 day' AS back) AS moment
WHERE s.id = %(like)s
"""
_WATCHES = """
INSERT INTO vitals_watch (session_id, clinic_id, chair_id, protocol_id, limit_set_id, is_open, from_at, panel)
SELECT s.id, s.clinic_id, NULL, s.protocol_id, w.limit_set_id, false, s.checked_in_at,
       replace(w.panel, to_char(l.dose_started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
               to_char(s.dose_started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'))
FROM infusions_session s, vitals_watch w JOIN infusions_session l ON l.id = w.session_id
WHERE s.clinic_id = %(clinic)s AND s.dose_started_at IS NOT NULL AND s.id <> %(like)s
  AND w.session_id = %(like)s
"""
_SEATS = """
INSERT INTO infusions_occupancy (session_id, chair_id, from_at, to_at)
SELECT s.id, s.chair_id, s.checked_in_at, s.ended_at FROM infusions_session s
WHERE s.clinic_id = %(clinic)s AND s.dose_started_at IS NOT NULL AND s.id <> %(like)s
"""
_READINGS = """
INSERT INTO vitals_reading (clinic_id, id, session_id, measured_at, received_at, user_id,
                            systolic, diastolic, heart_rate, respiratory_rate, spo2, sedation)
SELECT s.clinic_id, gen_random_uuid(), s.id, t, t, %(user)s, 110 + random() * 40, 70, 70, 14, 97, 5
FROM infusions_session s, unnest(ARRAY[-5, 10, 20, 30, 40, 55, 70, 85, 100, 115]) AS minute,
     LATERAL (SELECT s.dose_started_at + minute * interval '1 minute' AS t) AS moment
WHERE s.clinic_id = %(clinic)s AND s.dose_started_at IS NOT NULL AND s.id <> %(like)s
"""
_EVENTS = """
INSERT INTO infusions_sessionevent
    (id, entry, version, status, reason, session_id, kind, at, recorded_at, by_name, late, text, details)
SELECT made, made, 1, 'final', '', s.id, kind, t, t, 'Nurse', false, kind, details::jsonb
FROM infusions_session s, (VALUES ('symptom', '{"code": "nausea"}', 15), ('symptom', '{"code": "dizzy"}', 25),
         ('scale', '{"scale": "phq-9", "total": 12}', -3), ('note', '{}', 5), ('note', '{}', 9),
         ('note', '{}', 50)
     ) AS charted(kind, details, minute),
     LATERAL (SELECT gen_random_uuid() AS made, s.dose_started_at + minute * interval '1 minute' AS t)
         AS moment
WHERE s.clinic_id = %(clinic)s AND s.dose_started_at IS NOT NULL AND s.id <> %(like)s
"""
_FOLLOW_UPS = """
WITH asked AS (
    INSERT INTO infusions_followup (id, clinic_id, session_id, kind, due_at, expires_at, channel, trouble)
    SELECT gen_random_uuid(), s.clinic_id, s.id, kind, s.ended_at + after, s.ended_at + after, '', ''
    FROM infusions_session s, (VALUES ('24h', interval '1 day'), ('day-3', interval '3 days'),
                                      ('day-7', interval '7 days')) AS check_in(kind, after)
    WHERE s.clinic_id = %(clinic)s AND s.dose_started_at IS NOT NULL AND s.id <> %(like)s
    RETURNING id, due_at
)
INSERT INTO infusions_followupanswer (id, follow_up_id, answered_at, answers, worries)
SELECT gen_random_uuid(), id, due_at, '{"mood": 6}', '{}' FROM asked
"""


def many(by: Principal, of: Clinic, at: datetime, *, sessions: int) -> None:
    """So many sessions in courses of six over two years, each with ten sets and what else figures count.

    Beside them stand the one that they are like and, without a dose, the one whose watch row that took over.
    """
    like = treated(by, of, at)
    watched(by, like)
    named: dict[str, Any] = {
        "sessions": sessions,
        "course": like.course_id,
        "like": like.pk,
        "clinic": of.pk,
        "user": by.actor_id,
    }
    with connection.cursor() as cursor:
        for statement in (_COURSES, _SESSIONS, _WATCHES, _SEATS, _READINGS, _EVENTS, _FOLLOW_UPS):
            cursor.execute(statement, named)
        cursor.execute("ANALYZE")
