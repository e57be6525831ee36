"""The example limits on some simulated sessions, a small one of what ``make bench`` runs on a thousand.

Seeds are fixed, so the figures are the same at every run; the bounds leave room for another patient or two.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from benchmarks import flags, simulated
from benchmarks.flags import FLAGGED, MISSED, Plain, Size
from benchmarks.simulated import Way
from vitals import rules
from vitals.simulator.physiology import Event
from vitals.simulator.population import EVENTS, EventKind


@pytest.fixture(scope="module")
def outcome():
    return flags.run(Size(plain=60, injected=6), processes=1)


def of(outcome, way, kind):
    return next(one for one in outcome.detections if (one.way, one.kind) == (way.value, kind.value))


def test_uneventful_sessions_raise_few_flags(outcome):
    for one in outcome.rates:
        if one.route == "both":
            assert one.sessions >= 40
            # the target over a thousand is 0.5; of fifty, a rate may lie this far above a true 0.4 by chance
            assert one.together <= 0.7, one
            assert one.without_any >= 0.5, one


def test_whatever_meets_a_rule_is_flagged_in_its_time(outcome):
    assert len(outcome.detections) == 9
    for one in outcome.detections:
        assert one.injected == 6
        assert (one.missed, one.late) == (0, 0), one


def test_a_stream_sees_what_a_chart_cannot(outcome):
    for kind in (EventKind.DESATURATION, EventKind.APNOEA):
        streamed, charted = of(outcome, Way.STREAMED, kind), of(outcome, Way.CHARTED, kind)
        assert streamed.unmeasured == 0
        assert streamed.flagged + streamed.already == streamed.injected
        assert charted.unmeasured > 0, "shorter than the cadence"
        assert charted.flagged < streamed.flagged


def test_a_lost_monitor_is_flagged_a_minute_after_it_was_heard_last(outcome):
    lost = of(outcome, Way.STREAMED, EventKind.DROP_OUT)
    assert lost.flagged == lost.injected
    assert lost.from_first == (60, 60)


def test_the_same_seeds_give_the_same_answer():
    ways = [(way, number) for way in Way for number in range(3)]
    assert [flags.plain(*one) for one in ways] == [flags.plain(*one) for one in ways]


def test_injected_is_one_event_of_the_simulators_own_row():
    drawn = simulated.draw("a test", 3)
    for kind in simulated.SHOWN_BY:
        event = simulated.inject(drawn, kind).injected
        assert event is not None
        row = EVENTS[kind]
        assert event.kind is kind
        assert row.lasts_min[0] <= event.ends_at_min - event.starts_at_min <= row.lasts_min[1]
        assert row.size[0] <= event.size <= row.size[1]


def test_artefacts_are_no_events():
    drawn = simulated.draw("a test", 3)
    quiet = replace(drawn, session=replace(drawn.session, events=()))
    artefact = Event(EventKind.MOTION, 20, 21, 40, "heart_rate")
    nausea = Event(EventKind.NAUSEA, 20, 40)
    assert with_events(quiet, artefact).is_uneventful
    assert not with_events(quiet, artefact, nausea).is_uneventful


def with_events(drawn, *events):
    return replace(drawn, session=replace(drawn.session, events=events))


def test_a_rate_is_of_uneventful_sessions_and_keeps_technical_apart():
    ran = [
        Plain(Way.CHARTED, "iv", True, (("physiological", "BP-2"), ("technical", "MON-0")), 1),
        Plain(Way.CHARTED, "nasal", True, (), 0),
        Plain(Way.CHARTED, "nasal", False, (("physiological", "BP-5"),) * 9, 0),
        Plain(Way.STREAMED, "iv", True, (("physiological", "BP-5"),), 0),
    ]
    one = flags.rate(ran, Way.CHARTED)
    assert (one.sessions, one.physiological, one.technical, one.together) == (2, 0.5, 0.5, 1.0)
    assert (one.rechecks, one.without_any, one.verdict) == (0.5, 0.5, "NOT MET")
    assert flags.rate(ran, Way.CHARTED, "nasal").verdict == "met"


def test_a_flag_that_never_came_is_told_from_one_that_was_not_asked_for(monkeypatch):
    """The measurements say that a rule was met; an engine that raises nothing is found out."""
    drawn = simulated.inject(simulated.draw("injected/desaturation", 0), EventKind.DESATURATION)
    monkeypatch.setattr(simulated, "draw", lambda name, number: drawn)
    monkeypatch.setattr(simulated, "inject", lambda drawn, kind: drawn)
    assert flags.injected(Way.STREAMED, EventKind.DESATURATION, 0).outcome == FLAGGED
    watch = simulated.watch

    def deaf(*arguments):
        watched = watch(*arguments)
        watched.replay.stories.clear()
        return watched

    monkeypatch.setattr(simulated, "watch", deaf)
    seen = flags.injected(Way.STREAMED, EventKind.DESATURATION, 0)
    assert (seen.outcome, seen.in_time) == (MISSED, False)


def test_a_flag_that_comes_late_is_counted_as_late(monkeypatch):
    watch = simulated.watch

    def slow(*arguments):
        watched = watch(*arguments)
        for story in watched.replay.stories.values():
            if story.activated_at and story.condition == rules.SILENT_CONDITION:
                story.activated_at += timedelta(seconds=20)
        return watched

    monkeypatch.setattr(simulated, "watch", slow)
    seen = flags.injected(Way.STREAMED, EventKind.DROP_OUT, 0)
    assert (seen.outcome, seen.in_time) == (FLAGGED, False)
    assert flags.detection([seen], Way.STREAMED, EventKind.DROP_OUT).verdict == "NOT MET"
