"""A set put off, on the panel: what is due moves, what is overdue moves with it, and the rest stays."""

from datetime import timedelta

import pytest

from sessions.postponing import moved
from sessions.shipped import IV_KETAMINE, NASAL_ESKETAMINE
from tests.unit.vitals.live import FULL_SET, LIMITS, conditions, live_panel, minute, planned, take, ticked
from vitals import due, ticking
from vitals.flag_changes import FlagChange
from vitals.panel import Postponed, decode, encode


def plan_of(panel, rules=IV_KETAMINE):
    moves = {(one.label, one.due_at): one.minutes for one in panel.postponed}
    return moved(planned(panel, rules), moves)


def nasal_plan(panel):
    return plan_of(panel, NASAL_ESKETAMINE)


def postpone(panel, label, due_min, at_min, *, by=5, plan=plan_of):
    changes: list[FlagChange] = []
    panel.postponed.append(Postponed(label, minute(due_min), by, "Nurse A", "In the bathroom"))
    due.replan(panel, plan(panel), LIMITS, minute(at_min), changes)
    return changes


def test_the_due_time_and_both_overdue_times_move_together():
    panel = live_panel()
    postpone(panel, "Set during infusion", 10, 8)
    assert panel.due is not None
    assert (panel.due.at, panel.due.overdue_at, panel.due.overdue_medium_at) == (
        minute(15),
        minute(20),
        minute(25),
    )
    assert panel.due.postponed == panel.postponed[0]
    assert ticking.next_alert_at(panel, LIMITS) == minute(20)
    assert decode(encode(panel)) == panel


def test_nothing_rings_at_the_time_it_was_moved_from():
    panel = live_panel()
    postpone(panel, "Set during infusion", 10, 8)
    assert ticked(panel, 19.9) == []
    assert len(ticked(panel, 20)) == 1


def test_an_overdue_flag_ends_with_the_cause_postponed():
    panel = live_panel()
    ticked(panel, 15)
    assert conditions(panel) == {"overdue": ("low", "active")}
    [change] = postpone(panel, "Set during infusion", 10, 15.5, by=9)
    assert (change.resolved, change.cause) == (True, "postponed")


def test_the_set_after_it_is_due_when_it_always_was():
    panel = live_panel(plan_of=plan_of)
    postpone(panel, "Set during infusion", 10, 8)
    take(panel, 14, plan_of=plan_of, **FULL_SET)
    assert panel.due is not None
    assert (panel.due.at, panel.due.postponed) == (minute(20), None)


def test_undone_the_plan_is_as_if_it_never_was():
    panel = live_panel()
    before = panel.due
    postpone(panel, "Set during infusion", 10, 8)
    panel.postponed.clear()
    due.replan(panel, plan_of(panel), LIMITS, minute(9), [])
    assert panel.due == before


@pytest.mark.parametrize(("by", "due_min", "rings_min"), [(5, 45, 50), (10, 50, 50)])
def test_the_40_minute_pressure_rings_when_its_window_ends(by, due_min, rings_min):
    panel = live_panel(plan_of=nasal_plan, planned_end_at=minute(5))
    take(panel, 36, plan_of=nasal_plan, spo2=98, sedation=5)
    panel.rings_from = minute(36)
    postpone(panel, "40-minute BP", 40, 38, by=by, plan=nasal_plan)
    assert panel.due is not None
    if panel.due.label != "40-minute BP":  # alertness at 45 stands before it, or beside it
        take(panel, 44, plan_of=nasal_plan, spo2=98, sedation=5)
    assert (panel.due.label, panel.due.at) == ("40-minute BP", minute(due_min))
    assert panel.due.overdue_at == minute(rings_min)
    assert panel.due.closes_at == minute(50)
    assert panel.due.overdue_at - panel.due.at <= timedelta(minutes=5)
