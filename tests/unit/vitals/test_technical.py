"""Flags of the machinery: a monitor that reads 0 or falls silent, a dose without a baseline."""

from dataclasses import replace

import pytest

from tests.unit.vitals.live import (
    FULL_SET,
    LIMITS,
    acknowledge,
    conditions,
    live_panel,
    minute,
    only,
    take,
    ticked,
)
from vitals import technical, ticking
from vitals.flag_changes import FlagChange, open_flag
from vitals.judging import late_names
from vitals.limits import Kind
from vitals.panel import Baseline


class TestMonitorReadsZero:
    @pytest.mark.parametrize(
        ("vital", "condition", "name"),
        [
            ("heart_rate", "hr-zero", "HR"),
            ("spo2", "spo2-zero", "SpO₂"),
            ("respiratory_rate", "rr-zero", "RR"),
        ],
    )
    def test_is_a_technical_flag_at_once_and_the_value_before_stays(self, vital, condition, name):
        panel = live_panel()
        before = panel.values[vital].value
        take(panel, 5, **{vital: 0, "temperature": 36.8})
        assert conditions(panel) == {condition: ("medium", "active")}
        assert only(panel).category == "technical"
        assert only(panel).text == f"Monitor reads {name} 0: look at the patient and the sensor"
        assert panel.values[vital].value == before
        assert panel.values["temperature"].value == 36.8

    def test_goes_on_with_the_next_zero(self):
        panel = live_panel()
        take(panel, 5, heart_rate=0)
        assert take(panel, 6, heart_rate=0).changes == []
        assert only(panel).readings == 2

    def test_ends_when_the_monitor_reads_again(self):
        panel = live_panel()
        take(panel, 5, heart_rate=0)
        [change] = take(panel, 6, heart_rate=72).changes
        assert (change.resolved, change.cause) == (True, "monitor reads again")

    def test_does_not_take_readiness_back(self):
        assert take(live_panel(state="ready"), 5, heart_rate=0).breach == ""

    def test_a_zero_that_a_person_charts_is_a_value(self):
        panel = live_panel()
        take(panel, 5, respiratory_rate=0, from_device=False)
        assert conditions(panel) == {"rr-low": ("high", "active")}

    def test_an_older_zero_rings_nothing(self):
        panel = live_panel()
        take(panel, 10, heart_rate=72)
        effects = take(panel, 8, received_min=11, heart_rate=0)
        assert panel.flags == []
        assert late_names(effects.late_fields) == ["heart_rate"]
        assert [(one.finding.condition, one.late) for one in effects.found] == [("hr-zero", True)]

    def test_a_value_from_before_the_zero_does_not_end_it(self):
        panel = live_panel()
        take(panel, 10, heart_rate=0)
        take(panel, 8, received_min=11, heart_rate=72)
        assert conditions(panel) == {"hr-zero": ("medium", "active")}

    def test_a_clinic_without_the_row_keeps_the_zero_and_flags_nothing(self):
        limits = replace(LIMITS, rules=tuple(r for r in LIMITS.rules if r.kind is not Kind.MONITOR_ZERO))
        panel = live_panel()
        assert take(panel, 5, limits=limits, heart_rate=0).found == []
        assert panel.flags == []


def streaming(every_s=15, until_s=60, panel=None, **values):
    """A monitor that sends every so many seconds from minute 1 on."""
    panel = panel or live_panel()
    for second in range(0, until_s + 1, every_s):
        take(panel, 1 + second / 60, **(values or {"spo2": 98}))
    return panel


