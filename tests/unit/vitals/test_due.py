"""What is due: a set, overdue from 5 min; a window missed; single vitals to be measured again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sessions.shipped import NASAL_ESKETAMINE
from tests.unit.vitals.live import (
    FULL_SET,
    LIMITS,
    acknowledge,
    conditions,
    live_panel,
    minute,
    only,
    planned,
    take,
    ticked,
)
from vitals import due
from vitals.flag_changes import FlagChange
from vitals.limits import Kind, Priority


def overdue(panel, at_min, limits=LIMITS):
    changes: list[FlagChange] = []
    due.mark_overdue(panel, limits, minute(at_min), changes)
    return changes


def nasal(panel):
    return [step for step in planned(panel, NASAL_ESKETAMINE) if step.label == "40-minute BP"]


class TestOverdue:
    def test_low_5_min_after_its_time_and_medium_after_one_interval(self):
        panel = live_panel()
        assert panel.due.at == minute(10)
        assert overdue(panel, 14.9) == []
        [change] = overdue(panel, 15)
        assert conditions(panel) == {"overdue": ("low", "active")}
        assert (change.opened, change.call, only(panel).category) == (True, None, "technical")
        assert only(panel).opened_at == minute(15)
        assert overdue(panel, 19.9) == []
        overdue(panel, 20)
        assert conditions(panel) == {"overdue": ("medium", "active")}

    def test_is_never_high(self):
        panel = live_panel()
        for at_min in range(10, 300):
            ticked(panel, at_min)
        assert {priority for priority, _ in conditions(panel).values()} == {"medium"}

    @pytest.mark.parametrize(("every_min", "medium_min"), [(10, 10), (15, 15), (30, 15), (3, 5)])
    def test_medium_after_an_interval_or_15_min_whichever_is_less(self, every_min, medium_min):
        def plan_of(panel):
            return [replace(step, every_min=every_min) for step in planned(panel) if step.every_min]

        planned_set = live_panel(plan_of=plan_of).due
        assert planned_set.overdue_medium_at == planned_set.at + timedelta(minutes=medium_min)

    def test_session_d_due_at_40_is_overdue_at_45(self):
        panel = live_panel()
        take(panel, 34, **FULL_SET)
        assert overdue(panel, 44.9) == []
        overdue(panel, 45)
        assert conditions(panel) == {"overdue": ("low", "active")}

    def test_is_found_once(self):
        panel = live_panel()
        assert len(overdue(panel, 16)) == 1
        assert overdue(panel, 16) == []

    def test_a_watch_that_was_away_finds_it_at_medium_opened_when_it_was_due(self):
        panel = live_panel()
        [change] = overdue(panel, 40)
        assert (change.flag.priority, change.flag.opened_at) == ("medium", minute(15))

    def test_raised_again_after_it_was_taken(self):
        panel = live_panel()
        overdue(panel, 15)
        acknowledge(panel, "overdue", 16)
        [change] = overdue(panel, 20)
        assert change.flag.state == "active"
        assert change.flag.acknowledged_by is None
        assert change.flag.asks_since == minute(20)

    def test_a_set_settles_it(self):
        panel = live_panel()
        overdue(panel, 16)
        effects = take(panel, 17, **FULL_SET)
        assert [change.cause for change in effects.changes] == ["set charted"]
        # the set of minute 20 was open already, so one set answers both
        assert panel.due.at == minute(30)
        assert panel.flags == []

    def test_could_not_measure_with_a_reason_is_an_answer(self):
        panel = live_panel()
        overdue(panel, 16)
        values = {name: value for name, value in FULL_SET.items() if name != "spo2"}
        take(panel, 17, absent={"spo2": "no signal"}, **values)
        assert panel.flags == []

    def test_half_a_set_settles_nothing_and_says_what_is_missing(self):
        panel = live_panel()
        overdue(panel, 16)
        take(panel, 17, **{name: value for name, value in FULL_SET.items() if name != "sedation"})
        assert conditions(panel) == {"overdue": ("low", "active")}
        assert panel.due.missing == ["sedation"]

    def test_the_40_minute_window_missed_says_so(self):
        panel = live_panel(plan_of=nasal)
        assert (panel.due.opens_at, panel.due.closes_at) == (minute(35), minute(50))
        overdue(panel, 45)
        flag = only(panel)
        assert (flag.priority, flag.text, flag.rule) == ("low", "40-minute BP overdue", "DUE-1")
        overdue(panel, 50)
        assert (flag.priority, flag.text, flag.rule) == ("medium", "40-minute BP: window missed", "DUE-3")

    def test_history_never_rings(self):
        panel = live_panel(rings_from=minute(200))
        assert panel.due.at >= minute(200)
        assert overdue(panel, 200) == []

    def test_nothing_due_is_never_overdue(self):
        panel = live_panel()
        panel.due = None
        assert overdue(panel, 500) == []


class TestRowsOfAClinic:
    """Each row about time may be another one, or not be there at all."""

    def without(self, *gone):
        rows = [rule for rule in LIMITS.rules if rule.code not in gone]
        return replace(LIMITS, rules=tuple(rows))

    def with_after(self, code, after_s):
        rows = [replace(rule, after_s=after_s) if rule.code == code else rule for rule in LIMITS.rules]
        return replace(LIMITS, rules=tuple(rows))

    def replanned(self, limits, plan_of=planned):
        panel = live_panel(plan_of=plan_of)
        due.replan(panel, plan_of(panel), limits, minute(0), [])
        return panel

    def test_say_when(self):
        panel = self.replanned(self.with_after("DUE-1", 120))
        assert panel.due.overdue_at == minute(12)

    def test_without_a_low_one_it_begins_at_medium(self):
        limits = self.without("DUE-1")
        panel = self.replanned(limits)
        assert overdue(panel, 19.9, limits) == []
        overdue(panel, 20, limits)
        assert conditions(panel) == {"overdue": ("medium", "active")}

    def test_without_a_medium_one_it_stays_low(self):
        limits = self.without("DUE-2")
        panel = self.replanned(limits)
        overdue(panel, 200, limits)
        assert conditions(panel) == {"overdue": ("low", "active")}

    def test_without_any_nothing_is_overdue(self):
        limits = self.without("DUE-1", "DUE-2")
        panel = self.replanned(limits)
        assert overdue(panel, 500, limits) == []
        assert panel.flags == []

    def test_without_a_window_s_row_a_missed_one_is_overdue_like_any_set(self):
        limits = self.without("DUE-3")
        panel = self.replanned(limits, nasal)
        overdue(panel, 52, limits)
        assert only(panel).priority == "low"
        overdue(panel, 55, limits)
        assert (only(panel).priority, only(panel).rule) == ("medium", "DUE-2")
        assert not limits.of_kind[Kind.WINDOW_MISSED]
        rule = due.overdue_rule(limits, Priority.MEDIUM)
        assert rule is not None
        assert rule.code == "DUE-2"


class TestRechecks:
    def test_are_beside_the_plan_and_end_with_what_they_were_for(self):
        panel = live_panel()
        take(panel, 1, systolic=170, diastolic=90)
        [recheck] = panel.rechecks
        assert (recheck.vitals, recheck.at, recheck.with_set) == (
            ["systolic", "diastolic"],
            minute(6),
            False,
        )
        take(panel, 6, systolic=140, diastolic=85)
        assert panel.rechecks == []

    @pytest.mark.parametrize(
        ("breach_min", "recheck_min", "unless_min", "with_set"),
        [
            (1.9, 6.9, 8.9, False),  # the set comes 3.1 min later
            (2, 10, 12, True),  # 3 min later: they are one visit
            (4, 10, 12, True),
            (5, 10, 12, True),
            (6.5, 11.5, 13.5, True),  # the set is due before
            (8, 13, 15, True),
        ],
    )
    def test_wait_for_a_set_that_comes_within_3_min(self, breach_min, recheck_min, unless_min, with_set):
        panel = live_panel()
        # sedation is still missing, so that the set stays due; pressures are too before it opens at minute 5
        take(panel, breach_min, systolic=170, diastolic=90)
        panel.due.missing = list(FULL_SET)
        due.plan_rechecks(panel)
        [recheck] = panel.rechecks
        assert (recheck.at, recheck.with_set) == (minute(recheck_min), with_set)
        assert only(panel).confirming[0].unless_by == minute(unless_min)
        assert panel.due.at == minute(10), "the set's own clock stays"
        due.plan_rechecks(panel)
        assert panel.rechecks == [recheck], "planned again nothing moves"

    def test_do_not_wait_for_a_set_that_has_the_vital_already(self):
        panel = live_panel()
        take(panel, 5, systolic=170, diastolic=90)
        assert "systolic" not in panel.due.missing
        assert [(one.at, one.with_set) for one in panel.rechecks] == [(minute(10), False)]

    def test_the_soonest_is_named_first(self):
        panel = live_panel()
        take(panel, 1, systolic=170, diastolic=90, spo2=92, respiratory_rate=26)
        assert [one.condition for one in panel.rechecks] == ["rr-high", "spo2-low", "bp-high"]
