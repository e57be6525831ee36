"""Each row of the example limits, just below, on and just beyond its edge, typed from the page of rules.

The numbers are never read from the table under test; the table only answers what a value meets.
"""

from dataclasses import replace

import pytest

from tests.unit.vitals.live import LIMITS
from vitals.limits import (
    EXAMPLE_RULES,
    QUIET_KEPT,
    RANK,
    Direction,
    Kind,
    LimitRule,
    Priority,
    Unit,
    conditions_of,
)
from vitals.rules import Setting, band, findings, met, symptom_findings
from vitals.vital import Vital

NOTHING = None
NOTE = ("note", "once")
TWICE, ONCE = ("medium", "twice"), ("medium", "once")
HIGH_TWICE, HIGH = ("high", "twice"), ("high", "once")


def verdict(values, *, baseline=None, symptoms=None):
    """(priority, how many measurements) of the strongest row that the values meet; None when none is met."""
    setting = Setting(baseline or {}, symptoms or {})
    found = [rule for rule in LIMITS.of_kind[Kind.VALUE] if met(rule, values, setting) is not None]
    if not found:
        return None
    best = max(found, key=lambda rule: (rule.level, -rule.readings))
    assert best.readings in {1, 2}
    return best.priority.value, "once" if best.readings == 1 else "twice"


PLAIN = [
    ("systolic", 149.9, NOTHING),
    ("systolic", 150, NOTE),
    ("systolic", 164.9, NOTE),
    ("systolic", 165, TWICE),
    ("systolic", 179.9, TWICE),
    ("systolic", 180, HIGH_TWICE),
    ("systolic", 199.9, HIGH_TWICE),
    ("systolic", 200, HIGH),
    ("diastolic", 94.9, NOTHING),
    ("diastolic", 95, NOTE),
    ("diastolic", 99.9, NOTE),
    ("diastolic", 100, TWICE),
    ("diastolic", 109.9, TWICE),
    ("diastolic", 110, HIGH_TWICE),
    ("diastolic", 119.9, HIGH_TWICE),
    ("diastolic", 120, HIGH),
    ("systolic", 100.1, NOTHING),
    ("systolic", 100, NOTE),
    ("systolic", 90, NOTE),
    ("systolic", 80.1, NOTE),
    ("systolic", 80, HIGH),
    ("heart_rate", 100.9, NOTHING),
    ("heart_rate", 101, NOTE),
    ("heart_rate", 119.9, NOTE),
    ("heart_rate", 120, TWICE),
    ("heart_rate", 130.9, TWICE),
    ("heart_rate", 131, HIGH),
    ("heart_rate", 50.1, NOTHING),
    ("heart_rate", 50, NOTE),
    ("heart_rate", 45.1, NOTE),
    ("heart_rate", 45, TWICE),
    ("heart_rate", 40.1, TWICE),
    ("heart_rate", 40, HIGH),
    ("respiratory_rate", 20.9, NOTHING),
    ("respiratory_rate", 21, NOTE),
    ("respiratory_rate", 24.9, NOTE),
    ("respiratory_rate", 25, HIGH_TWICE),
    ("respiratory_rate", 29.9, HIGH_TWICE),
    ("respiratory_rate", 30, HIGH),
    ("respiratory_rate", 11.1, NOTHING),
    ("respiratory_rate", 11, NOTE),
    ("respiratory_rate", 8.1, NOTE),
    ("respiratory_rate", 8, HIGH_TWICE),
    ("respiratory_rate", 6.1, HIGH_TWICE),
    ("respiratory_rate", 6, HIGH),
    ("respiratory_rate", 0, HIGH),
    ("spo2", 100, NOTHING),
    ("spo2", 95.1, NOTHING),
    ("spo2", 95, NOTE),
    ("spo2", 93.1, NOTE),
    ("spo2", 93, TWICE),
    ("spo2", 91.1, TWICE),
    ("spo2", 91, HIGH_TWICE),
    ("spo2", 88.1, HIGH_TWICE),
    ("spo2", 88, HIGH),
    ("sedation", 5, NOTHING),
    ("sedation", 4, NOTE),
    ("sedation", 3, ONCE),
    ("sedation", 2, HIGH),
    ("sedation", 0, HIGH),
    ("temperature", 38.0, NOTHING),
    ("temperature", 38.1, NOTE),
    ("temperature", 42, NOTE),
    ("temperature", 35.6, NOTHING),
    ("temperature", 35.5, NOTE),
    ("mean", 200, NOTHING),
    ("etco2", 90, NOTHING),
]


@pytest.mark.parametrize(("vital", "value", "told"), PLAIN)
def test_a_value_at_an_edge(vital, value, told):
    assert verdict({vital: value}) == told


