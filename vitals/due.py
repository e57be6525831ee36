"""What is due at a chair: the next set, its overdue flag, and single vitals to be measured again. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sessions.protocol import Step, next_step
from vitals import asking, rules
from vitals.flag_changes import FlagChange, open_flag, open_technical, settle
from vitals.flagstates import Happening, after
from vitals.limits import RANK, Kind, LimitRule, LimitSet, Priority
from vitals.panel import Due, Panel, Postponed, Recheck, answered_at
from vitals.vital import FIELDS, GROUP

# a re-check and a set that lie so close are one visit to the chair
MERGED_WITHIN = timedelta(minutes=3)
# how long after it was due a set rings that no row rings for: beyond every session
NEVER = timedelta(days=365)


def replan(
    panel: Panel, steps: Sequence[Step], limits: LimitSet, at: datetime, changes: list[FlagChange]
) -> None:
    """Set what is due next, and settle an overdue flag whose set has come."""
    panel.due = next_set(panel, steps, limits)
    overdue = open_flag(panel, rules.OVERDUE_CONDITION)
    if overdue is not None and (panel.due is None or at < panel.due.overdue_at):
        cause = "postponed" if panel.due is not None and panel.due.postponed else "set charted"
        settle(panel, overdue, at, changes, cause=cause)
    plan_rechecks(panel)


def mark_overdue(panel: Panel, limits: LimitSet, at: datetime, changes: list[FlagChange]) -> None:
    """Open or raise the overdue flag when its time has passed."""
    planned = panel.due
    if planned is None or at < planned.overdue_at:
        return
    priority = Priority.MEDIUM if at >= planned.overdue_medium_at else Priority.LOW
    flag = open_flag(panel, rules.OVERDUE_CONDITION)
    if flag is not None and RANK[flag.priority] >= RANK[priority]:
        return
    missed = planned.every_min is None and at >= planned.closes_at
    text = f"{planned.label}: window missed" if missed else f"{planned.label} overdue"
    rule = next(iter(limits.of_kind[Kind.WINDOW_MISSED]), None) if missed else None
    rule = rule or overdue_rule(limits, priority)
    if flag is None:
        flag = open_technical(
            panel, rules.OVERDUE_CONDITION, rule, text, planned.overdue_at, at, changes, priority=priority
        )
        flag.priority = flag.peak = priority
        return
    flag.state = after(flag.state, Happening.WORSENED)
    flag.priority = flag.peak = priority
    flag.text = text
    flag.rule = rule.code if rule else ""
    asking.ask(flag, at)
    changes.append(FlagChange(flag, Happening.WORSENED, at))


def next_set(panel: Panel, steps: Sequence[Step], limits: LimitSet) -> Due | None:
    """The next set of the plan that is not complete yet, with the edges at which it rings."""
    found = next_step(steps, answered_at(panel), rings_from=panel.rings_from)
    if found is None:
        return None
    step, missing = found
    overdue_at = step.due_at + _after(limits, Priority.LOW)
    if step.postponed_min and step.every_min is None:
        # a window that was not moved is never left unrung
        overdue_at = min(overdue_at, step.closes_at)
    return Due(
        label=step.label,
        at=step.due_at,
        opens_at=step.opens_at,
        closes_at=step.closes_at,
        every_min=step.every_min,
        overdue_at=overdue_at,
        overdue_medium_at=_medium_at(step, limits),
        missing=list(missing),
        postponed=_postponed(panel, step) if step.postponed_min else None,
    )


def _medium_at(step: Step, limits: LimitSet) -> datetime:
    """After one interval or what the row says, whichever is less.

    A single set, such as the 40-minute blood pressure, has no interval: there it is its window's end.
    """
    at_most = _after(limits, Priority.MEDIUM)
    if step.every_min is None:
        missed = limits.of_kind[Kind.WINDOW_MISSED]
        return min(step.closes_at, step.due_at + at_most) if missed else step.due_at + at_most
    interval = timedelta(minutes=step.every_min)
    return step.due_at + max(_after(limits, Priority.LOW), min(interval, at_most))


def _after(limits: LimitSet, priority: Priority) -> timedelta:
    row = overdue_rule(limits, priority)
    return timedelta(seconds=row.after_s or 0) if row is not None else NEVER


def overdue_rule(limits: LimitSet, priority: Priority) -> LimitRule | None:
    return next((rule for rule in limits.of_kind[Kind.OVERDUE] if rule.priority is priority), None)


def _postponed(panel: Panel, step: Step) -> Postponed | None:
    """What put this step off."""
    return next(
        (one for one in panel.postponed if (one.label, one.due_at) == (step.label, step.planned_at)), None
    )


def plan_rechecks(panel: Panel) -> None:
    """List what is to be measured again, merged with a set that is due about then.

    A re-check never moves the set's own clock; where the set comes a little later, the re-check waits for it.
    """
    panel.rechecks = []
    for flag in panel.flags:
        if not flag.confirming:
            continue
        group = flag.condition.rpartition("-")[0]
        vitals = [name for name in FIELDS if GROUP[name] == group and name != "mean"]
        with_set = False
        for track in flag.confirming:
            due = panel.due
            if due is None or not set(vitals) & set(due.missing):
                continue
            apart = due.at - track.recheck_at
            if abs(apart) <= MERGED_WITHIN:
                with_set = True
                if apart > timedelta(0):
                    track.recheck_at += apart
                    track.unless_by += apart
        at = min(track.recheck_at for track in flag.confirming)
        panel.rechecks.append(Recheck(flag.condition, vitals, at, with_set))
    panel.rechecks.sort(key=lambda one: (one.at, one.condition))
