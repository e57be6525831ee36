"""When a form is due: seven days as time, amber from day 4, red from day 6, and the last working day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.monitoring_form.due import Urgency, due, due_at, last_working_day

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 11, 23, 12, 30, tzinfo=NEW_YORK)


def after(days: float = 0, *, end: datetime = MONDAY) -> datetime:
    return (end.astimezone(UTC) + timedelta(days=days)).astimezone(NEW_YORK)


@pytest.mark.parametrize(
    ("days", "urgency", "words"),
    [
        (0, Urgency.PLAIN, "due in 7 days"),
        (3.999, Urgency.PLAIN, "due in 3 days"),
        (4, Urgency.AMBER, "due in 3 days"),
        (5.999, Urgency.AMBER, "due in 24 h"),
        (6, Urgency.RED, "due in 24 h"),
        (6.99, Urgency.RED, "due in less than 1 h"),
        (7, Urgency.RED, "overdue for less than 1 h"),
        (9.5, Urgency.RED, "overdue for 2 days"),
    ],
)
def test_neutral_then_amber_then_red(days, urgency, words):
    found = due(MONDAY, after(days), NEW_YORK)
    assert (found.urgency, found.words, found.overdue) == (urgency, words, days >= 7)


@pytest.mark.parametrize(
    ("end", "last"),
    [
        # ended on; the last working day before the day it is due
        (date(2026, 11, 23), date(2026, 11, 27)),  # due Monday: the Friday before
        (date(2026, 11, 24), date(2026, 11, 30)),  # due Tuesday: Monday
        (date(2026, 11, 27), date(2026, 12, 3)),  # due Friday: Thursday
        (date(2026, 11, 28), date(2026, 12, 4)),  # due Saturday: Friday
        (date(2026, 11, 29), date(2026, 12, 4)),  # due Sunday: Friday
    ],
)
def test_the_last_working_day(end, last):
    noon = datetime(end.year, end.month, end.day, 12, tzinfo=NEW_YORK)
    assert last_working_day(due_at(noon), NEW_YORK) == last


def test_the_warning_stands_from_that_day_until_it_is_due():
    warnings = {days: due(MONDAY, after(days), NEW_YORK).warning for days in (3, 4, 5, 6.9, 7)}
    assert warnings == {
        3: "",
        4: "Last working day before it is due",
        5: "Last working day was Friday",
        6.9: "Last working day was Friday",
        7: "",
    }


def test_the_day_is_the_clinics_not_utc():
    end = datetime(2026, 11, 23, 22, 0, tzinfo=NEW_YORK)  # Tuesday already in UTC
    assert last_working_day(due_at(end), NEW_YORK) == date(2026, 11, 27)
    thursday_night = datetime(2026, 11, 26, 23, 59, tzinfo=NEW_YORK)
    assert due(end, thursday_night, NEW_YORK).warning == ""


@pytest.mark.parametrize(
    ("end", "clock_time"),
    [
        # the night of 1 November 2026 has 25 hours in New York, that of 8 March 23
        (datetime(2026, 10, 28, 12, 0, tzinfo=NEW_YORK), "11:00"),
        (datetime(2026, 3, 4, 12, 0, tzinfo=NEW_YORK), "13:00"),
    ],
)
def test_seven_times_24_hours_in_the_week_that_the_clocks_change(end, clock_time):
    ends = due_at(end)
    assert ends - end.astimezone(UTC) == timedelta(hours=168)
    assert f"{ends.astimezone(NEW_YORK):%H:%M}" == clock_time
    assert not due(end, ends - timedelta(seconds=1), NEW_YORK).overdue
    assert due(end, ends.astimezone(NEW_YORK), NEW_YORK).overdue


@given(
    st.floats(0, 730),
    st.floats(0, 12),
)
def test_urgency_only_ever_grows(ended_after_days, days):
    end = MONDAY.astimezone(UTC) + timedelta(days=ended_after_days)
    order = [Urgency.PLAIN, Urgency.AMBER, Urgency.RED]
    now, later = (due(end, end + timedelta(days=d), NEW_YORK) for d in (days, days + 0.5))
    assert order.index(now.urgency) <= order.index(later.urgency)
    last = last_working_day(now.at, NEW_YORK)
    assert last.weekday() < 5
    assert timedelta(0) < now.at.astimezone(NEW_YORK).date() - last <= timedelta(days=3)
