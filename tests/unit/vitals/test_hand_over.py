"""Who may accept, finish and cancel a hand-over, and what becomes of the flags somebody had in hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from sessions.covering import Cover as Asked
from tests.unit.vitals.live import live_panel, minute
from vitals import covering, hand_over
from vitals.flagstates import FlagState
from vitals.hand_over import Begun, DrugCount, Place
from vitals.limits import Priority
from vitals.panel import PanelFlag

FROM, TO, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
BEGUN = Begun(from_id=FROM, from_name="Amal", to_id=TO, to_name="Bea", station="tablet 1")
PLACE = Place(offered="3", chair="3", accepted="", is_open=True, nurse_id=FROM, nurse="Amal")


def why_not(begun=BEGUN, place=PLACE, *, user_id=TO, station="tablet 2", seen=None):
    return hand_over.why_not_accept(begun, place, user_id=user_id, station=station, seen=seen)


class TestAccepting:
    def test_is_for_the_one_it_was_offered_to(self):
        assert why_not() is None

    @pytest.mark.parametrize("user_id", [FROM, OTHER, None])
    def test_is_for_nobody_else_not_even_who_offers(self, user_id):
        assert why_not(user_id=user_id) == "This hand-over is to Bea: nobody else accepts it."

    def test_is_done_on_another_device_than_the_one_it_began_on(self):
        assert why_not(station="tablet 1") == "It was begun on this device by Amal: accept on your own."

    def test_of_a_script_without_a_station_asks_for_no_other(self):
        assert why_not(replace(BEGUN, station=""), station="") is None

    def test_comes_too_late_after_its_end(self):
        ended = "This hand-over was finished at 15:20 by Amal."
        assert why_not(replace(BEGUN, ended=ended)) == ended

    def test_is_done_once(self):
        assert why_not(place=replace(PLACE, accepted="15:04")) == "Chair 3 was accepted at 15:04 already."

    def test_of_a_session_that_ended_is_refused(self):
        assert "has ended meanwhile" in str(why_not(place=replace(PLACE, is_open=False)))

    def test_of_a_chair_that_is_somebody_elses_by_now_is_refused(self):
        taken = replace(PLACE, nurse_id=OTHER, nurse="Cleo")
        assert why_not(place=taken) == "Chair 3 is Cleo's meanwhile, not Amal's."

    def test_of_a_patient_who_moved_asks_to_look_there_first(self):
        moved = replace(PLACE, chair="5")
        assert why_not(place=moved) == "Chair 3: the patient sits in chair 5 now. Look there, then accept."
        assert why_not(place=moved, seen="5") is None
        assert why_not(place=moved, seen="3") is not None

    def test_of_a_patient_without_a_chair(self):
        assert "in no chair now" in str(why_not(place=replace(PLACE, chair=""), seen="3"))
        assert why_not(place=replace(PLACE, chair=""), seen="") is None


class TestEnding:
    @pytest.mark.parametrize("user_id", [FROM, TO])
    def test_is_finished_by_either_of_the_two(self, user_id):
        assert hand_over.why_not_finish(BEGUN, user_id=user_id) is None

    def test_is_finished_by_nobody_else_and_once(self):
        assert "between Amal and Bea" in str(hand_over.why_not_finish(BEGUN, user_id=OTHER))
        assert hand_over.why_not_finish(replace(BEGUN, ended="It ended."), user_id=TO) == "It ended."

    def test_is_cancelled_by_who_began_it_before_anything_was_accepted(self):
        assert hand_over.why_not_cancel(BEGUN, user_id=FROM, accepted=0) is None
        assert "finish the hand-over" in str(hand_over.why_not_cancel(BEGUN, user_id=FROM, accepted=1))
        assert "alone cancels" in str(hand_over.why_not_cancel(BEGUN, user_id=TO, accepted=0))
        ended = replace(BEGUN, ended="It ended.")
        assert hand_over.why_not_cancel(ended, user_id=FROM, accepted=0) == "It ended."


@pytest.mark.parametrize(
    ("count", "done", "asks_why_none"),
    [
        (DrugCount(0, ("K-1", "K-2")), False, False),
        (DrugCount(1, ("K-2",)), False, False),
        (DrugCount(2), True, False),
        (DrugCount(0), False, True),
    ],
)
def test_every_vial_is_counted_or_somebody_says_why_there_is_none(count, done, asks_why_none):
    assert (count.is_done, count.asks_why_none) == (done, asks_why_none)


def flag(number, state, holder=None):
    return PanelFlag(
        id=UUID(int=number),
        condition=f"condition-{number}",
        priority=Priority.HIGH,
        category="physiological",
        state=state,
        text="SpO2 85, limit 88",
        opened_at=minute(3),
        peak=Priority.HIGH,
        taken_at_values={"spo2": 85},
        acknowledged_by="Amal" if holder == FROM else "Cleo" if holder else None,
        acknowledged_by_id=holder,
        acknowledged_at=minute(4) if holder else None,
        action="I'm on it" if holder else None,
    )


@pytest.fixture
def panel():
    panel = live_panel()
    panel.flags = [
        flag(1, FlagState.ACKNOWLEDGED, FROM),
        flag(2, FlagState.ACKNOWLEDGED, OTHER),
        flag(3, FlagState.ACTIVE),
        # taken once, and raised again since: nobody has it
        flag(4, FlagState.ACTIVE, FROM),
    ]
    return panel


class TestClaims:
    def test_pass_by_name_with_the_values_they_were_taken_at(self, panel):
        [change] = hand_over.pass_claims(
            panel, from_id=FROM, from_name="Amal", to_id=TO, to_name="Bea", at=minute(9)
        )
        passed = panel.flags[0]
        assert change.flag is passed
        assert (passed.state, passed.acknowledged_by, passed.acknowledged_by_id) == (
            "acknowledged",
            "Bea",
            TO,
        )
        assert (passed.acknowledged_at, passed.action) == (minute(9), "Taken over from Amal")
        assert passed.taken_at_values == {"spo2": 85}
        assert [one.acknowledged_by_id for one in panel.flags[1:]] == [OTHER, None, FROM]

    def test_reopen_ask_for_somebody_again(self, panel):
        [change] = hand_over.reopen_claims(panel, {FROM}, at=minute(9), cause="hand-over not accepted")
        reopened = panel.flags[0]
        assert (change.happening, change.cause) == ("reopened", "hand-over not accepted")
        assert (reopened.state, reopened.acknowledged_by, reopened.acknowledged_by_id) == (
            "active",
            None,
            None,
        )
        assert panel.flags[1].state is FlagState.ACKNOWLEDGED

    def test_of_nobody_change_nothing(self, panel):
        assert hand_over.reopen_claims(panel, {TO}, at=minute(9), cause="x") == []


def test_a_cover_is_shown_more_strongly_from_a_moment_and_asks_who_covers():
    asked_at = datetime(2026, 11, 23, 15, 41, tzinfo=UTC)
    asked = Asked(asked_at, "Amal", FROM, "break")
    shown = covering.shown(asked, timedelta(minutes=5))
    assert shown.strong_at == asked_at + timedelta(minutes=5)
    assert covering.asked_id(FROM, None) == FROM
    assert covering.asked_id(FROM, shown) == FROM
    taken = covering.shown(
        replace(asked, taken_by="Bea", taken_by_id=TO, taken_at=asked_at), timedelta(minutes=5)
    )
    assert covering.asked_id(FROM, taken) == TO
