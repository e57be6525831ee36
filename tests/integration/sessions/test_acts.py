"""Whole courses through the acts, and what each act refuses by name; the watch row follows every one."""

from datetime import timedelta
from typing import Any

import pytest

from clinic.models import AuditEvent, Credential
from clinic.refusals import AccessDenied, Conflict, Invalid, NotAllowed, NotFound
from sessions.models import Occupancy, SessionEvent
from sessions.states import State
from tests import builders
from vitals.models import Flag, Watch
from vitals.panel import decode
from vitals.services.watch import look_at_due_rows

SET: dict[str, Any] = {
    "systolic": 124,
    "diastolic": 78,
    "heart_rate": 70,
    "respiratory_rate": 14,
    "spo2": 98,
    "sedation": 5,
}


def minutes(number):
    return timedelta(minutes=number)


def panel_of(session):
    return decode(Watch.objects.get(pk=session.id).panel)


def due_min(session, start):
    due = panel_of(session).due
    return due.label, (due.at - start).total_seconds() / 60


@pytest.fixture
def at(morning):
    """Minutes after the dose began at ``morning``."""
    return lambda number: morning + minutes(number)


@pytest.fixture
def act(cast, at):
    """Do an act by the nurse, charted when it happened."""

    def do(session, name, at_min, by=None, **details):
        return builders.act(by or cast.nurse, session, name, at(at_min), **details)

    return do


class TestInfusion:
    def test_from_check_in_to_release(self, cast, act, at):
        session = builders.scheduled(cast.nurse, cast.clinic, at(-10))
        act(session, "check-in", -10)
        assert due_min(session, at(0)) == ("Pre-dose set", 0)
        builders.record(builders.incoming(cast.nurse, session, at(-5), **SET))
        act(session, "start", 0, dose_mg=40, duration_min=40)
        assert due_min(session, at(0)) == ("Set during infusion", 10)
        builders.record(builders.incoming(cast.nurse, session, at(36), **SET))
        assert due_min(session, at(0)) == ("Set after infusion", 55)
        act(session, "stop", 40)
        builders.record(builders.incoming(cast.nurse, session, at(115), **SET))
        act(session, "readiness", 118, escort="A. Friend")
        assert panel_of(session).assessed_ready_by == "Nurse"
        act(session, "wait-escort", 119)
        assert panel_of(session).waiting_for_escort_at
        released = act(session, "release", 120)
        assert (released.state, released.outcome, released.ended_at) == ("released", "released", at(120))
        watch = Watch.objects.get(pk=session.id)
        assert (watch.is_open, watch.alert_at, watch.until_at) == (False, None, at(120))
        kinds = list(
            SessionEvent.objects.filter(session=session).order_by("at").values_list("kind", flat=True)
        )
        assert kinds == ["schedule", "check-in", "start", "stop", "readiness", "wait-escort", "release"]
        assert {"schedule", "check-in", "start", "stop", "readiness", "wait-escort", "release"} <= set(
            AuditEvent.objects.filter(session_id=session.id).values_list("act", flat=True)
        )

    def test_a_pause_moves_the_planned_end_the_window_and_the_sets_after(self, cast, act, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(0))
        builders.record(builders.incoming(cast.nurse, session, at(38), **SET))
        assert due_min(session, at(0)) == ("Set after infusion", 55)
        act(session, "pause", 39, reason="Nausea")
        resumed = act(session, "resume", 51)
        assert resumed.planned_end_at == at(52)
        assert resumed.window_ends_at == at(52 + 80)
        assert resumed.paused_s == 12 * 60
        assert due_min(session, at(0)) == ("Set during infusion", 50)

    def test_stopped_in_a_pause_counts_nothing_of_the_pause(self, cast, act, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(0))
        act(session, "pause", 20, reason="Blood pressure")
        stopped = act(session, "stop", 30, reason="Not continued")
        assert (stopped.state, stopped.dose_ended_at) == ("monitoring", at(30))
        assert (stopped.paused_s, stopped.planned_end_at, stopped.held_at) == (600, at(50), None)

    def test_nothing_is_charted_before_the_pause_it_follows(self, cast, act, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(0))
        act(session, "pause", 20, reason="Nausea")
        with pytest.raises(Invalid, match="before the pause"):
            act(session, "resume", 15)

    def test_stop_ends_the_dose_and_not_the_watch(self, cast, act, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(0))
        stopped = act(session, "stop", 12, reason="Patient asked to")
        assert stopped.state == "monitoring"
        assert Watch.objects.get(pk=session.id).is_open
        assert stopped.window_ends_at == at(120)

    def test_an_early_stop_needs_a_reason(self, cast, act, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(0))
        with pytest.raises(Invalid, match="needs a reason"):
            act(session, "stop", 12)

    def test_a_bolus_adds_to_the_dose_and_marks_the_chart(self, cast, act, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(0))
        assert act(session, "dose", 10, bolus_mg=5.5).dose_mg == pytest.approx(40.5)
        assert panel_of(session).doses == [10.0, 20.0]  # minutes since check-in

    def test_held_before_the_dose_goes_on_or_is_cancelled(self, cast, act, at):
        session = builders.checked_in(cast.nurse, cast.clinic, at(0))
        act(session, "hold", 5, reason="Pressure too high")
        assert act(session, "resume", 15).state == "checked_in"
        act(session, "hold", 16, reason="Pressure too high")
        cancelled = act(session, "cancel", 20, reason="Rescheduled")
        assert (cancelled.state, cancelled.outcome) == ("cancelled", "cancelled")
        assert not Watch.objects.get(pk=session.id).is_open

    def test_a_dose_under_way_is_not_cancelled(self, cast, act, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(0))
        act(session, "pause", 5, reason="Nausea")
        with pytest.raises(NotAllowed) as refused:
            act(session, "cancel", 6, reason="No")
        assert refused.value.missing == ("before the first dose",)

    def test_a_transfer_ends_dose_and_watch(self, cast, act, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(0))
        gone = act(session, "transfer", 12, reason="Emergency department")
        assert (gone.state, gone.dose_ended_at, gone.ended_at) == ("transferred", at(12), at(12))


