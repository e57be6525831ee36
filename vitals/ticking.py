"""What the passing of time does to a session, as the watch asks each second; and when to ask. Pure."""

from collections.abc import Iterable
from datetime import datetime

from vitals import asking, confirming, due, judging, rules, technical
from vitals.flag_changes import FlagChange, open_flag, told
from vitals.flagstates import Happening
from vitals.limits import LimitSet, Priority
from vitals.panel import Panel


def next_alert_at(panel: Panel, limits: LimitSet) -> datetime | None:
    """When ``watch`` must look again; None when nothing can happen by itself."""
    return min(_alerts(panel, limits), default=None)


def _alerts(panel: Panel, limits: LimitSet) -> Iterable[datetime]:
    yield from (change.until_at for change in panel.patient_limits if not change.is_over)
    if panel.due is not None:
        overdue = open_flag(panel, rules.OVERDUE_CONDITION)
        if overdue is None:
            yield panel.due.overdue_at
        elif overdue.priority is Priority.LOW:
            yield panel.due.overdue_medium_at
    silent_at = technical.silence_at(panel, limits)
    if silent_at is not None:
        yield silent_at
    for flag in panel.flags:
        yield from (track.unless_by for track in flag.confirming)
        for at in (flag.paused_until, asking.undrawn_at(flag, limits), asking.next_step_at(flag, limits)):
            if at is not None:
                yield at


def tick(panel: Panel, limits: LimitSet, at: datetime) -> list[FlagChange]:
    """Everything whose time has come; empty when nothing has.

    What was not re-checked, overdue sets, silent monitors, pauses and limits of this patient that end, and
    calls for somebody else.
    """
    changes: list[FlagChange] = []
    ended = [change for change in panel.patient_limits if change.until_at <= at and not change.is_over]
    for change in ended:
        change.is_over = True
    if ended:
        judging.reassess(panel, limits, at, changes)
    for flag in list(panel.flags):
        if flag.paused_until is not None and flag.paused_until <= at:
            asking.end_pause(flag, at)
            changes.append(FlagChange(flag, Happening.PAUSE_ENDED, at, call=told(flag)))
        track = confirming.not_rechecked(flag, at)
        if track is not None:
            changes.append(judging.raise_unchecked(panel, flag, track, limits, at))
    due.mark_overdue(panel, limits, at, changes)
    technical.mark_silence(panel, limits, at, changes)
    for flag in panel.flags:
        for call in asking.due_calls(flag, limits, at):
            changes.append(FlagChange(flag, Happening.ESCALATED, at, cause=call.cause, call=call))
    due.plan_rechecks(panel)
    return changes
