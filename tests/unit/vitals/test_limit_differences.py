"""What changes from one version to another, in words."""

from dataclasses import replace

from vitals.limit_differences import count_words, details_of, differences
from vitals.limits import EXAMPLE_RULES, Direction, Kind, LimitRule, LimitSet, Priority, Unit
from vitals.vital import Vital

OLD = LimitSet(1, "Example limits", 1, "", "", EXAMPLE_RULES)


def version(rules):
    return LimitSet(2, "Ours", 2, "", "", tuple(rules))


def changed(code, vital=None, **columns):
    return version(
        replace(rule, **columns) if (rule.code, rule.vital) == (code, vital) else rule
        for rule in EXAMPLE_RULES
    )


def test_the_same_rows_differ_in_nothing():
    assert differences(OLD, version(EXAMPLE_RULES)) == []
    assert count_words([]) == "no row differs"


def test_a_changed_row_says_each_column_before_and_after():
    new = changed("BP-2", Vital.SYSTOLIC, threshold=160.0, recheck_s=180, source="Dr Reed")
    [found] = differences(OLD, new)
    assert (found.what, found.name) == ("changed", "BP-2 SBP")
    assert [(one.field, one.before, one.after) for one in found.fields] == [
        ("threshold", "165", "160"),
        ("recheck_s", "5 min", "3 min"),
        (
            "source",
            "Canadian clinic, 203 patients: counted treatment-emergent hypertension at 165/100; example",
            "Dr Reed",
        ),
    ]
    assert found.words.startswith(
        "BP-2 SBP changed: limit 165 → 160; re-check due after 5 min → 3 min; source"
    )


def test_words_of_what_is_empty_a_list_a_unit_and_a_yes():
    new = changed(
        "BP-10",
        Vital.SYSTOLIC,
        symptoms=("dizzy",),
        severe_only=True,
        baseline_by=10,
        baseline_unit=Unit.PERCENT,
    )
    [found] = differences(OLD, new)
    assert {one.field: (one.before, one.after) for one in found.fields} == {
        "baseline_by": ("none", "10"),
        "baseline_unit": ("the vital's own", "per cent"),
        "symptoms": ("dizzy, fainting", "dizzy"),
        "severe_only": ("no", "yes"),
    }


def test_rows_that_come_and_go_are_counted():
    added = LimitRule(
        "CO2-1", Priority.MEDIUM, "Dr Reed", vital=Vital.ETCO2, direction=Direction.HIGH, threshold=55
    )
    kept = [rule for rule in EXAMPLE_RULES if rule.kind is not Kind.WINDOW_MISSED]
    found = differences(OLD, version([*kept, added]))
    assert [one.words for one in found] == [
        "CO2-1 EtCO₂ added: EtCO₂ ≥ 55, medium",
        "DUE-3 removed: window missed, medium",
    ]
    assert count_words(found) == "no row changed, 1 added, 1 removed"


def test_details_say_only_what_a_row_uses():
    rules = {(rule.code, rule.vital): rule for rule in EXAMPLE_RULES}
    assert details_of(rules["BP-2", Vital.SYSTOLIC]) == [
        "re-check due after 5 min",
        "raised without it 2 min later",
        "readings 60 s to 20 min apart",
        "asks again when worse by 10",
    ]
    assert details_of(rules["OX-4", Vital.SPO2]) == ["ends when inside by 1", "asks again when worse by 2"]
    assert details_of(rules["BP-1", Vital.SYSTOLIC]) == details_of(rules["MON-0", None]) == []