class TestNasal:
    def test_from_check_in_to_release(self, cast, act, at):
        session = builders.checked_in(cast.nurse, cast.clinic, at(-10), protocol="nasal-esketamine")
        act(session, "start", 0, planned_devices=3, lot="A1")
        assert act(session, "dose", 5, device=2).state == "dosing"
        given = act(session, "dose", 10, device=3, lot="A2")
        assert (given.state, given.dose_ended_at, given.dose_mg) == ("monitoring", at(10), 84)
        assert given.window_ends_at == at(130)
        assert panel_of(session).doses == [10.0, 15.0, 20.0]
        act(session, "readiness", 131)
        assert act(session, "release", 131).state == "released"

    def test_a_device_charted_twice_is_refused_and_counted_once(self, cast, act, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(0), protocol="nasal-esketamine")
        with pytest.raises(NotAllowed, match="Device 1 is not the next") as refused:
            act(session, "dose", 1, device=1)
        assert refused.value.missing == ("device 2",)
        session.refresh_from_db()
        assert session.devices_given == 1

    def test_leaving_before_the_minimum_is_a_deviation_and_never_a_release(self, cast, act, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(0), protocol="nasal-esketamine")
        act(session, "dose", 5)
        left = act(session, "release", 60, reason="Had to leave")
        assert (left.state, left.outcome) == ("stopped", "left before the minimum")
        assert left.outcome_reason == "Had to leave"


class TestRelease:
    @pytest.fixture
    def session(self, cast, act, at):
        """Infused from 0 to 40, in monitoring; its window ends at 120, 12:00 in New York."""
        session = builders.dosing(cast.nurse, cast.clinic, at(0))
        act(session, "stop", 40)
        return session

    def test_before_the_window_s_end_is_refused_with_the_earliest_time(self, act, session):
        act(session, "readiness", 100)
        with pytest.raises(NotAllowed) as refused:
            act(session, "release", 119.9)
        assert refused.value.missing == ("earliest release 12:00", "or a reason for an early end")

    def test_without_readiness_is_refused(self, act, session):
        with pytest.raises(NotAllowed) as refused:
            act(session, "release", 120)
        assert refused.value.missing == ("readiness not assessed",)

    def test_with_a_high_flag_that_nobody_took_is_refused(self, cast, act, at, session):
        builders.record(builders.incoming(cast.monitor, session, at(110), systolic=205, diastolic=90))
        act(session, "readiness", 119)
        with pytest.raises(NotAllowed) as refused:
            act(session, "release", 120)
        assert refused.value.missing == ("a flag of high priority that nobody has taken",)

    def test_of_a_dose_under_way_names_everything_missing(self, cast, act, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(0), chair="2")
        with pytest.raises(NotAllowed) as refused:
            act(session, "release", 125)
        assert set(refused.value.missing) == {"end of dose not charted", "readiness not assessed"}

    def test_early_needs_a_prescriber_s_signature(self, cast, act, session):
        with pytest.raises(NotAllowed, match="signed by a prescriber"):
            act(session, "release", 100, reason="Weather")
        released = act(session, "release", 100, by=cast.supervisor, reason="Weather")
        assert (released.state, released.outcome) == ("released", "released early")
        assert released.outcome_reason == "Weather"

    def test_early_is_refused_when_the_credential_ran_out(self, cast, act, at, session):
        Credential.objects.filter(user_id=cast.supervisor.user_id).update(
            expires_on=at(0).date() - timedelta(1)
        )
        with pytest.raises(NotAllowed, match="signed by a prescriber"):
            act(session, "release", 100, by=cast.supervisor, reason="Weather")

    def test_the_role_is_asked_before_the_window(self, cast, act, session):
        with pytest.raises(AccessDenied):
            act(session, "release", 100, by=cast.auditor, reason="Weather")

    def test_a_flag_still_open_is_kept_as_it_stood_and_rings_no_more(self, cast, act, at, session):
        builders.record(builders.incoming(cast.monitor, session, at(118), systolic=170, diastolic=90))
        act(session, "readiness", 119)
        act(session, "release", 120)
        flag = Flag.objects.get(session=session, condition="bp-high")
        assert (flag.state, flag.resolved_cause, flag.value) == ("resolved", "session ended", 170)

    def test_history_is_entered_to_its_end(self, cast, at):
        session = builders.scheduled(cast.nurse, cast.clinic, at(0))
        now = at(600)
        for name, at_min, details in (
            ("check-in", 0, {}),
            ("start", 10, {"dose_mg": 40}),
            ("stop", 50, {}),
            ("readiness", 131, {}),
            ("release", 131, {}),
        ):
            builders.act(cast.nurse, session, name, at(at_min), recorded_at=now, **details)
        session.refresh_from_db()
        assert (session.state, session.ended_at) == ("released", at(131))
        assert Flag.objects.filter(session=session).count() == 0
        assert set(SessionEvent.objects.filter(session=session).values_list("kind", "late")) >= {
            ("check-in", True),
            ("release", True),
        }


