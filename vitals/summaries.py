"""Sessions in a few values: the newest of each vital before a moment, and what a course's table shows.

Read from rows in the database itself, for a session under a streaming monitor holds thousands of them. Of a
corrected reading only the newest version counts; doubtful values stand in no column, so they never do.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from clinic.arrays import array
from sessions.protocol import Seen
from vitals.vital import FIELDS, tidy

_NEWEST = " UNION ALL ".join(
    f"""(SELECT '{name}', r.{name}::float8, r.measured_at FROM vitals_reading r
         WHERE r.session_id = %(session)s AND r.measured_at <= %(until)s AND r.{name} IS NOT NULL
           AND NOT EXISTS (SELECT FROM vitals_reading n
                           WHERE n.session_id = r.session_id AND n.supersedes = r.id)
         ORDER BY r.measured_at DESC LIMIT 1)"""  # noqa: S608  the column names are constants
    for name in FIELDS
)


def newest_values(session_id: UUID, until: datetime) -> dict[str, Seen]:
    """The newest value of each vital that was measured up to a moment, by its name.

    The caller has checked that the session is of the clinic.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, {"session": session_id, "until": until})
        return {name: Seen(tidy(value), at) for name, value, at in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Summary:
    """What one session's pressures and saturations come to; None where nothing was measured. mmHg and %."""

    before: tuple[float, float] | None = None
    peak: tuple[float, float] | None = None
    last: tuple[float, float] | None = None
    lowest_spo2: float | None = None


_SUMMARIES = """
WITH counted AS (
    SELECT r.session_id, r.measured_at, r.systolic::float8 AS systolic, r.diastolic::float8 AS diastolic,
           r.spo2::float8 AS spo2, s.dose_started_at
    FROM vitals_reading r JOIN infusions_session s ON s.id = r.session_id
    WHERE r.session_id = ANY(%s::uuid[])
      AND NOT EXISTS (SELECT FROM vitals_reading n
                      WHERE n.session_id = r.session_id AND n.supersedes = r.id)
), pressures AS (
    SELECT * FROM counted WHERE systolic IS NOT NULL AND diastolic IS NOT NULL
), before AS (
    SELECT DISTINCT ON (session_id) session_id, systolic, diastolic FROM pressures
    WHERE dose_started_at IS NULL OR measured_at <= dose_started_at
    ORDER BY session_id, measured_at DESC
), peak AS (
    SELECT DISTINCT ON (session_id) session_id, systolic, diastolic FROM pressures
    WHERE measured_at > dose_started_at ORDER BY session_id, systolic DESC, measured_at
), last AS (
    SELECT DISTINCT ON (session_id) session_id, systolic, diastolic FROM pressures
    WHERE measured_at > dose_started_at ORDER BY session_id, measured_at DESC
), lowest AS (
    SELECT session_id, min(spo2) AS spo2 FROM counted GROUP BY session_id
)
SELECT lowest.session_id, before.systolic, before.diastolic, peak.systolic, peak.diastolic,
       last.systolic, last.diastolic, lowest.spo2
FROM lowest LEFT JOIN before USING (session_id) LEFT JOIN peak USING (session_id)
     LEFT JOIN last USING (session_id)
"""


def summaries(session_ids: Iterable[UUID]) -> dict[UUID, Summary]:
    """What each of these sessions comes to; one without readings is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMMARIES, [array(session_ids)])
        return {
            row[0]: Summary(
                before=_pair(row[1], row[2]),
                peak=_pair(row[3], row[4]),
                last=_pair(row[5], row[6]),
                lowest_spo2=None if row[7] is None else tidy(row[7]),
            )
            for row in cursor.fetchall()
        }


def _pair(systolic: float | None, diastolic: float | None) -> tuple[float, float] | None:
    if systolic is None or diastolic is None:
        return None
    return tidy(systolic), tidy(diastolic)
