"""The protocol's sums, with the numbers typed: window, due sets, what a release lacks, milligrams."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest

from sessions.protocol import (
    DoseClock,
    ReadinessEvidence,
    Route,
    StepState,
    early_end_act,
    is_early,
    missing_before_release,
    next_step,
    plan,
    state_of,
    window_end,
)
from sessions.shipped import IV_KETAMINE, NASAL_ESKETAMINE
from sessions.states import State

CHECK_IN = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
START = CHECK_IN + timedelta(minutes=20)


def after_start(minutes):
    return START + timedelta(minutes=minutes)


def clock(dose_min, start=START):
    return DoseClock(start - timedelta(minutes=20), start, start + timedelta(minutes=dose_min))


def minutes_of(steps, label, start=START):
    return [(step.due_at - start).total_seconds() / 60 for step in steps if step.label == label]


class TestWindow:
    """The later of two hours from the start, and 80 min (IV) or 120 min (nasal) from the end."""

    @pytest.mark.parametrize(
        ("rules", "dose_min", "window_min"),
        [
            (IV_KETAMINE, 39, 120),
            (IV_KETAMINE, 40, 120),
            (IV_KETAMINE, 41, 121),
            (IV_KETAMINE, 100, 180),
            (NASAL_ESKETAMINE, 0, 120),
            (NASAL_ESKETAMINE, 5, 125),
            (NASAL_ESKETAMINE, 10, 130),
        ],
    )
    def test_ends_at_the_later_of_both_clocks(self, rules, dose_min, window_min):
        assert window_end(rules, clock(dose_min)) == after_start(window_min)

    def test_is_two_hours_while_the_end_of_the_dose_is_unknown(self):
        assert window_end(IV_KETAMINE, DoseClock(CHECK_IN, START, None)) == after_start(120)

    def test_has_no_end_before_the_dose(self):
        assert window_end(IV_KETAMINE, DoseClock(CHECK_IN, None, None)) is None

    def test_is_two_hours_of_time_in_the_night_the_clocks_go_back(self):
        new_york = ZoneInfo("America/New_York")
        start = datetime(2026, 11, 1, 0, 30, tzinfo=new_york)
        end = window_end(IV_KETAMINE, clock(40, start.astimezone(UTC)))
        assert end is not None
        # 00:30 EDT and two hours is 01:30 EST: the hour from one to two came twice
        assert end.astimezone(new_york).strftime("%H:%M %Z") == "01:30 EST"


class TestPlan:
    def test_iv_every_10_min_during_and_every_15_after(self):
        steps = plan(IV_KETAMINE, clock(40), until=after_start(120))
        assert minutes_of(steps, "Pre-dose set") == [-10]
        assert minutes_of(steps, "Set during infusion") == [10, 20, 30, 40]
        assert minutes_of(steps, "Set after infusion") == [55, 70, 85, 100, 115]

    def test_nasal_every_15_min_and_pressure_at_40_then_every_15(self):
        steps = plan(NASAL_ESKETAMINE, clock(5), until=after_start(105))
        assert minutes_of(steps, "SpO₂ and alertness") == [15, 30, 45, 60, 75, 90, 105]
        assert minutes_of(steps, "40-minute BP") == [40]
        assert minutes_of(steps, "BP after 40 minutes") == [55, 70, 85, 100]

    def test_the_40_minute_pressure_is_open_from_35_to_50(self):
        [step] = [s for s in plan(NASAL_ESKETAMINE, clock(5), until=after_start(60)) if s.label[:2] == "40"]
        assert (step.opens_at, step.closes_at) == (after_start(35), after_start(50))
        assert step.needs == ("systolic", "diastolic", "heart_rate")

    def test_before_the_dose_only_the_pre_dose_set_is_due(self):
        steps = plan(IV_KETAMINE, DoseClock(CHECK_IN, None, None), until=CHECK_IN + timedelta(hours=4))
        assert [step.label for step in steps] == ["Pre-dose set"]

    def test_nothing_is_planned_before_check_in(self):
        assert plan(IV_KETAMINE, DoseClock(None, None, None), until=START) == []

    def test_is_in_order_of_time(self):
        times = [step.due_at for step in plan(NASAL_ESKETAMINE, clock(5), until=after_start(240))]
        assert times == sorted(times)

    def test_a_pause_moves_what_comes_after_the_dose_and_fills_the_time_between(self):
        steps = plan(IV_KETAMINE, clock(40 + 12), until=after_start(120))
        assert minutes_of(steps, "Set during infusion") == [10, 20, 30, 40, 50]
        assert minutes_of(steps, "Set after infusion") == [67, 82, 97, 112]

    @pytest.mark.parametrize("rules", [IV_KETAMINE, NASAL_ESKETAMINE])
    def test_a_moved_dose_moves_every_step_and_the_window_with_it(self, rules):
        by = timedelta(minutes=7)
        moved = DoseClock(CHECK_IN + by, START + by, after_start(40) + by)
        here = plan(rules, clock(40), until=after_start(180))
        there = plan(rules, moved, until=after_start(180) + by)
        assert [(s.label, s.due_at + by, s.opens_at + by, s.closes_at + by) for s in here] == [
            (s.label, s.due_at, s.opens_at, s.closes_at) for s in there
        ]
        here_end = window_end(rules, clock(40))
        assert here_end is not None
        assert window_end(rules, moved) == here_end + by

    @pytest.mark.parametrize(
        "night", [datetime(2026, 3, 8, 6, tzinfo=UTC), datetime(2026, 11, 1, 5, tzinfo=UTC)]
    )
    def test_sets_are_evenly_apart_across_a_change_of_the_clocks(self, night):
        # one in the morning in New York, an hour before the clocks there jump
        new_york = ZoneInfo("America/New_York")
        start = night.astimezone(new_york)
        assert (start + timedelta(hours=3)).utcoffset() != start.utcoffset()
        steps = plan(IV_KETAMINE, clock(40, night), until=night + timedelta(minutes=120))
        assert minutes_of(steps, "Set after infusion", night) == [55, 70, 85, 100, 115]


class TestNextStep:
    STEPS = plan(NASAL_ESKETAMINE, clock(5), until=after_start(120))
    ALL = ("systolic", "diastolic", "heart_rate", "respiratory_rate", "spo2", "sedation")

    def due(self, answered, rings_from=CHECK_IN):
        found = next_step(self.STEPS, answered, rings_from=rings_from)
        assert found is not None
        step, missing = found
        return step.label, (step.due_at - START).total_seconds() / 60, set(missing)

    def test_names_every_vital_at_first(self):
        assert self.due({}) == ("Pre-dose set", -10, set(self.ALL))

    def test_one_set_after_a_missed_one_is_enough(self):
        assert self.due(dict.fromkeys(self.ALL, after_start(16))) == (
            "SpO₂ and alertness",
            30,
            {"spo2", "sedation"},
        )

    def test_a_polled_pressure_does_not_tick_off_alertness(self):
        answered = dict.fromkeys(self.ALL, after_start(-10)) | {"spo2": after_start(15)}
        assert self.due(answered) == ("SpO₂ and alertness", 15, {"sedation"})

    @pytest.mark.parametrize(("minute", "label"), [(34.9, "40-minute BP"), (35, "SpO₂ and alertness")])
    def test_a_pressure_answers_the_40_minute_step_from_its_opening(self, minute, label):
        answered = dict.fromkeys(self.ALL, after_start(minute))
        assert self.due(answered)[0] == label

    def test_steps_before_the_entry_of_history_are_never_due(self):
        assert self.due({}, rings_from=after_start(41))[:2] == ("SpO₂ and alertness", 45)

    def test_does_not_depend_on_the_order_in_which_readings_came(self):
        readings = [
            ({"spo2", "sedation"}, after_start(14)),
            ({"systolic", "diastolic", "heart_rate"}, after_start(3)),
            ({"spo2"}, after_start(31)),
            ({"respiratory_rate", "sedation"}, after_start(-9)),
        ]
        found = set()
        for order in permutations(readings):
            answered: dict[str, datetime] = {}
            for vitals, at in order:
                for vital in vitals:
                    answered[vital] = max(at, answered.get(vital, at))
            label, minute, missing = self.due(answered)
            found.add((label, minute, frozenset(missing)))
        assert found == {("SpO₂ and alertness", 30, frozenset({"sedation"}))}

    def test_is_nothing_when_all_is_answered(self):
        answered = dict.fromkeys(self.ALL, after_start(300))
        assert next_step(self.STEPS, answered, rings_from=CHECK_IN) is None


class TestStateOfAStep:
    [STEP] = [s for s in plan(NASAL_ESKETAMINE, clock(5), until=after_start(60)) if s.label[:2] == "40"]

    @pytest.mark.parametrize(
        ("measured_min", "now_min", "state"),
        [
            (None, 39, StepState.WAITING),
            (None, 40, StepState.DUE),
            (None, 50, StepState.DUE),
            (None, 50.1, StepState.MISSED),
            (34, 60, StepState.MISSED),
            (35, 39, StepState.MET),
            (50, 60, StepState.MET),
            (51, 60, StepState.MISSED),
        ],
    )
    def test_a_measurement_counts_inside_its_window_only(self, measured_min, now_min, state):
        times = [] if measured_min is None else [after_start(measured_min)]
        measured = dict.fromkeys(self.STEP.needs, times)
        assert state_of(self.STEP, measured, after_start(now_min)) is state

    def test_one_vital_of_the_set_is_not_the_set(self):
        assert state_of(self.STEP, {"systolic": [after_start(40)]}, after_start(45)) is StepState.DUE


class TestRelease:
    def missing(self, **given):
        return missing_before_release(
            **{
                "state": State.READY,
                "at": after_start(120),
                "window_ends_at": after_start(120),
                "dose_ended_at": after_start(40),
                "evidence": ReadinessEvidence(unacknowledged_high=0),
                **given,
            }
        )

    def test_lacks_nothing_at_the_window_s_end(self):
        assert self.missing() == ()

    def test_is_refused_a_second_before_with_the_time_in_the_clinic_s_zone(self):
        ends_at = after_start(120).astimezone(ZoneInfo("America/New_York"))
        at = after_start(120) - timedelta(seconds=1)
        assert self.missing(at=at, window_ends_at=ends_at) == ("earliest release 12:20",)

    def test_names_everything_at_once(self):
        assert self.missing(
            state=State.DOSING,
            at=after_start(30),
            dose_ended_at=None,
            evidence=ReadinessEvidence(unacknowledged_high=2),
        ) == (
            "end of dose not charted",
            "earliest release 17:20",
            "readiness not assessed",
            "a flag of high priority that nobody has taken",
        )

    def test_an_end_inside_the_window_is_early(self):
        assert is_early(after_start(119), after_start(120))
        assert not is_early(after_start(120), after_start(120))
        assert not is_early(after_start(0), None)

    def test_an_early_end_is_a_release_for_iv_and_a_deviation_for_nasal(self):
        assert early_end_act(Route.IV) == "end-early"
        assert early_end_act(Route.NASAL) == "leave-early"
