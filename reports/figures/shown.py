"""The sessions that are asked of, as the beginning of every query over them.

A session belongs to the month in which it was checked in, by the clinic's own clock; whoever never came does
not count.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from reports.asked import Asked

# to be used as a subquery: the database takes only the columns that are read from it
SHOWN = """
SELECT s.id, s.course_id, s.state, s.outcome, p.route,
       (s.checked_in_at AT TIME ZONE %(zone)s)::date AS day,
       date_trunc('month', s.checked_in_at AT TIME ZONE %(zone)s)::date AS month,
       s.checked_in_at, s.watched_from, s.dose_started_at, s.dose_ended_at, s.ready_at, s.ended_at,
       s.weight_kg, s.dose_mg, s.devices_given
FROM infusions_session s
JOIN infusions_protocol p ON p.id = s.protocol_id
JOIN infusions_course c ON c.id = s.course_id
WHERE s.clinic_id = %(clinic)s AND s.checked_in_at >= %(since)s AND s.checked_in_at < %(until)s
  AND (%(protocol)s = '' OR p.code = %(protocol)s) AND (%(route)s = '' OR p.route = %(route)s)
  AND (%(indication)s = '' OR c.indication = %(indication)s)
"""


def values(clinic_id: int, asked: Asked, at: datetime) -> dict[str, Any]:
    """What ``SHOWN`` asks for by name, with ``at`` for what is still open."""
    return {
        "clinic": clinic_id,
        "zone": asked.zone.key,
        "since": asked.since,
        "until": asked.until,
        "protocol": asked.protocol,
        "route": asked.route,
        "indication": asked.indication,
        "at": at,
    }


def rows(sql: str, named: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, named)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