class TestReadiness:
    @pytest.fixture
    def session(self, cast, act, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(0))
        act(session, "stop", 40)
        act(session, "readiness", 100)
        return session

    def test_is_taken_back_by_a_breach_in_the_words_of_its_flag(self, cast, at, session):
        builders.record(
            builders.incoming(cast.gateway, session, at(105), spo2=88, systolic=120, diastolic=80)
        )
        session.refresh_from_db()
        assert (session.state, session.ready_at) == ("monitoring", None)
        event = SessionEvent.objects.get(session=session, kind="breach")
        assert event.text == "Back to monitoring: SpO₂ 88, limit 88"
        panel = panel_of(session)
        assert (panel.state, panel.assessed_ready_by) == ("monitoring", None)

    def test_is_taken_back_by_a_correction_that_shows_a_breach(self, cast, at, session):
        [stored] = builders.record(builders.incoming(cast.nurse, session, at(105), spo2=98))
        builders.correct(cast.nurse, stored.id, at(106), spo2=87)
        session.refresh_from_db()
        assert session.state == "monitoring"

    def state_after(self, session):
        session.refresh_from_db()
        return session.state

    def test_a_soft_breach_takes_it_back_once_it_is_confirmed(self, cast, at, session):
        builders.record(builders.incoming(cast.gateway, session, at(105), spo2=90))
        assert self.state_after(session) == "ready"
        builders.record(builders.incoming(cast.gateway, session, at(106), spo2=90))
        assert self.state_after(session) == "monitoring"

    def test_or_once_nobody_measured_it_again(self, cast, at, session):
        builders.record(builders.incoming(cast.gateway, session, at(105), spo2=90))
        look_at_due_rows(at=at(107.9))
        assert self.state_after(session) == "ready"
        look_at_due_rows(at=at(108))
        assert self.state_after(session) == "monitoring"
        assert panel_of(session).state == "monitoring"
        event = SessionEvent.objects.get(session=session, kind="breach")
        assert event.text == "Back to monitoring: SpO₂ 90, limit 91"

    def test_a_serious_symptom_takes_it_back(self, cast, act, at, session):
        shown = act(session, "symptom", 105, code="breathlessness")
        assert shown.state == "monitoring"
        assert panel_of(session).state == "monitoring"
        assert SessionEvent.objects.get(session=session, kind="breach").text == (
            "Back to monitoring: Breathlessness"
        )

    def test_a_symptom_that_flags_nothing_does_not(self, act, session):
        assert act(session, "symptom", 105, code="nausea").state == "ready"

    def test_is_not_taken_back_by_a_late_value_or_a_lost_sensor(self, cast, at, session):
        builders.record(
            builders.incoming(cast.gateway, session, at(60), received_at=at(105), spo2=85),
            builders.incoming(cast.gateway, session, at(105), heart_rate=0),
        )
        session.refresh_from_db()
        assert session.state == "ready"


