"""The panel as text and back, and the sparkline."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.vitals.live import START, live_panel, minute, take
from vitals.flagstates import FlagState
from vitals.limits import Direction, Priority
from vitals.panel import (
    TRACE_POINTS,
    Absence,
    Due,
    Latest,
    Panel,
    PanelFlag,
    add_to_trace,
    answered_at,
    decode,
    encode,
    retrace,
)
from vitals.vital import FIELDS

TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  the zone is given beside
WORDS = st.text(max_size=20)
NUMBERS = st.integers(0, 300) | st.integers(0, 3000).map(lambda tenths: tenths / 10)
FLAGS = st.builds(
    PanelFlag,
    id=st.uuids(),
    condition=WORDS,
    priority=st.sampled_from(Priority),
    category=WORDS,
    state=st.sampled_from(FlagState),
    text=WORDS,
    opened_at=TIMES,
    vital=st.none() | st.sampled_from(FIELDS),
    direction=st.none() | st.sampled_from(Direction),
    value=st.none() | NUMBERS,
    threshold=st.none() | NUMBERS,
    peak=st.sampled_from(Priority),
    taken_at_values=st.dictionaries(st.sampled_from(FIELDS), NUMBERS, max_size=2),
)
PANELS = st.builds(
    Panel,
    session=st.uuids(),
    version=st.integers(0, 10**6),
    chair=st.none(),
    initials=WORDS,
    route=st.sampled_from(["iv", "nasal"]),
    treatment=WORDS,
    nurse=st.none() | WORDS,
    state=WORDS,
    limit_set=WORDS,
    simulated=st.booleans(),
    watched_from=st.none() | TIMES,
    rings_from=st.none() | TIMES,
    values=st.dictionaries(st.sampled_from(FIELDS), st.builds(Latest, value=NUMBERS, at=TIMES), max_size=3),
    absent=st.dictionaries(st.sampled_from(FIELDS), st.builds(Absence, reason=WORDS, at=TIMES), max_size=2),
    due=st.none()
    | st.builds(
        Due,
        label=WORDS,
        at=TIMES,
        opens_at=TIMES,
        closes_at=TIMES,
        every_min=st.none() | st.integers(1, 60),
        overdue_at=TIMES,
        overdue_medium_at=TIMES,
        missing=st.lists(st.sampled_from(FIELDS), max_size=3),
    ),
    flags=st.lists(FLAGS, max_size=2),
    trace=st.lists(st.tuples(st.floats(-99, 999).map(lambda m: round(m, 1)), NUMBERS), max_size=3),
    doses=st.lists(st.floats(-99, 999).map(lambda m: round(m, 1)), max_size=3),
)


@settings(max_examples=40)
@given(PANELS)
def test_a_panel_survives_the_way_through_its_row(panel):
    assert decode(encode(panel)) == panel


def test_a_vital_is_answered_by_the_newer_of_value_and_could_not_measure():
    panel = live_panel()
    panel.absent["spo2"] = Absence("patient refused", minute(5))
    panel.absent["heart_rate"] = Absence("no signal", minute(-5))
    answers = answered_at(panel)
    assert answers["spo2"] == minute(5)
    assert answers["heart_rate"] == minute(-1)


class TestSparkline:
    def trace_of(self, *points):
        panel = live_panel(watched_from=START)
        panel.trace = []
        for at_min, systolic in points:
            add_to_trace(panel, systolic, minute(at_min))
        return panel

    def test_holds_minutes_since_the_watch_began(self):
        assert self.trace_of((0, 120), (5, 130)).trace == [(0.0, 120), (5.0, 130)]

    def test_is_thinned_and_ends_with_the_newest(self):
        panel = self.trace_of(*((second / 60, 120 + second // 60) for second in range(0, 4 * 3600, 30)))
        assert len(panel.trace) <= TRACE_POINTS
        assert panel.trace[-1][1] == 120 + 239

    def test_shows_a_corrected_value_in_its_place(self):
        panel = self.trace_of((0, 120), (5, 210), (10, 130))
        retrace(panel, 121, minute(5))
        assert panel.trace == [(0.0, 120), (5.0, 121), (10.0, 130)]
        retrace(panel, None, minute(5))
        assert panel.trace == [(0.0, 120), (10.0, 130)]

    def test_is_left_alone_by_a_correction_of_a_point_it_does_not_show(self):
        panel = self.trace_of((0, 120), (5, 130))
        retrace(panel, 99, minute(3))
        assert panel.trace == [(0.0, 120), (5.0, 130)]


def test_a_value_measured_after_all_ends_could_not_measure():
    panel = live_panel()
    take(panel, 5, absent={"spo2": "no signal"})
    take(panel, 6, spo2=97)
    assert panel.absent == {}


def test_an_older_could_not_measure_does_not_replace_a_newer_one():
    panel = live_panel()
    take(panel, 6, absent={"spo2": "patient moved"})
    take(panel, 4, received_min=7, absent={"spo2": "no signal"})
    assert panel.absent["spo2"].at == START + timedelta(minutes=6)
    assert panel.session == UUID(int=1)
