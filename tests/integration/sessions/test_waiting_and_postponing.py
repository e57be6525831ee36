"""Sets put off and escorts waited for, through the acts: the watch row follows, and goes back."""

from datetime import timedelta

import pytest

from clinic.refusals import Conflict, Invalid, NotAllowed
from sessions import queries
from sessions.models import SessionEvent
from tests import builders
from tests.integration.sessions.test_acts import SET, panel_of
from tests.integration.sessions.test_corrections import correct
from vitals import queries as vitals_queries
from vitals.models import Flag, Watch
from vitals.services import flags
from vitals.services.watch import look_at_due_rows


@pytest.fixture
def at(morning):
    return lambda number: morning + timedelta(minutes=number)


@pytest.fixture
def act(cast, at):
    def do(session, name, at_min, by=None, **details):
        return builders.act(by or cast.nurse, session, name, at(at_min), **details)

    return do


@pytest.fixture
def session(cast, at):
    """An infusion from minute 0 whose pre-dose set is charted: the next set is due at 10."""
    row = builders.dosing(cast.nurse, cast.clinic, at(0))
    builders.record(builders.incoming(cast.nurse, row, at(0), **SET))
    return row


def due(session, at):
    panel = panel_of(session)
    assert panel.due is not None
    return panel.due.label, (panel.due.at - at(0)).total_seconds() / 60


def chair_of(cast, session):
    chair = queries.session(cast.clinic.pk, session.id).chair
    return chair.name if chair else None


class TestPostponing:
    def test_the_set_that_is_due_moves_and_says_who_and_why(self, session, act, at):
        act(session, "postpone", 8, reason="Patient in the bathroom")
        assert due(session, at) == ("Set during infusion", 15)
        panel = panel_of(session)
        assert panel.due is not None
        assert panel.due.postponed is not None
        assert (panel.due.postponed.by, panel.due.postponed.reason) == ("Nurse", "Patient in the bathroom")
        assert Watch.objects.get(pk=session.id).alert_at == at(20)

    def test_its_entry_names_set_time_minutes_and_reason(self, session, act, at):
        act(session, "postpone", 8, reason="Patient in the bathroom", minutes=4)
        event = SessionEvent.objects.get(session=session, kind="postpone")
        assert event.details == {
            "label": "Set during infusion",
            "due_at": at(10).isoformat(),
            "minutes": 4,
            "reason": "Patient in the bathroom",
        }
        assert event.text == "Set during infusion of 10:10 postponed 4 min to 10:14: Patient in the bathroom"

    def test_watch_rings_at_the_moved_time(self, session, act, at):
        act(session, "postpone", 8, reason="x")
        look_at_due_rows(at=at(16))
        assert not Flag.objects.filter(session=session).exists()
        look_at_due_rows(at=at(20))
        assert Flag.objects.get(session=session).text == "Set during infusion overdue"

    def test_an_overdue_set_put_off_stops_ringing_until_then(self, session, act, at):
        look_at_due_rows(at=at(15))
        act(session, "postpone", 16, reason="x", minutes=9)
        flag = Flag.objects.get(session=session)
        assert (flag.state, flag.resolved_cause) == ("resolved", "postponed")
        look_at_due_rows(at=at(24))
        assert Flag.objects.filter(session=session, resolved_at=None).count() == 1

    def test_a_second_time_it_is_refused_by_words(self, session, act):
        act(session, "postpone", 8, reason="x")
        with pytest.raises(NotAllowed, match="postponed by 5 min already; a set is postponed once"):
            act(session, "postpone", 9, reason="x")

    def test_the_next_set_can_be_put_off_in_its_turn(self, cast, session, act, at):
        act(session, "postpone", 8, reason="x")
        builders.record(builders.incoming(cast.nurse, session, at(13), **SET))
        assert due(session, at) == ("Set during infusion", 20)
        act(session, "postpone", 18, reason="y")
        assert due(session, at) == ("Set during infusion", 25)
        assert [one.reason for one in panel_of(session).postponed] == ["x", "y"]

    def test_it_needs_a_reason(self, session, act):
        with pytest.raises(Invalid) as refused:
            act(session, "postpone", 8)
        assert refused.value.field == "reason"

    def test_a_set_that_was_seen_and_is_not_due_any_more_is_refused(self, cast, session, act, at):
        seen = {"label": "Set during infusion", "due_at": at(10).isoformat()}
        builders.record(builders.incoming(cast.nurse, session, at(8), **SET))
        with pytest.raises(NotAllowed, match="another one now: Set during infusion of 10:20"):
            act(session, "postpone", 9, reason="x", **seen)

    def test_entered_in_error_the_set_is_due_when_it_was(self, cast, session, act, at):
        act(session, "postpone", 8, reason="x")
        correct(cast.nurse, session, "postpone", at(9), in_error=True)
        assert panel_of(session).postponed == []
        assert due(session, at) == ("Set during infusion", 10)
        act(session, "postpone", 9, reason="y")
        assert due(session, at) == ("Set during infusion", 15)

    def test_corrected_minutes_move_it_again(self, cast, session, act, at):
        act(session, "postpone", 8, reason="x")
        correct(cast.nurse, session, "postpone", at(9), minutes=8)
        assert due(session, at) == ("Set during infusion", 18)
        [counted] = [one for one in queries.entries(session.id) if one.kind == "postpone"]
        assert counted.text == "Set during infusion of 10:10 postponed 8 min to 10:18: x"
        with pytest.raises(NotAllowed, match="at most 9 min, not 10"):
            correct(cast.nurse, session, "postpone", at(9), minutes=10)

    def test_a_moved_dose_has_sets_of_its_own(self, cast, session, act, at):
        act(session, "postpone", 8, reason="x")
        correct(cast.nurse, session, "start", at(9), at=at(3))
        assert due(session, at) == ("Set during infusion", 13)

    def test_the_40_minute_pressure_stays_inside_its_window(self, cast, act, at):
        nasal = builders.dosing(cast.nurse, cast.clinic, at(0), protocol="nasal-esketamine", chair="2")
        builders.record(builders.incoming(cast.nurse, nasal, at(33), **SET))
        assert due(nasal, at) == ("40-minute BP", 40)
        with pytest.raises(NotAllowed, match="at most 10 min, not 11: its window ends 10:50"):
            act(nasal, "postpone", 38, reason="x", minutes=11)
        act(nasal, "postpone", 38, reason="x", minutes=4)
        assert due(nasal, at) == ("40-minute BP", 44)


