"""From readings to findings, and from findings to what happens to a flag. Pure.

Two questions, kept apart. *What does this reading show?* (``findings``: per condition the strongest row met)
has the same answer in whatever order readings arrive. *What does that do to the open flag?*
(``what_happens``) is asked of live readings only, with the newest values at hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from vitals.flagstates import FlagState, Happening
from vitals.limits import RANK, Direction, LimitRule, LimitSet, Priority
from vitals.panel import PanelFlag
from vitals.vital import ABOUT, GROUP, Vital, shown

# Measured this long before we received it, a value is history whatever the newest held is.
LATE_AFTER = timedelta(minutes=30)

# How far inside a limit the newest value must lie before its flag steps down; BP: not met is enough.
HYSTERESIS: dict[str, float] = {Vital.SPO2: 1, Vital.HEART_RATE: 3, Vital.RESPIRATORY_RATE: 1}
# How far beyond the value that was taken a flag asks for attention again.
WORSE_BY: dict[str, float] = {Vital.SYSTOLIC: 10, Vital.DIASTOLIC: 10, Vital.SPO2: 2, Vital.HEART_RATE: 15}

ZERO_CONDITION = "monitor-zero"
OVERDUE_CONDITION = "overdue"
CALL_CONDITION = "patient-call"


@dataclass(frozen=True, slots=True)
class Finding:
    """The strongest row that a condition's values meet."""

    condition: str
    rule: LimitRule
    value: float

    @property
    def priority(self) -> Priority:
        return self.rule.priority


def findings(values: Mapping[str, float], limits: LimitSet) -> dict[str, Finding]:
    """Per condition, the strongest row of medium or high that these values meet; empty when inside.

    values: plausible ones in the vital's unit, of one moment or the newest of each vital.
    """
    found: dict[str, Finding] = {}
    quiet = limits.quiet
    for name, value in values.items():
        low, high = quiet[name]
        if low < value < high:
            continue
        rule = strongest_rule(name, value, limits)
        if rule is None or RANK[rule.priority] < RANK[Priority.MEDIUM]:
            continue
        held = found.get(rule.condition)
        if held is None or _is_stronger(rule, value, held):
            found[rule.condition] = Finding(rule.condition, rule, value)
    return found


def strongest_rule(name: str, value: float, limits: LimitSet) -> LimitRule | None:
    """The row of highest priority that the value meets, of those the farthest; None when inside all."""
    for rule in limits.strongest_first.get(name, ()):
        if rule.is_met(value):
            return rule
    return None


def _is_stronger(rule: LimitRule, value: float, held: Finding) -> bool:
    """Order between rows of one condition: priority, then how far beyond the threshold, then the name.

    The last key makes the answer independent of the order in which fields are looked at.
    """
    return _order(rule, value) > _order(held.rule, held.value)


def _order(rule: LimitRule, value: float) -> tuple[int, float, str]:
    return RANK[rule.priority], abs(value - rule.threshold), rule.vital.value


def what_happens(flag: PanelFlag | None, verdict: Finding | None) -> Happening | None:
    """What the newest live values do to the open flag of their condition; None when nothing.

    flag:    the open flag, or None.
    verdict: the finding over the newest values of the condition's vitals, or None when none is met.
    """
    if flag is None:
        return None if verdict is None else Happening.BREACHED
    if verdict is None:
        # a flag steps through here only when its own row is no longer met: see ``still_held``
        unseen = flag.peak is Priority.HIGH and not flag.peak_taken
        return Happening.SETTLED_UNSEEN if unseen else Happening.SETTLED
    rose = RANK[verdict.priority] > RANK[flag.priority]
    if rose or flag.state is FlagState.LATCHED or _is_worse_than_taken(flag, verdict):
        return Happening.WORSENED
    eased = RANK[verdict.priority] < RANK[flag.priority]
    return Happening.EASED if eased else Happening.BREACHED


def still_held(flag: PanelFlag, values: Mapping[str, float]) -> bool:
    """True while the value that raised the flag is not yet far enough inside its limit."""
    if flag.vital is None or flag.threshold is None or flag.state is FlagState.LATCHED:
        return False
    margin = HYSTERESIS.get(flag.vital)
    value = values.get(flag.vital)
    if margin is None or value is None:
        return False
    if flag.direction is Direction.HIGH:
        return value > flag.threshold - margin
    return value < flag.threshold + margin


def _is_worse_than_taken(flag: PanelFlag, verdict: Finding) -> bool:
    """True when somebody took the flag and the value has since gone a step beyond what they saw."""
    if flag.state is not FlagState.ACKNOWLEDGED:
        return False
    step = WORSE_BY.get(verdict.rule.vital)
    taken_at = flag.taken_at_values.get(verdict.rule.vital)
    if step is None or taken_at is None:
        return False
    beyond = verdict.value - taken_at
    return (beyond if verdict.rule.direction is Direction.HIGH else -beyond) >= step


def text_of(finding: Finding, values: Mapping[str, float]) -> str:
    """A flag in words, made from the row that fired: "BP 184/104, limit 180"."""
    rule = finding.rule
    if GROUP[rule.vital] == "bp":
        systolic, diastolic = values.get(Vital.SYSTOLIC), values.get(Vital.DIASTOLIC)
        shown_bp = "/".join(shown(part) if part is not None else "–" for part in (systolic, diastolic))
        which = " diastolic" if rule.vital is Vital.DIASTOLIC else ""
        return f"BP {shown_bp}, limit{which} {shown(rule.threshold)}"
    return f"{ABOUT[rule.vital].short} {shown(finding.value)}, limit {shown(rule.threshold)}"


# --- what is overdue

OVERDUE_AFTER = timedelta(minutes=5)
OVERDUE_MEDIUM_AT_MOST = timedelta(minutes=15)


def overdue_at(due_at: datetime) -> datetime:
    """When a set that is due becomes a flag of low priority."""
    return due_at + OVERDUE_AFTER


def overdue_medium_at(due_at: datetime, every_min: int | None, closes_at: datetime) -> datetime:
    """When it becomes one of medium priority: after one interval or 15 minutes, whichever is less.

    A single set, such as the 40-minute blood pressure, has no interval: there it is its window's end.
    """
    if every_min is None:
        return min(closes_at, due_at + OVERDUE_MEDIUM_AT_MOST)
    return due_at + max(OVERDUE_AFTER, min(timedelta(minutes=every_min), OVERDUE_MEDIUM_AT_MOST))


def band(limits: LimitSet) -> dict[str, tuple[float | None, float | None]]:
    """Per vital, the nearest thresholds of medium or high, low and high: what charts shade between."""
    return {
        name: (None if low == float("-inf") else low, None if high == float("inf") else high)
        for name, (low, high) in limits.quiet.items()
    }
