"""One live session and one more reading: what the panel becomes, what was found, what flags do. Pure.

The corridor calls ``take`` once per reading, in order of ``measured_at``; it stores what comes back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from uuid import UUID, uuid4

from sessions.protocol import Step, next_step
from sessions.states import ENDS
from vitals import rules
from vitals.flagstates import FlagState, Happening, after
from vitals.limits import RANK, Confirm, Direction, LimitRule, LimitSet, Priority, conditions_of
from vitals.measured import Measured
from vitals.panel import (
    Absence,
    Due,
    Latest,
    Panel,
    PanelFlag,
    Postponed,
    add_to_trace,
    answered_at,
)
from vitals.plausible import Judged
from vitals.rules import Finding
from vitals.vital import ABOUT, FIELDS, GROUP, Vital, tidy

PlanOf = Callable[[Panel], Sequence[Step]]


@dataclass(frozen=True, slots=True)
class FlagChange:
    """A flag as it stands after something happened to it; ``opened`` when it is new."""

    flag: PanelFlag
    happening: Happening
    at: datetime
    opened: bool = False
    cause: str = ""

    @property
    def resolved(self) -> bool:
        return self.flag.state is FlagState.RESOLVED


@dataclass(frozen=True, slots=True)
class Found:
    """A finding of one reading, with the live flag it belongs to; None when it is late."""

    finding: Finding
    text: str
    flag_id: UUID | None


@dataclass(slots=True)
class Effects:
    """What one reading did. ``late_fields`` has one bit per field in the order of ``vital.FIELDS``.

    breach: the words of the flag that opened or worsened; empty when none did.
    """

    late_fields: int = 0
    found: list[Found] = field(default_factory=list)
    changes: list[FlagChange] = field(default_factory=list)
    breach: str = ""


_BIT = {name: 1 << position for position, name in enumerate(FIELDS)}


def late_names(bits: int) -> list[str]:
    """The fields whose bits are set."""
    return [name for name, bit in _BIT.items() if bits & bit]


def take(
    panel: Panel,
    judged: Judged,
    measured: Measured,
    *,
    received_at: datetime,
    limits: LimitSet,
    plan_of: PlanOf,
) -> Effects:
    """Judge one plausible reading against the session as it stands, changing ``panel`` in place.

    Late values are judged too, but change no panel and no live flag. So are those that reach a session
    after its end: nothing of it rings any more.
    """
    effects = Effects()
    at = measured.measured_at
    is_history = received_at - at > rules.LATE_AFTER or panel.state in ENDS
    live = _live_values(panel, judged.values, at, effects, is_history=is_history)
    for name, value in live.items():
        panel.values[name] = Latest(tidy(value), at)
        if name in panel.absent and panel.absent[name].at <= at:
            del panel.absent[name]
    if "systolic" in live:
        add_to_trace(panel, tidy(live["systolic"]), at)
    own = rules.findings(judged.values, limits)
    if live and (own or panel.flags):
        _judge_live(panel, live, limits, at, effects)
    for name in judged.zeros:
        zero = zero_finding(name)
        own[zero.condition] = zero
        if is_history or _is_older(panel, name, at):
            effects.late_fields |= _BIT[name]
        else:
            _open_or_continue(panel, zero, judged.values, at, effects, category="technical")
    for finding in own.values():
        is_late = bool(effects.late_fields & _BIT[finding.rule.vital])
        flag = None if is_late else open_flag(panel, finding.condition)
        text = finding_text(finding, judged.values)
        effects.found.append(Found(finding, text, flag.id if flag else None))
    if not is_history:
        for name, reason in measured.absent.items():
            if name not in panel.absent or at >= panel.absent[name].at:
                panel.absent[name] = Absence(reason, at)
    if _answers_due(panel, live, measured.absent, at):
        replan(panel, plan_of(panel), received_at, effects.changes)
    return effects


def _is_older(panel: Panel, name: str, at: datetime) -> bool:
    """True for a moment before the newest value held of this vital."""
    return name in panel.values and at < panel.values[name].at


def _live_values(
    panel: Panel, values: Mapping[str, float], at: datetime, effects: Effects, *, is_history: bool
) -> Mapping[str, float]:
    """The values that are not late; the bits of those that are go into ``effects``."""
    if is_history:
        effects.late_fields = sum(_BIT[name] for name in values)
        return {}
    late = [name for name in values if _is_older(panel, name, at)]
    if not late:
        return values
    effects.late_fields = sum(_BIT[name] for name in late)
    return {name: value for name, value in values.items() if name not in late}


def _judge_live(
    panel: Panel, live: Mapping[str, float], limits: LimitSet, at: datetime, effects: Effects
) -> None:
    """Move the flags of every condition that the live values bear on."""
    newest = {name: float(latest.value) for name, latest in panel.values.items()}
    verdicts = rules.findings(newest, limits)
    in_question = verdicts.keys() | {flag.condition for flag in panel.flags}
    for condition in sorted(in_question & _bearing_on(tuple(live))):
        verdict = verdicts.get(condition)
        flag = open_flag(panel, condition)
        if flag is not None and rules.still_held(flag, newest):
            held_rank = RANK[flag.priority]
            if verdict is None or RANK[verdict.priority] < held_rank:
                continue
        if verdict is not None:
            _open_or_continue(panel, verdict, newest, at, effects, category="physiological")
        elif flag is not None:
            settle(panel, flag, at, effects.changes, cause="inside limits")
    for flag in list(panel.flags):
        if flag.condition.endswith("-zero") and flag.vital in live and at > flag.opened_at:
            settle(panel, flag, at, effects.changes, cause="monitor reads again")


# monitors send the same few vitals again and again
_bearing_on = lru_cache(maxsize=512)(conditions_of)


def _open_or_continue(
    panel: Panel,
    verdict: Finding,
    values: Mapping[str, float],
    at: datetime,
    effects: Effects,
    *,
    category: str,
) -> None:
    """Open the condition's flag, or carry the newest value into the one that is open."""
    flag = open_flag(panel, verdict.condition)
    happening = rules.what_happens(flag, verdict)
    if happening is None:
        return
    opened = flag is None
    if flag is None:
        flag = PanelFlag(
            id=uuid4(),
            condition=verdict.condition,
            priority=verdict.priority,
            category=category,
            state=FlagState.ACTIVE,
            text="",
            opened_at=at,
            readings=0,
        )
        panel.flags.append(flag)
    else:
        flag.state = after(flag.state, happening)
    if happening is Happening.WORSENED:
        flag.acknowledged_by = flag.acknowledged_at = flag.action = None
        flag.taken_at_values = {}
        flag.peak_taken = False
    flag.priority = verdict.priority
    if opened or RANK[verdict.priority] > RANK[flag.peak]:
        flag.peak = verdict.priority
    flag.rule = verdict.rule.code
    flag.vital = verdict.rule.vital.value
    flag.direction = verdict.rule.direction
    flag.value = tidy(verdict.value)
    flag.threshold = tidy(verdict.rule.threshold)
    flag.text = finding_text(verdict, values)
    flag.readings += 1
    if category == "physiological" and (opened or happening is Happening.WORSENED):
        effects.breach = flag.text
    effects.changes.append(FlagChange(flag, happening, at, opened=opened))