@pytest.mark.parametrize(("vital", "value", "told"), PLAIN)
def test_only_medium_and_high_make_a_finding(vital, value, told):
    found = [one.priority.value for one in findings({vital: value}, LIMITS, Setting()).values()]
    assert found == ([told[0]] if told and told[0] != "note" else [])


# the patient's systolic before the dose, systolic now
@pytest.mark.parametrize(
    ("baseline", "systolic", "told"),
    [
        # a fifth above is a note
        (120, 143.9, NOTHING),
        (120, 144, NOTE),
        # 40 above is medium, wherever that lies
        (100, 139.9, NOTE),
        (100, 140, TWICE),
        (124, 163.9, TWICE),  # three tenths above and at least 150
        (140, 164.9, NOTE),
        # three tenths above is medium from 150
        (112, 149.9, NOTE),
        (112, 150, TWICE),
        (116, 150.7, NOTE),
        (116, 150.8, TWICE),
        # what is plainly high stays so
        (150, 180, HIGH_TWICE),
        (150, 200, HIGH),
        # low only where it fell: at least 10, to 90 or less
        (100, 90.1, NOTE),
        (100, 90, TWICE),
        (99, 89.1, NOTE),
        (99, 89, TWICE),
        (92, 90, NOTE),
        (92, 82.1, NOTE),
        (92, 82, TWICE),
        (85, 80.1, NOTE),
        (85, 80, HIGH),
    ],
)
def test_a_systolic_against_what_it_was_before_the_dose(baseline, systolic, told):
    assert verdict({"systolic": systolic}, baseline={"systolic": baseline}) == told


@pytest.mark.parametrize(
    ("baseline", "diastolic", "told"),
    [(60, 84.9, NOTHING), (60, 85, TWICE), (72, 96.9, NOTE), (72, 97, TWICE), (90, 100, TWICE)],
)
def test_a_diastolic_25_above_what_it_was_before_the_dose(baseline, diastolic, told):
    assert verdict({"diastolic": diastolic}, baseline={"diastolic": baseline}) == told


def test_without_a_baseline_relative_rows_wait():
    assert verdict({"systolic": 164, "diastolic": 94}) == NOTE
    assert verdict({"systolic": 164, "diastolic": 94}, baseline={"diastolic": 60}) == TWICE
    assert verdict({"systolic": 85}) == NOTE


SIGNS = ["chest-pain", "breathlessness", "severe-headache", "blurred-vision", "neurological-sign"]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"systolic": 179.9}, TWICE),
        ({"systolic": 180}, HIGH),
        ({"diastolic": 109.9}, TWICE),
        ({"diastolic": 110}, HIGH),
    ],
)
def test_a_sign_of_crisis_makes_180_110_flag_at_once(sign, values, told):
    assert verdict(values, symptoms={sign: False}) == told


@pytest.mark.parametrize("symptom", ["nausea", "dizzy", "headache", "vomiting"])
def test_another_symptom_does_not(symptom):
    assert verdict({"systolic": 180}, symptoms={symptom: True}) == HIGH_TWICE


@pytest.mark.parametrize("symptom", ["dizzy", "fainting"])
def test_a_low_pressure_with_dizziness_or_fainting(symptom):
    assert verdict({"systolic": 100.1}, symptoms={symptom: False}) is NOTHING
    assert verdict({"systolic": 100}, symptoms={symptom: False}) == TWICE
    assert verdict({"systolic": 100}, symptoms={"nausea": False}) == NOTE


@pytest.mark.parametrize(
    ("systolic", "heart_rate", "told"),
    [(90, 50, HIGH), (90.1, 50, NOTE), (90, 50.1, NOTE), (81, 46, HIGH), (90, None, NOTE)],
)
def test_a_low_pressure_with_a_slow_heart_flags_at_once(systolic, heart_rate, told):
    values = {"systolic": systolic} | ({} if heart_rate is None else {"heart_rate": heart_rate})
    assert verdict(values) == told


@pytest.mark.parametrize(
    ("symptoms", "sedation", "found"),
    [
        ({"vomiting": False}, 4, {"symptom-vomiting": "medium"}),
        ({"vomiting": True}, 5, {}),
        ({"vomiting": False}, None, {}),
        ({"distress": True}, 5, {"symptom-distress": "medium"}),
        ({"distress": False}, 5, {}),
        *(
            ({serious: False}, 5, {f"symptom-{serious}": "high"})
            for serious in ("chest-pain", "breathlessness", "neurological-sign", "seizure", "unresponsive")
        ),
        ({"severe-headache": True, "nausea": True}, 3, {}),
        ({"seizure": True, "vomiting": True}, 4, {"symptom-seizure": "high", "symptom-vomiting": "medium"}),
    ],
)
def test_symptoms_that_flag_by_themselves(symptoms, sedation, found):
    values = {} if sedation is None else {"sedation": sedation}
    told = symptom_findings(values, LIMITS, Setting(symptoms=symptoms))
    assert {condition: one.priority.value for condition, one in told.items()} == found


