"""When the watch must look again, and that it then finds exactly what there is."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.vitals.live import FULL_SET, LIMITS, conditions, live_panel, minute, take, ticked
from vitals import taking, ticking
from vitals.flagstates import TARGET, Happening
from vitals.panel import PatientLimit, decode, encode


def alert_min(panel):
    at = ticking.next_alert_at(panel, LIMITS)
    return None if at is None else (at - minute(0)).total_seconds() / 60


def test_without_a_flag_it_looks_when_the_set_is_overdue_and_again_at_medium():
    panel = live_panel()
    assert alert_min(panel) == 15
    ticked(panel, 15)
    assert alert_min(panel) == 20
    ticked(panel, 20)
    assert alert_min(panel) is None


@pytest.mark.parametrize(
    ("values", "at_min"),
    [
        ({"spo2": 92}, 4),  # its re-check, a minute and two
        ({"systolic": 170, "diastolic": 90}, 8),
        ({"spo2": 87}, 1 + 5 / 60),  # no board has drawn it
        ({"heart_rate": 0}, 15),
    ],
)
def test_looks_when_something_of_a_flag_comes_due(values, at_min):
    panel = live_panel()
    take(panel, 1, **values)
    assert alert_min(panel) == pytest.approx(at_min)


def test_a_high_flag_goes_up_its_steps_by_the_rows():
    panel = live_panel()
    take(panel, 1, spo2=87)
    steps = []
    while (at := ticking.next_alert_at(panel, LIMITS)) is not None and at < minute(10):
        for change in ticking.tick(panel, LIMITS, at):
            assert change.happening == "escalated"
            assert change.call is not None
            steps.append(((at - minute(1)).total_seconds(), change.call.step, change.cause))
    assert steps == [
        (5, 0, "no board has drawn it"),
        (60, 1, "nobody has taken it"),
        (120, 2, "nobody has taken it"),
    ]


def test_after_a_silence_of_the_watch_all_is_made_up_for_at_once():
    panel = live_panel()
    take(panel, 1, spo2=87, systolic=170, diastolic=90)
    told = [(one.flag.condition, str(one.happening)) for one in ticked(panel, 60)]
    assert sorted(told) == sorted(
        [
            ("bp-high", "not re-checked"),
            ("spo2-low", "escalated"),
            ("spo2-low", "escalated"),
            ("spo2-low", "escalated"),
            ("overdue", "breached"),
        ]
    )
    assert ticked(panel, 60) == []
    assert conditions(panel)["overdue"] == ("medium", "active")


def test_the_end_of_a_patient_s_limit_is_looked_for():
    limit = PatientLimit(uuid4(), "BP-2", "systolic", 175, None, minute(0), minute(7))
    panel = live_panel(patient_limits=[limit])
    assert alert_min(panel) == 7
    ticked(panel, 7)
    assert alert_min(panel) == 15


def test_a_panel_with_nothing_due_is_never_looked_at():
    panel = live_panel()
    panel.due = None
    assert alert_min(panel) is None


# --- any course of a session

READINGS = st.one_of(
    st.just(FULL_SET),
    st.fixed_dictionaries({"spo2": st.sampled_from([86, 88, 90, 92, 93.5, 98, 0])}),
    st.fixed_dictionaries({"heart_rate": st.sampled_from([38, 44, 47, 70, 119, 125, 140, 0])}),
    st.fixed_dictionaries(
        {
            "systolic": st.sampled_from([78, 88, 95, 124, 160, 170, 185, 205]),
            "diastolic": st.sampled_from([50, 78, 74]),
        }
    ),
    st.fixed_dictionaries({"sedation": st.sampled_from([2, 3, 4, 5])}),
)
COURSES = st.lists(
    st.tuples(
        st.sampled_from([0, 15, 20, 60, 90, 300, 700]), READINGS, st.sampled_from(["", "take", "pause"])
    ),
    max_size=12,
)


def does(panel, act, at):
    """Take or pause the first flag that can be."""
    happening = {"take": Happening.TAKEN, "pause": Happening.PAUSED}.get(act)
    for flag in list(panel.flags):
        if (flag.state, happening) in TARGET:
            if act == "take":
                taking.take_flag(panel, flag, by="A. Reed", action="I'm on it", at=at)
            else:
                until = at + timedelta(minutes=2)
                taking.pause_flag(flag, by="A. Reed", until=until, reason="moving", at=at)
            return


@settings(max_examples=80)
@given(COURSES, st.booleans())
def test_watch_is_told_exactly_when_there_is_something_to_find(course, watched):
    """Before the time it is told there is nothing, at that time there is, and then it is told a later one."""
    panel = live_panel()
    now_s = 0
    for after_s, values, act in course:
        until = minute((now_s + after_s) / 60)
        while watched and (at := ticking.next_alert_at(panel, LIMITS)) is not None and at <= until:
            assert_found_then(panel, at)
        now_s += after_s
        take(panel, now_s / 60, **values)
        does(panel, act, minute(now_s / 60))
        assert len({flag.condition for flag in panel.flags}) == len(panel.flags), "one flag per condition"
    for _ in range(40):
        at = ticking.next_alert_at(panel, LIMITS)
        if at is None:
            assert ticked(panel, 10_000) == []
            return
        assert_found_then(panel, max(at, minute(now_s / 60)))
    raise AssertionError("what comes due by itself ends")


def assert_found_then(panel, at):
    due_at = ticking.next_alert_at(panel, LIMITS)
    before = decode(encode(panel))
    assert before == panel
    assert due_at is not None
    assert ticking.tick(before, LIMITS, due_at - timedelta(seconds=1)) == []
    assert ticking.tick(panel, LIMITS, at) != []
    later = ticking.next_alert_at(panel, LIMITS)
    assert later is None or later > at
    assert ticking.tick(panel, LIMITS, at) == []
