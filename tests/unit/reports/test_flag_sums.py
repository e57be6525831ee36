"""How sums of flags are said: what is hidden, what is rounded, which months a question asks for."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from reports import flag_sums
from reports.flag_sums import Asked, FlagSums, Said


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
        assert flag_sums.count(number) == said

    @pytest.mark.parametrize(
        ("part", "whole", "words"),
        [(40, 40, "40"), (39, 40, "all but under 5"), (36, 40, "all but under 5"), (35, 40, "35")],
    )
    def test_nor_what_a_part_lacks_of_its_whole(self, part, whole, words):
        assert flag_sums.count_of(part, whole).words == words

    def test_a_small_part_of_a_small_rest_is_small(self):
        assert flag_sums.count_of(4, 6).words == "under 5"


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
        assert flag_sums.share(part, whole).words == words

    def test_what_is_hidden_has_no_value_to_draw(self):
        assert flag_sums.share(4, 40).value is None
        assert flag_sums.share(20, 40).value == 50


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
        assert flag_sums.rate(number, of, base=of).words == words

    def test_none_over_nothing_nor_over_few(self):
        assert flag_sums.rate(0, 0, base=0).words == "–"
        assert flag_sums.rate(9, 2.5, base=4).words == "under 5 sessions"


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
        assert flag_sums.seconds(value, base=base).words == words


def test_a_file_holds_numbers_words_for_what_is_hidden_and_nothing_for_none():
    assert [one.cell for one in (Said("5", 5), Said("under 5"), Said("–"))] == [5, "under 5", ""]


def test_a_chart_says_what_is_hidden_in_short():
    said = [Said("under 0.25"), Said("over 77 %"), Said("under 5 flags"), Said("–")]
    assert [one.sign for one in said] == ["<0.25", ">77 %", "<5", ""]


class TestAsked:
    def test_its_months_over_a_year_s_end(self):
        asked = Asked(date(2025, 11, 15), date(2026, 1, 2), ZoneInfo("UTC"))
        assert asked.months == [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)]

    def test_its_ends_are_midnights_of_the_clinic(self):
        asked = Asked(date(2026, 3, 1), date(2026, 3, 31), ZoneInfo("America/New_York"))
        assert asked.since == datetime(2026, 3, 1, 5, tzinfo=UTC)
        assert asked.until == datetime(2026, 4, 1, 4, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("day", "months", "before"),
        [
            (date(2026, 11, 27), 5, date(2026, 6, 1)),
            (date(2026, 1, 31), 1, date(2025, 12, 1)),
            (date(2026, 12, 1), 12, date(2025, 12, 1)),
            (date(2026, 12, 1), 0, date(2026, 12, 1)),
        ],
    )
    def test_months_before(self, day, months, before):
        assert flag_sums.months_before(day, months) == before


def test_pressing_and_all_hold_technical_ones():
    sums = FlagSums(high=1, medium=2, low=4, technical_high=8, technical_medium=16, technical_low=32)
    assert (sums.pressing, sums.highs, sums.technical, sums.flags) == (27, 9, 56, 63)
