"""The days a pack is over: midnights of the clinic's calendar, and what is no day."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.refusals import Invalid
from reports.packs.days import days_of

NEW_YORK = ZoneInfo("America/New_York")


def days(first, last, longest=92):
    return days_of({"from": first, "until": last}, NEW_YORK, longest=longest)


def test_both_days_are_in_it():
    one = days("2026-11-23", "2026-11-23")
    assert one.since.isoformat() == "2026-11-23T05:00:00+00:00"
    assert one.until - one.since == timedelta(hours=24)


def test_the_night_on_which_clocks_go_back_has_25_hours():
    one = days("2026-11-01", "2026-11-01")
    assert one.until - one.since == timedelta(hours=25)


def test_the_longest_is_still_had_and_a_day_more_is_not():
    days("2026-01-01", "2026-04-02")
    with pytest.raises(Invalid, match="93 days from 2026-01-01; this pack holds at most 92") as refused:
        days("2026-01-01", "2026-04-03")
    assert refused.value.field == "until"


@pytest.mark.parametrize("text", ["", "today", "2026-02-30", "1066-10-14", "9999-12-31", "2026-11-23T00:00"])
def test_what_is_no_day_is_named(text):
    with pytest.raises(Invalid, match="is no day") as refused:
        days("2026-11-23", text)
    assert refused.value.field == "until"
