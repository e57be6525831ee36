"""What ``manage.py watch`` does each second: silence is a finding.

No Celery and no Redis. Rows that are due are claimed by locking them, skipping those another watch holds;
what is done moves ``alert_at`` on, so two watches at once find each deadline once.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from clinic.access import Principal
from sessions.services import acts as treatments
from vitals import due, ticking
from vitals.flag_changes import FlagChange
from vitals.models import Watch
from vitals.panel import decode, encode
from vitals.services import claims, flag_rows, hand_over, readiness, storage
from vitals.services.announcing import Announcement, announce
from vitals.services.flag_rows import the_rules
from vitals.services.limit_sets import limit_set
from vitals.services.plans import plan_of
from vitals.services.storage import WatchRow

PART = "watch"
# A silence of the watch longer than this, in real seconds, is written into every open session's record.
GAP_AFTER_S = 10.0
AT_A_TIME = 200
KEEP_LIVE_EVENTS = "15 minutes"


@dataclass(frozen=True, slots=True)
class Before:
    """The sign of life before this one: its age in real seconds, and the product clock it was given at."""

    age_s: float
    clock_at: datetime


def beat(part: str, *, at: datetime) -> Before | None:
    """Write a sign of life; return the one before it, or None when there never was one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH before AS (SELECT extract(epoch FROM clock_timestamp() - at)::float8 AS age_s, clock_at"
            "   FROM vitals_pulse WHERE part = %(part)s),"
            " now AS (INSERT INTO vitals_pulse (part, at, clock_at)"
            "   VALUES (%(part)s, clock_timestamp(), %(clock_at)s)"
            "   ON CONFLICT (part) DO UPDATE SET at = excluded.at, clock_at = excluded.clock_at)"
            " SELECT age_s, clock_at FROM before",
            {"part": part, "clock_at": at},
        )
        row = cursor.fetchone()
    return Before(*row) if row else None


def seconds_since_beat(part: str) -> float | None:
    """Age of a part's last sign of life by the database's clock; None when there never was one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM clock_timestamp() - at)::float8 FROM vitals_pulse WHERE part = %s",
            [part],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def look_at_due_rows(*, at: datetime) -> int:
    """Look at every session where something comes due by itself. Returns how many were looked at."""
    looked = 0
    while True:
        with transaction.atomic():
            rows = _claim(at)
            if not rows:
                return looked
            _mark(rows, at)
            looked += len(rows)
        if len(rows) < AT_A_TIME:
            return looked


def _claim(at: datetime) -> list[WatchRow]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT session_id, clinic_id, protocol_id, limit_set_id, is_open, from_at, until_at, panel"
            " FROM vitals_watch WHERE is_open AND alert_at <= %s"
            " ORDER BY session_id LIMIT %s FOR UPDATE SKIP LOCKED",
            [at, AT_A_TIME],
        )
        return [WatchRow(*row) for row in cursor.fetchall()]


def _mark(rows: list[WatchRow], at: datetime) -> None:
    changes: dict[UUID, list[FlagChange]] = {}
    written = []
    for row in rows:
        panel = decode(row.panel)
        limits = limit_set(row.limit_set_id)
        found = changes[row.session_id] = ticking.tick(panel, limits, at)
        breach = next((change.flag.text for change in found if change.is_breach), "")
        if breach and readiness.take_back(row.clinic_id, panel, at, words=breach):
            due.replan(panel, plan_of(row.protocol_id, panel), limits, at, found)
        panel.version += 1
        written.append((row.session_id, ticking.next_alert_at(panel, limits), encode(panel)))
    flag_rows.write_changes({row.session_id: row for row in rows}, changes, raised_at=at)
    storage.write_watch_rows(written)
    announce([Announcement(row.clinic_id, row.session_id, changes=changes[row.session_id]) for row in rows])


def keep_gap(*, from_at: datetime, until_at: datetime) -> int:
    """Write into every open session that nobody watched in between. Returns how many sessions."""
    with transaction.atomic():
        rows = Watch.objects.filter(is_open=True, session__watched_from__lt=until_at).select_related(
            "session"
        )
        principals: dict[int, Principal] = {}
        for row in rows:
            by = principals.setdefault(row.clinic_id, the_rules(row.clinic_id))
            # a session that began in the gap was unwatched only since then
            began_at = row.session.watched_from or from_at
            treatments.keep_gap(row.session, by=by, from_at=max(from_at, began_at), until_at=until_at)
        return len(rows)


def sweep_live_events() -> None:
    """Drop live events that no stream resumes from any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM vitals_liveevent WHERE at < clock_timestamp() - interval '{KEEP_LIVE_EVENTS}'"  # noqa: S608  a constant
        )


def tick(*, at: datetime) -> None:
    """One second's work: sign of life, the gap since the last, all whose time has come, claims that end."""
    before = beat(PART, at=at)
    if before is not None and before.age_s > GAP_AFTER_S:
        keep_gap(from_at=before.clock_at, until_at=at)
    look_at_due_rows(at=at)
    hand_over.end_overdue(at=at)
    claims.reopen_of_the_gone(at=at)