def settle(panel: Panel, flag: PanelFlag, at: datetime, changes: list[FlagChange], *, cause: str) -> None:
    """The condition is gone: resolve its flag, or latch a high one that nobody took."""
    happening = rules.what_happens(flag, None)
    assert happening is not None, "an open flag without a verdict always settles"  # noqa: S101
    state = after(flag.state, happening)
    if state is flag.state:
        return
    flag.state = state
    if state is FlagState.RESOLVED:
        panel.flags.remove(flag)
    else:
        flag.priority = flag.peak
    changes.append(FlagChange(flag, happening, at, cause=cause))


def take_flag(panel: Panel, flag: PanelFlag, *, by: str, action: str, at: datetime) -> FlagChange:
    """Somebody took the flag, at the values it shows now; a latched one has thereby been seen and ends.

    So does a patient's call: it asks for somebody, and somebody comes. The next call is a new one.
    """
    flag.state = after(flag.state, Happening.TAKEN)
    if flag.condition == rules.CALL_CONDITION:
        flag.state = after(flag.state, Happening.SETTLED)
    flag.acknowledged_by, flag.acknowledged_at, flag.action = by, at, action
    flag.taken_at_values = {
        name: latest.value
        for name, latest in panel.values.items()
        if f"{GROUP[name]}-{flag.direction}" == flag.condition
    }
    flag.peak_taken = True
    if flag.state is FlagState.RESOLVED:
        panel.flags.remove(flag)
    return FlagChange(flag, Happening.TAKEN, at, cause="acknowledged")


