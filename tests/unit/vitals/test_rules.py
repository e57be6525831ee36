"""What values are seen against: baseline, symptoms, one patient's limits; and which rows they then meet."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.vitals.live import LIMITS, START, minute
from vitals.limits import LEVELS, Direction, Kind
from vitals.panel import Baseline, OpenSymptom, PatientLimit
from vitals.plausible import RANGES
from vitals.rules import (
    Finding,
    Setting,
    all_met,
    company_wanted,
    findings,
    limits_at,
    met,
    outside,
    setting_at,
    strongest,
    with_company,
)

BASELINE = Baseline(systolic=124, diastolic=78, heart_rate=70, spo2=98, sets=1)


class TestSetting:
    def at(self, moment, **how):
        return setting_at(moment, **{"baseline": BASELINE, "dose_started_at": START, **how})

    def test_after_the_dose_there_is_a_baseline(self):
        assert self.at(minute(0.1)).baseline == {
            "systolic": 124,
            "diastolic": 78,
            "heart_rate": 70,
            "spo2": 98,
        }

    @pytest.mark.parametrize("at_min", [-5, 0])
    def test_up_to_the_dose_there_is_none_to_be_above(self, at_min):
        assert self.at(minute(at_min)).baseline == {}
        assert self.at(minute(90), dose_started_at=None).baseline == {}

    def test_what_was_not_measured_before_the_dose_is_not_in_it(self):
        assert self.at(minute(5), baseline=Baseline(diastolic=80)).baseline == {"diastolic": 80}
        assert self.at(minute(5), baseline=None).baseline == {}

    def test_holds_the_symptoms_that_had_begun(self):
        symptoms = [OpenSymptom("dizzy", False, minute(5)), OpenSymptom("chest-pain", True, minute(6))]
        assert self.at(minute(5), symptoms=symptoms).symptoms == {"dizzy": False}
        assert self.at(minute(6), symptoms=symptoms).symptoms == {"dizzy": False, "chest-pain": True}


def change(code, vital, threshold=None, baseline_by=None, from_min=0, until_min=60):
    return PatientLimit(uuid4(), code, vital, threshold, baseline_by, minute(from_min), minute(until_min))


class TestLimitsOfOnePatient:
    def verdict(self, changes, at_min, **values):
        limits = limits_at(minute(at_min), LIMITS, changes)
        return {one.rule.code: one.limit for one in findings(values, limits, Setting()).values()}

    def test_hold_from_their_moment_up_to_their_end(self):
        raised = [change("BP-2", "systolic", 175, from_min=10, until_min=40)]
        assert [bool(self.verdict(raised, at, systolic=170)) for at in (9, 10, 39.9, 40)] == [
            True,
            False,
            False,
            True,
        ]
        assert self.verdict(raised, 20, systolic=176) == {"BP-2": 175}

    def test_touch_only_the_row_they_name(self):
        raised = [change("BP-2", "systolic", 175)]
        assert self.verdict(raised, 20, diastolic=100) == {"BP-2": 100}
        assert self.verdict(raised, 20, systolic=180) == {"BP-5": 180}

    def test_may_switch_a_row_off(self):
        off = [change("HR-5", "heart_rate")]
        assert self.verdict(off, 20, heart_rate=44) == {}
        assert self.verdict(off, 20, heart_rate=40) == {"HR-6": 40}

    def test_may_change_a_distance_from_the_baseline(self):
        limits = limits_at(minute(5), LIMITS, [change("BP-3", "systolic", None, 60)])
        setting = Setting({"systolic": 100})
        assert met(limits.named["BP-3", "systolic"], {"systolic": 159}, setting) is None
        assert met(limits.named["BP-3", "systolic"], {"systolic": 160}, setting) == 160

    def test_that_do_not_hold_leave_the_set_itself(self):
        assert limits_at(minute(60), LIMITS, [change("BP-2", "systolic", 175)]) is LIMITS
        assert limits_at(minute(5), LIMITS, []) is LIMITS

    def test_move_the_quiet_span_too(self):
        lowered = limits_at(minute(5), LIMITS, [change("BP-2", "systolic", 140)])
        assert outside({"systolic": 141}, lowered, Setting()) == ["systolic"]
        assert outside({"systolic": 141}, LIMITS, Setting()) == []


ANY_VALUES = st.fixed_dictionaries(
    {},
    optional={
        name: st.decimals(lowest, highest, places=1).map(float) for name, (lowest, highest) in RANGES.items()
    },
)
SETTINGS = st.builds(
    Setting,
    baseline=st.fixed_dictionaries(
        {},
        optional={
            "systolic": st.integers(600, 2000).map(lambda tenths: tenths / 10),
            "diastolic": st.integers(30, 130),
        },
    ),
    symptoms=st.dictionaries(
        st.sampled_from(["dizzy", "fainting", "chest-pain", "blurred-vision", "nausea"]), st.booleans()
    ),
)


@given(ANY_VALUES, SETTINGS, st.randoms(use_true_random=False))
def test_findings_do_not_depend_on_the_order_of_fields(values, setting, random):
    shuffled = list(values.items())
    random.shuffle(shuffled)
    assert findings(dict(shuffled), LIMITS, setting) == findings(values, LIMITS, setting)


@given(ANY_VALUES, SETTINGS)
def test_a_finding_names_a_row_that_its_value_meets(values, setting):
    for condition, found in findings(values, LIMITS, setting).items():
        assert isinstance(found, Finding)
        assert found.rule.condition == condition
        assert values[found.rule.vital] == found.value
        assert found.value is not None
        assert found.limit is not None
        beyond = found.value - found.limit
        assert (beyond if found.rule.direction is Direction.HIGH else -beyond) >= 0
        assert found.beyond == abs(beyond)


@given(ANY_VALUES, SETTINGS)
def test_the_quick_way_past_quiet_values_misses_nothing(values, setting):
    slow = {
        rule.condition
        for rule in LIMITS.of_kind[Kind.VALUE]
        if rule.priority in LEVELS and met(rule, values, setting) is not None
    }
    assert set(findings(values, LIMITS, setting)) == slow


@given(ANY_VALUES, SETTINGS)
def test_the_strongest_is_of_the_highest_priority_and_needs_fewest_measurements(values, setting):
    for condition, found in findings(values, LIMITS, setting).items():
        every = all_met(condition, values, LIMITS, setting)
        assert found == strongest(every)
        assert found.rule.level == max(one.rule.level for one in every)
        same = [one.rule.readings for one in every if one.rule.level == found.rule.level]
        assert found.rule.readings == min(same)


def test_a_finding_says_which_vitals_it_rests_on():
    [found] = findings({"systolic": 88, "heart_rate": 46}, LIMITS, Setting()).values()
    assert found.asks_for == ("systolic", "heart_rate")
    [found] = findings({"spo2": 88}, LIMITS, Setting()).values()
    assert found.asks_for == ("spo2",)


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"systolic": 90}, {"heart_rate"}),
        ({"systolic": 90.1}, set()),
        ({"heart_rate": 50}, {"systolic"}),
        ({"heart_rate": 50.1}, set()),
        ({"systolic": 90, "heart_rate": 50}, set()),
        ({"systolic": 90, "heart_rate": 70}, set()),
        ({"spo2": 80}, set()),
    ],
)
def test_a_row_may_meet_one_part_of_a_rule_that_asks_for_two(values, wanted):
    assert company_wanted(values, LIMITS, Setting()) == wanted


def test_what_rows_of_one_moment_add_is_the_same_in_any_order():
    moment = [{"systolic": 88}, {"heart_rate": 70}, {"heart_rate": 48, "spo2": 90}]
    for rows in (moment, moment[::-1]):
        assert with_company({"systolic": 88}, rows, LIMITS) == {"systolic": 88, "heart_rate": 48}
        assert with_company({"heart_rate": 48}, rows, LIMITS) == {"heart_rate": 48}
        assert with_company({"systolic": 88, "heart_rate": 66}, rows, LIMITS)["heart_rate"] == 66


def test_limits_of_a_patient_are_worked_out_once_for_all_their_readings():
    changes = [change("BP-2", "systolic", 175, until_min=600)]
    assert limits_at(minute(5), LIMITS, changes) is limits_at(minute(5) + timedelta(hours=1), LIMITS, changes)
