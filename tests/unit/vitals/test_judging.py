"""The steps of one live session, as pure calls: what waits, opens, rises, steps down, latches and ends."""

from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.vitals.live import (
    CHECK_IN,
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
from vitals import judging
from vitals.flag_changes import FlagChange
from vitals.judging import late_names
from vitals.limits import Direction, LimitRule, Priority
from vitals.panel import Baseline, OpenSymptom, PatientLimit
from vitals.vital import FIELDS, Vital


def confirmed(panel, *moments, **values):
    """The same values at each of these minutes."""
    for at_min in moments:
        take(panel, at_min, **values)
    return panel


class TestCourseOfAFlag:
    def test_values_inside_open_nothing(self):
        panel = live_panel()
        assert take(panel, 10, **FULL_SET).found == []
        assert panel.flags == []

    def test_a_soft_breach_waits_and_one_flag_goes_on_with_the_next(self):
        panel = live_panel()
        first = take(panel, 5, systolic=168, diastolic=90)
        assert conditions(panel) == {"bp-high": ("medium", "pending")}
        assert first.breach == ""
        second = take(panel, 10, systolic=170, diastolic=91)
        third = take(panel, 15, systolic=171, diastolic=91)
        assert conditions(panel) == {"bp-high": ("medium", "active")}
        told = [change.opened for effects in (first, second, third) for change in effects.changes]
        assert told == [True, False, False]
        assert only(panel).opened_at == minute(5)
        assert only(panel).activated_at == minute(10)

    @pytest.mark.parametrize(
        ("values", "condition", "priority"),
        [
            ({"systolic": 200, "diastolic": 100}, "bp-high", "high"),
            ({"systolic": 150, "diastolic": 120}, "bp-high", "high"),
            ({"systolic": 80, "diastolic": 50}, "bp-low", "high"),
            ({"systolic": 90, "diastolic": 50, "heart_rate": 50}, "bp-low", "high"),
            ({"heart_rate": 131}, "hr-high", "high"),
            ({"heart_rate": 40}, "hr-low", "high"),
            ({"respiratory_rate": 30}, "rr-high", "high"),
            ({"respiratory_rate": 6}, "rr-low", "high"),
            ({"spo2": 88}, "spo2-low", "high"),
            ({"sedation": 3}, "sedation-low", "medium"),
            ({"sedation": 2}, "sedation-low", "high"),
        ],
    )
    def test_what_is_critical_flags_at_once(self, values, condition, priority):
        panel = live_panel()
        effects = take(panel, 5, from_device=False, **values)
        assert conditions(panel)[condition] == (priority, "active")
        assert effects.breach == only(panel).text
        assert panel.rechecks == []
        [change] = effects.changes
        assert (change.call is not None) is (priority == "high"), "a high flag is told at once"

    def test_rising_priority_asks_again_after_it_was_taken(self):
        panel = confirmed(live_panel(), 5, 10, systolic=176, diastolic=90)
        acknowledge(panel, "bp-high", 11)
        take(panel, 15, systolic=182, diastolic=92)
        assert conditions(panel) == {"bp-high": ("medium", "acknowledged")}, "the high one waits"
        effects = take(panel, 20, systolic=183, diastolic=92)
        assert conditions(panel) == {"bp-high": ("high", "active")}
        assert only(panel).acknowledged_by is None
        assert effects.breach == "BP 183/92, limit 180"
        assert effects.changes[0].call is not None

    @pytest.mark.parametrize(
        ("vital", "taken_at", "same", "worse"),
        [
            ("systolic", 201, 210, 211),
            ("diastolic", 121, 130, 131),
            ("spo2", 88, 86.1, 86),
            ("heart_rate", 132, 146, 147),
            ("systolic", 79, 70, 69),
        ],
    )
    def test_going_a_step_beyond_the_value_taken_asks_again(self, vital, taken_at, same, worse):
        panel = live_panel()
        take(panel, 5, **{vital: taken_at})
        condition = only(panel).condition
        acknowledge(panel, condition, 6)
        take(panel, 7, **{vital: same})
        assert only(panel).state == "acknowledged"
        assert take(panel, 8, **{vital: worse}).breach
        assert only(panel).state == "active"
        assert only(panel).asks_since == minute(8)

    def test_the_other_pressure_is_held_against_its_own_value_when_taken(self):
        panel = live_panel()
        take(panel, 5, systolic=202, diastolic=108)
        acknowledge(panel, "bp-high", 6)
        take(panel, 10, systolic=201, diastolic=117)
        assert only(panel).state == "acknowledged"
        take(panel, 15, systolic=200, diastolic=118)
        assert only(panel).state == "active"

    def test_conditions_are_flagged_apart(self):
        panel = live_panel()
        take(panel, 5, systolic=170, diastolic=90, spo2=92, heart_rate=125)
        assert set(conditions(panel)) == {"bp-high", "spo2-low", "hr-high"}

    def test_a_flag_keeps_its_highest_priority(self):
        panel = confirmed(live_panel(), 5, spo2=88)
        take(panel, 6, spo2=92)
        assert (only(panel).priority, only(panel).peak) == (Priority.MEDIUM, Priority.HIGH)


class TestConfirmation:
    """The next distinct measurement: at least 60 s later, at most 20 min, of a row of that priority too."""

    @pytest.mark.parametrize(
        ("after_s", "state"), [(0, "pending"), (59, "pending"), (60, "active"), (300, "active")]
    )
    def test_counts_from_a_minute_on(self, after_s, state):
        panel = confirmed(live_panel(), 5, 5 + after_s / 60, spo2=92)
        assert conditions(panel) == {"spo2-low": ("medium", state)}

    @pytest.mark.parametrize(("after_min", "state"), [(20, "active"), (20.1, "pending")])
    def test_counts_up_to_20_minutes(self, after_min, state):
        panel = confirmed(live_panel(), 5, 5 + after_min, spo2=92)
        assert conditions(panel) == {"spo2-low": ("medium", state)}

    def test_too_long_after_it_begins_anew(self):
        panel = confirmed(live_panel(), 5, 26, spo2=92)
        take(panel, 27, spo2=92)
        assert conditions(panel) == {"spo2-low": ("medium", "active")}
        assert "second reading, 60 s apart" in only(panel).why

    def test_a_value_inside_ends_it_unflagged(self):
        panel = confirmed(live_panel(), 5, spo2=92)
        effects = take(panel, 5.5, spo2=94)
        assert [(one.resolved, one.cause) for one in effects.changes] == [(True, "inside limits")]
        assert (panel.flags, panel.rechecks) == ([], [])

    def test_a_pending_flag_is_not_held_by_hysteresis(self):
        panel = confirmed(live_panel(), 5, spo2=93)
        take(panel, 6, spo2=93.1)
        assert panel.flags == []

    def test_of_a_high_one_by_a_medium_value_is_medium(self):
        panel = live_panel()
        take(panel, 5, systolic=185, diastolic=90)
        assert conditions(panel) == {"bp-high": ("high", "pending")}
        take(panel, 10, systolic=170, diastolic=90)
        assert conditions(panel) == {"bp-high": ("medium", "active")}
        assert only(panel).peak == "medium"
        assert only(panel).confirming == []

    def test_of_a_medium_one_by_a_high_value_is_medium_and_the_high_one_waits(self):
        panel = live_panel()
        take(panel, 5, systolic=170, diastolic=90)
        take(panel, 10, systolic=185, diastolic=90)
        assert conditions(panel) == {"bp-high": ("medium", "active")}
        assert [(one.priority, one.count) for one in only(panel).confirming] == [("high", 1)]
        take(panel, 15, systolic=181, diastolic=90)
        assert conditions(panel) == {"bp-high": ("high", "active")}

    def test_a_critical_value_needs_none(self):
        panel = confirmed(live_panel(), 5, spo2=92)
        [change] = take(panel, 5.2, spo2=87).changes
        assert (change.happening, change.cause) == ("confirmed", "at once")
        assert conditions(panel) == {"spo2-low": ("high", "active")}

    def test_another_vital_confirms_nothing(self):
        panel = confirmed(live_panel(), 5, spo2=92)
        take(panel, 7, heart_rate=70, systolic=124, diastolic=78)
        assert conditions(panel) == {"spo2-low": ("medium", "pending")}

    def test_systolic_may_be_confirmed_by_diastolic(self):
        panel = live_panel()
        take(panel, 5, systolic=185, diastolic=90)
        take(panel, 10, systolic=150, diastolic=111)
        assert conditions(panel) == {"bp-high": ("high", "active")}

    def test_a_diastolic_measured_before_confirms_no_high_by_itself(self):
        """It still counts against the flag; but what is measured again must be of the priority."""
        panel = live_panel()
        take(panel, 5, systolic=140, diastolic=112)
        take(panel, 10, systolic=138)
        assert conditions(panel) == {"bp-high": ("high", "pending")}
        take(panel, 11, systolic=170)
        assert conditions(panel) == {"bp-high": ("medium", "active")}
        assert [(one.priority, one.count) for one in only(panel).confirming] == [("high", 1)]

    def test_sent_again_the_same_measurement_counts_once(self):
        panel = confirmed(live_panel(), *[5] * 5, spo2=92)
        assert only(panel).confirming[0].count == 1

    def test_once_confirmed_it_needs_no_second_confirmation(self):
        panel = confirmed(live_panel(), 5, 6, spo2=92)
        take(panel, 7, spo2=93)
        take(panel, 8, spo2=92)
        assert conditions(panel) == {"spo2-low": ("medium", "active")}
        assert only(panel).confirming == []

    def test_stepped_down_and_up_again_it_needs_one(self):
        panel = confirmed(live_panel(), 5, 10, systolic=185, diastolic=90)
        take(panel, 15, systolic=170, diastolic=90)
        take(panel, 20, systolic=185, diastolic=90)
        assert conditions(panel) == {"bp-high": ("medium", "active")}
        take(panel, 25, systolic=184, diastolic=90)
        assert conditions(panel) == {"bp-high": ("high", "active")}

    def test_three_readings_ten_minutes_apart_where_a_clinic_asks_for_them(self):
        limits = replace(
            LIMITS,
            rules=(
                LimitRule(
                    "X-1",
                    Priority.MEDIUM,
                    "typed here",
                    vital=Vital.SYSTOLIC,
                    direction=Direction.HIGH,
                    threshold=150,
                    readings=3,
                    apart_s=600,
                    within_s=1200,
                    recheck_s=600,
                ),
            ),
        )
        panel = live_panel()
        states = []
        for at_min in (5, 10, 15, 20, 25):
            take(panel, at_min, limits=limits, systolic=152, diastolic=90)
            states.append((only(panel).state.value, only(panel).why.split(",")[0]))
        assert states == [
            ("pending", "first reading of 3"),
            ("pending", "first reading of 3"),
            ("pending", "second reading of 3"),
            ("pending", "second reading of 3"),
            ("active", "third reading"),
        ]

    def test_the_re_check_says_when_and_what(self):
        panel = live_panel()
        take(panel, 1, systolic=170, diastolic=90, spo2=92)
        told = [(one.condition, one.vitals, one.at) for one in panel.rechecks]
        assert told == [
            ("spo2-low", ["spo2"], minute(2)),
            ("bp-high", ["systolic", "diastolic"], minute(6)),
        ]
        assert panel.due.at == minute(10), "a re-check never moves the set"


class TestNotRechecked:
    @pytest.mark.parametrize(
        ("values", "silent_min"),
        [
            ({"systolic": 170, "diastolic": 90}, 7),
            ({"spo2": 92}, 3),
            ({"heart_rate": 125}, 3),
            ({"respiratory_rate": 26}, 3),
        ],
    )
    def test_becomes_active_two_minutes_after_its_re_check_was_due(self, values, silent_min):
        panel = live_panel()
        take(panel, 1, **values)
        priority = only(panel).priority
        assert ticked(panel, 1 + silent_min - 0.01) == []
        [change] = [one for one in ticked(panel, 1 + silent_min) if one.happening == "not re-checked"]
        assert (change.flag.priority, change.flag.state) == (priority, "active")
        assert change.flag.why.startswith(f"not re-checked within {silent_min} min")
        assert (change.call is not None) is (priority == "high")
        assert change.flag.asks_since == minute(1 + silent_min)

    def test_a_watch_that_was_away_raises_it_for_when_it_was_due(self):
        panel = live_panel()
        take(panel, 1, spo2=92)
        [change] = [one for one in ticked(panel, 9) if one.happening == "not re-checked"]
        assert change.at == minute(4)
        assert change.flag.asks_since == minute(9)

    def test_raises_what_was_taken_at_medium(self):
        panel = confirmed(live_panel(), 5, 6, spo2=92)
        acknowledge(panel, "spo2-low", 6)
        take(panel, 7, spo2=90)
        ticked(panel, 10)
        assert conditions(panel)["spo2-low"] == ("high", "active")
        assert only(panel).acknowledged_by is None

    def test_a_measurement_in_time_is_no_silence(self):
        panel = live_panel()
        take(panel, 1, spo2=92)
        take(panel, 3.9, spo2=97)
        assert ticked(panel, 4) == []


class TestHysteresis:
    """Other vitals than pressures: inside by 1 % SpO2, 3 HR, 1 RR before it steps down or ends."""

    @pytest.mark.parametrize(
        ("vital", "breach", "held", "free"),
        [
            ("spo2", 93, 93.9, 94),
            ("heart_rate", 120, 117.1, 117),
            ("heart_rate", 45, 47.9, 48),
        ],
    )
    def test_a_medium_flag_ends_well_inside(self, vital, breach, held, free):
        panel = confirmed(live_panel(), 5, 6, **{vital: breach})
        assert take(panel, 7, **{vital: held}).changes == []
        take(panel, 8, **{vital: free})
        assert panel.flags == []

    @pytest.mark.parametrize(
        ("vital", "breach", "held", "free", "to"),
        [
            ("spo2", 91, 91.9, 92, ("medium", "active")),
            ("spo2", 88, 89, 92, ("medium", "active")),
            ("heart_rate", 131, 128.1, 128, ("medium", "active")),
            ("heart_rate", 40, 42.9, 43, ("medium", "active")),
            ("respiratory_rate", 25, 24.1, 24, ("high", "latched")),
            ("respiratory_rate", 8, 8.9, 9, ("high", "latched")),
        ],
    )
    def test_a_high_flag_steps_down_or_waits_for_somebody_well_inside(self, vital, breach, held, free, to):
        panel = confirmed(live_panel(), 5, 6, **{vital: breach})
        condition = only(panel).condition
        take(panel, 7, **{vital: held})
        assert conditions(panel) == {condition: ("high", "active")}
        take(panel, 8, **{vital: free})
        assert conditions(panel) == {condition: to}

    @pytest.mark.parametrize(("systolic", "state"), [(165, "active"), (164.9, None)])
    def test_a_pressure_needs_only_to_leave_its_limit(self, systolic, state):
        panel = confirmed(live_panel(), 5, 10, systolic=170, diastolic=90)
        take(panel, 15, systolic=systolic, diastolic=90)
        assert [flag.state for flag in panel.flags] == ([state] if state else [])


class TestLatched:
    def latched(self):
        panel = confirmed(live_panel(), 5, spo2=88)
        take(panel, 6, spo2=97)
        assert conditions(panel) == {"spo2-low": ("high", "latched")}
        return panel

    def test_a_breach_waits_and_rings_again_when_confirmed(self):
        panel = self.latched()
        assert take(panel, 7, spo2=92).breach == ""
        assert conditions(panel) == {"spo2-low": ("high", "latched")}
        assert [one.condition for one in panel.rechecks] == ["spo2-low"]
        assert take(panel, 8, spo2=92).breach
        assert conditions(panel) == {"spo2-low": ("medium", "active")}
        take(panel, 9, spo2=97)
        assert conditions(panel) == {"spo2-low": ("high", "latched")}, "still nobody has seen the high one"

    def test_a_critical_value_rings_again_at_once(self):
        panel = self.latched()
        assert take(panel, 7, spo2=86).breach
        assert conditions(panel) == {"spo2-low": ("high", "active")}

    def test_it_goes_on_asking_since_it_first_did(self):
        assert only(self.latched()).asks_since == minute(5)

    def test_stepped_down_unseen_it_is_not_forgotten_either(self):
        panel = confirmed(live_panel(), 5, 10, systolic=190, diastolic=90)
        take(panel, 15, systolic=170, diastolic=90)
        take(panel, 20, systolic=130, diastolic=80)
        assert conditions(panel) == {"bp-high": ("high", "latched")}

    def test_taken_it_ends(self):
        panel = self.latched()
        acknowledge(panel, "spo2-low", 7)
        assert panel.flags == []

    def test_seen_while_it_was_high_it_ends_by_itself(self):
        panel = confirmed(live_panel(), 5, spo2=88)
        acknowledge(panel, "spo2-low", 5.5)
        take(panel, 6, spo2=97)
        assert panel.flags == []


STREAMED = replace(
    LIMITS,
    rules=(
        LimitRule(
            "OX-9",
            Priority.HIGH,
            "typed here",
            vital=Vital.SPO2,
            direction=Direction.LOW,
            threshold=90,
            delay_s=10,
        ),
    ),
)


class TestStreamedForSomeSeconds:
    """A row with a delay counts once a monitor's values have met it for so long, without a gap."""

    def stream(self, *pairs, panel=None, **how):
        panel = panel or live_panel()
        for second, spo2 in pairs:
            take(panel, 5 + second / 60, limits=STREAMED, spo2=spo2, **how)
        return panel

    @pytest.mark.parametrize(("last_s", "flags"), [(9, []), (10, [("high", "active")])])
    def test_counts_after_its_delay(self, last_s, flags):
        panel = self.stream((0, 89), (5, 88), (last_s, 89))
        assert list(conditions(panel).values()) == flags

    def test_begins_anew_after_a_value_inside(self):
        panel = self.stream((0, 89), (5, 95), (9, 89), (15, 89))
        assert panel.flags == []
        self.stream((19, 89), panel=panel)
        assert list(conditions(panel)) == ["spo2-low"]

    def test_begins_anew_after_a_gap_in_the_stream(self):
        panel = self.stream((0, 89), (40, 89))
        assert panel.flags == []
        self.stream((50, 89), panel=panel)
        assert list(conditions(panel)) == ["spo2-low"]

    def test_a_person_s_value_counts_at_once(self):
        assert list(conditions(self.stream((0, 89), from_device=False))) == ["spo2-low"]

    def test_a_reading_that_does_not_count_yet_belongs_to_no_flag(self):
        [found] = take(live_panel(), 5, limits=STREAMED, spo2=89).found
        assert (found.flag, found.late) == (None, False)


class TestAgainstTheBaseline:
    def test_a_rise_over_what_it_was(self):
        panel = live_panel(baseline=Baseline(systolic=110, diastolic=70, sets=1))
        confirmed(panel, 10, 15, systolic=151, diastolic=80)
        assert conditions(panel)["bp-high"] == ("medium", "active")
        flag = next(one for one in panel.flags if one.condition == "bp-high")
        assert flag.text == "BP 151/80, +41 over baseline, limit +40"
        assert (flag.rule, flag.threshold) == ("BP-3", 150)

    def test_a_baseline_that_is_charted_afterwards_is_looked_back_with(self):
        panel = live_panel()
        take(panel, 10, systolic=151, diastolic=80)
        assert "bp-high" not in conditions(panel)
        panel.baseline = Baseline(systolic=110, diastolic=70, sets=1)
        judging.reassess(panel, LIMITS, minute(12), [])
        assert conditions(panel)["bp-high"] == ("medium", "pending")

    def test_looking_again_is_no_second_measurement(self):
        panel = live_panel(baseline=Baseline(systolic=110, sets=1))
        take(panel, 10, systolic=151, diastolic=80)
        changes: list[FlagChange] = []
        judging.reassess(panel, LIMITS, minute(14), changes)
        assert conditions(panel)["bp-high"] == ("medium", "pending")
        assert [change.opened for change in changes] == [False]


class TestSymptoms:
    def chart(self, panel, at_min, **symptoms):
        panel.symptoms = [
            OpenSymptom(code.replace("_", "-"), severe, minute(at_min)) for code, severe in symptoms.items()
        ]
        changes: list[FlagChange] = []
        breach = judging.reassess(panel, LIMITS, minute(at_min), changes)
        return breach, changes

    def test_a_serious_one_flags_at_once_and_ends_when_it_is_gone_and_was_seen(self):
        panel = live_panel()
        breach, [change] = self.chart(panel, 5, chest_pain=False)
        assert (breach, change.call is not None) == ("Chest pain", True)
        assert conditions(panel) == {"symptom-chest-pain": ("high", "active")}
        acknowledge(panel, "symptom-chest-pain", 6)
        self.chart(panel, 20)
        assert panel.flags == []

    def test_gone_unseen_it_waits_for_somebody(self):
        panel = live_panel()
        self.chart(panel, 5, seizure=False)
        self.chart(panel, 6)
        assert conditions(panel) == {"symptom-seizure": ("high", "latched")}
        self.chart(panel, 8, seizure=False)
        assert conditions(panel) == {"symptom-seizure": ("high", "active")}

    def test_vomiting_flags_once_the_patient_is_drowsy_and_not_after(self):
        panel = live_panel()
        self.chart(panel, 5, vomiting=False)
        assert panel.flags == []
        take(panel, 6, sedation=4, from_device=False)
        assert conditions(panel) == {"symptom-vomiting": ("medium", "active")}
        assert only(panel).text == "Vomiting with Sedation 4"
        take(panel, 9, sedation=5, from_device=False)
        assert panel.flags == []

    def test_chest_pain_makes_a_pressure_that_waits_flag_at_once(self):
        panel = live_panel()
        take(panel, 5, systolic=181, diastolic=90)
        assert conditions(panel) == {"bp-high": ("high", "pending")}
        self.chart(panel, 6, chest_pain=True)
        assert conditions(panel)["bp-high"] == ("high", "active")
        flag = next(one for one in panel.flags if one.condition == "bp-high")
        assert flag.text == "BP 181/90 with chest pain, limit 180"
        assert (flag.rule, panel.rechecks) == ("BP-7", [])

    def test_a_low_pressure_with_dizziness_is_measured_again(self):
        panel = live_panel()
        take(panel, 5, systolic=98, diastolic=60)
        assert panel.flags == []
        self.chart(panel, 6, dizzy=False)
        assert conditions(panel) == {"bp-low": ("medium", "pending")}
        take(panel, 11, systolic=97, diastolic=60)
        assert conditions(panel) == {"bp-low": ("medium", "active")}


class TestLimitsOfThisPatient:
    def changed(self, **how):
        limit = PatientLimit(uuid4(), "BP-2", "systolic", 175, None, minute(0), minute(30))
        return live_panel(patient_limits=[limit], **how)

    def test_hold_while_they_last(self):
        panel = self.changed()
        take(panel, 20, systolic=170, diastolic=90)
        assert "bp-high" not in conditions(panel)
        take(panel, 25, systolic=176, diastolic=90)
        assert conditions(panel)["bp-high"] == ("medium", "pending")

    def test_their_end_is_noticed_by_the_watch_without_a_new_value(self):
        panel = self.changed(planned_end_at=minute(200))
        take(panel, 29, systolic=170, diastolic=90)
        ticked(panel, 29.9)
        assert "bp-high" not in conditions(panel)
        ticked(panel, 30)
        assert conditions(panel)["bp-high"] == ("medium", "pending")
        assert panel.patient_limits[0].is_over

    def test_ending_once_is_enough(self):
        panel = self.changed()
        ticked(panel, 31)
        assert ticked(panel, 31) == []


class TestLate:
    """Older than the newest of its vital, or more than 30 min on its way: judged, and rings nothing."""

    @pytest.mark.parametrize(("on_its_way_min", "late"), [(30, False), (30.1, True)])
    def test_half_an_hour_on_its_way(self, on_its_way_min, late):
        panel = live_panel()
        effects = take(panel, 5, received_min=5 + on_its_way_min, systolic=210, diastolic=90)
        assert (late_names(effects.late_fields) == ["systolic", "diastolic"]) is late
        assert ("bp-high" in conditions(panel)) is not late

    def test_an_older_breach_opens_nothing_and_is_told_without_a_live_flag(self):
        panel = live_panel()
        take(panel, 10, **FULL_SET)
        effects = take(panel, 5, received_min=11, spo2=85)
        assert panel.flags == []
        assert [(one.finding.condition, one.flag, one.late) for one in effects.found] == [
            ("spo2-low", None, True)
        ]
        assert panel.values["spo2"].value == 98

    def test_an_older_value_confirms_nothing(self):
        panel = live_panel()
        take(panel, 10, spo2=92)
        take(panel, 8, received_min=11, spo2=92)
        assert conditions(panel) == {"spo2-low": ("medium", "pending")}

    def test_an_older_value_inside_ends_nothing(self):
        panel = live_panel()
        take(panel, 10, spo2=85)
        take(panel, 5, received_min=11, spo2=98)
        assert conditions(panel) == {"spo2-low": ("high", "active")}

    def test_is_told_per_field(self):
        panel = live_panel()
        take(panel, 10, spo2=98)
        effects = take(panel, 5, received_min=11, spo2=97, systolic=210, diastolic=90)
        assert late_names(effects.late_fields) == ["spo2"]
        assert set(conditions(panel)) == {"bp-high"}

    def test_a_low_pressure_whose_slow_heart_is_known_better_by_now_is_late(self):
        """What it rests on is half late: it is found all the same, and rings nothing."""
        panel = live_panel()
        take(panel, 6, heart_rate=70)
        [found] = take(panel, 5, received_min=7, systolic=88, diastolic=50, heart_rate=48).found
        assert (found.finding.rule.code, found.finding.priority, found.late) == ("BP-12", "high", True)
        assert panel.flags == []

    def test_a_reading_on_its_way_while_the_session_ended_rings_nothing(self):
        panel = live_panel(state="released")
        effects = take(panel, 5, spo2=85)
        assert panel.flags == []
        assert late_names(effects.late_fields) == ["spo2"]

    @given(st.permutations(range(7)))
    def test_the_newest_values_and_findings_do_not_depend_on_the_order_of_arrival(self, order):
        readings = [
            (2, {"spo2": 92}),
            (4, {"spo2": 97, "heart_rate": 135}),
            (6, {"systolic": 171, "diastolic": 93}),
            (8, {"heart_rate": 80}),
            (9, {"systolic": 131, "diastolic": 83, "spo2": 90}),
            (9, {"respiratory_rate": 26}),
            (7, {"systolic": 89, "diastolic": 50, "heart_rate": 48}),
        ]
        panel = live_panel(baseline=Baseline(systolic=95, diastolic=60, sets=1))
        found = set()
        for number in order:
            at_min, values = readings[number]
            effects = take(panel, at_min, received_min=12, **values)
            found |= {(number, one.finding.condition, one.finding.priority) for one in effects.found}
            assert all(one.late or one.flag for one in effects.found), "each belongs to a flag"
        assert found == {
            (0, "spo2-low", "medium"),
            (1, "hr-high", "high"),
            (2, "bp-high", "medium"),
            (4, "spo2-low", "high"),
            (5, "rr-high", "high"),
            (6, "bp-low", "high"),
        }
        assert {name: latest.value for name, latest in panel.values.items()} == {
            "systolic": 131,
            "diastolic": 83,
            "spo2": 90,
            "heart_rate": 80,
            "respiratory_rate": 26,
            "sedation": 5,
        }


class TestBreach:
    """What takes readiness back is a physiological flag that becomes active or worsens."""

    def test_is_told_in_the_words_of_its_flag(self):
        panel = live_panel()
        assert take(panel, 5, spo2=90).breach == "", "a re-check is no breach yet"
        assert take(panel, 6, spo2=90).breach == "SpO₂ 90, limit 91"

    def test_going_on_is_none(self):
        panel = confirmed(live_panel(), 5, 6, spo2=90)
        assert take(panel, 7, spo2=90).breach == ""

    def test_a_late_one_is_none(self):
        assert take(live_panel(), 5, received_min=40, spo2=80).breach == ""


class TestCorrection:
    def correct(self, panel, at_min, *, unfounded=True, **values):
        for name, value in values.items():
            panel.values[name].value = value
        flags = frozenset(flag.id for flag in panel.flags) if unfounded else frozenset()
        return judging.rejudge(
            panel, set(values), LIMITS, minute(at_min), minute(at_min + 1), unfounded=flags
        )

    def test_a_flag_that_rested_on_the_wrong_value_ends_even_if_high(self):
        panel = live_panel()
        take(panel, 5, systolic=210, diastolic=90)
        [change] = self.correct(panel, 5, systolic=121).changes
        assert (change.resolved, change.cause) == (True, "corrected")

    def test_a_re_check_that_rested_on_the_wrong_value_is_not_due_any_more(self):
        panel = live_panel()
        take(panel, 5, systolic=172, diastolic=90)
        [change] = self.correct(panel, 5, systolic=127).changes
        assert (change.resolved, change.cause, panel.rechecks) == (True, "corrected", [])

    def test_a_re_check_goes_on_when_the_right_value_is_outside_too(self):
        panel = live_panel()
        take(panel, 5, systolic=172, diastolic=90)
        flag = only(panel)
        self.correct(panel, 5, systolic=169)
        assert only(panel).id == flag.id
        assert (only(panel).value, [one.at for one in panel.rechecks]) == (169, [minute(10)])

    def test_a_correction_is_no_second_measurement(self):
        panel = live_panel()
        take(panel, 5, systolic=172, diastolic=90)
        self.correct(panel, 5, unfounded=False, systolic=174)
        assert conditions(panel) == {"bp-high": ("medium", "pending")}

    def test_a_high_flag_that_other_readings_raised_waits_for_somebody(self):
        panel = confirmed(live_panel(), 5, 10, systolic=190, diastolic=90)
        take(panel, 15, systolic=191, diastolic=90)
        self.correct(panel, 15, unfounded=False, systolic=121)
        assert conditions(panel)["bp-high"] == ("high", "latched")

    def test_a_latched_flag_is_not_ended_by_a_correction_elsewhere(self):
        panel = live_panel()
        take(panel, 5, systolic=210, diastolic=90)
        take(panel, 10, systolic=130, diastolic=80)
        self.correct(panel, 10, unfounded=False, systolic=128)
        assert conditions(panel) == {"bp-high": ("high", "latched")}

    def test_a_high_typed_for_a_medium_is_forgotten(self):
        panel = live_panel()
        take(panel, 5, systolic=207, diastolic=90)
        self.correct(panel, 5, systolic=170)
        assert conditions(panel) == {"bp-high": ("medium", "pending")}
        take(panel, 10, systolic=140, diastolic=85)
        assert "bp-high" not in conditions(panel)

    def test_a_corrected_value_beyond_a_limit_opens_a_flag(self):
        panel = live_panel()
        take(panel, 5, systolic=120, diastolic=80)
        assert self.correct(panel, 5, systolic=206).breach == "BP 206/80, limit 200"
        assert conditions(panel) == {"bp-high": ("high", "active")}
        assert only(panel).asks_since == minute(6), "by our clock, not when it was measured"


def test_the_plan_of_the_fixture_is_the_protocol_s():
    panel = live_panel()
    assert panel.checked_in_at == CHECK_IN
    assert (panel.due.label, panel.due.at) == ("Set during infusion", minute(10))
    assert set(panel.due.missing) == set(FULL_SET)


def test_late_names_are_in_the_order_of_columns():
    assert late_names(0b111111111) == list(FIELDS)
    assert late_names(0) == []
