"""How long sessions take: from check-in to the dose, the watch after it, until ready, until released."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from reports.asked import Asked
from reports.figures.shown import SHOWN, rows, values


class Span(StrEnum):
    """A stretch of a session. ``WINDOW`` is all that comes after the start: the dose and the watch."""

    BEFORE = "check-in to start"
    TO_READY = "end of dose to ready"
    TO_LEAVE = "ready to released"
    WINDOW = "start to released"


@dataclass(frozen=True, slots=True)
class Length:
    """How long a stretch was in sessions that have both its ends: for a tenth, half, nine tenths. Minutes."""

    sessions: int = 0
    p10: float | None = None
    median: float | None = None
    p90: float | None = None


Lengths = Mapping[Span, Length]
NONE: Lengths = {span: Length() for span in Span}


@dataclass(frozen=True, slots=True)
class Figures:
    """All that was asked for; a route or a month without sessions has empty lengths."""

    asked: Asked
    sessions: int
    whole: Lengths
    by_route: Mapping[str, Lengths]
    by_month: Mapping[date, Lengths]
    by_month_and_route: Mapping[tuple[date, str], Lengths]


_ENDS = {
    Span.BEFORE: ("checked_in_at", "dose_started_at"),
    Span.TO_READY: ("dose_ended_at", "ready_at"),
    Span.TO_LEAVE: ("ready_at", "ended_at"),
    Span.WINDOW: ("dose_started_at", "ended_at"),
}
# who was transferred or left early was not released when ready
_RELEASED = {Span.TO_LEAVE, Span.WINDOW}


def _column(span: Span) -> str:
    since, until = _ENDS[span]
    only = " WHERE state = 'released'" if span in _RELEASED else " WHERE true"
    taken = f"extract(epoch FROM {until} - {since}) / 60"
    filtered = f"FILTER ({only.strip()})"
    return (
        f"count({taken}) {filtered}, percentile_cont(ARRAY[0.1, 0.5, 0.9])"
        f" WITHIN GROUP (ORDER BY {taken}) {filtered}"
    )


_TIMES = f"""
SELECT grouping(month), grouping(route), month, route, count(*), {", ".join(map(_column, Span))}
FROM ({SHOWN}) shown
GROUP BY GROUPING SETS ((), (month), (route), (month, route))
"""  # noqa: S608  put together from constants


def figures(clinic_id: int, asked: Asked, *, at: datetime) -> Figures:
    """The lengths over the clinic's sessions that were asked for."""
    sessions, whole = 0, NONE
    by_route: dict[str, Lengths] = {}
    by_month: dict[date, Lengths] = {}
    by_both: dict[tuple[date, str], Lengths] = {}
    for all_months, all_routes, month, route, number, *told in rows(_TIMES, values(clinic_id, asked, at)):
        pairs = zip(told[::2], told[1::2], strict=True)
        lengths = {span: Length(n, *(edges or ())) for span, (n, edges) in zip(Span, pairs, strict=True)}
        if all_months and all_routes:
            sessions, whole = number, lengths
        elif all_months:
            by_route[route] = lengths
        elif all_routes:
            by_month[month] = lengths
        else:
            by_both[month, route] = lengths
    return Figures(
        asked=asked,
        sessions=sessions,
        whole=whole,
        by_route=dict(sorted(by_route.items())),
        by_month={month: by_month.get(month, NONE) for month in asked.months},
        by_month_and_route=by_both,
    )