class TestWaitingForTheEscort:
    @pytest.fixture
    def ready(self, cast, session, act, at):
        act(session, "stop", 40, reason="Dose complete")
        builders.record(builders.incoming(cast.nurse, session, at(117), **SET))
        act(session, "readiness", 118, escort="Sister")
        assert due(session, at) == ("Set after infusion", 130)
        return session

    def test_it_has_a_cadence_of_its_own(self, ready, act, at):
        row = act(ready, "wait-escort", 121, escort="Sister", escort_phone="555 0100")
        assert (row.waiting_for_escort_at, row.escort, row.escort_phone) == (at(121), "Sister", "555 0100")
        assert due(ready, at) == ("Set while waiting for the escort", 151)

    def test_a_number_added_later_does_not_start_the_clock_anew(self, ready, act, at):
        act(ready, "wait-escort", 121, escort="Sister")
        row = act(ready, "wait-escort", 131, escort_phone="555 0100")
        assert (row.waiting_for_escort_at, row.escort, row.escort_phone) == (at(121), "Sister", "555 0100")

    def test_the_number_is_not_on_the_board(self, ready, act):
        act(ready, "wait-escort", 121, escort_phone="555 0100")
        assert "0100" not in Watch.objects.get(pk=ready.id).panel

    def test_a_breach_takes_it_back_and_the_usual_sets_are_due_again(self, cast, ready, act, at):
        act(ready, "wait-escort", 121, escort_phone="555 0100")
        builders.record(builders.incoming(cast.monitor, ready, at(150), systolic=204, diastolic=104))
        flag = Flag.objects.get(session=ready, condition="bp-high")
        flags.acknowledge(by=cast.nurse, flag_id=flag.id, action="I'm on it", at=at(150))
        panel = panel_of(ready)
        assert (panel.state, panel.waiting_for_escort_at) == ("monitoring", None)
        assert due(ready, at) == ("Set after infusion", 160)
        assert Watch.objects.get(pk=ready.id).alert_at == at(165)
        # the sets that the waiting had stood in for were due from nobody: neither rung nor missed
        look_at_due_rows(at=at(155))
        assert not Flag.objects.filter(session=ready, condition="overdue").exists()
        steps = vitals_queries.steps(ready, panel, vitals_queries.readings(ready.id), at(155))
        assert [
            (view.step.due_at - at(0)).total_seconds() / 60 for view in steps if view.step.due_at > at(121)
        ] == [160, 175]

    def test_after_a_breach_a_waiting_begins_with_a_clock_of_its_own(self, cast, ready, act, at):
        act(ready, "wait-escort", 121)
        builders.record(builders.incoming(cast.monitor, ready, at(125), systolic=204, diastolic=104))
        builders.record(builders.incoming(cast.nurse, ready, at(140), **SET))
        act(ready, "readiness", 141, escort="Sister")
        row = act(ready, "wait-escort", 142)
        assert row.waiting_for_escort_at == at(142)
        assert panel_of(ready).waited == [(at(121), at(125))]
        assert due(ready, at) == ("Set while waiting for the escort", 172)


class TestMoving:
    def test_the_monitor_of_the_new_chair_is_the_sessions_from_then_on(self, cast, session, act, at):
        there = builders.device(cast.clinic, "Monitor 2", chair="2")
        act(session, "move-chair", 5, chair="2")
        panel = panel_of(session)
        assert panel.chair is not None
        assert panel.chair.name == "2"
        [taken] = builders.record(builders.incoming(there, None, at(6), systolic=184, diastolic=104))
        assert taken.id is not None
        [refused] = builders.record(builders.incoming(cast.monitor, None, at(7), heart_rate=71))
        assert refused.refusal is not None
        # a reading measured before the move still finds the chair where the patient sat then
        [earlier] = builders.record(
            builders.incoming(cast.monitor, None, at(4), received_at=at(8), heart_rate=70)
        )
        assert earlier.id is not None
        flag = Flag.objects.get(session=session)
        assert flag.text == "BP 184/104, limit 180"

    def test_a_taken_chair_is_refused_and_nobody_moves(self, cast, session, act, at):
        builders.dosing(cast.nurse, cast.clinic, at(0), chair="2")
        with pytest.raises(Conflict):
            act(session, "move-chair", 5, chair="2")
        assert chair_of(cast, session) == "1"

    def test_before_check_in_the_plan_alone_changes(self, cast, session, act, at):
        planned = builders.scheduled(cast.nurse, cast.clinic, at(0), chair="1")
        with pytest.raises(Conflict):
            act(planned, "check-in", 1)
        row = act(planned, "move-chair", 2, chair="3")
        assert (row.chair.name, row.state, row.occupancies.count()) == ("3", "scheduled", 0)
        act(planned, "check-in", 3)
        assert chair_of(cast, planned) == "3"

    def test_to_the_chair_where_one_sits_is_refused(self, session, act):
        with pytest.raises(Invalid, match="at chair 1 already"):
            act(session, "move-chair", 5, chair="1")