def reopen_flag(panel: Panel, flag: PanelFlag, at: datetime, *, cause: str) -> FlagChange:
    """Who had taken the flag is gone, so it asks for somebody again."""
    flag.state = after(flag.state, Happening.REOPENED)
    flag.acknowledged_by = flag.acknowledged_at = flag.action = None
    flag.taken_at_values = {}
    return FlagChange(flag, Happening.REOPENED, at, cause=cause)


def open_flag(panel: Panel, condition: str) -> PanelFlag | None:
    """The open live flag of a condition; there is never more than one."""
    return next((flag for flag in panel.flags if flag.condition == condition), None)


def zero_finding(name: str) -> Finding:
    """A monitor that sends 0 has most likely lost its sensor; the patient is looked at all the same."""
    rule = LimitRule(
        code="MON-0",
        vital=Vital(name),
        direction=Direction.LOW,
        priority=Priority.MEDIUM,
        threshold=0,
        source="a monitor that lost its sensor sends 0; example",
        confirm=Confirm.AT_ONCE,
    )
    return Finding(f"{GROUP[name]}-zero", rule, 0)


def finding_text(finding: Finding, values: Mapping[str, float]) -> str:
    """The words of a flag for this finding."""
    if finding.rule.code == "MON-0":
        return f"Monitor reads {ABOUT[finding.rule.vital].short} 0: look at the patient and the sensor"
    return rules.text_of(finding, values)


# --- the patient calls


def call_nurse(panel: Panel, at: datetime) -> FlagChange | None:
    """Open the patient's call; None when it is open already."""
    if open_flag(panel, rules.CALL_CONDITION) is not None:
        return None
    flag = PanelFlag(
        id=uuid4(),
        condition=rules.CALL_CONDITION,
        priority=Priority.MEDIUM,
        category="physiological",
        state=FlagState.ACTIVE,
        text="Patient calls",
        opened_at=at,
        readings=0,
        rule="CALL",
        peak=Priority.MEDIUM,
    )
    panel.flags.append(flag)
    return FlagChange(flag, Happening.BREACHED, at, opened=True)


# --- what is due next


def _answers_due(panel: Panel, live: Mapping[str, float], absent: Mapping[str, str], at: datetime) -> bool:
    """True when the reading holds anything that the next set still lacks; before it opens, nothing counts."""
    if panel.due is None or at < panel.due.opens_at:
        return False
    return any(name in live or name in absent for name in panel.due.missing)


