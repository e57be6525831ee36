"""Which sessions figures are asked of: whole months, and what they may be narrowed to. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Asked:
    """Which sessions: those checked in from the first day of one month to the last of another.

    first, last: any day of their month, in the clinic's zone; both months are in it.
    protocol, route, indication: by their codes; empty for all. The indication is the course's.
    """

    first: date
    last: date
    zone: ZoneInfo
    protocol: str = ""
    route: str = ""
    indication: str = ""

    @property
    def months(self) -> list[date]:
        """The first day of every month asked for."""
        days, day = [], self.first.replace(day=1)
        while day <= self.last:
            days.append(day)
            day = month_after(day)
        return days

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first.replace(day=1), time(), self.zone)

    @property
    def until(self) -> datetime:
        """The midnight after; a month may be an hour shorter or longer than its days."""
        return datetime.combine(month_after(self.last), time(), self.zone)


def month_after(day: date) -> date:
    """The first day of the next month."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def months_before(day: date, months: int) -> date:
    """The first day of the month so many months before."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)
