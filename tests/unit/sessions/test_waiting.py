"""Waiting for the escort: one clock from the first word of it, ended by a breach; the plan both ways."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest

from sessions.protocol import DoseClock, plan
from sessions.record import Entry
from sessions.shipped import IV_KETAMINE, NASAL_ESKETAMINE
from sessions.waiting import Waiting, waiting_of

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def after_start(minutes):
    return START + timedelta(minutes=minutes)


def entry(kind, at_min, **details):
    id_, at = uuid4(), after_start(at_min)
    return Entry(id_, id_, 1, "final", kind, at, at, None, "Nurse A", False, "", details)


def test_nobody_waits_before_it_is_charted():
    assert waiting_of([entry("readiness", 120, escort="Sister")]) is None


def test_the_clock_starts_once_and_the_newest_words_count():
    found = waiting_of(
        [
            entry("wait-escort", 121, escort="Sister"),
            entry("wait-escort", 130, phone="555 0100"),
            entry("wait-escort", 140, escort="", phone="555 0199"),
        ]
    )
    assert found == Waiting(after_start(121), "Sister", "555 0199")


def test_a_breach_ends_it_and_a_later_waiting_begins_anew():
    breached = [entry("wait-escort", 121, escort="Sister", phone="555 0100"), entry("breach", 130)]
    assert waiting_of(breached) is None
    assert waiting_of([*breached, entry("wait-escort", 150)]) == Waiting(after_start(150), "", "")


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
