"""Waiting for the escort: from the first word of it to a breach; the plan in it, without it, and after it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest

from sessions.protocol import DoseClock, plan
from sessions.record import Entry
from sessions.shipped import IV_KETAMINE, NASAL_ESKETAMINE
from sessions.waiting import past_waits

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def after_start(minutes):
    return START + timedelta(minutes=minutes)


def entry(kind, at_min, **details):
    id_, at = uuid4(), after_start(at_min)
    return Entry(id_, id_, 1, "final", kind, at, at, None, "Nurse A", False, "", details)


def test_a_waiting_under_way_is_not_past():
    assert past_waits([entry("readiness", 120, escort="Sister"), entry("wait-escort", 121)]) == []


def test_a_breach_while_nobody_waits_ends_no_waiting():
    assert past_waits([entry("breach", 100)]) == []


def test_it_runs_from_its_first_word_to_the_breach_and_begins_anew_after_it():
    first = [
        entry("wait-escort", 121, escort="Sister"),
        entry("wait-escort", 130, phone="555"),
        entry("breach", 150),
    ]
    assert past_waits(first) == [(after_start(121), after_start(150))]
    again = [*first, entry("wait-escort", 170)]
    assert past_waits(again) == [(after_start(121), after_start(150))]
    assert past_waits([*again, entry("breach", 180)]) == [
        (after_start(121), after_start(150)),
        (after_start(170), after_start(180)),
    ]


@pytest.mark.parametrize("rules", [IV_KETAMINE, NASAL_ESKETAMINE])
def test_what_rested_while_somebody_waited_is_in_no_plan_after_it(rules):
    usual = plan(rules, DoseClock(after_start(-10), START, after_start(40)), until=after_start(240))
    waited = DoseClock(
        after_start(-10), START, after_start(40), waited=((after_start(121), after_start(165)),)
    )
    after = plan(rules, waited, until=after_start(240))
    within = [step for step in after if after_start(121) < step.due_at <= after_start(165)]
    assert [(step.label, step.due_at) for step in within] == [
        ("Set while waiting for the escort", after_start(151))
    ]
    assert [step for step in after if step not in within] == [
        step for step in usual if not after_start(121) < step.due_at <= after_start(165)
    ]


@pytest.mark.parametrize("rules", [IV_KETAMINE, NASAL_ESKETAMINE])
def test_the_plan_both_ways(rules):
    """From the waiting on, sets come every 30 minutes and no other; without it, the usual ones go on."""
    waiting_at = after_start(131)
    clock = DoseClock(after_start(-10), START, after_start(40), waiting_at)
    waiting = plan(rules, clock, until=after_start(240))
    usual = plan(rules, DoseClock(after_start(-10), START, after_start(40)), until=after_start(240))
    from_then = [step for step in waiting if step.due_at > waiting_at]
    assert {step.label for step in from_then} == {"Set while waiting for the escort"}
    assert [(step.due_at - waiting_at).total_seconds() / 60 for step in from_then] == [30, 60, 90]
    assert {step.label for step in usual} & {"Set while waiting for the escort"} == set()
    assert [step for step in waiting if step.due_at <= waiting_at] == [
        step for step in usual if step.due_at <= waiting_at
    ]
    gaps = [(b.due_at - a.due_at).total_seconds() / 60 for a, b in pairwise(usual) if a.due_at > waiting_at]
    assert max(gaps) <= 15
