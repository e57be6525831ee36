"""Two limit sets over one past session, and over several: what is added, dropped, seen and missed."""

from dataclasses import replace
from uuid import UUID

import pytest

from tests.unit.vitals.live import LIMITS, minute
from tests.unit.vitals.test_replaying import CRISIS, bp, past
from vitals.comparing import Compared, Known, KnownKind, compare, sum_up


def without(*codes):
    """The example limits without these rows."""
    return replace(LIMITS, rules=tuple(rule for rule in LIMITS.rules if rule.code not in codes))


HIGH_BP = ("BP-2", "BP-3", "BP-4", "BP-5", "BP-6", "BP-7")
SPO2 = ("OX-2", "OX-3", "OX-4")


def known(at, condition="bp-high", kind=KnownKind.ACTED):
    return Known(kind, "words", minute(at), minute(at), condition)


def words(flags):
    return [(one.condition, one.rule, one.priority.value) for one in flags]


def test_the_same_limits_add_and_drop_nothing():
    one = compare(past(*CRISIS), [known(36)], beside=LIMITS, tried=LIMITS)
    assert words(one.tried.flags) == [("bp-high", "BP-5", "high")]
    assert one.beside == one.tried
    assert (one.added, one.dropped) == ([], [])
    assert [(seen.beside, seen.tried) for seen in one.known] == [(True, True)]
    assert one.watched_s == 130 * 60


def test_limits_without_a_row_drop_its_flag_and_miss_what_it_saw():
    one = compare(past(*CRISIS), [known(36)], beside=LIMITS, tried=without(*HIGH_BP))
    assert words(one.dropped) == [("bp-high", "BP-5", "high")]
    assert one.added == []
    assert [(seen.beside, seen.tried) for seen in one.known] == [(True, False)]


def test_limits_with_a_row_more_add_its_flag():
    session = past(bp(30, 130, 80, spo2=86))
    one = compare(session, [], beside=without(*SPO2), tried=LIMITS)
    assert [(flag.condition, flag.priority, flag.at) for flag in one.added] == [
        ("spo2-low", "high", minute(30))
    ]
    assert one.dropped == []


def test_a_flag_of_another_priority_on_the_same_condition_is_neither_added_nor_dropped():
    one = compare(past(*CRISIS), [], beside=LIMITS, tried=without("BP-5"))
    assert words(one.tried.flags) == [("bp-high", "BP-2", "medium")]
    assert (one.added, one.dropped) == ([], [])


@pytest.mark.parametrize(("at", "seen"), [(20.9, False), (21, True), (36, True), (71, True), (71.1, False)])
def test_an_event_is_seen_by_a_flag_of_its_condition_within_a_quarter_of_an_hour(at, seen):
    one = compare(past(*CRISIS), [known(at)], beside=LIMITS, tried=LIMITS)
    flag = one.tried.flags[0]
    assert (flag.at, flag.until) == (minute(36), minute(56))
    assert one.known[0].tried is seen


def test_a_flag_of_something_else_sees_only_what_names_no_condition():
    events = [known(30, "spo2-low"), known(30, "", KnownKind.ADVERSE)]
    one = compare(past(*CRISIS), events, beside=LIMITS, tried=LIMITS)
    assert [seen.tried for seen in one.known] == [False, True]


def test_the_sum_counts_flags_hours_and_events():
    calm = compare(past(), [], beside=LIMITS, tried=LIMITS)
    crisis = compare(
        past(*CRISIS), [known(36), known(40, kind=KnownKind.HIGH)], beside=LIMITS, tried=without(*HIGH_BP)
    )
    failed = Compared(failure="KeyError")
    total = sum_up({UUID(int=1): calm, UUID(int=2): crisis, UUID(int=3): failed})
    assert (total.sessions, total.failed) == (2, 1)
    assert total.watched_hours == pytest.approx(2 * 130 / 60)
    assert (total.beside.high, total.beside.medium, total.tried.asking) == (1, 0, 0)
    assert total.beside.per_session == 0.5
    assert total.beside.per_hour == pytest.approx(1 / (2 * 130 / 60))
    assert (total.beside.sessions_without, total.tried.sessions_without) == (1, 2)
    assert [(row.rule, row.beside, row.tried) for row in total.rules] == [("BP-5", 1, 0)]
    rows = {row.kind: (row.happened, row.beside, row.tried) for row in total.known}
    assert rows[KnownKind.ACTED] == (1, 1, 0)
    assert rows[KnownKind.HIGH] == (1, 1, 0)
    assert rows[KnownKind.ADVERSE] == (0, 0, 0)
    assert (total.happened, len(total.missed), total.newly_missed) == (2, 2, 2)
    assert [(id_, flag.at) for id_, flag in total.dropped] == [(UUID(int=2), minute(36))]


def test_no_session_is_a_sum_of_nothing():
    total = sum_up({})
    assert (total.sessions, total.beside.per_session, total.tried.per_hour) == (0, 0, 0)
