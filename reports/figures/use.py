"""Sessions and chair use, day by day: how many sessions there were, and how long chairs were sat in.

A day is open as the clinic said it: from its first opening to its closing. Where it was not closed, or not
opened, from the first check-in to the last end. Open chair-hours are of all chairs, whatever is asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from reports.asked import Asked
from reports.figures.shown import SHOWN, rows, values
from sessions.protocol import Route


@dataclass(frozen=True, slots=True)
class Use:
    """What one day, or several, come to.

    days:   those that were open at all. said_days: of them, those whose hours the clinic said.
    used_h: hours that patients sat in chairs; open_h: hours times chairs.
    """

    days: int = 0
    said_days: int = 0
    iv: int = 0
    nasal: int = 0
    used_h: float = 0.0
    open_h: float = 0.0

    @property
    def sessions(self) -> int:
        return self.iv + self.nasal


@dataclass(frozen=True, slots=True)
class Figures:
    """All that was asked for. Every month has its sums; a day that was not open has none."""

    asked: Asked
    whole: Use
    by_month: Mapping[date, Use]
    by_weekday: Mapping[int, Use] = field(default_factory=dict)
    by_day: Mapping[date, Use] = field(default_factory=dict)


_USE = f"""
WITH shown AS MATERIALIZED ({SHOWN}),
sat AS (
    SELECT shown.day, sum(extract(epoch FROM coalesce(o.to_at, %(at)s) - o.from_at))::float8 / 3600 AS used_h
    FROM infusions_occupancy o JOIN shown ON shown.id = o.session_id GROUP BY shown.day
),
counted AS (
    SELECT day, count(*) FILTER (WHERE route = '{Route.IV}') AS iv,
           count(*) FILTER (WHERE route = '{Route.NASAL}') AS nasal
    FROM shown GROUP BY day
),
came AS (
    SELECT (checked_in_at AT TIME ZONE %(zone)s)::date AS day, min(checked_in_at) AS first_at,
           max(coalesce(ended_at, %(at)s)) AS last_at
    FROM infusions_session
    WHERE clinic_id = %(clinic)s AND checked_in_at >= %(since)s AND checked_in_at < %(until)s
    GROUP BY 1
),
-- opened anew after its closing, a day is not closed
said AS (
    SELECT day, min(at) FILTER (WHERE kind = 'open') AS first_at,
           max(at) FILTER (WHERE kind = 'close') AS last_at
    FROM infusions_dayentry
    WHERE clinic_id = %(clinic)s AND day >= %(first_day)s AND day < %(day_after)s
    GROUP BY day
    HAVING max(at) FILTER (WHERE kind = 'close') > max(at) FILTER (WHERE kind = 'open')
),
open_days AS (
    SELECT day, said.day IS NOT NULL AS is_said,
           extract(epoch FROM coalesce(said.last_at, came.last_at) - coalesce(said.first_at, came.first_at))
               ::float8 / 3600 * (SELECT count(*) FROM clinic_chair WHERE clinic_id = %(clinic)s) AS open_h
    FROM came FULL JOIN said USING (day)
)
SELECT grouping(month), grouping(weekday), grouping(day), month, weekday, day,
       count(*), count(*) FILTER (WHERE is_said), coalesce(sum(iv), 0)::int, coalesce(sum(nasal), 0)::int,
       coalesce(sum(used_h), 0), coalesce(sum(open_h), 0)
FROM (
    SELECT day, date_trunc('month', day)::date AS month, extract(isodow FROM day)::int AS weekday,
           is_said, open_h, iv, nasal, used_h
    FROM open_days LEFT JOIN counted USING (day) LEFT JOIN sat USING (day)
) days
GROUP BY GROUPING SETS ((), (month), (weekday), (day))
"""  # noqa: S608  put together from constants


def figures(clinic_id: int, asked: Asked, *, at: datetime) -> Figures:
    """Sessions and chair-hours of the clinic; a chair still sat in is counted until ``at``."""
    named = {
        **values(clinic_id, asked, at),
        "first_day": asked.since.date(),
        "day_after": asked.until.date(),
    }
    whole = Use()
    by_month: dict[date, Use] = {}
    by_weekday: dict[int, Use] = {}
    by_day: dict[date, Use] = {}
    for all_months, all_weekdays, all_days, month, weekday, day, *sums in rows(_USE, named):
        use = Use(*sums)
        if not all_months:
            by_month[month] = use
        elif not all_weekdays:
            by_weekday[weekday] = use
        elif not all_days:
            by_day[day] = use
        else:
            whole = use
    return Figures(
        asked=asked,
        whole=whole,
        by_month={month: by_month.get(month, Use()) for month in asked.months},
        by_weekday=dict(sorted(by_weekday.items())),
        by_day=dict(sorted(by_day.items())),
    )