class TestWhichRowIsNamed:
    @pytest.mark.parametrize(
        ("vital", "value", "threshold"),
        [
            ("systolic", 199, 180),
            ("systolic", 200, 200),
            ("systolic", 230, 200),
            ("diastolic", 119, 110),
            ("diastolic", 120, 120),
            ("respiratory_rate", 29, 25),
            ("respiratory_rate", 30, 30),
            ("respiratory_rate", 7, 8),
            ("respiratory_rate", 6, 6),
            ("spo2", 89, 91),
            ("spo2", 88, 88),
            ("spo2", 70, 88),
            ("heart_rate", 140, 131),
        ],
    )
    def test_the_one_that_flags_at_once_before_the_one_that_waits(self, vital, value, threshold):
        [found] = findings({vital: value}, LIMITS, Setting()).values()
        assert found.limit == threshold

    def test_a_plain_limit_before_one_from_the_baseline(self):
        [found] = findings({"systolic": 172}, LIMITS, Setting({"systolic": 100})).values()
        assert (found.rule.code, found.limit) == ("BP-2", 165)

    def test_of_two_pressures_the_one_farther_beyond(self):
        [found] = findings({"systolic": 182, "diastolic": 117}, LIMITS, Setting()).values()
        assert (found.vital, found.limit) == ("diastolic", 110)

    def test_the_order_of_the_rows_does_not_matter(self):
        turned = replace(LIMITS, rules=tuple(reversed(EXAMPLE_RULES)))
        values = {"systolic": 205, "diastolic": 125, "heart_rate": 45, "spo2": 87}
        setting = Setting({"systolic": 120, "diastolic": 80}, {"chest-pain": True})
        assert findings(values, turned, setting) == findings(values, LIMITS, setting)


# when the next measurement is due, and from when on nobody measuring again is a flag, in seconds
@pytest.mark.parametrize("rule", [rule for rule in EXAMPLE_RULES if rule.readings == 2], ids=repr)
def test_a_second_measurement_is_due_in_5_min_for_pressures_and_1_min_for_the_rest(rule):
    is_pressure = rule.vital in {"systolic", "diastolic"}
    assert rule.recheck_s == (300 if is_pressure else 60)
    assert (rule.grace_s, rule.apart_s, rule.within_s) == (120, 60, 1200)


# how far inside it must lie to step down, how far beyond what was taken it asks again
@pytest.mark.parametrize("rule", [rule for rule in LIMITS.of_kind[Kind.VALUE] if rule.level > 0], ids=repr)
def test_how_far_inside_and_how_far_beyond(rule):
    inside, worse = {
        "systolic": (0, 10),
        "diastolic": (0, 10),
        "heart_rate": (3, 15),
        "respiratory_rate": (1, None),
        "spo2": (1, 2),
        "sedation": (0, None),
    }[rule.vital]
    assert (rule.inside_by, rule.worse_by) == (inside, worse)


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        (Kind.MONITOR_ZERO, {("medium", None, None)}),
        (Kind.MONITOR_SILENT, {("medium", 60, None)}),
        (Kind.NO_BASELINE, {("medium", None, None)}),
        (Kind.OVERDUE, {("low", 300, None), ("medium", 900, None)}),
        (Kind.WINDOW_MISSED, {("medium", None, None)}),
        (Kind.UNDRAWN, {("high", 5, None)}),
        (Kind.ESCALATION, {("high", 60, "supervisor on duty"), ("high", 120, "all supervisors")}),
    ],
)
def test_rows_about_time_and_the_machinery(kind, rows):
    assert {(rule.priority.value, rule.after_s, rule.audience) for rule in LIMITS.of_kind[kind]} == rows


@pytest.mark.parametrize("rule", EXAMPLE_RULES, ids=lambda rule: f"{rule.code}-{rule.vital}")
def test_every_row_says_where_it_comes_from_and_whose_it_is(rule):
    assert "example" in rule.source


def test_no_two_rows_have_the_same_name_or_say_the_same():
    assert len(LIMITS.named) == len(EXAMPLE_RULES)
    said = {replace(rule, code="", source="") for rule in EXAMPLE_RULES}
    assert len(said) == len(EXAMPLE_RULES)


def test_no_row_of_values_is_low():
    assert {rule.priority for rule in LIMITS.of_kind[Kind.VALUE]} == {"note", "medium", "high"}


