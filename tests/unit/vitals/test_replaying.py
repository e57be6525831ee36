"""A session run again: the same flags at the same minutes as the engine gave when it was live."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from sessions.states import State
from tests.unit.vitals.live import CHECK_IN, LIMITS, START, minute, planned
from vitals.limits import Priority
from vitals.measured import Measured
from vitals.panel import OpenSymptom
from vitals.replaying import Arrival, PastSession, Standing, counted, run

CALM = {"heart_rate": 70, "respiratory_rate": 14, "spo2": 98, "sedation": 5}


def reading(at, *, received=None, device=False, **values):
    received_at = minute(at if received is None else received)
    return Arrival(Measured(None, minute(at), values), received_at, device)


def bp(at, systolic, diastolic, **more):
    return reading(at, systolic=systolic, diastolic=diastolic, **{**CALM, **more})


def streamed(*, until):
    """A monitor's stream from minute 1, every ten seconds."""
    values = {"heart_rate": 70, "spo2": 98, "respiratory_rate": 14}
    return [reading(at / 6, device=True, **values) for at in range(6, until * 6)]


def standing(at, state=State.DOSING, **more):
    return Standing(minute(at), state, CHECK_IN, **more)


def past(*arrivals, before=(130, 80), ends=120, symptoms=(), calm=True):
    """An infusion with its baseline, a calm set every ten minutes, and these readings."""
    begun = {"dose_started_at": START, "planned_end_at": minute(40)}
    steps = [standing(-10, State.CHECKED_IN), standing(0, **begun)]
    for at, code in symptoms:
        steps.append(standing(at, **begun, symptoms=(OpenSymptom(code, severe=False, at=minute(at)),)))
    steps += [standing(ends, State.RELEASED, **begun)]
    told_at = [(one.measured.measured_at - START).total_seconds() / 60 for one in arrivals]
    every = range(10, ends, 10) if calm else ()
    free = [at for at in every if not any(abs(at - other) < 6 for other in told_at)]
    first = [bp(-5, *before)] if before else []
    arrived = (*first, *(bp(at, 130, 80) for at in free), *arrivals)
    return PastSession(UUID(int=7), "iv", tuple(steps), arrived, planned)


def told(replay, condition):
    """(minute, priority, state) at each change of the condition's flags."""
    found: list[tuple[float, str, str]] = []
    for story in replay.stories.values():
        if story.condition == condition:
            for one in story.told:
                step = ((one.at - START).total_seconds() / 60, one.priority, one.state)
                if not found or found[-1][1:] != step[1:]:
                    found.append(step)
    return found


CRISIS = (bp(30, 195, 101), bp(36, 194, 100), bp(46, 176, 98), bp(56, 158, 92))


def test_the_worked_crisis_is_told_as_it_was_live_and_stays_latched_when_nobody_takes_it():
    replay = run(past(*CRISIS), LIMITS, taken_after=None)
    assert told(replay, "bp-high")[:4] == [
        (30, "high", "pending"),
        (36, "high", "active"),
        (46, "medium", "active"),
        (56, "high", "latched"),
    ]
    [flag] = [one for one in replay.flags if one.condition == "bp-high"]
    assert (flag.peak, flag.rule) == ("high", "BP-5")
    assert flag.activated_at == minute(36)
    assert flag.ended_at == minute(120), "open until the session's end"


def test_taken_it_resolves():
    replay = run(past(*CRISIS), LIMITS, taken_after=timedelta(minutes=1))
    assert told(replay, "bp-high")[1:] == [
        (36, "high", "active"),
        (37, "high", "acknowledged"),
        (46, "medium", "acknowledged"),
        (56, "medium", "resolved"),
    ]


def test_what_nobody_measured_again_is_raised_by_the_passing_of_time():
    replay = run(past(bp(30, 195, 101), ends=60, calm=False), LIMITS, taken_after=None)
    assert told(replay, "bp-high")[:2] == [(30, "high", "pending"), (37, "high", "active")]
    overdue = [one for one in replay.flags if one.condition == "overdue"]
    assert overdue[0].activated_at == minute(15), "the set due at minute 10"


