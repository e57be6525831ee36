"""The typical response: numbers typed from the published template, and never without a baseline."""

import pytest

from sessions.protocol import Route
from vitals import typical

# the template of the clinical facts, section 3.2: minute → (mean, low, high) change of systolic, mmHg
IV = {
    0: (0, -8, 8),
    10: (6, -11, 23),
    20: (11, -6, 27),
    30: (14, -4, 32),
    40: (15, -3, 34),
    50: (12, -6, 30),
    60: (8, -9, 26),
    80: (3, -10, 16),
    100: (1, -9, 11),
    120: (0, -8, 8),
}
NASAL = {0: 0, 15: 4, 30: 8.5, 40: 10, 60: 7, 90: 3, 120: 1, 240: 0}


def test_the_band_lies_around_the_patients_own_baseline():
    found = {one.minute: (one.mean, one.low, one.high) for one in typical.around(132, Route.IV)}
    assert found == {minute: tuple(132 + change for change in row) for minute, row in IV.items()}


def test_nasal_has_a_mean_and_no_spread_for_none_is_published():
    points = typical.around(120.5, Route.NASAL)
    assert {one.minute: one.mean for one in points} == {m: 120.5 + change for m, change in NASAL.items()}
    assert {(one.low, one.high) for one in points} == {(None, None)}


@pytest.mark.parametrize("route", list(Route))
def test_no_baseline_no_band_no_words(route):
    assert typical.around(None, route) == ()
    assert typical.words(None, route) == ""


def test_what_is_drawn_is_said():
    assert typical.words(124, Route.IV) == (
        "Hatched: typical range in published groups (IV 0.5 mg/kg over 40 min, 5 to 95 %) around this"
        " patient’s baseline 124 mmHg: systolic 121 to 158 at 40 min. Not a limit."
    )
    nasal = typical.words(120, Route.NASAL)
    assert nasal.startswith("Dash-dotted line: typical mean in published groups (nasal esketamine; their")
    assert "spread over time is not published" in nasal
    assert "systolic 130 at 40 min" in nasal


@pytest.mark.parametrize("route", list(Route))
def test_it_is_never_called_safe_normal_or_expected(route):
    said = typical.words(124, route).lower()
    assert not {"safe", "normal", "expected"} & set(said.replace(".", " ").split())
