"""Symptoms by dose and by number in the course: in how many sessions each was charted at least once.

What nobody charted is not known to have been absent; here it counts as absent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from reports.asked import Asked
from reports.figures.shown import SHOWN, rows, values
from sessions import symptoms
from sessions.protocol import Route
from sessions.record import ENTERED_IN_ERROR

# neutral steps to count by, not bounds of any kind
DOSE_STEP_MG_PER_KG = Decimal("0.1")
# the last number stands for itself and all later ones
LAST_NUMBER = 9


@dataclass(frozen=True, slots=True)
class Dose:
    """A step of doses. IV: mg/kg from ``step`` to below the next; nasal: ``step`` devices."""

    route: str
    step: Decimal


@dataclass(slots=True)
class Told:
    """Sessions with a dose; those with any symptom; and by symptom, those in which it was charted."""

    sessions: int = 0
    with_any: int = 0
    by_code: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figures:
    """All that was asked for. ``unknown_dose``: IV sessions whose dose or weight is not known."""

    asked: Asked
    whole: Told
    by_number: Mapping[int, Told]
    by_dose: Mapping[Dose, Told]
    unknown_dose: int


# a session's number counts the doses of its course from the first, whenever that was
_TOLD = f"""
WITH shown AS MATERIALIZED (SELECT * FROM ({SHOWN}) shown WHERE dose_started_at IS NOT NULL),
numbered AS (
    SELECT s.id, row_number() OVER (PARTITION BY s.course_id ORDER BY s.dose_started_at, s.id) AS number
    FROM infusions_session s
    WHERE s.clinic_id = %(clinic)s AND s.dose_started_at IS NOT NULL
      AND s.course_id IN (SELECT course_id FROM shown)
),
treated AS MATERIALIZED (
    SELECT shown.id, shown.route, least(numbered.number, %(last_number)s)::int AS number,
           CASE WHEN shown.route = '{Route.NASAL}' THEN shown.devices_given
                WHEN shown.weight_kg > 0 THEN floor(shown.dose_mg / shown.weight_kg / %(step)s) * %(step)s
           END AS step
    FROM shown JOIN numbered USING (id)
),
charted AS MATERIALIZED (
    SELECT DISTINCT e.session_id AS id, e.details->>'code' AS code
    FROM infusions_sessionevent e JOIN treated ON treated.id = e.session_id
    WHERE e.kind = 'symptom' AND e.status <> '{ENTERED_IN_ERROR}' AND e.details->>'code' <> '{symptoms.NONE}'
      AND NOT EXISTS (SELECT FROM infusions_sessionevent n WHERE n.supersedes_id = e.id)
),
told AS (
    SELECT treated.*, '' AS code FROM treated
    UNION ALL
    SELECT treated.*, '*' FROM treated WHERE id IN (SELECT id FROM charted)
    UNION ALL
    SELECT treated.*, charted.code FROM treated JOIN charted USING (id)
)
SELECT grouping(number), grouping(step), number, route, step, code, count(*)
FROM told GROUP BY GROUPING SETS ((code), (number, code), (route, step, code))
"""  # noqa: S608  put together from constants
SESSIONS, ANY = "", "*"


def figures(clinic_id: int, asked: Asked, *, at: datetime) -> Figures:
    """The counts over the clinic's sessions with a dose that were asked for."""
    named = {
        **values(clinic_id, asked, at),
        "last_number": LAST_NUMBER,
        "step": DOSE_STEP_MG_PER_KG,
    }
    whole = Told()
    by_number: dict[int, Told] = {}
    by_dose: dict[Dose, Told] = {}
    unknown = 0
    for all_numbers, all_steps, number, route, step, code, counted in rows(_TOLD, named):
        if not all_numbers:
            told = by_number.setdefault(number, Told())
        elif all_steps:
            told = whole
        elif step is None:
            unknown += counted if code == SESSIONS else 0
            continue
        else:
            told = by_dose.setdefault(Dose(route, Decimal(step)), Told())
        _keep(told, code, counted)
    return Figures(
        asked=asked,
        whole=whole,
        by_number=dict(sorted(by_number.items())),
        by_dose=dict(sorted(by_dose.items(), key=lambda item: (item[0].route, item[0].step))),
        unknown_dose=unknown,
    )


def _keep(told: Told, code: str, counted: int) -> None:
    if code == SESSIONS:
        told.sessions = counted
    elif code == ANY:
        told.with_any = counted
    else:
        told.by_code[code] = counted
