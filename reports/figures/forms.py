"""Monitoring forms: filed within the deadline, filed late, not filed.

source of the deadline: ``sessions.monitoring_form.due``. Of several filings of one session the first counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from reports.asked import Asked
from reports.figures.shown import SHOWN, rows, values
from sessions.monitoring_form.due import DUE_AFTER
from sessions.protocol import Route


@dataclass(frozen=True, slots=True)
class Filed:
    """Forms of nasal sessions with a dose that are over.

    missed: not filed, and the deadline has passed; open: not filed, and it has not.
    median_h: hours from the session's end to the filing, of those filed.
    """

    in_time: int = 0
    late: int = 0
    missed: int = 0
    open: int = 0
    median_h: float | None = None
    p90_h: float | None = None

    @property
    def filed(self) -> int:
        return self.in_time + self.late

    @property
    def due(self) -> int:
        """Those of which it is known how they came out."""
        return self.filed + self.missed


@dataclass(frozen=True, slots=True)
class Figures:
    """All that was asked for. Every month has its sums."""

    asked: Asked
    whole: Filed
    by_month: Mapping[date, Filed]


_FILED = f"""
WITH shown AS MATERIALIZED (
    SELECT * FROM ({SHOWN}) shown
    WHERE route = '{Route.NASAL}' AND dose_started_at IS NOT NULL AND ended_at IS NOT NULL
),
filed AS (
    SELECT f.session_id AS id, min(f.filed_at) AS filed_at
    FROM infusions_formfiling f JOIN shown ON shown.id = f.session_id GROUP BY f.session_id
),
told AS (
    SELECT month, filed_at, ended_at + %(due_after)s AS due_at,
           extract(epoch FROM filed_at - ended_at)::float8 / 3600 AS after_h
    FROM shown LEFT JOIN filed USING (id)
)
SELECT grouping(month), month,
       count(*) FILTER (WHERE filed_at <= due_at), count(*) FILTER (WHERE filed_at > due_at),
       count(*) FILTER (WHERE filed_at IS NULL AND due_at <= %(at)s),
       count(*) FILTER (WHERE filed_at IS NULL AND due_at > %(at)s),
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY after_h)
FROM told GROUP BY GROUPING SETS ((), (month))
"""  # noqa: S608  put together from constants


def figures(clinic_id: int, asked: Asked, *, at: datetime) -> Figures:
    """How the forms of the clinic's sessions stand at ``at``."""
    whole = Filed()
    by_month: dict[date, Filed] = {}
    named = {**values(clinic_id, asked, at), "due_after": DUE_AFTER}
    for all_months, month, *counts, times in rows(_FILED, named):
        filed = Filed(*counts, *(times or ()))
        if all_months:
            whole = filed
        else:
            by_month[month] = filed
    return Figures(asked, whole, {month: by_month.get(month, Filed()) for month in asked.months})
