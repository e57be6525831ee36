"""Two limit sets over the same past session, and over many: what each would have raised and missed. Pure.

Only flags of medium and high priority are held against each other; those of low are counted. Times are lax by
``NEAR``, for two sets may raise the same thing at another minute of it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from vitals.limits import LimitSet, Priority
from vitals.replaying import FlagStory, PastSession, Replay, run

NEAR = timedelta(minutes=15)
# in both columns alike: somebody takes each flag so long after it began to ask
TAKEN_AFTER = timedelta(minutes=2)
COMPARED = frozenset({Priority.MEDIUM, Priority.HIGH})


class KnownKind(StrEnum):
    """Why something counts as having happened."""

    ACTED = "flag that led to an action"
    HIGH = "high flag that somebody took"
    ADVERSE = "serious adverse event"
    SYMPTOM = "serious symptom"


class Known(msgspec.Struct, frozen=True):
    """Something that happened, by the record. ``condition`` is empty where no single one is meant.

    since, until: a limit set has seen it when it has a flag active between the two, or near them.
    """

    kind: KnownKind
    words: str
    since: datetime
    until: datetime
    condition: str = ""


class Raised(msgspec.Struct, frozen=True):
    """A flag that a set would have raised. ``until`` is None when it was open at the session's end."""

    condition: str
    category: str
    rule: str
    priority: Priority
    text: str
    at: datetime
    until: datetime | None


class Side(msgspec.Struct, frozen=True):
    """What one limit set makes of one session. ``late``: findings of late readings, which ring nothing."""

    flags: list[Raised]
    rechecks: int
    late: int


class KnownSeen(msgspec.Struct, frozen=True):
    """A known event, and whether each set would have had a flag for it."""

    known: Known
    beside: bool
    tried: bool


class Compared(msgspec.Struct, frozen=True):
    """One session under the set that is tried, beside the other one. ``failure`` is empty when it worked."""

    watched_s: float = 0
    beside: Side = Side([], 0, 0)
    tried: Side = Side([], 0, 0)
    known: list[KnownSeen] = []
    added: list[Raised] = []
    dropped: list[Raised] = []
    failure: str = ""


def compare(past: PastSession, known: Iterable[Known], *, beside: LimitSet, tried: LimitSet) -> Compared:
    """Run one session twice and hold the two against each other."""
    sides = [run(past, limits, taken_after=TAKEN_AFTER) for limits in (beside, tried)]
    first, second = ([one for one in side.flags if one.peak in COMPARED] for side in sides)
    return Compared(
        watched_s=past.watched.total_seconds(),
        beside=_side(sides[0]),
        tried=_side(sides[1]),
        known=[KnownSeen(one, _sees(first, one), _sees(second, one)) for one in known],
        added=[_raised(one) for one in second if not _has_twin(one, first)],
        dropped=[_raised(one) for one in first if not _has_twin(one, second)],
    )


def _side(replay: Replay) -> Side:
    return Side(
        flags=[_raised(one) for one in replay.flags],
        rechecks=sum(1 for one in replay.stories.values() if not one.is_flag),
        late=sum(1 for one in replay.findings if one.late),
    )


def _raised(one: FlagStory) -> Raised:
    assert one.activated_at is not None, "of flags that asked for somebody"  # noqa: S101
    return Raised(one.condition, one.category, one.rule, one.peak, one.text, one.activated_at, one.ended_at)


def _sees(flags: Iterable[FlagStory], known: Known) -> bool:
    """True for a flag of its condition about then; of anything of the body where no condition is meant."""
    return any(
        (one.condition == known.condition if known.condition else one.category == "physiological")
        and one.active_between(known.since - NEAR, known.until + NEAR)
        for one in flags
    )


def _has_twin(one: FlagStory, others: Iterable[FlagStory]) -> bool:
    assert one.activated_at is not None, "of flags that asked for somebody"  # noqa: S101
    since, until = one.activated_at - NEAR, one.activated_at + NEAR
    return any(other.condition == one.condition and other.active_between(since, until) for other in others)


# --- in sum


