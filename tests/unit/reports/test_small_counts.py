"""How sums are said: what is hidden, what is rounded, and what would tell a hidden count."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import small_counts
from reports.small_counts import FEWEST, Said


class TestCounts:
    @pytest.mark.parametrize(
        ("number", "said"),
        [
            (0, Said("0", 0)),
            (1, Said("under 5")),
            (4, Said("under 5")),
            (5, Said("5", 5)),
            (12345, Said("12 345", 12345)),
        ],
    )
    def test_under_five_is_not_said(self, number, said):
        assert small_counts.count(number) == said

    @pytest.mark.parametrize(
        ("part", "whole", "words"),
        [(40, 40, "40"), (39, 40, "all but under 5"), (36, 40, "all but under 5"), (35, 40, "35")],
    )
    def test_nor_what_a_part_lacks_of_its_whole(self, part, whole, words):
        assert small_counts.count_of(part, whole).words == words

    def test_a_small_part_of_a_small_rest_is_small(self):
        assert small_counts.count_of(4, 6).words == "under 5"


class TestShares:
    @pytest.mark.parametrize(
        ("part", "whole", "words"),
        [
            (0, 0, "–"),
            (2, 4, "under 5 flags"),
            (0, 40, "0 %"),
            (4, 40, "under 12 %"),
            (5, 40, "12 %"),
            (35, 40, "88 %"),
            (36, 40, "over 88 %"),
            (40, 40, "100 %"),
            (4, 5, "under 100 %"),
        ],
    )
    def test_in_whole_per_cent_with_an_edge_where_it_is_hidden(self, part, whole, words):
        assert small_counts.share(part, whole).words == words

    def test_what_is_hidden_has_no_value_to_draw(self):
        assert small_counts.share(4, 40).value is None
        assert small_counts.share(20, 40).value == 50


class TestRates:
    @pytest.mark.parametrize(
        ("number", "of", "words"),
        [
            (0, 40, "0.000"),
            (4, 40, "under 0.13"),
            (5, 40, "0.12"),
            (60, 40, "1.50"),
            (6, 400, "0.015"),
            (3, 400, "under 0.013"),
        ],
    )
    def test_for_each_session(self, number, of, words):
        assert small_counts.rate(number, of, base=of).words == words

    def test_none_over_nothing_nor_over_few(self):
        assert small_counts.rate(0, 0, base=0).words == "–"
        assert small_counts.rate(9, 2.5, base=4).words == "under 5 sessions"


class TestTimes:
    @pytest.mark.parametrize(
        ("value", "base", "words"),
        [
            (None, 0, "–"),
            (44.6, 5, "45 s"),
            (119.4, 5, "119 s"),
            (120.0, 5, "2 min 00 s"),
            (3725.0, 9, "62 min 05 s"),
            (44.6, 4, "under 5 flags"),
        ],
    )
    def test_seconds(self, value, base, words):
        assert small_counts.seconds(value, base=base).words == words


def test_a_file_holds_numbers_words_for_what_is_hidden_and_nothing_for_none():
    assert [one.cell for one in (Said("5", 5), Said("under 5"), Said("–"))] == [5, "under 5", ""]


def test_a_chart_says_what_is_hidden_in_short():
    said = [Said("under 0.25"), Said("over 77 %"), Said("under 5 flags"), Said("–")]
    assert [one.sign for one in said] == ["<0.25", ">77 %", "<5", ""]


class TestMeasures:
    @pytest.mark.parametrize(
        ("value", "base", "how", "said"),
        [
            (None, 9, {}, Said("–")),
            (12.4, 0, {}, Said("–")),
            (12.4, 4, {"unit": "min"}, Said("under 5")),
            (12.4, 5, {"unit": "min"}, Said("12 min", 12)),
            (12.44, 5, {"places": 1}, Said("12.4", 12.4)),
            (3.0, 5, {"signed": True, "unit": "mmHg"}, Said("+3 mmHg", 3)),
            (-3.25, 5, {"signed": True, "places": 1}, Said("−3.2", -3.2)),
            (-0.2, 5, {"signed": True}, Said("0", 0)),
        ],
    )
    def test_with_unit_sign_and_places(self, value, base, how, said):
        assert small_counts.measure(value, base=base, **how) == said


class TestCountsThatAddUp:
    def test_where_nothing_is_small_all_is_told(self):
        told = small_counts.table([[5, 0], [7, 8]])
        assert [[one.words for one in row] for row in told] == [
            ["5", "0", "5"],
            ["7", "8", "15"],
            ["12", "8", "20"],
        ]

    def test_two_small_ones_hide_each_other(self):
        assert [one.words for one in small_counts.line([3, 2, 9])] == ["under 5", "under 5", "9", "14"]

    def test_the_one_that_a_sum_would_tell_takes_the_next_smallest_with_it(self):
        assert [one.words for one in small_counts.line([3, 20, 9])] == ["not told", "20", "not told", "32"]

    def test_two_ones_or_two_fours_would_be_told_by_their_sum(self):
        for few in (1, 4):
            assert [one.words for one in small_counts.line([few, few, 9, 8])].count("not told") == 3

    def test_without_another_the_sum_is_withheld(self):
        assert [one.words for one in small_counts.line([4, 4])] == ["not told"] * 3
        assert [one.words for one in small_counts.line([3, 0])] == ["under 5", "0", "under 5"]

    @given(
        st.integers(1, 3).flatmap(
            lambda columns: st.lists(
                st.lists(st.integers(0, 9), min_size=columns, max_size=columns), min_size=1, max_size=3
            )
        )
    )
    def test_no_line_gives_a_hidden_count_away(self, parts):
        """Each line by itself allows at least two readings of what it hides, by trying all of them."""
        told = small_counts.table(parts)
        numbers = [[*row, sum(row)] for row in parts]
        numbers.append([sum(column) for column in zip(*numbers, strict=True)])
        lines: list[Any] = []
        if len(numbers[0]) > 2:
            lines += zip(numbers, told, strict=True)
        if len(numbers) > 2:
            lines += zip(zip(*numbers, strict=True), zip(*told, strict=True), strict=True)
        for line, said in lines:
            for number, one in zip(line, said, strict=True):
                assert one.value in (None, number)
                assert not (0 < number < FEWEST and one.value is not None)
            assert not any(one.value is None for one in said) or len(list(_readings(line, said))) > 1


def _readings(line, said):
    """The numbers that a line may stand for, as one who sees it and its sum may work out."""
    *parts, whole = said
    # as far as what is withheld may go, and a little beyond
    most = max(20, *line) + 2
    ranges = [
        [one.value] if one.value is not None else range(1, FEWEST if one.words.startswith("under") else most)
        for one in parts
    ]
    for guess in product(*ranges):
        total = sum(guess)
        if whole.value == total or (
            whole.value is None and not (whole.words == "under 5" and total >= FEWEST)
        ):
            yield guess
