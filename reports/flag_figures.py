"""What a clinic's flags came to, month by month and rule by rule, as the database sums it.

A flag belongs to the month in which its session was checked in, by the clinic's own clock, so that flags and
the sessions they are counted over are of the same patients.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection

from reports.asked import Asked
from reports.figures.shown import SHOWN, values
from reports.flag_sums import (
    LED_TO_WITHIN_MIN,
    TAKEN_WITHIN_S,
    Figures,
    FlagSums,
    Rule,
    SessionSums,
)
from vitals import rules

# taking a flag with this says that somebody comes, not what was done
PLAIN_TAKING = ("", "I'm on it")
# what is charted of treatment or patient, and so may be what a flag led to
LED_TO = ("medicine", "dose", "pause", "resume", "stop", "symptom", "resolve-symptom")
INSIDE = "inside limits"

_SESSIONS = f"""
SELECT id, month,
       greatest(0, extract(epoch FROM
           coalesce(ended_at, %(at)s) - greatest(checked_in_at, watched_from)
       ))::float8 / 3600 AS watched_h
FROM ({SHOWN}) asked
"""  # noqa: S608  put together from constants

_SESSION_SUMS = f"""
SELECT month, count(*), sum(watched_h) FROM ({_SESSIONS}) shown GROUP BY GROUPING SETS ((), (month))
"""  # noqa: S608  put together from constants

# What was charted is looked for only where the taking says nothing, session by session; corrected readings
# are few and have an index of their own, so they are gathered once.
_FLAG_SUMS = f"""
WITH shown AS MATERIALIZED ({_SESSIONS}),
told AS (
    SELECT f.id, shown.month, f.session_id, f.rule, f.category, f.condition, f.peak, f.late, f.activated_at,
           f.action, f.drawn_at, f.escalated, f.resolved_cause,
           f.activated_at IS NOT NULL AND NOT f.late AS counts,
           f.peak IN ('medium', 'high') AS pressing,
           -- greatest() passes over a null, so one who was never taken is told from one taken at once
           CASE WHEN f.first_taken_at IS NOT NULL THEN
               greatest(0, extract(epoch FROM f.first_taken_at - f.activated_at))::float8
           END AS waited_s
    FROM vitals_flag f JOIN shown ON shown.id = f.session_id
    WHERE f.clinic_id = %(clinic)s
),
corrected AS MATERIALIZED (
    SELECT told.id
    FROM vitals_reading r JOIN told ON told.session_id = r.session_id
    WHERE r.clinic_id = %(clinic)s AND r.supersedes IS NOT NULL AND r.received_at >= %(since)s
      AND r.received_at > told.activated_at AND r.received_at <= told.activated_at + %(within)s
),
judged AS (
    SELECT told.*, counts AND pressing AND (
        action <> ALL (%(plain)s)
        OR id IN (SELECT id FROM corrected)
        OR EXISTS (
            SELECT FROM infusions_sessionevent e
            WHERE e.session_id = told.session_id
              AND e.recorded_at > told.activated_at AND e.recorded_at <= told.activated_at + %(within)s
              AND (e.kind = ANY (%(led_to)s) OR e.version > 1))
    ) AS acted_on
    FROM told
)
SELECT grouping(month), grouping(rule), month, rule, category, min(condition),
       count(*) FILTER (WHERE counts AND category = 'physiological' AND peak = 'high'),
       count(*) FILTER (WHERE counts AND category = 'physiological' AND peak = 'medium'),
       count(*) FILTER (WHERE counts AND category = 'physiological' AND peak = 'low'),
       count(*) FILTER (WHERE counts AND category = 'technical' AND peak = 'high'),
       count(*) FILTER (WHERE counts AND category = 'technical' AND peak = 'medium'),
       count(*) FILTER (WHERE counts AND category = 'technical' AND peak = 'low'),
       count(*) FILTER (WHERE acted_on),
       count(waited_s) FILTER (WHERE counts AND pressing),
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY waited_s) FILTER (WHERE counts AND pressing),
       count(*) FILTER (WHERE counts AND peak = 'high' AND waited_s <= %(in_time_s)s),
       count(*) FILTER (WHERE counts AND condition = %(overdue)s),
       count(*) FILTER (WHERE counts AND peak = 'high' AND drawn_at IS NULL),
       count(*) FILTER (WHERE counts AND escalated > 0),
       count(*) FILTER (WHERE activated_at IS NULL AND NOT late AND resolved_cause = %(inside)s),
       count(*) FILTER (WHERE late)
FROM judged
GROUP BY GROUPING SETS ((), (month), (rule, category), (month, rule, category))
"""  # noqa: S608  put together from constants


def figures(clinic_id: int, asked: Asked, *, at: datetime) -> Figures:
    """The sums over the clinic's sessions that were asked for; those still open are watched until ``at``."""
    named = _values(clinic_id, asked, at)
    with connection.cursor() as cursor:
        cursor.execute(_SESSION_SUMS, named)
        sessions = {month: SessionSums(number, hours or 0.0) for month, number, hours in cursor.fetchall()}
        cursor.execute(_FLAG_SUMS, named)
        rows = cursor.fetchall()
    whole = FlagSums()
    by_month: dict[date, FlagSums] = {}
    by_rule: dict[Rule, FlagSums] = {}
    by_both: dict[tuple[date, Rule], FlagSums] = {}
    for all_months, all_rules, month, code, category, condition, *counted in rows:
        sums = _sums(counted)
        if all_months and all_rules:
            whole = sums
        elif all_rules:
            by_month[month] = sums
        elif all_months:
            by_rule[Rule(code, category, condition)] = sums
        else:
            by_both[month, Rule(code, category, condition)] = sums
    return Figures(
        asked=asked,
        sessions=sessions.get(None, SessionSums()),
        flags=whole,
        sessions_by_month={month: sessions.get(month, SessionSums()) for month in asked.months},
        by_month={month: by_month.get(month, FlagSums()) for month in asked.months},
        by_rule=by_rule,
        by_month_and_rule=by_both,
    )


def _values(clinic_id: int, asked: Asked, at: datetime) -> Mapping[str, Any]:
    return {
        **values(clinic_id, asked, at),
        "plain": list(PLAIN_TAKING),
        "led_to": list(LED_TO),
        "within": f"{LED_TO_WITHIN_MIN} minutes",
        "in_time_s": TAKEN_WITHIN_S,
        "overdue": rules.OVERDUE_CONDITION,
        "inside": INSIDE,
    }


def _sums(counted: list[Any]) -> FlagSums:
    """The columns of a row after its names, in the order of the fields; both times come as one array."""
    before, times, after = counted[:8], counted[8], counted[9:]
    return FlagSums(*before, *(times or (None, None)), *after)
