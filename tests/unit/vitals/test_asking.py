"""How a flag asks for somebody: undrawn in 5 s, next role at 60, all supervisors at 120; a pause."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from tests.unit.vitals.live import LIMITS, START
from vitals import asking
from vitals.flagstates import FlagState
from vitals.limits import Audience, Priority
from vitals.panel import PanelFlag

ON_DUTY, SUPERVISORS = Audience.ON_DUTY, Audience.SUPERVISORS


def at(seconds):
    return START + timedelta(seconds=seconds)


@pytest.fixture
def flag():
    """A high flag that asks since the start and that a board has drawn."""
    flag = PanelFlag(
        id=UUID(int=1),
        condition="spo2-low",
        priority=Priority.HIGH,
        category="physiological",
        state=FlagState.ACTIVE,
        text="",
        opened_at=START,
        peak=Priority.HIGH,
    )
    asking.ask(flag, START)
    asking.drawn(flag, at(1))
    return flag


def calls(flag, seconds, limits=LIMITS):
    return [(call.step, call.cause, call.audience) for call in asking.due_calls(flag, limits, at(seconds))]


class TestSteps:
    def test_after_a_minute_and_after_two(self, flag):
        assert calls(flag, 59.9) == []
        assert calls(flag, 60) == [(1, "nobody has taken it", ON_DUTY)]
        assert calls(flag, 119.9) == []
        assert calls(flag, 120) == [(2, "nobody has taken it", SUPERVISORS)]
        assert calls(flag, 10_000) == []
        assert flag.escalated == 2

    def test_a_watch_that_was_away_makes_up_for_both(self, flag):
        assert [step for step, _, _ in calls(flag, 300)] == [1, 2]

    def test_asked_twice_each_is_made_once(self, flag):
        assert len(calls(flag, 60)) == 1
        assert calls(flag, 60) == []

    @pytest.mark.parametrize("priority", [Priority.LOW, Priority.MEDIUM])
    def test_lower_flags_go_up_no_step(self, flag, priority):
        flag.priority = priority
        assert calls(flag, 300) == []
        assert asking.next_step_at(flag, LIMITS) is None

    def test_a_latched_one_goes_on(self, flag):
        flag.state = FlagState.LATCHED
        asking.latch(flag, at(30))
        assert flag.asks_since == START
        assert len(calls(flag, 60)) == 1

    def test_taken_it_asks_nobody(self, flag):
        asking.ask_no_more(flag)
        assert calls(flag, 300) == []

    def test_worse_again_it_asks_as_if_for_the_first_time(self, flag):
        calls(flag, 120)
        asking.ask(flag, at(200))
        assert (flag.escalated, flag.drawn_at) == (0, None)
        asking.drawn(flag, at(201))
        assert calls(flag, 259) == []
        assert [step for step, _, _ in calls(flag, 260)] == [1]

    def test_are_the_clinic_s_to_set(self, flag):
        rows = [
            replace(rule, after_s={"ASK-1": 300, "ASK-2": 30}[rule.code]) if rule.code in {"ASK-1", "ASK-2"}
            else rule for rule in LIMITS.rules
        ]  # fmt: skip
        limits = replace(LIMITS, rules=tuple(rows))
        assert calls(flag, 30, limits) == [(1, "nobody has taken it", SUPERVISORS)]
        assert asking.next_step_at(flag, limits) == at(300)

    def test_a_clinic_may_let_medium_flags_go_up_too(self, flag):
        rows = [
            replace(rule, priority=Priority.MEDIUM) if rule.code == "ASK-1" else rule for rule in LIMITS.rules
        ]
        flag.priority = Priority.MEDIUM
        assert [step for step, _, _ in calls(flag, 300, replace(LIMITS, rules=tuple(rows)))] == [1]


class TestDrawn:
    @pytest.fixture
    def undrawn(self, flag):
        asking.ask(flag, START)
        return flag

    def test_a_high_flag_that_no_board_draws_in_5_s_is_shown_everywhere_else(self, undrawn):
        assert asking.undrawn_at(undrawn, LIMITS) == at(5)
        assert calls(undrawn, 4.9) == []
        assert calls(undrawn, 5) == [(0, "no board has drawn it", ON_DUTY)]
        assert undrawn.undrawn
        assert undrawn.escalated == 0, "the steps go on counting by themselves"
        assert calls(undrawn, 30) == []

    def test_drawn_in_time_it_is_not(self, undrawn):
        assert asking.drawn(undrawn, at(3))
        assert calls(undrawn, 30) == []
        assert not undrawn.undrawn

    def test_drawn_at_last_it_leaves_the_other_screens(self, undrawn):
        calls(undrawn, 5)
        assert asking.drawn(undrawn, at(9))
        assert (undrawn.undrawn, undrawn.drawn_at) == (False, at(9))

    def test_only_the_first_board_counts(self, undrawn):
        assert asking.drawn(undrawn, at(3))
        assert not asking.drawn(undrawn, at(4))
        assert undrawn.drawn_at == at(3)

    def test_one_that_asks_nobody_need_not_be_drawn(self, undrawn):
        asking.ask_no_more(undrawn)
        assert not asking.drawn(undrawn, at(3))
        assert asking.undrawn_at(undrawn, LIMITS) is None

    def test_a_medium_one_need_not_be(self, undrawn):
        undrawn.priority = Priority.MEDIUM
        assert asking.undrawn_at(undrawn, LIMITS) is None


class TestPause:
    @pytest.fixture
    def paused(self, flag):
        asking.pause(flag, by="A. Reed", until=at(120), reason="sensor changed")
        return flag

    def test_has_an_owner_an_end_and_a_reason_and_asks_nobody(self, paused):
        assert (paused.paused_by, paused.paused_until, paused.pause_reason) == (
            "A. Reed",
            at(120),
            "sensor changed",
        )
        assert paused.state is FlagState.AUDIO_PAUSED
        assert calls(paused, 119) == []

    def test_ends_by_itself_and_the_flag_asks_anew(self, paused):
        asking.end_pause(paused, at(120))
        assert paused.state is FlagState.ACTIVE
        assert (paused.paused_by, paused.paused_until, paused.pause_reason) == (None, None, None)
        asking.drawn(paused, at(121))
        assert calls(paused, 179) == []
        assert len(calls(paused, 180)) == 1

    def test_does_not_outlive_a_condition_that_is_gone_unseen(self, paused):
        paused.state = FlagState.LATCHED
        asking.latch(paused, at(60))
        assert (paused.paused_until, paused.asks_since) == (None, at(60))

    @pytest.mark.parametrize("state", sorted(set(FlagState) - {FlagState.ACTIVE}))
    def test_only_an_active_flag_can_be_paused(self, flag, state):
        flag.state = state
        with pytest.raises(KeyError):
            asking.pause(flag, by="A. Reed", until=at(120), reason="sensor changed")


def test_who_had_taken_it_is_gone_so_it_asks_again(flag):
    flag.state = FlagState.ACKNOWLEDGED
    flag.acknowledged_by, flag.acknowledged_at = "A. Reed", at(20)
    asking.ask_no_more(flag)
    asking.reopen(flag, at(500))
    assert (flag.state, flag.asks_since, flag.acknowledged_by) == (FlagState.ACTIVE, at(500), None)
    assert flag.activated_at == START, "it has been a flag since then"
