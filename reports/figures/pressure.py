"""How systolic pressure moved after the dose began: change from each session's own baseline, per ten minutes.

The baseline is the one that the rules of limits start from: see ``vitals.baseline``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reports.asked import Asked
from reports.figures.shown import SHOWN, rows, values
from vitals.baseline import AVERAGED_WITHIN

EVERY_MIN = 10
UNTIL_MIN = 120
# a session under a streaming monitor holds thousands of readings; the newest sessions are enough for a mean
AT_MOST = 5000


@dataclass(frozen=True, slots=True)
class Change:
    """Change of systolic pressure from baseline about a minute after the start, in so many sessions; mmHg."""

    sessions: int
    mean: float
    p10: float
    p90: float


@dataclass(frozen=True, slots=True)
class Response:
    """One route: sessions with a baseline and a pressure after the start, and their change by minute."""

    sessions: int
    by_minute: Mapping[int, Change]


@dataclass(frozen=True, slots=True)
class Figures:
    """All that was asked for. ``given`` sessions had a dose; ``looked_at`` is at most ``AT_MOST`` of them."""

    asked: Asked
    given: int
    by_route: Mapping[str, Response]

    @property
    def looked_at(self) -> int:
        return min(self.given, AT_MOST)


_GIVEN = f"SELECT count(*) FROM ({SHOWN}) shown WHERE dose_started_at IS NOT NULL"  # noqa: S608  constants

# what two sources measured at one moment is one; a session counts once about each minute
_PRESSURES = f"""
WITH shown AS MATERIALIZED (
    SELECT id, route, dose_started_at FROM ({SHOWN}) shown WHERE dose_started_at IS NOT NULL
    ORDER BY dose_started_at DESC, id LIMIT %(at_most)s
),
replaced AS MATERIALIZED (
    SELECT supersedes AS id FROM vitals_reading WHERE clinic_id = %(clinic)s AND supersedes IS NOT NULL
),
measured AS MATERIALIZED (
    SELECT shown.id, shown.route, shown.dose_started_at, r.measured_at, avg(r.systolic)::float8 AS systolic
    FROM shown JOIN vitals_reading r ON r.session_id = shown.id
    WHERE r.systolic IS NOT NULL
      AND r.measured_at < shown.dose_started_at + %(until_s)s * interval '1 second'
      AND r.id NOT IN (SELECT id FROM replaced)
    GROUP BY shown.id, shown.route, shown.dose_started_at, r.measured_at
),
before AS (
    SELECT id, systolic, measured_at,
           row_number() OVER (PARTITION BY id ORDER BY measured_at DESC) AS place,
           first_value(measured_at) OVER (PARTITION BY id ORDER BY measured_at DESC) AS newest_at
    FROM measured WHERE measured_at <= dose_started_at
),
baseline AS (
    SELECT id, avg(systolic) AS systolic FROM before
    WHERE place = 1 OR (place = 2 AND newest_at - measured_at <= %(averaged_within)s)
    GROUP BY id
),
moved AS (
    SELECT m.route, m.id,
           round(extract(epoch FROM m.measured_at - m.dose_started_at) / %(every_s)s)::int AS step,
           avg(m.systolic - b.systolic) AS change
    FROM measured m JOIN baseline b USING (id)
    WHERE m.measured_at > m.dose_started_at
    GROUP BY m.route, m.id, step
)
SELECT route, grouping(step), step, count(DISTINCT id), avg(change),
       percentile_cont(ARRAY[0.1, 0.9]) WITHIN GROUP (ORDER BY change)
FROM moved GROUP BY GROUPING SETS ((route), (route, step)) ORDER BY route, step
"""  # noqa: S608  put together from constants


def figures(clinic_id: int, asked: Asked, *, at: datetime) -> Figures:
    """The changes over the clinic's newest sessions that were asked for."""
    named = {
        **values(clinic_id, asked, at),
        "at_most": AT_MOST,
        "every_s": EVERY_MIN * 60,
        "until_s": (UNTIL_MIN + EVERY_MIN / 2) * 60,
        "averaged_within": AVERAGED_WITHIN,
    }
    [(given,)] = rows(_GIVEN, named)
    sessions: dict[str, int] = {}
    changes: dict[str, dict[int, Change]] = {}
    for route, all_steps, step, number, mean, edges in rows(_PRESSURES, named):
        if all_steps:
            sessions[route] = number
        else:
            changes.setdefault(route, {})[step * EVERY_MIN] = Change(number, mean, *edges)
    return Figures(
        asked, given, {route: Response(sessions[route], changes[route]) for route in sorted(sessions)}
    )
