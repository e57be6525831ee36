"""When a form is due, and how near that is. Pure.

source: within 7 days of every session, read as calendar time (clinical facts 1.5); countdown from the
session's end, amber at day 4, red at day 6 (clinical facts 1.6, build note). Working days are Monday to
Friday; holidays are the clinic's to know, for none are listed here.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DUE_AFTER = timedelta(days=7)
AMBER_AFTER = timedelta(days=4)
RED_AFTER = timedelta(days=6)
SATURDAY = 5


class Urgency(StrEnum):
    """``value`` is the state that screens know: plain, medium (amber), high (red)."""

    PLAIN = "plain"
    AMBER = "medium"
    RED = "high"


@dataclass(frozen=True, slots=True)
class Due:
    """How a form stands before it is filed. ``warning``: of the last working day, from that day on."""

    at: datetime
    urgency: Urgency
    words: str
    warning: str
    overdue: bool


def due_at(ended_at: datetime) -> datetime:
    """Seven times 24 hours after the session's end, whatever clocks are changed between."""
    return ended_at.astimezone(UTC) + DUE_AFTER


def last_working_day(due: datetime, zone: ZoneInfo) -> date:
    """The last day from Monday to Friday before the day on which it is due, by the clinic's calendar."""
    day = due.astimezone(zone).date() - timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day -= timedelta(days=1)
    return day


def due(ended_at: datetime, at: datetime, zone: ZoneInfo) -> Due:
    """How near the due time is at a moment."""
    ends = due_at(ended_at)
    passed = at - ended_at.astimezone(UTC)
    if at >= ends:
        return Due(ends, Urgency.RED, f"overdue for {_span(at - ends)}", "", overdue=True)
    urgency = (
        Urgency.RED if passed >= RED_AFTER else Urgency.AMBER if passed >= AMBER_AFTER else Urgency.PLAIN
    )
    words = f"due in {_span(ends - at)}"
    return Due(ends, urgency, words, _warning(ends, at, zone), overdue=False)


def _warning(ends: datetime, at: datetime, zone: ZoneInfo) -> str:
    today, last = at.astimezone(zone).date(), last_working_day(ends, zone)
    if today < last:
        return ""
    return "Last working day before it is due" if today == last else f"Last working day was {last:%A}"


def _span(span: timedelta) -> str:
    """Whole days, or hours below two days; never rounded up: no time is promised that is not there."""
    hours = int(span.total_seconds() // 3600)
    if hours >= 48:
        return f"{hours // 24} days"
    return f"{hours} h" if hours else "less than 1 h"