@dataclass(frozen=True, slots=True)
class SideSum:
    """What one set comes to over all sessions; rates are of medium and high flags together."""

    high: int = 0
    medium: int = 0
    low: int = 0
    technical: int = 0
    rechecks: int = 0
    late: int = 0
    sessions_without: int = 0
    per_session: float = 0
    per_hour: float = 0

    @property
    def asking(self) -> int:
        return self.high + self.medium


@dataclass(frozen=True, slots=True)
class RuleRow:
    """How many flags a rule raised under each set, medium and high."""

    rule: str
    beside: int
    tried: int

    @property
    def change(self) -> int:
        return self.tried - self.beside


@dataclass(frozen=True, slots=True)
class KnownRow:
    """Known events of one kind, and how many of them each set has a flag for."""

    kind: KnownKind
    happened: int
    beside: int
    tried: int


@dataclass(frozen=True, slots=True)
class Sum:
    """Every session of a replay. ``missed``: known events without a flag under the set that is tried."""

    sessions: int = 0
    failed: int = 0
    watched_hours: float = 0
    beside: SideSum = SideSum()
    tried: SideSum = SideSum()
    rules: Sequence[RuleRow] = ()
    known: Sequence[KnownRow] = ()
    missed: Sequence[tuple[UUID, KnownSeen]] = ()
    added: Sequence[tuple[UUID, Raised]] = ()
    dropped: Sequence[tuple[UUID, Raised]] = ()

    @property
    def happened(self) -> int:
        return sum(row.happened for row in self.known)

    @property
    def newly_missed(self) -> int:
        """Known events that the other set has a flag for, and the one that is tried has not."""
        return sum(1 for _, one in self.missed if one.beside)


def sum_up(results: Mapping[UUID, Compared]) -> Sum:
    """The sum over sessions; those that could not be replayed are counted and add nothing else."""
    worked = {id_: one for id_, one in results.items() if not one.failure}
    hours = sum(one.watched_s for one in worked.values()) / 3600
    known = [(id_, seen) for id_, one in worked.items() for seen in one.known]
    return Sum(
        sessions=len(worked),
        failed=len(results) - len(worked),
        watched_hours=hours,
        beside=_sum_side([one.beside for one in worked.values()], hours),
        tried=_sum_side([one.tried for one in worked.values()], hours),
        rules=_rules(worked.values()),
        known=[
            _known_row(kind, [seen for _, seen in known if seen.known.kind is kind]) for kind in KnownKind
        ],
        missed=[(id_, seen) for id_, seen in known if not seen.tried],
        added=[(id_, flag) for id_, one in worked.items() for flag in one.added],
        dropped=[(id_, flag) for id_, one in worked.items() for flag in one.dropped],
    )


def _sum_side(sides: Sequence[Side], hours: float) -> SideSum:
    of = Counter(flag.priority for side in sides for flag in side.flags)
    asking = [[flag for flag in side.flags if flag.priority in COMPARED] for side in sides]
    count = sum(map(len, asking))
    return SideSum(
        high=of[Priority.HIGH],
        medium=of[Priority.MEDIUM],
        low=of[Priority.LOW],
        technical=sum(1 for flags in asking for flag in flags if flag.category == "technical"),
        rechecks=sum(side.rechecks for side in sides),
        late=sum(side.late for side in sides),
        sessions_without=sum(1 for flags in asking if not flags),
        per_session=count / len(sides) if sides else 0,
        per_hour=count / hours if hours else 0,
    )


def _rules(results: Iterable[Compared]) -> list[RuleRow]:
    counts = (Counter[str](), Counter[str]())
    for one in results:
        for count, side in zip(counts, (one.beside, one.tried), strict=True):
            count.update(flag.rule for flag in side.flags if flag.priority in COMPARED)
    rows = [RuleRow(rule, counts[0][rule], counts[1][rule]) for rule in counts[0] | counts[1]]
    return sorted(rows, key=lambda row: (-max(row.beside, row.tried), row.rule))


def _known_row(kind: KnownKind, seen: Sequence[KnownSeen]) -> KnownRow:
    return KnownRow(kind, len(seen), sum(one.beside for one in seen), sum(one.tried for one in seen))