class TestChairs:
    def test_a_patient_moves_and_the_chair_is_free_again(self, cast, act, at):
        session = builders.checked_in(cast.nurse, cast.clinic, at(0), chair="1")
        moved = act(session, "move-chair", 5, chair="4")
        assert moved.chair.name == "4"
        assert panel_of(session).chair.name == "4"
        seats = Occupancy.objects.filter(session=session).order_by("from_at")
        assert [(seat.chair.name, seat.to_at) for seat in seats] == [("1", at(5)), ("4", None)]
        builders.checked_in(cast.nurse, cast.clinic, at(6), chair="1")

    def test_a_taken_chair_is_a_conflict_and_nothing_moved(self, cast, act, at):
        builders.checked_in(cast.nurse, cast.clinic, at(0), chair="1")
        session = builders.checked_in(cast.nurse, cast.clinic, at(0), chair="2")
        with pytest.raises(Conflict, match="Chair 1 is taken"):
            act(session, "move-chair", 5, chair="1")
        assert Occupancy.objects.get(session=session).to_at is None
        waiting = builders.scheduled(cast.nurse, cast.clinic, at(0), chair="1")
        with pytest.raises(Conflict, match="Chair 1 is taken"):
            act(waiting, "check-in", 1)
        waiting.refresh_from_db()
        assert waiting.state == State.SCHEDULED

    def test_another_clinic_s_chair_is_unknown(self, cast, act, at):
        session = builders.checked_in(cast.nurse, cast.clinic, at(0))
        foreign = str(cast.other_clinic.chairs.first().id)
        with pytest.raises(NotFound):
            act(session, "move-chair", 5, chair=foreign)

    def test_history_takes_nobody_s_chair(self, cast, at):
        seated = builders.checked_in(cast.nurse, cast.clinic, at(0), chair="1")
        history = builders.scheduled(cast.nurse, cast.clinic, at(-300), chair="1")
        entered = builders.act(cast.nurse, history, "check-in", at(-300), recorded_at=at(10))
        assert entered.chair is None
        assert Occupancy.objects.get(to_at__isnull=True).session == seated


class TestRefusals:
    def test_another_clinic_s_session_is_unknown(self, cast, act, at):
        session = builders.checked_in(cast.nurse, cast.clinic, at(0))
        with pytest.raises(NotFound):
            act(session, "start", 1, by=cast.outsider, dose_mg=40)

    def test_an_act_of_another_state_names_the_state_it_needs(self, cast, act, at):
        session = builders.checked_in(cast.nurse, cast.clinic, at(0))
        with pytest.raises(NotAllowed) as refused:
            act(session, "stop", 1, reason="No")
        assert refused.value.missing == ("a session that is dosing, held",)

    def test_nothing_is_charted_in_the_future(self, cast, at):
        session = builders.scheduled(cast.nurse, cast.clinic, at(0))
        with pytest.raises(Invalid, match="in the future"):
            builders.act(cast.nurse, session, "check-in", at(2), recorded_at=at(0))

    def test_nothing_is_charted_before_what_it_follows(self, cast, act, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(0))
        with pytest.raises(Invalid, match="before the start of the dose"):
            act(session, "stop", -1, reason="No")

    def test_an_infusion_starts_with_its_dose(self, cast, act, at):
        session = builders.checked_in(cast.nurse, cast.clinic, at(0))
        with pytest.raises(Invalid) as refused:
            act(session, "start", 1)
        assert refused.value.field == "dose_mg"

    @pytest.mark.parametrize(("name", "details"), [("note", {"text": " "}), ("symptom", {"code": ""})])
    def test_an_empty_note_or_symptom_is_refused(self, cast, act, at, name, details):
        session = builders.checked_in(cast.nurse, cast.clinic, at(0))
        with pytest.raises(Invalid):
            act(session, name, 1, **details)

    def test_a_refused_act_leaves_no_event_and_no_audit_row(self, cast, act, at):
        session = builders.checked_in(cast.nurse, cast.clinic, at(0))
        before = SessionEvent.objects.count(), AuditEvent.objects.count()
        with pytest.raises(NotAllowed):
            act(session, "resume", 1)
        assert (SessionEvent.objects.count(), AuditEvent.objects.count()) == before


def test_a_start_charted_long_after_it_happened_makes_nothing_ring_at_once(cast, morning):
    session = builders.checked_in(cast.nurse, cast.clinic, morning)
    now = morning + timedelta(hours=1)
    builders.act(cast.nurse, session, "start", morning + timedelta(minutes=5), recorded_at=now, dose_mg=35)
    panel = decode(Watch.objects.get(pk=session.id).panel)
    assert panel.due is not None
    assert panel.due.at >= now
    assert look_at_due_rows(at=now + timedelta(seconds=1)) == 0
