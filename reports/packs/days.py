"""The days a pack is over, both ends in it, by the clinic's calendar. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_date

from clinic.refusals import Invalid

# days that have a midnight in every zone
EARLIEST, LATEST = date(1990, 1, 1), date(2200, 12, 30)


@dataclass(frozen=True, slots=True)
class Days:
    first: date
    last: date
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        """The first midnight, by the calendar: a day may have 23 or 25 hours."""
        return datetime.combine(self.first, time(), self.zone).astimezone(UTC)

    @property
    def until(self) -> datetime:
        """The midnight after the last day, which is not in it."""
        return datetime.combine(self.last + timedelta(days=1), time(), self.zone).astimezone(UTC)

    @property
    def name(self) -> str:
        """The days as a part of a file's name."""
        return f"{self.first.isoformat()}-{self.last.isoformat()}"

    @property
    def words(self) -> str:
        one = f"{self.first:%-d %b %Y}"
        return one if self.first == self.last else f"{one} to {self.last:%-d %b %Y}"

    @property
    def covers(self) -> dict[str, str]:
        return {"from": self.first.isoformat(), "until": self.last.isoformat(), "time zone": self.zone.key}


def days_of(query: Mapping[str, str], zone: ZoneInfo, *, longest: int) -> Days:
    """The days that a query names as ``from`` and ``until``.

    longest: how many days it may be at most.
    raises: Invalid naming the field, its value and the rule.
    """
    first, last = day_of(query, "from"), day_of(query, "until")
    if first > last:
        raise Invalid(f"from {first} lies after until {last}.", field="from")
    count = (last - first).days + 1
    if count > longest:
        raise Invalid(
            f"until {last} is {count} days from {first}; this pack holds at most {longest} days.",
            field="until",
        )
    return Days(first, last, zone)


def day_of(query: Mapping[str, str], name: str) -> date:
    """raises: Invalid for what is no day."""
    text = query.get(name, "")
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        raise Invalid(f"{name} “{text}” is no day; write it such as 2026-11-23.", field=name)
    return day
