"""Invented sessions, flags and entries as rows, for what is summed over them; and the sums a second way."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection
from django.db.models import Q

from clinic.access import Principal
from clinic.models import Clinic
from reports.flag_sums import FlagSums
from sessions.models import Session, SessionEvent
from tests import builders
from vitals.models import Flag

PLAIN = {"", "I'm on it"}
LED_TO = {"medicine", "dose", "pause", "resume", "stop", "symptom", "resolve-symptom"}


def session(
    by: Principal,
    of: Clinic,
    at: datetime,
    *,
    hours: float = 2.5,
    protocol: str = "iv-ketamine",
    **columns: Any,
) -> Session:
    """A session that was checked in at ``at`` and released so many hours after."""
    row = builders.scheduled(by, of, at, protocol=protocol)
    columns = {
        "checked_in_at": at,
        "watched_from": at,
        "ended_at": at + timedelta(hours=hours),
        "state": "released",
        **columns,
    }
    Session.objects.filter(pk=row.pk).update(**columns)
    return Session.objects.get(pk=row.pk)


def flag(of: Session, at: datetime, *, taken_after_s: float | None = None, **columns: Any) -> Flag:
    """A medium flag of that moment that is over; ``activated_at=None`` makes it a re-check alone."""
    return Flag.objects.create(
        clinic_id=of.clinic_id,
        session=of,
        state="resolved",
        opened_at=at,
        raised_at=at,
        resolved_at=at + timedelta(minutes=30),
        **{
            "condition": "bp-high",
            "peak": "medium",
            "priority": columns.get("peak", "medium"),
            "category": "physiological",
            "rule": "BP-2",
            "activated_at": at,
            "drawn_at": at + timedelta(seconds=1),
            "resolved_cause": "inside limits",
            "first_taken_at": None if taken_after_s is None else at + timedelta(seconds=taken_after_s),
            **columns,
        },
    )


def charted(of: Session, at: datetime, kind: str = "medicine", **columns: Any) -> SessionEvent:
    """An entry charted at that moment."""
    made = uuid4()
    return SessionEvent.objects.create(
        **{
            "id": made,
            "entry": made,
            "session": of,
            "kind": kind,
            "at": at,
            "recorded_at": at,
            "by_name": "Nurse",
            "text": kind,
            **columns,
        }
    )


_MANY_SESSIONS = """
INSERT INTO infusions_session
SELECT (jsonb_populate_record(s, jsonb_build_object(
    'id', gen_random_uuid(), 'checked_in_at', t, 'watched_from', t, 'scheduled_at', t))).*
FROM infusions_session s, generate_series(1, %(sessions)s) n,
     LATERAL (SELECT %(at)s - n * interval '17 minutes' AS t) AS moment
WHERE s.id = %(like)s
"""
_MANY_FLAGS = """
INSERT INTO vitals_flag
SELECT (jsonb_populate_record(f, jsonb_build_object(
    'id', gen_random_uuid(), 'session_id', s.id, 'rule', 'R-' || n, 'opened_at', t, 'raised_at', t,
    'activated_at', t, 'first_taken_at', t + random() * interval '3 minutes',
    'action', CASE WHEN mod(n, 2) = 0 THEN 'At the chair' ELSE 'I''m on it' END))).*
FROM infusions_session s, vitals_flag f, generate_series(1, %(per_session)s) n,
     LATERAL (SELECT s.checked_in_at + n * interval '20 minutes' AS t) AS moment
WHERE s.clinic_id = %(clinic)s AND s.id <> %(like)s AND f.id = %(flag)s
"""
_MANY_ENTRIES = """
INSERT INTO infusions_sessionevent
    (id, entry, version, status, reason, session_id, kind, at, recorded_at, by_name, late, text, details)
SELECT made, made, 1, 'final', '', s.id, 'note', t, t, 'Nurse', false, 'note', '{}'
FROM infusions_session s, generate_series(1, 6) n,
     LATERAL (SELECT gen_random_uuid() AS made, s.checked_in_at + n * interval '19 minutes' AS t) AS moment
