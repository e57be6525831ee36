"""What a flag says: large, the value and the limit; small, how it came to be: rule, readings, baseline."""

from datetime import timedelta

import pytest

from tests.unit.vitals.live import LIMITS, live_panel, minute, take
from vitals import flag_words
from vitals.flag_changes import open_flag
from vitals.panel import Baseline
from vitals.rules import Setting, findings, symptom_findings


def text(values, *, baseline=None, symptoms=None):
    setting = Setting(baseline or {}, symptoms or {})
    [found] = findings(values, LIMITS, setting).values()
    return flag_words.text_of(found, values, setting)


def test_a_pressure_is_told_as_a_pair_with_the_limit_that_fired():
    assert text({"systolic": 184, "diastolic": 104}) == "BP 184/104, limit 180"
    assert text({"systolic": 164, "diastolic": 104}) == "BP 164/104, limit diastolic 100"


def test_half_a_pressure_shows_what_is_missing():
    assert text({"systolic": 184}) == "BP 184/–, limit 180"


def test_any_other_vital_by_its_short_name():
    assert text({"spo2": 88}) == "SpO₂ 88, limit 88"
    assert text({"heart_rate": 122.5}) == "HR 122.5, limit 120"


def test_a_change_is_told_from_the_baseline():
    base = {"systolic": 110, "diastolic": 60}
    assert text({"systolic": 151, "diastolic": 80}, baseline=base) == (
        "BP 151/80, +41 over baseline, limit +40"
    )
    assert text({"systolic": 130, "diastolic": 86}, baseline=base) == (
        "BP 130/86, +26 over baseline diastolic, limit +25"
    )
    assert text({"systolic": 88, "diastolic": 50}, baseline={"systolic": 100}) == (
        "BP 88/50, −12 under baseline, limit −10"
    )


def test_company_is_named():
    assert text({"systolic": 88, "diastolic": 50, "heart_rate": 48}) == "BP 88/50 with HR 48, limit 90"
    assert text({"systolic": 181, "diastolic": 90}, symptoms={"chest-pain": False}) == (
        "BP 181/90 with chest pain, limit 180"
    )


def test_symptoms_are_words():
    setting = Setting(symptoms={"chest-pain": False, "distress": True, "vomiting": False})
    values = {"sedation": 4}
    told = symptom_findings(values, LIMITS, setting)
    assert {flag_words.text_of(one, values, setting) for one in told.values()} == {
        "Chest pain",
        "Severe distress",
        "Vomiting with Sedation 4",
    }


def why(*readings, **columns):
    panel = live_panel(**columns)
    for at_min, values in readings:
        take(panel, at_min, **values)
    return panel.flags[0].why


BASE = Baseline(systolic=124, diastolic=78, heart_rate=70, spo2=98, sets=1)


def test_why_names_rule_version_readings_and_baseline():
    first, second = {"systolic": 172, "diastolic": 98}, {"systolic": 168, "diastolic": 96}
    assert why((30, first), baseline=BASE) == (
        "first reading of 2, re-check due, +48/+20 over baseline 124/78; rule BP-2 v1"
    )
    assert why((30, first), (35, second), baseline=BASE) == (
        "second reading, 5 min apart, +44/+18 over baseline 124/78; rule BP-2 v1"
    )
    assert why((30, first), (35, second)) == "second reading, 5 min apart; rule BP-2 v1"


def test_at_once_there_is_nothing_to_count():
    assert why((5, {"spo2": 87})) == "rule OX-4 v1"
    assert why((5, {"spo2": 87}), baseline=BASE) == "−11 under baseline 98; rule OX-4 v1"


def test_a_further_reading_does_not_rewrite_why_it_was_raised():
    told = why((5, {"spo2": 92}), (6, {"spo2": 92}), (7, {"spo2": 92}), (8, {"spo2": 93}))
    assert told == "second reading, 60 s apart; rule OX-2 v1"


@pytest.mark.parametrize(
    ("seconds", "words"), [(60, "60 s"), (119, "119 s"), (120, "2 min"), (300, "5 min"), (330, "6 min")]
)
def test_spans(seconds, words):
    assert flag_words.span_words(timedelta(seconds=seconds)) == words


def test_every_text_fits_its_column():
    """The longest there can be: all company, decimals, a baseline."""
    panel = live_panel(baseline=Baseline(systolic=124.5, diastolic=78.5, sets=2))
    take(panel, 5, systolic=88.5, diastolic=50.5, heart_rate=48.5)
    flag = open_flag(panel, "bp-low")
    assert flag is not None
    assert len(flag.text) <= 200
    assert len(flag.why) <= 300
    assert flag.opened_at == minute(5)