def test_the_band_that_charts_shade_lies_between_the_nearest_plain_limits():
    assert band(LIMITS) == {
        "systolic": (80, 165),
        "diastolic": (None, 100),
        "mean": (None, None),
        "heart_rate": (45, 120),
        "respiratory_rate": (8, 25),
        "spo2": (93, None),
        "temperature": (None, None),
        "etco2": (None, None),
        "sedation": (3, None),
    }


def test_both_pressures_bear_on_one_condition_and_the_heart_s_rate_on_low_pressure():
    assert conditions_of(["diastolic"]) == {"bp-high", "bp-low"}
    assert conditions_of(["systolic", "spo2"]) == {"bp-high", "bp-low", "spo2-high", "spo2-low"}
    assert LIMITS.bearing_on(["heart_rate"]) == {"hr-high", "hr-low", "bp-low"}
    assert LIMITS.bearing_on(["spo2"]) == {"spo2-high", "spo2-low"}


@pytest.mark.parametrize(
    ("direction", "meets"), [(Direction.HIGH, [False, True, True]), (Direction.LOW, [True, True, False])]
)
def test_the_edge_itself_meets_a_row(direction, meets):
    rule = LimitRule("X-1", Priority.NOTE, "typed here", vital=Vital.SPO2, direction=direction, threshold=90)
    assert [met(rule, {"spo2": value}, Setting()) is not None for value in (89.9, 90, 90.1)] == meets


class TestQuietSpans:
    """Most values stop at the quick question, so it must never be wrong."""

    def test_lie_between_the_nearest_rows_of_this_patient(self):
        assert LIMITS.quiet({})["systolic"] == (100, 165)
        assert LIMITS.quiet({"systolic": 116})["systolic"] == (100, 150.8)
        assert LIMITS.quiet({"diastolic": 60})["diastolic"] == (float("-inf"), 85)
        assert LIMITS.quiet({})["temperature"] == (float("-inf"), float("inf"))

    def test_are_kept_for_so_many_patients_and_no_more(self):
        limits = replace(LIMITS)
        spans = [limits.quiet({"systolic": number / 10}) for number in range(QUIET_KEPT + 10)]
        assert len(limits._quiet) <= QUIET_KEPT
        assert spans[1100] == limits.quiet({"systolic": 110.0})


class TestWords:
    def words(self, code, vital=""):
        return LIMITS.named[code, vital].words()

    def test_a_row_says_what_it_asks_for(self):
        assert self.words("BP-2", "systolic") == "SBP ≥ 165"
        assert self.words("BP-3", "diastolic") == "DBP ≥ baseline + 25"
        assert self.words("BP-4", "systolic") == "SBP ≥ baseline + 30 % and ≥ 150"
        assert self.words("BP-9", "systolic") == "SBP ≤ baseline − 10 and ≤ 90"
        assert self.words("BP-10", "systolic") == "SBP ≤ 100 with dizzy or fainting"
        assert self.words("BP-12", "systolic") == "SBP ≤ 90 with HR ≤ 50"
        assert self.words("SYM-1") == "Sedation ≤ 4 with vomiting"
        assert self.words("SYM-2") == "severe distress"
        assert self.words("ASK-1") == "escalation after 60 s → supervisor on duty"

    def test_and_how_many_measurements(self):
        streamed = LimitRule(
            "X", Priority.HIGH, "here", vital=Vital.SPO2, direction=Direction.LOW, threshold=90, delay_s=10
        )
        assert LIMITS.named["BP-2", "systolic"].confirm_words() == "2 readings in a row"
        assert LIMITS.named["BP-6", "systolic"].confirm_words() == "at once"
        assert streamed.confirm_words() == "at once, streamed for 10 s"
        assert LIMITS.named["DUE-1", ""].confirm_words() == ""


def test_a_distance_from_the_baseline_may_be_in_units_or_in_per_cent():
    def limit(base, **asked):
        rule = LimitRule("X", Priority.HIGH, "here", vital=Vital.SYSTOLIC, **asked)
        return rule.limit_for({"systolic": base})

    high, low = Direction.HIGH, Direction.LOW
    assert limit(120, direction=high, baseline_by=40) == 160
    assert limit(121, direction=high, baseline_by=30, baseline_unit=Unit.PERCENT) == 157.3
    assert limit(120, direction=low, baseline_by=30, baseline_unit=Unit.PERCENT) == 84
    # both asked for: the farther one decides
    assert limit(100, direction=high, baseline_by=10, threshold=150) == 150
    assert limit(145, direction=high, baseline_by=10, threshold=150) == 155
    assert limit(95, direction=low, baseline_by=10, threshold=90) == 85


def test_priorities_rank_as_they_are_said():
    assert [p.value for p in sorted(Priority, key=RANK.__getitem__)] == ["note", "low", "medium", "high"]
