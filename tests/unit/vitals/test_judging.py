"""The steps of one live session, as pure calls: what opens, rises, steps down, latches, ends, is overdue."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.shipped import NASAL_ESKETAMINE
from tests.unit.vitals.live import (
    CHECK_IN,
    FULL_SET,
    LIMITS,
    acknowledge,
    conditions,
    live_panel,
    minute,
    planned,
    take,
)
from vitals import due, judging, ticking
from vitals.judging import late_names
from vitals.limits import Priority
from vitals.panel import decode, encode
from vitals.vital import FIELDS


class TestCourseOfAFlag:
    def test_values_inside_open_nothing(self):
        panel = live_panel()
        assert take(panel, 10, **FULL_SET).found == []
        assert panel.flags == []

    def test_a_breach_opens_one_flag_that_further_breaches_continue(self):
        panel = live_panel()
        first = take(panel, 5, systolic=168, diastolic=90)
        second = take(panel, 10, systolic=170, diastolic=91)
        assert conditions(panel) == {"bp-high": ("medium", "active")}
        assert [change.opened for change in first.changes + second.changes] == [True, False]
        assert panel.flags[0].readings == 2
        assert panel.flags[0].opened_at == minute(5)

    def test_session_b_rises_and_ends_without_ever_being_high(self):
        panel = live_panel()
        take(panel, 30, systolic=172, diastolic=98)
        take(panel, 35, systolic=168, diastolic=96)
        assert conditions(panel) == {"bp-high": ("medium", "active")}
        [change] = take(panel, 45, systolic=150, diastolic=90).changes[:1]
        assert change.resolved
        assert change.cause == "inside limits"
        assert panel.flags == []

    def test_session_c_steps_down_and_waits_for_somebody_to_have_seen_it(self):
        panel = live_panel()
        take(panel, 30, systolic=195, diastolic=101)
        assert conditions(panel) == {"bp-high": ("high", "active")}
        take(panel, 46, systolic=176, diastolic=98)
        assert conditions(panel) == {"bp-high": ("medium", "active")}
        take(panel, 56, systolic=158, diastolic=92)
        assert conditions(panel) == {"bp-high": ("high", "latched")}
        acknowledge(panel, "bp-high", 57)
        assert panel.flags == []

    def test_session_c_ends_by_itself_when_the_high_one_was_taken(self):
        panel = live_panel()
        take(panel, 30, systolic=195, diastolic=101)
        acknowledge(panel, "bp-high", 31)
        take(panel, 46, systolic=176, diastolic=98)
        assert conditions(panel) == {"bp-high": ("medium", "acknowledged")}
        take(panel, 56, systolic=158, diastolic=92)
        assert panel.flags == []

    def test_session_h_a_low_pressure_above_80_flags_nothing(self):
        panel = live_panel()
        take(panel, 20, systolic=90, diastolic=57)
        assert panel.flags == []

    def test_rising_priority_asks_again_after_it_was_taken(self):
        panel = live_panel()
        take(panel, 5, systolic=170, diastolic=90)
        acknowledge(panel, "bp-high", 6)
        effects = take(panel, 10, systolic=182, diastolic=92)
        assert conditions(panel) == {"bp-high": ("high", "active")}
        assert panel.flags[0].acknowledged_by is None
        assert effects.breach == "BP 182/92, limit 180"

    def test_a_rising_diastolic_asks_again_although_systolic_was_taken(self):
        panel = live_panel()
        take(panel, 5, systolic=185, diastolic=104)
        acknowledge(panel, "bp-high", 6)
        take(panel, 10, systolic=182, diastolic=115)
        assert conditions(panel) == {"bp-high": ("high", "active")}

    def test_a_breach_while_latched_rings_again(self):
        panel = live_panel()
        take(panel, 5, spo2=88)
        take(panel, 6, spo2=97)
        assert conditions(panel) == {"spo2-low": ("high", "latched")}
        assert take(panel, 7, spo2=92).breach
        assert conditions(panel) == {"spo2-low": ("medium", "active")}

    def test_a_saturation_at_the_edge_neither_ends_nor_flickers(self):
        panel = live_panel()
        take(panel, 5, spo2=93)
        assert take(panel, 6, spo2=93.9).changes == []
        assert conditions(panel) == {"spo2-low": ("medium", "active")}
        take(panel, 7, spo2=94)
        assert panel.flags == []

    def test_conditions_are_flagged_apart(self):
        panel = live_panel()
        take(panel, 5, systolic=170, diastolic=90, spo2=92, heart_rate=125)
        assert set(conditions(panel)) == {"bp-high", "spo2-low", "hr-high"}

    def test_a_diastolic_measured_before_still_counts(self):
        panel = live_panel()
        take(panel, 5, systolic=140, diastolic=112)
        take(panel, 6, systolic=138)
        assert conditions(panel) == {"bp-high": ("high", "active")}


class TestLate:
    """Older than the newest of its vital, or more than 30 min on its way: judged, and rings nothing."""

    @pytest.mark.parametrize(("on_its_way_min", "late"), [(30, False), (30.1, True)])
    def test_half_an_hour_on_its_way(self, on_its_way_min, late):
        panel = live_panel()
        effects = take(panel, 5, received_min=5 + on_its_way_min, systolic=190, diastolic=90)
        assert (late_names(effects.late_fields) == ["systolic", "diastolic"]) is late
        assert ("bp-high" in conditions(panel)) is not late

    def test_an_older_breach_opens_nothing_and_is_told_without_a_live_flag(self):
        panel = live_panel()
        take(panel, 10, **FULL_SET)
        effects = take(panel, 5, received_min=11, spo2=85)
        assert panel.flags == []
        assert [(found.finding.condition, found.flag_id) for found in effects.found] == [("spo2-low", None)]
        assert panel.values["spo2"].value == 98

    def test_an_older_value_inside_ends_nothing(self):
        panel = live_panel()
        take(panel, 10, spo2=85)
        take(panel, 5, received_min=11, spo2=98)
        assert conditions(panel) == {"spo2-low": ("high", "active")}

    def test_is_told_per_field(self):
        panel = live_panel()
        take(panel, 10, spo2=98)
        effects = take(panel, 5, received_min=11, spo2=97, systolic=190, diastolic=90)
        assert late_names(effects.late_fields) == ["spo2"]
        assert set(conditions(panel)) == {"bp-high"}

    def test_a_reading_on_its_way_while_the_session_ended_rings_nothing(self):
        panel = live_panel(state="released")
        effects = take(panel, 5, spo2=85)
        assert panel.flags == []
        assert late_names(effects.late_fields) == ["spo2"]

    @given(st.permutations(range(6)))
    def test_the_newest_values_and_findings_do_not_depend_on_the_order_of_arrival(self, order):
        readings = [
            (2, {"spo2": 92}),
            (4, {"spo2": 97, "heart_rate": 135}),
            (6, {"systolic": 171, "diastolic": 93}),
            (8, {"heart_rate": 80}),
            (9, {"systolic": 131, "diastolic": 83, "spo2": 90}),
            (9, {"respiratory_rate": 26}),
        ]
        panel = live_panel()
        found = set()
        for number in order:
            at_min, values = readings[number]
            effects = take(panel, at_min, received_min=12, **values)
            found |= {(number, one.finding.condition, one.finding.priority) for one in effects.found}
        assert found == {
            (0, "spo2-low", "medium"),
            (1, "hr-high", "high"),
            (2, "bp-high", "medium"),
            (4, "spo2-low", "high"),
            (5, "rr-high", "high"),
        }
        assert {name: latest.value for name, latest in panel.values.items()} == {
            "systolic": 131,
            "diastolic": 83,
            "spo2": 90,
            "heart_rate": 80,
            "respiratory_rate": 26,
            "sedation": 5,
        }


class TestMonitorReadsZero:
    def test_is_a_technical_flag_and_the_value_before_stays(self):
        panel = live_panel()
        take(panel, 5, heart_rate=0, spo2=97)
        assert conditions(panel) == {"hr-zero": ("medium", "active")}
        assert panel.flags[0].category == "technical"
        assert panel.values["heart_rate"].value == 70
        assert panel.values["spo2"].value == 97

    def test_ends_when_the_monitor_reads_again(self):
        panel = live_panel()
        take(panel, 5, heart_rate=0)
        [change] = take(panel, 6, heart_rate=72).changes
        assert (change.resolved, change.cause) == (True, "monitor reads again")

    def test_does_not_take_readiness_back(self):
        assert take(live_panel(state="ready"), 5, heart_rate=0).breach == ""

    def test_an_older_zero_rings_nothing(self):
        panel = live_panel()
        take(panel, 10, heart_rate=72)
        effects = take(panel, 8, received_min=11, heart_rate=0)
        assert panel.flags == []
        assert late_names(effects.late_fields) == ["heart_rate"]

    def test_a_value_from_before_the_zero_does_not_end_it(self):
        panel = live_panel()
        take(panel, 10, heart_rate=0)
        take(panel, 8, received_min=11, heart_rate=72)
        assert conditions(panel) == {"hr-zero": ("medium", "active")}


class TestBreach:
    """What takes readiness back is a physiological flag that opens or worsens."""

    def test_is_told_in_the_words_of_its_flag(self):
        assert take(live_panel(), 5, spo2=90).breach == "SpO₂ 90, limit 91"

    def test_going_on_is_none(self):
        panel = live_panel()
        take(panel, 5, spo2=90)
        assert take(panel, 6, spo2=90).breach == ""

    def test_a_late_one_is_none(self):
        assert take(live_panel(), 5, received_min=40, spo2=90).breach == ""


class TestCorrection:
    def correct(self, panel, at_min, *, unfounded=True, **values):
        for name, value in values.items():
            panel.values[name].value = value
        flags = frozenset(flag.id for flag in panel.flags) if unfounded else frozenset()
        return judging.rejudge(panel, set(values), LIMITS, minute(at_min), unfounded=flags)

    def test_a_flag_that_rested_on_the_wrong_value_ends_even_if_high(self):
        panel = live_panel()
        take(panel, 5, systolic=210, diastolic=90)
        [change] = self.correct(panel, 5, systolic=121).changes
        assert (change.resolved, change.cause) == (True, "corrected")

    def test_a_high_flag_that_other_readings_raised_waits_for_somebody(self):
        panel = live_panel()
        take(panel, 5, systolic=190, diastolic=90)
        take(panel, 10, systolic=191, diastolic=90)
        self.correct(panel, 10, unfounded=False, systolic=121)
        assert conditions(panel) == {"bp-high": ("high", "latched")}

    def test_a_latched_flag_is_not_ended_by_a_correction_elsewhere(self):
        panel = live_panel()
        take(panel, 5, systolic=190, diastolic=90)
        take(panel, 10, systolic=130, diastolic=80)
        self.correct(panel, 10, unfounded=False, systolic=128)
        assert conditions(panel) == {"bp-high": ("high", "latched")}

    def test_a_high_typed_for_a_medium_is_forgotten(self):
        panel = live_panel()
        take(panel, 5, systolic=207, diastolic=90)
        self.correct(panel, 5, systolic=170)
        assert conditions(panel) == {"bp-high": ("medium", "active")}
        take(panel, 10, systolic=140, diastolic=85)
        assert panel.flags == []

    def test_a_corrected_value_beyond_a_limit_opens_a_flag(self):
        panel = live_panel()
        take(panel, 5, systolic=120, diastolic=80)
        assert self.correct(panel, 5, systolic=186).breach == "BP 186/80, limit 180"
        assert conditions(panel) == {"bp-high": ("high", "active")}


class TestOverdue:
    def test_low_5_min_after_its_time_and_medium_after_one_interval(self):
        panel = live_panel()
        assert panel.due.at == minute(10)
        assert due.mark_overdue(panel, minute(14.9)) == []
        due.mark_overdue(panel, minute(15))
        assert conditions(panel) == {"overdue": ("low", "active")}
        assert panel.flags[0].opened_at == minute(15)
        assert due.mark_overdue(panel, minute(19.9)) == []
        due.mark_overdue(panel, minute(20))
        assert conditions(panel) == {"overdue": ("medium", "active")}

    def test_session_d_due_at_40_is_overdue_at_45(self):
        panel = live_panel()
        take(panel, 34, **FULL_SET)
        due.mark_overdue(panel, minute(45))
        assert conditions(panel) == {"overdue": ("low", "active")}

    def test_is_found_once(self):
        panel = live_panel()
        assert len(due.mark_overdue(panel, minute(16))) == 1
        assert due.mark_overdue(panel, minute(16)) == []

    def test_raised_again_after_it_was_taken(self):
        panel = live_panel()
        due.mark_overdue(panel, minute(15))
        acknowledge(panel, "overdue", 16)
        [change] = due.mark_overdue(panel, minute(20))
        assert change.flag.state == "active"
        assert change.flag.acknowledged_by is None

    def test_a_set_settles_it(self):
        panel = live_panel()
        due.mark_overdue(panel, minute(16))
        effects = take(panel, 17, **FULL_SET)
        assert [change.cause for change in effects.changes] == ["set charted"]
        # the set of minute 20 was open already, so one set answers both
        assert panel.due.at == minute(30)
        assert panel.flags == []

    def test_could_not_measure_with_a_reason_is_an_answer(self):
        panel = live_panel()
        due.mark_overdue(panel, minute(16))
        values = {name: value for name, value in FULL_SET.items() if name != "spo2"}
        take(panel, 17, absent={"spo2": "no signal"}, **values)
        assert panel.flags == []

    def test_half_a_set_settles_nothing_and_says_what_is_missing(self):
        panel = live_panel()
        due.mark_overdue(panel, minute(16))
        take(panel, 17, **{name: value for name, value in FULL_SET.items() if name != "sedation"})
        assert conditions(panel) == {"overdue": ("low", "active")}
        assert panel.due.missing == ["sedation"]

    def test_the_40_minute_window_missed_says_so(self):
        def nasal(panel):
            return [step for step in planned(panel, NASAL_ESKETAMINE) if step.label == "40-minute BP"]

        panel = live_panel(plan_of=nasal)
        assert (panel.due.opens_at, panel.due.closes_at) == (minute(35), minute(50))
        due.mark_overdue(panel, minute(45))
        assert (panel.flags[0].priority, panel.flags[0].text) == ("low", "40-minute BP overdue")
        due.mark_overdue(panel, minute(50))
        assert (panel.flags[0].priority, panel.flags[0].text) == ("medium", "40-minute BP: window missed")

    def test_history_never_rings(self):
        panel = live_panel(rings_from=minute(200))
        assert panel.due.at >= minute(200)
        assert due.mark_overdue(panel, minute(200)) == []

    def test_nothing_due_is_never_overdue(self):
        panel = live_panel()
        panel.due = None
        assert due.mark_overdue(panel, minute(500)) == []
        assert ticking.next_alert_at(panel) is None

    @settings(max_examples=60)
    @given(
        st.lists(st.integers(-9, 240), max_size=6).map(sorted),
        st.booleans(),
        st.integers(0, 300),
    )
    def test_watch_is_told_exactly_when_there_is_something_to_find(self, sets, is_taken, now_min):
        """Before the time it is told there is nothing, at that time there is; then a later time or none."""
        panel = live_panel()
        for at_min in sets:
            take(panel, at_min, **FULL_SET)
        for _ in range(3):
            alert_at = ticking.next_alert_at(panel)
            if alert_at is None:
                assert due.mark_overdue(panel, minute(now_min + 600)) == []
                return
            before = decode(encode(panel))
            assert due.mark_overdue(before, alert_at - timedelta(seconds=1)) == []
            assert len(due.mark_overdue(panel, alert_at)) == 1
            if is_taken:
                acknowledge(panel, "overdue", 300)
            later = ticking.next_alert_at(panel)
            assert later is None or later > alert_at
        raise AssertionError("an overdue set is raised twice and no more")


def test_the_plan_of_the_fixture_is_the_protocol_s():
    panel = live_panel()
    assert panel.checked_in_at == CHECK_IN
    assert (panel.due.label, panel.due.at) == ("Set during infusion", minute(10))
    assert set(panel.due.missing) == set(FULL_SET)


def test_late_names_are_in_the_order_of_columns():
    assert late_names(0b111111111) == list(FIELDS)
    assert late_names(0) == []


def test_a_flag_keeps_its_highest_priority():
    panel = live_panel()
    take(panel, 5, spo2=88)
    take(panel, 6, spo2=92)
    assert (panel.flags[0].priority, panel.flags[0].peak) == (Priority.MEDIUM, Priority.HIGH)
