"""What flags came to, as plain sums. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from reports.asked import Asked

# design targets of this product: proposals to measure by, from no guideline
FLAGS_PER_QUIET_SESSION = 0.5
SHARE_ACTED_ON = 0.5
TAKEN_WITHIN_S = 60
# what was charted so long after a flag counts as what it led to
LED_TO_WITHIN_MIN = 10


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
