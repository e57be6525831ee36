"""Weeks and months of schedules, and the moments at which they are made."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from reports.exports import spans
from reports.exports.spans import Every, Span

NEW_YORK, BERLIN = ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")


def utc(year, month, day, hour=0, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def test_a_week_is_monday_to_sunday_and_a_month_ends_where_it_ends():
    assert spans.holding(Every.WEEK, date(2026, 11, 22)) == Span(date(2026, 11, 16), date(2026, 11, 22))
    assert spans.holding(Every.WEEK, date(2026, 11, 23)) == Span(date(2026, 11, 23), date(2026, 11, 29))
    february = Span(date(2028, 2, 1), date(2028, 2, 29))
    assert spans.holding(Every.MONTH, date(2028, 2, 11)) == february
    assert spans.before(Every.MONTH, spans.holding(Every.MONTH, date(2028, 3, 31))) == february
    assert spans.after(Every.MONTH, spans.holding(Every.MONTH, date(2026, 12, 5))).last == date(2027, 1, 31)


def test_it_is_due_at_its_hour_of_the_clinic_in_summer_and_in_winter():
    # New York leaves summer time on Sunday 1 November 2026
    october = spans.holding(Every.WEEK, date(2026, 10, 20))
    november = spans.holding(Every.WEEK, date(2026, 10, 27))
    assert spans.due_at(october, 6, NEW_YORK) == utc(2026, 10, 26, 10)
    assert spans.due_at(november, 6, NEW_YORK) == utc(2026, 11, 2, 11)
    for at, last in (
        (utc(2026, 11, 2, 10, 59), date(2026, 10, 25)),
        (utc(2026, 11, 2, 11), date(2026, 11, 1)),
    ):
        assert spans.newest_due(Every.WEEK, 6, NEW_YORK, at).last == last


def test_an_hour_that_the_clocks_leave_out_comes_after_it_and_one_shown_twice_is_the_first():
    # a month that begins on the day of the change: Berlin's clocks go from 02:00 to 03:00 on Sunday
    # 31 March 2030, and back on Sunday 27 October 2030; spans that end the day before
    saturday = Span(date(2030, 3, 1), date(2030, 3, 30))
    assert spans.due_at(saturday, 2, BERLIN) == utc(2030, 3, 31, 1)
    assert spans.due_at(saturday, 3, BERLIN) == utc(2030, 3, 31, 1)
    autumn = Span(date(2030, 10, 1), date(2030, 10, 26))
    assert spans.due_at(autumn, 2, BERLIN) == utc(2030, 10, 27, 0)


@given(
    st.sampled_from(list(Every)),
    st.integers(0, 23),
    st.sampled_from([NEW_YORK, BERLIN, ZoneInfo("Australia/Lord_Howe")]),
    st.integers(0, 20 * 365 * 24 * 60).map(lambda minutes: utc(2020, 1, 1) + timedelta(minutes=minutes)),
)
def test_the_newest_is_due_and_the_one_after_it_is_not(every, hour, zone, at):
    newest = spans.newest_due(every, hour, zone, at)
    assert spans.due_at(newest, hour, zone) <= at < spans.due_at(spans.after(every, newest), hour, zone)
    assert spans.before(every, spans.after(every, newest)) == newest


def test_between_two_ends_lie_the_spans_that_nobody_made():
    newest = spans.holding(Every.WEEK, date(2026, 11, 18))
    assert list(spans.between(Every.WEEK, newest.first - timedelta(days=1), newest)) == []
    missed = list(spans.between(Every.WEEK, date(2026, 11, 1), newest))
    assert missed == [Span(date(2026, 11, 2), date(2026, 11, 8)), Span(date(2026, 11, 9), date(2026, 11, 15))]
