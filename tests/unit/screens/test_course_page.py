"""The drawing of a scale's totals: evenly from left to right, from zero up, all of it inside its box."""

from hypothesis import given
from hypothesis import strategies as st

from screens.course_page import HIGH, WIDE, positions


def test_totals_stand_evenly_and_the_highest_on_top():
    assert positions([20, 10, 0]) == [(8, 8), (160, 36), (312, 64)]


def test_one_total_stands_at_the_left():
    assert positions([27]) == [(8, 8)]
    assert positions([0]) == [(8, 64)]


@given(st.lists(st.floats(0, 100), max_size=40))
def test_nothing_leaves_the_box(totals):
    assert all(0 < x < WIDE and 0 < y < HIGH for x, y in positions(totals))