class TestMonitorSilent:
    def test_a_minute_after_a_stream_was_last_heard(self):
        panel = streaming()
        assert technical.silence_at(panel, LIMITS) == minute(3)
        assert ticked(panel, 2.99) == []
        [change] = ticked(panel, 3)
        assert conditions(panel) == {"monitor-silent": ("medium", "active")}
        assert (change.flag.category, change.flag.opened_at) == ("technical", minute(3))
        assert change.flag.text == "No SpO₂ from the monitor for 60 s"

    def test_is_told_once(self):
        panel = streaming()
        ticked(panel, 3)
        assert ticked(panel, 4) == []

    def test_a_watch_that_was_away_says_since_when(self):
        panel = streaming()
        [change] = [one for one in ticked(panel, 9) if one.flag.condition == "monitor-silent"]
        assert (change.flag.opened_at, change.flag.asks_since) == (minute(3), minute(9))

    @pytest.mark.parametrize("every_s", [31, 60, 300])
    def test_a_monitor_that_sends_now_and_then_is_no_stream(self, every_s):
        """Its want is a set that is overdue, not a silence."""
        panel = streaming(every_s=every_s, until_s=900)
        assert technical.silence_at(panel, LIMITS) is None

    def test_parts_of_one_measurement_are_no_stream(self):
        panel = live_panel()
        for at_min in (1, 1 + 0.2 / 60, 6, 6 + 0.2 / 60, 11):
            take(panel, at_min, spo2=98)
        assert technical.silence_at(panel, LIMITS) is None

    def test_many_a_second_are_a_stream(self):
        panel = live_panel()
        for tenth in range(12):
            take(panel, 1 + tenth / 600, spo2=98)
        assert technical.silence_at(panel, LIMITS) == minute(2 + 11 / 600)

    def test_a_person_s_values_are_no_stream(self):
        panel = live_panel()
        for second in range(0, 61, 15):
            take(panel, 1 + second / 60, spo2=98, from_device=False)
        assert technical.silence_at(panel, LIMITS) is None

    def test_a_cuff_is_no_stream(self):
        panel = streaming(systolic=124, diastolic=78, temperature=36.8)
        assert technical.silence_at(panel, LIMITS) is None

    def test_ends_when_it_is_heard_again(self):
        panel = streaming()
        ticked(panel, 3)
        [change] = take(panel, 4, spo2=98).changes
        assert (change.resolved, change.cause) == (True, "monitor is heard again")

    def test_ends_when_all_that_was_streamed_is_heard_again(self):
        panel = streaming(spo2=98, heart_rate=70)
        ticked(panel, 3)
        flag = open_flag(panel, "monitor-silent")
        assert flag is not None
        assert flag.text == "No HR, SpO₂ from the monitor for 60 s"
        take(panel, 4, spo2=98)
        assert "monitor-silent" in conditions(panel)
        take(panel, 4.1, heart_rate=70)
        assert "monitor-silent" not in conditions(panel)

    def test_a_vital_that_falls_silent_alone_is_named_alone(self):
        panel = streaming(spo2=98, heart_rate=70)
        streaming(panel=panel, until_s=120, spo2=98)
        [change] = ticked(panel, 3)
        assert change.flag.text == "No HR from the monitor for 60 s"

    def test_a_zero_is_no_silence(self):
        panel = streaming()
        take(panel, 2.9, spo2=0)
        assert technical.silence_at(panel, LIMITS) == minute(3.9)

    def test_another_chair_s_monitor_is_not_missed(self):
        panel = streaming()
        ticked(panel, 3)
        changes: list[FlagChange] = []
        technical.unbind_monitor(panel, minute(4), changes)
        assert [(one.resolved, one.cause) for one in changes] == [(True, "another chair")]
        assert ticked(panel, 9.9) == []

    def test_a_clinic_without_the_row_hears_no_silence(self):
        limits = replace(LIMITS, rules=tuple(r for r in LIMITS.rules if r.kind is not Kind.MONITOR_SILENT))
        assert technical.silence_at(streaming(), limits) is None

    def test_taken_it_stays_until_it_is_heard(self):
        panel = streaming()
        ticked(panel, 3)
        acknowledge(panel, "monitor-silent", 3.5)
        assert ticked(panel, 5) == []
        take(panel, 6, spo2=98)
        assert panel.flags == []


class TestNoBaseline:
    def mark(self, panel, at_min=0):
        changes: list[FlagChange] = []
        technical.mark_baseline(panel, LIMITS, minute(at_min), changes)
        return changes

    def test_a_dose_without_a_pressure_before_is_a_technical_flag(self):
        panel = live_panel()
        [change] = self.mark(panel)
        assert conditions(panel) == {"no-baseline": ("medium", "active")}
        assert (change.flag.category, change.flag.rule) == ("technical", "BASE")

    def test_other_vitals_are_no_baseline(self):
        panel = live_panel(baseline=Baseline(heart_rate=70, spo2=98, sets=1))
        assert len(self.mark(panel)) == 1

    def test_with_one_there_is_none(self):
        assert self.mark(live_panel(baseline=Baseline(systolic=124, sets=1))) == []

    def test_before_the_dose_there_is_none(self):
        assert self.mark(live_panel(dose_started_at=None, state="checked_in")) == []

    def test_ends_when_one_is_charted_after_all(self):
        panel = live_panel()
        self.mark(panel)
        panel.baseline = Baseline(systolic=124, sets=1)
        [change] = self.mark(panel, 4)
        assert (change.resolved, change.cause) == (True, "baseline charted")

    def test_is_told_once(self):
        panel = live_panel()
        self.mark(panel)
        assert self.mark(panel, 1) == []

    def test_no_set_of_vitals_ends_it(self):
        panel = live_panel()
        self.mark(panel)
        take(panel, 10, **FULL_SET)
        assert conditions(panel) == {"no-baseline": ("medium", "active")}
        assert ticking.next_alert_at(panel, LIMITS) == minute(25), "it goes up no step"
