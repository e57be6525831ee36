"""Sums over the chosen sessions, for readers who need no patient: by month, with small counts hidden. Pure.

There is no sum over all rows in any of them, so a hidden count cannot be subtracted from one.
"""

from collections.abc import Iterable

from reports.exports.columns import Column, Kind, Table

# a count under it says too much of too few
SMALLEST_SHOWN = 5


def _code(name: str, means: str) -> Column:
    return Column(name, Kind.CODE, f"g.{name}", means)


def _group(name: str, means: str) -> Column:
    return Column(name, Kind.TEXT, f"g.{name}", means)


def _shown(name: str, over: str, means: str, unit: str = "") -> Column:
    """A figure that stands on a count: empty where that is too small."""
    return Column(name, Kind.NUMBER, f"CASE WHEN g.{over} >= {SMALLEST_SHOWN} THEN g.{name} END", means, unit)


_MONTH = "to_char(c.began_at AT TIME ZONE c.zone, 'YYYY-MM') AS month"
_HIDDEN = f"empty under {SMALLEST_SHOWN}"

SESSIONS_BY_MONTH = Table(
    "sessions_by_month",
    "sessions",
    "sessions of one month, protocol and indication",
    (
        _code("month", "Month of the check-in, in the clinic's zone"),
        _code("route", "iv or nasal"),
        _code("protocol", "Code of the protocol"),
        _code("indication", "Indication of the course"),
        _shown("sessions", "patients", f"Sessions; {_HIDDEN} patients"),
        _shown("patients", "patients", f"Patients; {_HIDDEN}"),
        _shown("watched_min", "patients", "Mean time from check-in to the end", "min"),
        _shown("dose_mg", "patients", "Mean dose ordered", "mg"),
    ),
    f"(SELECT {_MONTH}, o.route, o.code AS protocol, u.indication, count(*) AS sessions,"
    " count(DISTINCT s.patient_id) AS patients,"
    " round(avg(extract(epoch FROM s.ended_at - s.checked_in_at) / 60), 1) AS watched_min,"
    " round(avg(s.dose_mg), 1) AS dose_mg"
    " FROM chosen c JOIN infusions_session s ON s.id = c.session_id"
    " JOIN infusions_protocol o ON o.id = s.protocol_id JOIN infusions_course u ON u.id = s.course_id"
    " GROUP BY 1, 2, 3, 4) g",
    "g.month, g.route, g.protocol, g.indication",
)

FLAGS_BY_MONTH = Table(
    "flags_by_month",
    "flags",
    "flags of one month, condition and priority that were more than a re-check",
    (
        _code("month", "Month of the session's check-in"),
        _code("condition", "What they are about"),
        _code("priority", "The highest priority they reached"),
        _shown("sessions", "patients", f"Sessions that had one; {_HIDDEN} patients"),
        _shown("flags", "patients", f"Flags; {_HIDDEN} patients"),
        _shown("taken_s", "patients", "Median time until somebody took them", "s"),
    ),
    f"(SELECT {_MONTH}, f.condition, f.peak AS priority, count(DISTINCT c.session_id) AS sessions,"
    " count(DISTINCT c.patient_id) AS patients, count(*) AS flags,"
    " round(percentile_cont(0.5) WITHIN GROUP"
    " (ORDER BY extract(epoch FROM f.first_taken_at - f.activated_at))::numeric, 0) AS taken_s"
    " FROM chosen c JOIN vitals_flag f ON f.session_id = c.session_id"
    " WHERE f.activated_at IS NOT NULL AND NOT f.late GROUP BY 1, 2, 3) g",
    "g.month, g.condition, g.priority",
)

SYMPTOMS_BY_MONTH = Table(
    "symptoms_by_month",
    "symptoms",
    "symptoms of one month and code",
    (
        _code("month", "Month of the session's check-in"),
        _group("code", "Which symptom"),
        _shown("sessions", "patients", f"Sessions that had it; {_HIDDEN} patients"),
    ),
    f"(SELECT {_MONTH}, e.details->>'code' AS code, count(DISTINCT c.session_id) AS sessions,"
    " count(DISTINCT c.patient_id) AS patients"
    " FROM chosen c JOIN infusions_sessionevent e ON e.session_id = c.session_id AND e.kind = 'symptom'"
    " LEFT JOIN infusions_sessionevent v ON v.supersedes_id = e.id"
    " WHERE v.id IS NULL AND e.status <> 'entered-in-error' GROUP BY 1, 2) g",
    "g.month, g.code",
)

SCALES_BY_MONTH = Table(
    "scales_by_month",
    "scales",
    "complete scales of one month",
    (
        _code("month", "Month of the session's check-in"),
        _group("scale", "Which scale"),
        _shown("taken", "patients", f"How often it was taken; {_HIDDEN} patients"),
        _shown("mean_total", "patients", "Mean total"),
    ),
    f"(SELECT {_MONTH}, e.details->>'scale' AS scale, count(*) AS taken,"
    " count(DISTINCT c.patient_id) AS patients, round(avg((e.details->>'total')::numeric), 1) AS mean_total"
    " FROM chosen c JOIN infusions_sessionevent e ON e.session_id = c.session_id AND e.kind = 'scale'"
    " LEFT JOIN infusions_sessionevent v ON v.supersedes_id = e.id"
    " WHERE v.id IS NULL AND e.status <> 'entered-in-error' AND e.details->>'total' IS NOT NULL"
    " GROUP BY 1, 2) g",
    "g.month, g.scale",
)

TABLES = (SESSIONS_BY_MONTH, FLAGS_BY_MONTH, SYMPTOMS_BY_MONTH, SCALES_BY_MONTH)
CONTENTS = tuple(table.content for table in TABLES)


def tables_of(contents: Iterable[str]) -> list[Table]:
    """The sums of these contents; contents of which there is no sum are passed over."""
    wanted = set(contents)
    return [table for table in TABLES if table.content in wanted]
