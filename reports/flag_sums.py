"""What flags came to, as plain sums, and how such a sum is said: small counts are not. Pure.

A figure that a few flags stand behind soon speaks of one person's shift, so no count under five is said, and
no share, rate or time that stands on so few.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

FEWEST = 5
# design targets of this product: proposals to measure by, from no guideline
FLAGS_PER_QUIET_SESSION = 0.5
SHARE_ACTED_ON = 0.5
TAKEN_WITHIN_S = 60
# what was charted so long after a flag counts as what it led to
LED_TO_WITHIN_MIN = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """Which sessions: those checked in from the first day of one month to the last of another.

    first, last: any day of their month, in the clinic's zone; both months are in it.
    protocol, route: empty for all.
    """

    first: date
    last: date
    zone: ZoneInfo
    protocol: str = ""
    route: str = ""

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


@dataclass(frozen=True, slots=True)
class FlagSums:
    """What flags came to. Unless it says otherwise a flag counts when it was more than a re-check, not late.

    high, medium, low:   physiological, by the highest priority each reached.
    technical_…:         the same of technical ones.
    acted_on:            of medium and high ones, those that led to something documented.
    taken:               of medium and high ones, those that somebody took; median_s and p90_s are of these.
    high_in_time:        of high ones, those taken within ``TAKEN_WITHIN_S``.
    undrawn:             high ones that no board reported as drawn when last they asked.
    escalated:           went up a step at least, since they asked last.
    rechecks:            were never more than a re-check, whose value was back inside its limit.
    late:                what late readings showed; they rang nothing.
    """

    high: int = 0
    medium: int = 0
    low: int = 0
    technical_high: int = 0
    technical_medium: int = 0
    technical_low: int = 0
    acted_on: int = 0
    taken: int = 0
    median_s: float | None = None
    p90_s: float | None = None
    high_in_time: int = 0
    overdue: int = 0
    undrawn: int = 0
    escalated: int = 0
    rechecks: int = 0
    late: int = 0

    @property
    def pressing(self) -> int:
        """Medium and high ones, technical ones among them."""
        return self.high + self.medium + self.technical_high + self.technical_medium

    @property
    def highs(self) -> int:
        return self.high + self.technical_high

    @property
    def technical(self) -> int:
        return self.technical_high + self.technical_medium + self.technical_low

    @property
    def flags(self) -> int:
        return self.high + self.medium + self.low + self.technical


@dataclass(frozen=True, slots=True)
class SessionSums:
    """How many sessions, and the hours that they were watched."""

    sessions: int = 0
    watched_h: float = 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that flags named, by its code, and what their flags were about."""

    code: str
    category: str
    condition: str


@dataclass(frozen=True, slots=True)
class Figures:
    """All that was asked for. Every month has its sums; a rule that nothing named has none."""

    asked: Asked
    sessions: SessionSums
    flags: FlagSums
    sessions_by_month: Mapping[date, SessionSums]
    by_month: Mapping[date, FlagSums]
    by_rule: Mapping[Rule, FlagSums]
    by_month_and_rule: Mapping[tuple[date, Rule], FlagSums]


# --- how a sum is said


@dataclass(frozen=True, slots=True)
class Said:
    """A figure in words; ``value`` is None where it is hidden, or there is nothing to say."""

    words: str
    value: float | None = None

    @property
    def sign(self) -> str:
        """What is hidden, as short as a chart has room for; empty for nothing."""
        if self.words == NOTHING:
            return ""
        return self.words.replace("under ", "<").replace("over ", ">").removesuffix(" flags")

    @property
    def cell(self) -> float | str:
        """As a file holds it: a number, words where it is hidden, nothing where there is none."""
        if self.value is not None:
            return self.value
        return "" if self.words == NOTHING else self.words


NOTHING = "–"


def is_few(number: int) -> bool:
    return 0 < number < FEWEST


def count(number: int) -> Said:
    return Said(f"under {FEWEST}") if is_few(number) else Said(f"{number:,}".replace(",", " "), number)


def count_of(part: int, whole: int) -> Said:
    """A part of a whole that is told beside it: also hidden where a few are all that it lacks."""
    if is_few(whole - part) and not is_few(part):
        return Said(f"all but under {FEWEST}")
    return count(part)


def rate(number: int, of: float, *, base: int) -> Said:
    """``number`` for each of ``of``; ``base`` is the count of sessions behind it."""
    if of <= 0:
        return Said(NOTHING)
    if is_few(base):
        return Said(f"under {FEWEST} sessions")
    if is_few(number):
        return Said(f"under {_short(FEWEST / of, up=True)}")
    words = _short(number / of)
    return Said(words, float(words))


def share(part: int, whole: int, *, of: str = "flags") -> Said:
    """A part of a whole, in whole per cent.

    One that a few lack of the whole is said as the whole is that lacks five, for they could be counted.
    """
    if whole == 0:
        return Said(NOTHING)
    if is_few(whole):
        return Said(f"under {FEWEST} {of}")
    edge = round(100 * FEWEST / whole)
    if is_few(part):
        return Said(f"under {edge} %")
    if is_few(whole - part):
        return Said(f"over {100 - edge} %")
    return Said(f"{100 * part / whole:.0f} %", round(100 * part / whole))


def seconds(value: float | None, *, base: int) -> Said:
    """A time, of so many flags; value: s."""
    if value is None or base == 0:
        return Said(NOTHING)
    if is_few(base):
        return Said(f"under {FEWEST} flags")
    whole = round(value)
    return Said(f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60:02} s", whole)


def _short(value: float, *, up: bool = False) -> str:
    """Two places, three for what is small; ``up``: never less than the value."""
    places = 2 if value >= 0.1 else 3
    return f"{math.ceil(value * 10**places) / 10**places if up else value:.{places}f}"
