"""Tracks of a flag that waits: when a measurement counts, which rule says how many, what ends a track."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests.unit.vitals.live import START, minute
from vitals import confirming
from vitals.flagstates import FlagState
from vitals.limits import Direction, LimitRule, Priority
from vitals.panel import PanelFlag
from vitals.vital import Vital

MEDIUM, HIGH = Priority.MEDIUM, Priority.HIGH


def rule(readings=2, priority=MEDIUM, **columns):
    return LimitRule(
        "X", priority, "typed here", vital=Vital.SPO2, direction=Direction.LOW, threshold=90,
        readings=readings, **columns,
    )  # fmt: skip


@pytest.fixture
def flag():
    return PanelFlag(
        id=UUID(int=1),
        condition="spo2-low",
        priority=MEDIUM,
        category="physiological",
        state=FlagState.PENDING,
        text="",
        opened_at=START,
    )


def at(seconds):
    return START + timedelta(seconds=seconds)


def test_the_first_measurement_says_when_the_next_is_due_and_from_when_its_want_is_a_flag(flag):
    assert confirming.count(flag, MEDIUM, [rule(recheck_s=300, grace_s=120)], START) is None
    [track] = flag.confirming
    assert (track.since, track.counted_at, track.count, track.needs) == (START, START, 1, 2)
    assert (track.recheck_at, track.unless_by) == (minute(5), minute(7))


@pytest.mark.parametrize(("after_s", "counts"), [(0, False), (59, False), (60, True), (1200, True)])
def test_a_distinct_measurement_within_20_min_completes_it(flag, after_s, counts):
    confirming.count(flag, MEDIUM, [rule()], START)
    done = confirming.count(flag, MEDIUM, [rule()], at(after_s))
    assert (done is not None) is counts
    assert (flag.confirming == []) is counts
    if done:
        assert (done.count, done.counted_at) == (2, START)


def test_one_that_comes_too_late_begins_anew(flag):
    confirming.count(flag, MEDIUM, [rule()], START)
    assert confirming.count(flag, MEDIUM, [rule()], at(1201)) is None
    [track] = flag.confirming
    assert (track.since, track.count) == (at(1201), 1)


def test_of_three_each_moves_the_re_check_on(flag):
    asked = [rule(3, recheck_s=300)]
    for number, seconds in enumerate((0, 300, 600), 1):
        done = confirming.count(flag, MEDIUM, asked, at(seconds))
        assert (done is not None) is (number == 3)
        if number < 3:
            assert flag.confirming[0].recheck_at == at(seconds + 300)


def test_the_row_that_needs_least_says_how_many(flag):
    confirming.count(flag, MEDIUM, [rule(3), rule(2, HIGH), rule(4)], START)
    assert flag.confirming[0].needs == 2


def test_of_equals_the_higher_row_says_when(flag):
    confirming.count(flag, MEDIUM, [rule(recheck_s=300), rule(priority=HIGH, recheck_s=60)], START)
    assert flag.confirming[0].recheck_at == minute(1)


class TestTwoLevels:
    @pytest.fixture(autouse=True)
    def both(self, flag):
        confirming.count(flag, HIGH, [rule(priority=HIGH, recheck_s=60)], START)
        confirming.count(flag, MEDIUM, [rule(recheck_s=300)], START)

    def test_are_kept_apart_the_lower_one_first(self, flag):
        assert [track.priority for track in flag.confirming] == [MEDIUM, HIGH]
        assert confirming.highest(flag) is HIGH
        track = confirming.track_of(flag, MEDIUM)
        assert track is not None
        assert track.recheck_at == minute(5)

    def test_one_may_end_alone(self, flag):
        confirming.drop(flag, HIGH)
        assert confirming.highest(flag) is MEDIUM
        confirming.drop(flag, MEDIUM)
        assert confirming.highest(flag) is None

    def test_a_flag_that_has_a_level_waits_for_no_lower_one(self, flag):
        confirming.drop_up_to(flag, MEDIUM)
        assert [track.priority for track in flag.confirming] == [HIGH]
        confirming.drop_up_to(flag, HIGH)
        assert flag.confirming == []

    @pytest.mark.parametrize(("seconds", "late"), [(179, None), (180, HIGH), (419, HIGH), (420, HIGH)])
    def test_the_highest_that_nobody_measured_again_is_told(self, flag, seconds, late):
        found = confirming.not_rechecked(flag, at(seconds))
        assert (found.priority if found else None) == late

    def test_and_the_lower_one_when_the_higher_is_gone(self, flag):
        confirming.drop(flag, HIGH)
        assert confirming.not_rechecked(flag, at(419)) is None
        late = confirming.not_rechecked(flag, at(420))
        assert late is not None
        assert late.priority is MEDIUM
