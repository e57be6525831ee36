"""What a row and a set of limits must be: each fault is said with field, value and rule."""

from dataclasses import replace

import pytest

from vitals.limit_checks import order_faults, row_faults, set_faults, unwatched_faults
from vitals.limits import (
    EXAMPLE_RULES,
    Audience,
    Direction,
    Kind,
    LimitRule,
    Priority,
    Unit,
)
from vitals.vital import Vital

SYMPTOMS = {"chest-pain", "dizzy", "vomiting"}


def row(**columns):
    return LimitRule(
        **{
            "code": "BP-2",
            "priority": Priority.MEDIUM,
            "source": "Dr Reed, 23 Nov 2026",
            "vital": Vital.SYSTOLIC,
            "direction": Direction.HIGH,
            "threshold": 165,
            **columns,
        }
    )


def bare(kind, **columns):
    return LimitRule(
        **{"code": "X-1", "priority": Priority.MEDIUM, "source": "the clinic", **columns}, kind=kind
    )


def faults(rule):
    return {fault.field: fault.words for fault in row_faults(rule, SYMPTOMS)}


def test_the_shipped_rows_have_no_fault():
    every = {code for rule in EXAMPLE_RULES for code in rule.symptoms}
    assert [fault for rule in EXAMPLE_RULES for fault in row_faults(rule, every)] == []
    assert set_faults(EXAMPLE_RULES) == []


@pytest.mark.parametrize("value", [30, 165, 300])
def test_a_limit_lies_where_its_field_takes_values(value):
    assert faults(row(threshold=value)) == {}


@pytest.mark.parametrize(
    ("columns", "field", "words"),
    [
        ({"threshold": 301}, "threshold", "Limit 301 mmHg is above 300, the highest that systolic takes."),
        ({"threshold": 29}, "threshold", "Limit 29 mmHg is below 30, the lowest that systolic takes."),
        (
            {"vital": Vital.TEMPERATURE, "threshold": 100.4},
            "threshold",
            "Limit 100.4 °C is above 43, the highest that temperature takes.",
        ),
        ({"threshold": 165.25}, "threshold", "Limit 165.25 mmHg has more than one decimal."),
        ({"threshold": float("nan")}, "threshold", "Limit nan mmHg has more than one decimal."),
        (
            {"threshold": None},
            "threshold",
            "A row about a value has a limit, a distance from the baseline, or both.",
        ),
        (
            {"source": " "},
            "source",
            "A row names its source: a guideline with its edition, or who decided it and when.",
        ),
        ({"code": "LONGER-THAN-12"}, "code", "A rule has a code of 1 to 12 characters, such as BP-2."),
        (
            {"priority": Priority.LOW},
            "priority",
            "Priority “low” is not one of a row about “value”: note or medium or high.",
        ),
        ({"direction": None}, "direction", "A row about a value says whether high or low."),
        ({"vital": None}, "vital", "A row about a value names its vital."),
        (
            {"vital": Vital.RESPIRATORY_RATE, "threshold": 25, "baseline_by": 5},
            "baseline_by",
            "RR has no baseline; these have: SBP, DBP, HR, SpO₂.",
        ),
        (
            {"baseline_by": -40},
            "baseline_by",
            "Distance from baseline -40 is not above 0 and up to 150, with one decimal at most; the direction"
            " says which way.",
        ),
        (
            {"baseline_unit": Unit.PERCENT},
            "baseline_unit",
            "There is a unit and no distance from the baseline.",
        ),
        ({"readings": 0}, "readings", "Readings in a row 0 is not between 1 and 5."),
        ({"grace_s": 901}, "grace_s", "Raised without it after another 901 is not between 0 and 900."),
        (
            {"apart_s": 600, "within_s": 600},
            "within_s",
            "Readings are apart by at most more seconds than they are by at least.",
        ),
        (
            {"readings": 2, "recheck_s": 1260},
            "recheck_s",
            "Re-check due after 21 min lies outside of when another reading counts: 60 s to 20 min later.",
        ),
        (
            {"priority": Priority.NOTE, "readings": 2},
            "readings",
            "A note is drawn at each reading: it asks for one.",
        ),
        ({"delay_s": 15}, "delay_s", "Seconds are asked for of what monitors stream: HR, RR, SpO₂, EtCO₂."),
        (
            {"with_vital": Vital.HEART_RATE},
            "with_vital",
            "Another vital is named with its direction and its limit, or not at all.",
        ),
        (
            {"with_vital": Vital.HEART_RATE, "with_direction": Direction.LOW, "with_threshold": 500},
            "with_threshold",
            "Its limit 500 /min is above 300, the highest that heart rate takes.",
        ),
        ({"symptoms": ("hiccups",)}, "symptoms", "“hiccups” is no symptom of this clinic."),
        ({"severe_only": True}, "severe_only", "There is no symptom that could be severe."),
        ({"after_s": 60}, "after_s", "After is not read by a row about “value”: leave it empty."),
        (
            {"audience": Audience.ON_DUTY},
            "audience",
            "Who is asked is not read by a row about “value”: leave it empty.",
        ),
    ],
)
def test_a_fault_names_field_value_and_rule(columns, field, words):
    assert faults(row(**columns))[field] == words