WHERE s.clinic_id = %(clinic)s
"""
FLAGS_PER_SESSION = 4


def many(by: Principal, of: Clinic, at: datetime, *, flags: int) -> None:
    """So many medium flags in sessions before ``at``, half of them taken with a word; six notes in each."""
    like = session(by, of, at, hours=2)
    pattern = flag(like, at)
    values: dict[str, Any] = {
        "sessions": flags // FLAGS_PER_SESSION,
        "per_session": FLAGS_PER_SESSION,
        "at": at,
        "like": like.pk,
        "flag": pattern.pk,
        "clinic": of.pk,
    }
    with connection.cursor() as cursor:
        for statement in (_MANY_SESSIONS, _MANY_FLAGS, _MANY_ENTRIES):
            cursor.execute(statement, values)
        pattern.delete()
        cursor.execute("ANALYZE infusions_session, vitals_flag, infusions_sessionevent")


# --- the same sums, row by row


def sums(flags: Iterable[Flag]) -> FlagSums:
    """What the database sums, from the rows themselves."""
    rows = list(flags)
    live = [row for row in rows if row.activated_at and not row.late]
    pressing = [row for row in live if row.peak in {"medium", "high"}]
    waits = sorted(_waited_s(row) for row in pressing if row.first_taken_at)
    highs = [row for row in live if row.peak == "high"]

    def number(category: str, peak: str) -> int:
        return sum(row.category == category and row.peak == peak for row in live)

    return FlagSums(
        high=number("physiological", "high"),
        medium=number("physiological", "medium"),
        low=number("physiological", "low"),
        technical_high=number("technical", "high"),
        technical_medium=number("technical", "medium"),
        technical_low=number("technical", "low"),
        acted_on=sum(_led_to_something(row) for row in pressing),
        taken=len(waits),
        median_s=between(waits, 0.5),
        p90_s=between(waits, 0.9),
        high_in_time=sum(row.first_taken_at is not None and _waited_s(row) <= 60 for row in highs),
        overdue=sum(row.condition == "overdue" for row in live),
        undrawn=sum(row.drawn_at is None for row in highs),
        escalated=sum(row.escalated > 0 for row in live),
        rechecks=sum(
            row.activated_at is None and not row.late and row.resolved_cause == "inside limits"
            for row in rows
        ),
        late=sum(row.late for row in rows),
    )


def by_month(clinic: Clinic) -> dict[str, tuple[int, float, FlagSums]]:
    """Per month of the clinic's calendar: sessions, watched hours, and what their flags came to."""
    found: dict[str, list[Session]] = defaultdict(list)
    for row in Session.objects.filter(clinic=clinic):
        if row.checked_in_at is not None:
            found[f"{row.checked_in_at.astimezone(clinic.zone):%Y-%m}"].append(row)
    return {
        month: (len(rows), sum(map(_watched_h, rows)), sums(Flag.objects.filter(session__in=rows)))
        for month, rows in found.items()
    }


def _watched_h(row: Session) -> float:
    assert row.checked_in_at
    assert row.watched_from
    assert row.ended_at
    return (row.ended_at - max(row.checked_in_at, row.watched_from)).total_seconds() / 3600


def _waited_s(row: Flag) -> float:
    assert row.first_taken_at
    assert row.activated_at
    return (row.first_taken_at - row.activated_at).total_seconds()


def _led_to_something(row: Flag) -> bool:
    if row.action not in PLAIN:
        return True
    assert row.activated_at
    entries = SessionEvent.objects.filter(
        Q(kind__in=LED_TO) | Q(version__gt=1),
        session=row.session_id,
        recorded_at__gt=row.activated_at,
        recorded_at__lte=row.activated_at + timedelta(minutes=10),
    )
    return entries.exists()


def between(ordered: list[float], part: float) -> float | None:
    """The value at that part of the way, between its two neighbours as far as it lies between them."""
    if not ordered:
        return None
    place = part * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
