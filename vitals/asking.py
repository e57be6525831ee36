"""How a flag asks for somebody: taken, paused, drawn by a board, taken up a step, reopened. Pure.

Everything hangs on ``asks_since``: the moment, by our own clock, from which it waits for a person. All steps
are computed from it and the clinic's rows, so that a watch that was away makes up for what it missed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from vitals.flagstates import FlagState, Happening, after
from vitals.limits import RANK, Audience, Kind, LimitRule, LimitSet, Priority
from vitals.panel import PanelFlag

ASKING = frozenset({FlagState.ACTIVE, FlagState.LATCHED})


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody is to be told of a flag: that it is high, or that nobody has taken it.

    step: 0 for what is told at once, then the steps of the clinic's rows.
    """

    step: int
    cause: str
    audience: Audience


def ask(flag: PanelFlag, at: datetime) -> None:
    """From now on the flag asks, as if for the first time."""
    flag.asks_since = at
    flag.escalated = 0
    flag.drawn_at = None
    flag.undrawn = False
    flag.acknowledged_by = flag.acknowledged_at = flag.action = flag.acknowledged_by_id = None
    flag.taken_at_values = {}
    stop_pause(flag)
    if flag.activated_at is None:
        flag.activated_at = at


def ask_no_more(flag: PanelFlag) -> None:
    flag.asks_since = None
    flag.undrawn = False
    stop_pause(flag)


def latch(flag: PanelFlag, at: datetime) -> None:
    """What it was raised for is gone and nobody has looked: it goes on asking, and no pause outlives it."""
    stop_pause(flag)
    flag.asks_since = flag.asks_since or at


def stop_pause(flag: PanelFlag) -> None:
    flag.paused_by = flag.paused_until = flag.pause_reason = None


def pause(flag: PanelFlag, *, by: str, until: datetime, reason: str) -> None:
    """No sound and no escalation until then; it stays on every screen. raises: KeyError in a wrong state."""
    flag.state = after(flag.state, Happening.PAUSED)
    flag.asks_since = None
    flag.paused_by, flag.paused_until, flag.pause_reason = by, until, reason


def end_pause(flag: PanelFlag, at: datetime) -> None:
    flag.state = after(flag.state, Happening.PAUSE_ENDED)
    ask(flag, at)


def reopen(flag: PanelFlag, at: datetime) -> None:
    """Who had taken it is gone, so it asks for somebody again."""
    flag.state = after(flag.state, Happening.REOPENED)
    ask(flag, at)


def steps(limits: LimitSet, priority: Priority) -> list[LimitRule]:
    """The clinic's steps for flags of this priority, the earliest first."""
    rows = [rule for rule in limits.of_kind[Kind.ESCALATION] if rule.level <= RANK[priority]]
    return sorted(rows, key=lambda rule: rule.after_s or 0)


def undrawn_at(flag: PanelFlag, limits: LimitSet) -> datetime | None:
    """When the flag must have been drawn by a board; None when it was, or need not be."""
    if flag.asks_since is None or flag.drawn_at is not None or flag.undrawn:
        return None
    rows = [rule for rule in limits.of_kind[Kind.UNDRAWN] if rule.level <= RANK[flag.priority]]
    return min((flag.asks_since + timedelta(seconds=rule.after_s or 0) for rule in rows), default=None)


def next_step_at(flag: PanelFlag, limits: LimitSet) -> datetime | None:
    """When the flag is taken up another step; None when there is none left."""
    if flag.asks_since is None:
        return None
    left = steps(limits, flag.priority)[flag.escalated :]
    return flag.asks_since + timedelta(seconds=left[0].after_s or 0) if left else None


def due_calls(flag: PanelFlag, limits: LimitSet, at: datetime) -> Iterator[Call]:
    """Every call whose time has come, in order; the flag remembers that it was made."""
    must_by = undrawn_at(flag, limits)
    if must_by is not None and must_by <= at:
        flag.undrawn = True
        yield Call(0, "no board has drawn it", Audience.ON_DUTY)
    while (step_at := next_step_at(flag, limits)) is not None and step_at <= at:
        rule = steps(limits, flag.priority)[flag.escalated]
        flag.escalated += 1
        yield Call(flag.escalated, "nobody has taken it", rule.audience or Audience.SUPERVISORS)


def drawn(flag: PanelFlag, at: datetime) -> bool:
    """A board has drawn the flag. True when it is the first since it began to ask."""
    if flag.asks_since is None or flag.drawn_at is not None:
        return False
    flag.drawn_at = at
    flag.undrawn = False
    return True
