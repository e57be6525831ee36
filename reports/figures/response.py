"""Scales over a course: before its first dose, 24 hours, 3 and 7 days after that session, and visit by visit.

A scale taken in a session counts at a point when it was charted in that point's check-in's time (from when it
is due until its link dies); the first of several counts. What is asked at home counts at its check-in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.arrays import array, text_array
from reports.asked import Asked
from reports.figures.shown import SHOWN, rows, values
from sessions.follow_up import CHECK_INS, QUESTIONS, Form
from sessions.record import ENTERED_IN_ERROR

BEFORE = "before"
# the last visit stands for itself and all later ones
LAST_VISIT = 9
AT_HOME = "home:"
# a question at home that asks the same as a scale of the sessions
SAME_AS = {"pain": "pain-nrs"}
QUESTIONS_AT_HOME = {
    question.code: SAME_AS.get(question.code, AT_HOME + question.code)
    for question in QUESTIONS
    if question.form is Form.SCALE
}


@dataclass(frozen=True, slots=True)
class Point:
    """Totals at one point, in so many courses; ``change`` is from before the dose, in those with both."""

    courses: int = 0
    mean: float | None = None
    p10: float | None = None
    p90: float | None = None
    paired: int = 0
    change: float | None = None


Points = Mapping[str, Point]


@dataclass(frozen=True, slots=True)
class Figures:
    """All that was asked for: courses whose first dose is in it.

    by_scale: scale → check-in's kind, or ``BEFORE`` → what it came to.
    by_visit: scale → number of the session → the same.
    A scale of the home check-in alone begins with ``AT_HOME``.
    """

    asked: Asked
    courses: int
    by_scale: Mapping[str, Points]
    by_visit: Mapping[str, Mapping[int, Point]]


_FIRST = f"""
first AS MATERIALIZED (
    SELECT begun.id, begun.course_id, begun.dose_started_at, begun.ended_at
    FROM (
        SELECT DISTINCT ON (s.course_id) s.id, s.course_id, s.dose_started_at, s.ended_at
        FROM infusions_session s
        WHERE s.clinic_id = %(clinic)s AND s.dose_started_at IS NOT NULL
        ORDER BY s.course_id, s.dose_started_at, s.id
    ) begun JOIN ({SHOWN}) shown USING (id)
),
taken AS MATERIALIZED (
    SELECT s.course_id, e.session_id, e.details->>'scale' AS scale, (e.details->>'total')::float8 AS total,
           e.at, s.dose_started_at
    FROM infusions_sessionevent e JOIN infusions_session s ON s.id = e.session_id
    WHERE e.kind = 'scale' AND e.status <> '{ENTERED_IN_ERROR}' AND e.details->>'total' IS NOT NULL
      AND s.course_id IN (SELECT course_id FROM first)
      AND NOT EXISTS (SELECT FROM infusions_sessionevent n WHERE n.supersedes_id = e.id)
)
"""  # noqa: S608  put together from constants

_SUMS = """
count(*), avg(total), percentile_cont(ARRAY[0.1, 0.9]) WITHIN GROUP (ORDER BY total),
count(change), avg(change)
"""

_COURSES = f"WITH {_FIRST} SELECT count(*) FROM first"  # noqa: S608  put together from constants

_POINTS = f"""
WITH {_FIRST},
points AS (
    SELECT * FROM unnest(%(kinds)s::text[], %(due_s)s::int[], %(lives_s)s::int[])
         AS point(kind, due_s, lives_s)
),
questions AS (SELECT * FROM unnest(%(questions)s::text[], %(scales)s::text[]) AS asked(question, scale)),
found AS (
    SELECT first.course_id, taken.scale, '{BEFORE}' AS kind, taken.total, taken.at AS at,
           -extract(epoch FROM taken.at) AS pick
    FROM first JOIN taken USING (course_id) WHERE taken.at <= first.dose_started_at
    UNION ALL
    SELECT first.course_id, taken.scale, points.kind, taken.total, taken.at, extract(epoch FROM taken.at)
    FROM first JOIN taken USING (course_id) CROSS JOIN points
    WHERE taken.at >= first.ended_at + points.due_s * interval '1 second'
      AND taken.at < first.ended_at + (points.due_s + points.lives_s) * interval '1 second'
    UNION ALL
    SELECT first.course_id, questions.scale, f.kind, (a.answers->>questions.question)::float8, a.answered_at,
           extract(epoch FROM a.answered_at)
    FROM first JOIN infusions_followup f ON f.session_id = first.id
    JOIN infusions_followupanswer a ON a.follow_up_id = f.id
    JOIN questions ON jsonb_typeof(a.answers->questions.question) = 'number'
),
picked AS (
    SELECT DISTINCT ON (course_id, scale, kind) course_id, scale, kind, total
    FROM found ORDER BY course_id, scale, kind, pick
),
paired AS (
    SELECT p.*, CASE WHEN p.kind <> '{BEFORE}' THEN p.total - b.total END AS change
    FROM picked p LEFT JOIN picked b
      ON b.course_id = p.course_id AND b.scale = p.scale AND b.kind = '{BEFORE}'
)
SELECT scale, kind, {_SUMS} FROM paired GROUP BY scale, kind
"""  # noqa: S608  put together from constants

# before the dose of each visit, the newest total; the first visit is the baseline of all
_VISITS = f"""
WITH {_FIRST},
visits AS (
    SELECT s.id, s.course_id, row_number() OVER (PARTITION BY s.course_id ORDER BY s.dose_started_at, s.id)
               AS number
    FROM infusions_session s
    WHERE s.course_id IN (SELECT course_id FROM first) AND s.dose_started_at IS NOT NULL
),
rated AS (
    SELECT DISTINCT ON (v.course_id, taken.scale, v.number) v.course_id, taken.scale, v.number, taken.total
    FROM visits v JOIN taken ON taken.session_id = v.id
    WHERE taken.at <= taken.dose_started_at
    ORDER BY v.course_id, taken.scale, v.number, taken.at DESC
),
-- of a course that came more often than is told apart, its last visit counts there
told AS (
    SELECT DISTINCT ON (course_id, scale, least(number, %(last_visit)s))
           course_id, scale, least(number, %(last_visit)s)::int AS number, total
    FROM rated ORDER BY course_id, scale, least(number, %(last_visit)s), number DESC
),
paired AS (
    SELECT t.*, CASE WHEN t.number > 1 THEN t.total - b.total END AS change
    FROM told t LEFT JOIN told b ON b.course_id = t.course_id AND b.scale = t.scale AND b.number = 1
)
SELECT scale, number, {_SUMS} FROM paired GROUP BY scale, number ORDER BY scale, number
"""  # noqa: S608  put together from constants


def figures(clinic_id: int, asked: Asked, *, at: datetime) -> Figures:
    """The totals over the clinic's courses whose first dose was asked for."""
    named = {
        **values(clinic_id, asked, at),
        "kinds": text_array(one.kind for one in CHECK_INS),
        "due_s": array(int(one.due_after.total_seconds()) for one in CHECK_INS),
        "lives_s": array(int(one.link_lives.total_seconds()) for one in CHECK_INS),
        "questions": text_array(QUESTIONS_AT_HOME),
        "scales": text_array(QUESTIONS_AT_HOME.values()),
        "last_visit": LAST_VISIT,
    }
    [(courses,)] = rows(_COURSES, named)
    return Figures(asked, courses, _by_scale(rows(_POINTS, named)), _by_scale(rows(_VISITS, named)))


def _by_scale(found: Iterable[tuple[Any, ...]]) -> dict[str, dict[Any, Point]]:
    by_scale: dict[str, dict[Any, Point]] = {}
    for scale, key, courses, mean, edges, paired, change in sorted(found, key=lambda row: row[0]):
        by_scale.setdefault(scale, {})[key] = Point(courses, mean, edges[0], edges[1], paired, change)
    return by_scale
