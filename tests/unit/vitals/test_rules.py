"""What newest values do to an open flag: nothing, worse, inside again; and when a set is overdue."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitals.flagstates import FlagState, Happening
from vitals.limits import EXAMPLE_RULES, Direction, LimitSet, Priority
from vitals.panel import PanelFlag
from vitals.plausible import RANGES
from vitals.rules import (
    Finding,
    findings,
    overdue_at,
    overdue_medium_at,
    still_held,
    strongest_rule,
    text_of,
    what_happens,
)

LIMITS = LimitSet(1, "Example limits", 1, "", "", EXAMPLE_RULES)
AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def flag(vital="systolic", value=170, priority=Priority.MEDIUM, state=FlagState.ACTIVE, **columns):
    rule = strongest_rule(vital, value, LIMITS)
    assert rule is not None
    return PanelFlag(
        id=UUID(int=1),
        condition=rule.condition,
        category="physiological",
        text="",
        opened_at=AT,
        state=state,
        priority=priority,
        **{
            "peak": priority,
            "vital": vital,
            "direction": rule.direction,
            "value": value,
            "threshold": rule.threshold,
            **columns,
        },
    )


def verdict(vital, value):
    [finding] = findings({vital: value}, LIMITS).values()
    return finding


class TestWhatHappens:
    def test_a_first_breach_opens(self):
        assert what_happens(None, verdict("systolic", 170)) is Happening.BREACHED

    def test_without_flag_and_breach_nothing_happens(self):
        assert what_happens(None, None) is None

    def test_the_same_again_goes_on(self):
        assert what_happens(flag(), verdict("systolic", 172)) is Happening.BREACHED

    def test_a_higher_priority_worsens(self):
        assert what_happens(flag(), verdict("systolic", 180)) is Happening.WORSENED

    def test_a_lower_priority_only_steps_down(self):
        high = flag(value=185, priority=Priority.HIGH)
        assert what_happens(high, verdict("systolic", 176)) is Happening.EASED

    def test_inside_again_settles(self):
        assert what_happens(flag(), None) is Happening.SETTLED

    def test_a_high_one_that_nobody_took_is_not_forgotten(self):
        high = flag(value=185, priority=Priority.HIGH)
        assert what_happens(high, None) is Happening.SETTLED_UNSEEN

    def test_a_high_one_that_stepped_down_unseen_is_not_forgotten_either(self):
        assert what_happens(flag(peak=Priority.HIGH), None) is Happening.SETTLED_UNSEEN

    def test_a_high_one_that_was_taken_settles(self):
        taken = flag(value=185, priority=Priority.HIGH, state=FlagState.ACKNOWLEDGED, peak_taken=True)
        assert what_happens(taken, None) is Happening.SETTLED

    def test_a_breach_while_latched_asks_again(self):
        latched = flag(value=185, priority=Priority.HIGH, state=FlagState.LATCHED)
        assert what_happens(latched, verdict("systolic", 170)) is Happening.WORSENED

    @pytest.mark.parametrize(
        ("vital", "taken_at", "same", "worse"),
        [
            ("systolic", 182, 191, 192),
            ("diastolic", 111, 119, 121),
            ("spo2", 91, 89.5, 89),
            ("heart_rate", 132, 146, 147),
            ("systolic", 79, 70, 69),
        ],
    )
    def test_going_a_step_beyond_the_value_taken_asks_again(self, vital, taken_at, same, worse):
        taken = flag(
            vital,
            taken_at,
            Priority.HIGH,
            FlagState.ACKNOWLEDGED,
            peak_taken=True,
            taken_at_values={vital: taken_at},
        )
        assert what_happens(taken, verdict(vital, same)) is Happening.BREACHED
        assert what_happens(taken, verdict(vital, worse)) is Happening.WORSENED

    def test_the_other_pressure_is_held_against_its_own_value_when_taken(self):
        taken = flag(
            "systolic",
            182,
            Priority.HIGH,
            FlagState.ACKNOWLEDGED,
            peak_taken=True,
            taken_at_values={"systolic": 182, "diastolic": 108},
        )
        assert what_happens(taken, verdict("diastolic", 117)) is Happening.BREACHED
        assert what_happens(taken, verdict("diastolic", 118)) is Happening.WORSENED


class TestHysteresis:
    @pytest.mark.parametrize(
        ("vital", "breach", "held", "free"),
        [
            ("spo2", 93, 93.9, 94),
            ("spo2", 91, 91.9, 92),
            ("heart_rate", 120, 117.1, 117),
            ("heart_rate", 45, 47.9, 48),
            ("respiratory_rate", 25, 24.1, 24),
            ("respiratory_rate", 8, 8.9, 9),
        ],
    )
    def test_a_flag_holds_until_the_value_is_well_inside(self, vital, breach, held, free):
        assert still_held(flag(vital, breach), {vital: held})
        assert not still_held(flag(vital, breach), {vital: free})

    def test_a_pressure_needs_only_to_leave_its_limit(self):
        assert not still_held(flag("systolic", 165), {"systolic": 164.9})

    def test_a_latched_flag_is_held_by_nobody_s_value(self):
        assert not still_held(flag("spo2", 91, state=FlagState.LATCHED), {"spo2": 91})


class TestWords:
    def test_a_pressure_is_told_as_a_pair_with_the_limit_that_fired(self):
        values = {"systolic": 184, "diastolic": 104}
        assert text_of(verdict("systolic", 184), values) == "BP 184/104, limit 180"
        assert text_of(verdict("diastolic", 104), values) == "BP 184/104, limit diastolic 100"

    def test_half_a_pressure_shows_what_is_missing(self):
        assert text_of(verdict("systolic", 184), {"systolic": 184}) == "BP 184/–, limit 180"

    def test_any_other_vital_by_its_short_name(self):
        assert text_of(verdict("spo2", 88), {"spo2": 88}) == "SpO₂ 88, limit 88"


class TestOverdue:
    """A set is a low flag from 5 min; medium from one interval or 15 min, whichever is less."""

    def test_low_after_5_min(self):
        assert overdue_at(AT) == AT + timedelta(minutes=5)

    @pytest.mark.parametrize(("every_min", "medium_min"), [(10, 10), (15, 15), (30, 15), (3, 5)])
    def test_medium_after_an_interval_or_15_min(self, every_min, medium_min):
        assert overdue_medium_at(AT, every_min, AT) == AT + timedelta(minutes=medium_min)

    @pytest.mark.parametrize(("closes_min", "medium_min"), [(10, 10), (20, 15)])
    def test_a_single_set_is_medium_when_its_window_closes(self, closes_min, medium_min):
        closes_at = AT + timedelta(minutes=closes_min)
        assert overdue_medium_at(AT, None, closes_at) == AT + timedelta(minutes=medium_min)


ANY_VALUES = st.fixed_dictionaries(
    {},
    optional={
        name: st.decimals(lowest, highest, places=1).map(float) for name, (lowest, highest) in RANGES.items()
    },
)


@given(ANY_VALUES, st.randoms(use_true_random=False))
def test_findings_do_not_depend_on_the_order_of_fields(values, random):
    shuffled = list(values.items())
    random.shuffle(shuffled)
    assert findings(dict(shuffled), LIMITS) == findings(values, LIMITS)


@given(ANY_VALUES)
def test_a_finding_names_a_row_that_its_value_meets(values):
    for condition, found in findings(values, LIMITS).items():
        assert isinstance(found, Finding)
        assert found.rule.condition == condition
        assert values[found.rule.vital] == found.value
        beyond = found.value - found.rule.threshold
        assert (beyond if found.rule.direction is Direction.HIGH else -beyond) >= 0


@given(ANY_VALUES)
def test_the_quick_way_past_quiet_values_misses_nothing(values):
    met = {
        rule.condition
        for name, value in values.items()
        if (rule := strongest_rule(name, value, LIMITS)) and rule.priority in {Priority.MEDIUM, Priority.HIGH}
    }
    assert set(findings(values, LIMITS)) == met
