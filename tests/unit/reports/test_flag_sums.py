"""Sums of flags: which kinds are in which."""

from reports.flag_sums import FlagSums


def test_pressing_and_all_hold_technical_ones():
    sums = FlagSums(high=1, medium=2, low=4, technical_high=8, technical_medium=16, technical_low=32)
    assert (sums.pressing, sums.highs, sums.technical, sums.flags) == (27, 9, 56, 63)
