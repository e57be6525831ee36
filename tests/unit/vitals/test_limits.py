"""Each limit of the absolute rows, just below, on and just above its edge.

The numbers are typed from the clinic's page of rules, never read from the table under test.
"""

import pytest

from vitals.limits import (
    EXAMPLE_RULES,
    Confirm,
    Direction,
    Kind,
    LimitRule,
    LimitSet,
    Priority,
    conditions_of,
)
from vitals.rules import band, findings, strongest_rule
from vitals.vital import Vital

LIMITS = LimitSet(1, "Example limits", 1, "", "", EXAMPLE_RULES)

NOTHING, NOTE, MEDIUM, HIGH = None, Priority.NOTE, Priority.MEDIUM, Priority.HIGH

# vital, value, priority of the strongest row it meets
EDGES = [
    ("systolic", 149.9, NOTHING),
    ("systolic", 150, NOTE),
    ("systolic", 164.9, NOTE),
    ("systolic", 165, MEDIUM),
    ("systolic", 179.9, MEDIUM),
    ("systolic", 180, HIGH),
    ("systolic", 200, HIGH),
    ("diastolic", 94.9, NOTHING),
    ("diastolic", 95, NOTE),
    ("diastolic", 99.9, NOTE),
    ("diastolic", 100, MEDIUM),
    ("diastolic", 109.9, MEDIUM),
    ("diastolic", 110, HIGH),
    ("diastolic", 120, HIGH),
    ("systolic", 100.1, NOTHING),
    ("systolic", 100, NOTE),
    ("systolic", 91, NOTE),
    ("systolic", 80.1, NOTE),
    ("systolic", 80, HIGH),
    ("heart_rate", 100.9, NOTHING),
    ("heart_rate", 101, NOTE),
    ("heart_rate", 119.9, NOTE),
    ("heart_rate", 120, MEDIUM),
    ("heart_rate", 130.9, MEDIUM),
    ("heart_rate", 131, HIGH),
    ("heart_rate", 50.1, NOTHING),
    ("heart_rate", 50, NOTE),
    ("heart_rate", 45.1, NOTE),
    ("heart_rate", 45, MEDIUM),
    ("heart_rate", 40.1, MEDIUM),
    ("heart_rate", 40, HIGH),
    ("respiratory_rate", 20.9, NOTHING),
    ("respiratory_rate", 21, NOTE),
    ("respiratory_rate", 24.9, NOTE),
    ("respiratory_rate", 25, HIGH),
    ("respiratory_rate", 30, HIGH),
    ("respiratory_rate", 11.1, NOTHING),
    ("respiratory_rate", 11, NOTE),
    ("respiratory_rate", 8.1, NOTE),
    ("respiratory_rate", 8, HIGH),
    ("respiratory_rate", 6, HIGH),
    ("respiratory_rate", 0, HIGH),
    ("spo2", 100, NOTHING),
    ("spo2", 95.1, NOTHING),
    ("spo2", 95, NOTE),
    ("spo2", 93.1, NOTE),
    ("spo2", 93, MEDIUM),
    ("spo2", 91.1, MEDIUM),
    ("spo2", 91, HIGH),
    ("spo2", 88, HIGH),
    ("sedation", 5, NOTHING),
    ("sedation", 4, NOTE),
    ("sedation", 3, MEDIUM),
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


@pytest.mark.parametrize(("vital", "value", "priority"), EDGES)
def test_a_value_at_an_edge(vital, value, priority):
    rule = strongest_rule(vital, value, LIMITS)
    assert (rule.priority if rule else None) is priority


@pytest.mark.parametrize(("vital", "value", "priority"), EDGES)
def test_only_medium_and_high_make_a_finding(vital, value, priority):
    found = [finding.priority for finding in findings({vital: value}, LIMITS).values()]
    assert found == ([priority] if priority in {MEDIUM, HIGH} else [])


@pytest.mark.parametrize(
    ("vital", "value", "threshold"),
    [
        ("systolic", 199, 180),
        ("systolic", 200, 200),
        ("diastolic", 119, 110),
        ("diastolic", 120, 120),
        ("respiratory_rate", 29, 25),
        ("respiratory_rate", 30, 30),
        ("respiratory_rate", 7, 8),
        ("respiratory_rate", 6, 6),
        ("spo2", 89, 91),
        ("spo2", 88, 88),
    ],
)
def test_of_two_rows_of_one_priority_the_farther_one_is_named(vital, value, threshold):
    rule = strongest_rule(vital, value, LIMITS)
    assert rule is not None
    assert rule.threshold == threshold


def test_what_is_flagged_at_once_and_what_waits_for_a_second_measurement():
    at_once = {
        (r.vital, r.threshold) for r in EXAMPLE_RULES if r.confirm is Confirm.AT_ONCE and r.priority != NOTE
    }
    assert at_once == {
        ("systolic", 200),
        ("diastolic", 120),
        ("systolic", 80),
        ("heart_rate", 131),
        ("heart_rate", 40),
        ("respiratory_rate", 30),
        ("respiratory_rate", 6),
        ("spo2", 88),
        ("sedation", 3),
        ("sedation", 2),
    }


@pytest.mark.parametrize("rule", EXAMPLE_RULES, ids=lambda rule: f"{rule.code}-{rule.vital}")
def test_every_row_says_where_it_comes_from_and_whose_it_is(rule):
    assert "example" in rule.source
    assert rule.kind is Kind.ABSOLUTE


def test_no_two_rows_say_the_same():
    rows = [(rule.vital, rule.direction, rule.threshold) for rule in EXAMPLE_RULES]
    assert len(set(rows)) == len(rows)


def test_the_band_that_charts_shade_lies_between_the_nearest_medium_limits():
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


def test_both_pressures_bear_on_one_condition():
    assert conditions_of(["diastolic"]) == {"bp-high", "bp-low"}
    assert conditions_of(["systolic", "spo2"]) == {"bp-high", "bp-low", "spo2-high", "spo2-low"}


@pytest.mark.parametrize(
    ("direction", "met"), [(Direction.HIGH, [False, True, True]), (Direction.LOW, [True, True, False])]
)
def test_the_edge_itself_meets_a_row(direction, met):
    rule = LimitRule("X-1", Vital.SPO2, direction, Priority.NOTE, 90, "typed here")
    assert [rule.is_met(value) for value in (89.9, 90, 90.1)] == met
