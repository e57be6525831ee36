"""Weeks and months that exports are made of again and again, and when each is over. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


class Every(StrEnum):
    WEEK = "week"  # Monday to Sunday
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days of the clinic's zone, the last one included."""

    first: date
    last: date


def holding(every: Every, day: date) -> Span:
    """The span a day lies in."""
    if every is Every.WEEK:
        monday = day - timedelta(days=day.weekday())
        return Span(monday, monday + 6 * _DAY)
    first = day.replace(day=1)
    return Span(first, (first + 31 * _DAY).replace(day=1) - _DAY)


def before(every: Every, span: Span) -> Span:
    return holding(every, span.first - _DAY)


def after(every: Every, span: Span) -> Span:
    return holding(every, span.last + _DAY)


def due_at(span: Span, at_hour: int, zone: ZoneInfo) -> datetime:
    """When it is made: at this hour of the day after it, in UTC.

    Where summer time begins and the clocks leave the hour out, an hour later by them; where it ends and they
    show it twice, the first time.
    """
    return datetime.combine(span.last + _DAY, time(at_hour), zone).astimezone(UTC)


def newest_due(every: Every, at_hour: int, zone: ZoneInfo, at: datetime) -> Span:
    """The last span whose hour has come at this moment."""
    span = before(every, holding(every, at.astimezone(zone).date()))
    return span if due_at(span, at_hour, zone) <= at else before(every, span)


def between(every: Every, last: date, span: Span) -> Iterator[Span]:
    """The spans after the one that ended on ``last`` and before ``span``, in order."""
    one = holding(every, last + _DAY)
    while one.last < span.first:
        yield one
        one = after(every, one)