def replan(panel: Panel, steps: Sequence[Step], at: datetime, changes: list[FlagChange]) -> None:
    """Set what is due next, and settle an overdue flag whose set has come."""
    found = next_step(steps, answered_at(panel), rings_from=panel.rings_from)
    if found is None:
        panel.due = None
    else:
        step, missing = found
        overdue_at = rules.overdue_at(step.due_at)
        if step.postponed_min and step.every_min is None:
            # a window that was not moved is never left unrung
            overdue_at = min(overdue_at, step.closes_at)
        panel.due = Due(
            label=step.label,
            at=step.due_at,
            opens_at=step.opens_at,
            closes_at=step.closes_at,
            every_min=step.every_min,
            overdue_at=overdue_at,
            overdue_medium_at=rules.overdue_medium_at(step.due_at, step.every_min, step.closes_at),
            missing=list(missing),
            postponed=_postponed(panel, step) if step.postponed_min else None,
        )
    overdue = open_flag(panel, rules.OVERDUE_CONDITION)
    if overdue is not None and (panel.due is None or at < panel.due.overdue_at):
        cause = "postponed" if panel.due is not None and panel.due.postponed else "set charted"
        settle(panel, overdue, at, changes, cause=cause)


def _postponed(panel: Panel, step: Step) -> Postponed | None:
    """What put this step off."""
    return next(
        (one for one in panel.postponed if (one.label, one.due_at) == (step.label, step.planned_at)), None
    )


def next_alert_at(panel: Panel) -> datetime | None:
    """When ``watch`` must look again: the next edge of the set that is due."""
    if panel.due is None:
        return None
    overdue = open_flag(panel, rules.OVERDUE_CONDITION)
    if overdue is None:
        return panel.due.overdue_at
    return panel.due.overdue_medium_at if overdue.priority is Priority.LOW else None


def mark_overdue(panel: Panel, at: datetime) -> list[FlagChange]:
    """Open or raise the overdue flag when its time has passed; empty when it has not."""
    due = panel.due
    if due is None or at < due.overdue_at:
        return []
    priority = Priority.MEDIUM if at >= due.overdue_medium_at else Priority.LOW
    flag = open_flag(panel, rules.OVERDUE_CONDITION)
    if flag is not None and RANK[flag.priority] >= RANK[priority]:
        return []
    missed = due.every_min is None and at >= due.closes_at
    text = f"{due.label}: window missed" if missed else f"{due.label} overdue"
    if flag is None:
        flag = PanelFlag(
            id=uuid4(),
            condition=rules.OVERDUE_CONDITION,
            priority=priority,
            category="technical",
            state=FlagState.ACTIVE,
            text=text,
            opened_at=due.overdue_at,
            readings=0,
            rule="DUE",
            peak=priority,
        )
        panel.flags.append(flag)
        return [FlagChange(flag, Happening.BREACHED, at, opened=True)]
    flag.state = after(flag.state, Happening.WORSENED)
    flag.priority = flag.peak = priority
    flag.text = text
    flag.acknowledged_by = flag.acknowledged_at = flag.action = None
    return [FlagChange(flag, Happening.WORSENED, at)]


def rejudge(
    panel: Panel, names: set[str], limits: LimitSet, at: datetime, *, unfounded: frozenset[UUID]
) -> Effects:
    """After a correction of newest values: the flags of their conditions follow, cause "corrected".

    names:     vitals whose newest value is another one now.
    unfounded: open flags that rested on the corrected reading alone. Such a flag ends when nothing is met any
               more, whatever its priority was; one that other readings also raised settles like any other,
               so a high one that nobody took still waits for somebody.
    """
    effects = Effects()
    newest = {name: float(latest.value) for name, latest in panel.values.items()}
    verdicts = rules.findings(newest, limits)
    for condition in sorted(conditions_of(names)):
        verdict = verdicts.get(condition)
        flag = open_flag(panel, condition)
        if verdict is not None:
            if flag is not None and flag.id in unfounded:
                flag.peak = verdict.priority
            _open_or_continue(panel, verdict, newest, at, effects, category="physiological")
        elif flag is not None and flag.id in unfounded:
            flag.state = after(flag.state, Happening.CORRECTED)
            panel.flags.remove(flag)
            effects.changes.append(FlagChange(flag, Happening.CORRECTED, at, cause="corrected"))
        elif flag is not None and not rules.still_held(flag, newest):
            settle(panel, flag, at, effects.changes, cause="corrected")
    return effects