def test_a_breach_that_is_not_confirmed_is_a_recheck_and_no_flag():
    replay = run(past(bp(30, 172, 98), bp(35, 150, 90)), LIMITS, taken_after=None)
    assert [one.condition for one in replay.flags] == []
    assert [one.condition for one in replay.stories.values()] == ["bp-high"]
    assert counted(replay.flags) == {}


def test_another_limit_set_gives_another_answer_on_the_same_session():
    without = tuple(rule for rule in LIMITS.rules if not rule.code.startswith("BP-"))
    session = past(*CRISIS)
    assert counted(run(session, LIMITS, taken_after=None).flags) == {Priority.HIGH: 1}
    assert counted(run(session, replace(LIMITS, rules=without), taken_after=None).flags) == {}


def test_a_late_reading_is_found_and_rings_nothing():
    replay = run(past(reading(30, received=75, systolic=210, diastolic=125)), LIMITS, taken_after=None)
    assert {one.condition for one in replay.flags} == {"overdue"}, "nothing came at minute 30"
    found = [one.finding for one in replay.findings if one.late]
    assert [(one.condition, one.priority) for one in found] == [("bp-high", "high")]


def test_the_order_is_that_of_receipt_whatever_order_they_stand_in():
    session = past(*CRISIS)
    turned = replace(session, arrivals=tuple(reversed(session.arrivals)))
    first, second = (run(one, LIMITS, taken_after=None) for one in (session, turned))
    assert told(first, "bp-high") == told(second, "bp-high")
    assert len(told(first, "bp-high")) > 1


def test_a_dose_without_a_pressure_before_it_is_a_technical_flag_until_one_comes():
    replay = run(past(before=None), LIMITS, taken_after=None)
    assert [(one.condition, one.activated_at) for one in replay.flags][:1] == [("no-baseline", START)]
    late = run(
        past(reading(-5, received=4, systolic=124, diastolic=78), before=None), LIMITS, taken_after=None
    )
    [flag] = [one for one in late.flags if one.condition == "no-baseline"]
    assert flag.ended_at == minute(4)


def test_symptoms_are_what_was_charted_by_then():
    replay = run(past(symptoms=[(25, "chest-pain")]), LIMITS, taken_after=None)
    [flag] = replay.flags
    assert (flag.condition, flag.activated_at, flag.peak) == ("symptom-chest-pain", minute(25), "high")


def test_a_monitors_silence_is_found_between_its_readings():
    stream = [
        reading(at / 6, device=True, heart_rate=70, spo2=98, respiratory_rate=14) for at in range(6, 120)
    ]
    replay = run(past(*stream, ends=60, calm=True), LIMITS, taken_after=None)
    silent = [one for one in replay.flags if one.condition == "monitor-silent"]
    assert silent[0].activated_at == stream[-1].received_at + timedelta(seconds=60)


def test_a_chair_left_behind_leaves_no_silent_monitor():
    stream = [
        reading(at / 6, device=True, heart_rate=70, spo2=98, respiratory_rate=14) for at in range(6, 120)
    ]
    session = past(*stream, ends=60)
    begun = {"dose_started_at": START, "planned_end_at": minute(40)}
    moved = standing(20, **begun, chair=UUID(int=2))
    last = replace(session.standings[-1], chair=UUID(int=2))
    steps = (*session.standings[:-1], moved, last)
    replay = run(replace(session, standings=steps), LIMITS, taken_after=None)
    assert [one for one in replay.flags if one.condition == "monitor-silent"] == []


@pytest.mark.parametrize(
    ("since", "until", "answer"), [(20, 35.9, False), (20, 36, True), (120, 130, True), (121, 130, False)]
)
def test_a_flag_is_active_from_when_it_asked_to_its_end(since, until, answer):
    [flag] = run(past(*CRISIS), LIMITS, taken_after=None).flags
    assert flag.active_between(minute(since), minute(until)) is answer
