"""When a wall screen is dark by itself."""

from datetime import time

import pytest

from clinic.walls import is_night


@pytest.mark.parametrize(
    ("at", "night"),
    [
        (time(18, 59, 59), False),
        (time(19), True),
        (time(23, 59), True),
        (time(0), True),
        (time(6, 59), True),
        (time(7), False),
        (time(12), False),
    ],
)
def test_a_night_goes_past_midnight(at, night):
    assert is_night(time(19), time(7), at) is night


@pytest.mark.parametrize(
    ("at", "night"), [(time(0, 59), False), (time(1), True), (time(4, 59), True), (time(5), False)]
)
def test_or_begins_after_it(at, night):
    assert is_night(time(1), time(5), at) is night


@pytest.mark.parametrize("at", [time(0), time(7), time(19), time(23)])
def test_from_and_until_the_same_is_no_night(at):
    assert not is_night(time(7), time(7), at)
