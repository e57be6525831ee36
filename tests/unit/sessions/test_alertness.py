"""Looks at a patient and signed SpO2 scales, as sums over a record's entries."""

import pytest

from sessions import alertness
from sessions.alertness import Consciousness
from tests.unit.sessions.entries import at, entry


def test_a_look_is_what_was_charted():
    [look] = alertness.looks(
        [
            entry("note", 1, text="test"),
            entry("alertness", 5, consciousness="D", oxygen_l_min=2.0, dissociation_counts=True),
        ]
    )
    assert (look.at, look.consciousness, look.oxygen_l_min) == (at(5), Consciousness.DISSOCIATED, 2.0)
    assert look.on_oxygen
    assert look.dissociation_counts


def test_no_flow_is_room_air():
    [look] = alertness.looks([entry("alertness", 5, consciousness="A", oxygen_l_min=0.0)])
    assert not look.on_oxygen
    assert alertness.oxygen_words(0) == "room air"
    assert alertness.oxygen_words(2.5) == "oxygen 2.5 L/min"


def test_the_scale_that_was_signed_last_before_a_moment_holds():
    signed = alertness.targets(
        [
            entry("oxygen-target", 10, spo2_scale=2, reason="One", by="Dr A"),
            entry("oxygen-target", 30, spo2_scale=1, reason="Two", by="Dr B"),
        ]
    )
    assert alertness.target_at(signed, at(9)) is None
    held = [alertness.target_at(signed, at(minute)) for minute in (10, 29, 30)]
    assert [(one.scale, one.by_name) for one in held if one] == [(2, "Dr A"), (2, "Dr A"), (1, "Dr B")]


@pytest.mark.parametrize(
    ("seen", "moaas", "differs"),
    [
        ("A", 5, False),
        ("A", 4, False),
        ("A", 3, True),
        ("D", 4, False),
        ("C", 5, False),
        ("V", 3, False),
        ("V", 5, True),
        ("P", 1, False),
        ("P", 4, True),
        ("U", 0, False),
        ("U", 2, True),
    ],
)
def test_sedation_that_tells_another_story_is_said_and_changes_nothing(seen, moaas, differs):
    said = alertness.beside_sedation(Consciousness(seen), moaas)
    assert bool(said) is differs
    if differs:
        assert f"{moaas} of 5" in said


def test_each_way_to_be_has_words_and_goes_with_some_sedation():
    assert set(alertness.WORDS) == set(alertness.GOES_WITH) == set(Consciousness)
    assert set().union(*alertness.GOES_WITH.values()) == set(range(6))