@pytest.mark.parametrize(
    ("rule", "field", "words"),
    [
        (bare(Kind.SYMPTOM), "symptoms", "A row about a symptom names one."),
        (
            bare(Kind.SYMPTOM, symptoms=("dizzy",), threshold=3),
            "threshold",
            "Limit is not read by a row about “symptom”: leave it empty.",
        ),
        (bare(Kind.OVERDUE), "after_s", "A row about “set overdue” says after how long."),
        (bare(Kind.OVERDUE, after_s=59), "after_s", "After 59 s is not between 60 s and 120 min."),
        (
            bare(Kind.OVERDUE, after_s=300, priority=Priority.HIGH),
            "priority",
            "Priority “high” is not one of a row about “set overdue”: low or medium.",
        ),
        (bare(Kind.ESCALATION, after_s=60), "audience", "An escalation says who is asked."),
    ],
)
def test_rows_that_are_not_of_values(rule, field, words):
    assert faults(rule)[field] == words


# --- the rows together


def told(*rules):
    return [fault.told for fault in order_faults(rules)]


MEDIUM, HIGH = (
    row(readings=2, recheck_s=300),
    row(code="BP-5", priority=Priority.HIGH, threshold=180, readings=2),
)


@pytest.mark.parametrize(("medium", "wrong"), [(179, False), (180, True), (181, True)])
def test_a_medium_limit_lies_before_the_high_one(medium, wrong):
    found = told(replace(MEDIUM, threshold=medium), HIGH)
    assert bool(found) is wrong
    if wrong:
        place = "at" if medium == 180 else "beyond"
        assert found == [
            f"BP-2 SBP: Medium limit {medium} lies {place} the high one of BP-5 SBP, 180: it would never"
            " speak."
        ]


def test_the_same_limit_is_medium_at_once_and_high_when_confirmed():
    assert told(row(threshold=180), HIGH) == []


@pytest.mark.parametrize(("high", "wrong"), [(79, True), (80, True), (81, False)])
def test_low_limits_lie_the_other_way(high, wrong):
    low = {"direction": Direction.LOW}
    rows = row(**low, threshold=high), row(**low, code="BP-11", priority=Priority.HIGH, threshold=80)
    assert bool(told(*rows)) is wrong


def test_a_row_that_asks_for_more_readings_lies_before_one_that_asks_for_fewer():
    at_once = row(code="BP-6", priority=Priority.HIGH, threshold=175)
    assert told(HIGH, at_once) == [
        "BP-5 SBP: High limit 180 lies beyond the high one of BP-6 SBP, 175, which asks for fewer readings:"
        " it would never speak."
    ]


def test_a_row_with_a_symptom_may_lie_where_it_likes():
    assert told(row(code="BP-7", priority=Priority.HIGH, threshold=150, symptoms=("dizzy",)), MEDIUM) == []


def test_high_and_low_leave_room():
    assert told(row(direction=Direction.LOW, threshold=166, code="BP-9"), MEDIUM) == [
        "BP-9 SBP: SBP ≤ 166 and BP-2 SBP, SBP ≥ 165, leave no value between them."
    ]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("sbp-high", "a high systolic pressure"),
        ("sbp-low", "a low systolic pressure"),
        ("spo2-low", "a low SpO₂"),
        ("hr", "the heart rate"),
        ("rr", "the respiratory rate"),
        ("overdue", "a set that is overdue"),
    ],
)
def test_what_nothing_watches_needs_a_reason(code, words):
    [fault] = [one for one in unwatched_faults([], {}) if one.field == code]
    assert fault.words == f"No row watches {words}: add one, or say why not."
    assert [one.field for one in unwatched_faults([], {code: "no cuff here"})].count(code) == 0


def test_a_note_or_a_row_with_a_symptom_watches_nothing_by_itself():
    for rule in (row(priority=Priority.NOTE), row(symptoms=("dizzy",))):
        assert "sbp-high" in [one.field for one in unwatched_faults([rule], {})]
    assert "sbp-high" not in [one.field for one in unwatched_faults([row()], {})]


def test_a_reason_for_what_is_watched_is_out_of_date():
    [fault] = unwatched_faults(EXAMPLE_RULES, {"hr": "no monitor"})
    assert fault.words == "A row watches the heart rate: take the reason away."


def test_one_row_is_read_of_most_that_are_not_of_values():
    twice = [*EXAMPLE_RULES, bare(Kind.MONITOR_SILENT, code="MON-2", after_s=90)]
    assert [fault.told for fault in set_faults(twice)] == [
        "MON-2: There is another row about “monitor silent”: one is read."
    ]
    third = [*EXAMPLE_RULES, bare(Kind.OVERDUE, code="DUE-9", after_s=900)]
    assert [fault.told for fault in set_faults(third)] == [
        "DUE-9: There is another row about “set overdue” of priority medium: one is read."
    ]


def test_overdue_is_medium_later_than_low():
    rules = [replace(rule, after_s=900) if rule.code == "DUE-1" else rule for rule in EXAMPLE_RULES]
    assert [fault.field for fault in set_faults(rules)] == ["after_s"]
