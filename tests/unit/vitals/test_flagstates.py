"""The table of flag states is whole: from every open state every flag can end, and an ended one stays so."""

import pytest

from vitals.flagstates import OPEN, TARGET, TRANSITIONS, FlagState, Happening, after

JUDGED = OPEN - {FlagState.PENDING}


def test_no_row_is_there_twice():
    assert len(TARGET) == len(TRANSITIONS)


def test_every_state_but_resolved_is_open():
    assert {FlagState.RESOLVED} == set(FlagState) - OPEN


@pytest.mark.parametrize("state", sorted(OPEN))
@pytest.mark.parametrize("happening", [Happening.CORRECTED, Happening.SESSION_ENDED])
def test_a_correction_and_the_session_s_end_resolve_any_open_flag(state, happening):
    assert after(state, happening) is FlagState.RESOLVED


@pytest.mark.parametrize("happening", Happening)
def test_nothing_happens_to_a_resolved_flag(happening):
    with pytest.raises(KeyError):
        after(FlagState.RESOLVED, happening)


# what can come to a flag that is more than a re-check, whatever its state
@pytest.mark.parametrize("state", sorted(JUDGED))
@pytest.mark.parametrize(
    "happening", [Happening.WORSENED, Happening.NOT_RECHECKED, Happening.TAKEN, Happening.SETTLED]
)
def test_whatever_the_newest_value_the_watch_or_a_nurse_does_has_a_row(state, happening):
    assert (state, happening) in TARGET


@pytest.mark.parametrize("state", sorted(OPEN))
def test_a_breach_that_rises_or_is_not_rechecked_always_asks(state):
    pending = state is FlagState.PENDING
    assert after(state, Happening.WORSENED) is (FlagState.PENDING if pending else FlagState.ACTIVE)
    assert after(state, Happening.NOT_RECHECKED) is FlagState.ACTIVE


@pytest.mark.parametrize("state", sorted(JUDGED - {FlagState.LATCHED}))
@pytest.mark.parametrize("happening", [Happening.BREACHED, Happening.EASED])
def test_going_on_and_stepping_down_change_no_state(state, happening):
    assert after(state, happening) is state


@pytest.mark.parametrize("state", sorted(set(FlagState) - {FlagState.ACTIVE}))
def test_only_an_active_flag_is_paused(state):
    assert (state, Happening.PAUSED) not in TARGET


@pytest.mark.parametrize("state", [FlagState.PENDING, FlagState.ACKNOWLEDGED, FlagState.AUDIO_PAUSED])
def test_only_what_asks_is_taken_up_a_step(state):
    assert (state, Happening.ESCALATED) not in TARGET


def test_a_re_check_is_not_taken_but_measured():
    assert (FlagState.PENDING, Happening.TAKEN) not in TARGET


@pytest.mark.parametrize(
    ("source", "happening", "target"),
    [
        (FlagState.ACTIVE, Happening.TAKEN, FlagState.ACKNOWLEDGED),
        (FlagState.ACTIVE, Happening.SETTLED, FlagState.RESOLVED),
        (FlagState.ACTIVE, Happening.SETTLED_UNSEEN, FlagState.LATCHED),
        (FlagState.ACKNOWLEDGED, Happening.BREACHED, FlagState.ACKNOWLEDGED),
        (FlagState.ACKNOWLEDGED, Happening.WORSENED, FlagState.ACTIVE),
        (FlagState.LATCHED, Happening.SETTLED, FlagState.LATCHED),
        (FlagState.LATCHED, Happening.TAKEN, FlagState.RESOLVED),
        (FlagState.LATCHED, Happening.WORSENED, FlagState.ACTIVE),
        (FlagState.PENDING, Happening.CONFIRMED, FlagState.ACTIVE),
        (FlagState.PENDING, Happening.NOT_RECHECKED, FlagState.ACTIVE),
        (FlagState.PENDING, Happening.SETTLED, FlagState.RESOLVED),
        (FlagState.ACTIVE, Happening.PAUSED, FlagState.AUDIO_PAUSED),
        (FlagState.ACTIVE, Happening.ESCALATED, FlagState.ACTIVE),
        (FlagState.LATCHED, Happening.ESCALATED, FlagState.LATCHED),
        (FlagState.ACKNOWLEDGED, Happening.REOPENED, FlagState.ACTIVE),
        (FlagState.AUDIO_PAUSED, Happening.PAUSE_ENDED, FlagState.ACTIVE),
        (FlagState.AUDIO_PAUSED, Happening.WORSENED, FlagState.ACTIVE),
        (FlagState.AUDIO_PAUSED, Happening.TAKEN, FlagState.ACKNOWLEDGED),
        (FlagState.AUDIO_PAUSED, Happening.SETTLED_UNSEEN, FlagState.LATCHED),
    ],
)
def test_where_a_happening_leads(source, happening, target):
    assert after(source, happening) is target


def test_every_state_is_reached_but_the_two_a_flag_begins_in():
    assert set(TARGET.values()) | {FlagState.PENDING} == set(FlagState)


def test_every_happening_happens_somewhere():
    assert {happening for _, happening in TARGET} == set(Happening)
