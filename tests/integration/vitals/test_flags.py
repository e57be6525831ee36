"""Flags through the services: waiting, confirmed, taken, paused, escalated, drawn, late and corrected."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from clinic.models import AuditEvent
from clinic.refusals import AccessDenied, Conflict, Invalid, NotAllowed, NotFound
from sessions.models import SessionEvent
from tests import builders
from vitals import queries
from vitals.models import Finding, Flag, Pulse, Watch
from vitals.panel import decode
from vitals.services import flags, watch

SET: dict[str, Any] = {
    "systolic": 124,
    "diastolic": 78,
    "heart_rate": 70,
    "respiratory_rate": 14,
    "spo2": 98,
    "sedation": 5,
}


@pytest.fixture
def session(cast, morning):
    return builders.dosing(cast.nurse, cast.clinic, morning)


@pytest.fixture
def at(morning):
    return lambda number: morning + timedelta(minutes=number)


@pytest.fixture
def send(cast, session, at):
    """One reading of the session by the gateway, at a minute; the first outcome."""

    def one(at_min, received_min=None, **values):
        received_at = None if received_min is None else at(received_min)
        [told] = builders.record(
            builders.incoming(cast.gateway, session, at(at_min), received_at=received_at, **values)
        )
        return told

    return one


def panel_of(session):
    return decode(Watch.objects.get(pk=session.id).panel)


def acts_of(flag, by=None):
    """(act, who) of the flag's audit rows, oldest first; ``by``: only this person's."""
    rows = AuditEvent.objects.filter(subject="flag", subject_id=str(flag.id)).order_by("id")
    return [(row.act, row.actor_name) for row in rows if by is None or row.actor_name == by]


class TestInOneBatch:
    def test_one_ends_and_the_next_of_its_condition_opens(self, cast, session, at, send):
        send(0.5, systolic=170, diastolic=90)
        send(5, systolic=170, diastolic=90)
        outcomes = builders.record(
            builders.incoming(cast.gateway, session, at(10), systolic=140, diastolic=85),
            builders.incoming(cast.gateway, session, at(15), systolic=172, diastolic=90),
            builders.incoming(cast.gateway, session, at(20), systolic=172, diastolic=90),
        )
        assert [outcome.refusal for outcome in outcomes] == [None, None, None]
        first, second = Flag.objects.order_by("opened_at")
        assert (first.state, first.opened_at, first.activated_at) == ("resolved", at(0.5), at(5))
        assert (second.state, second.opened_at, second.activated_at) == ("active", at(15), at(20))

    def test_one_waits_is_confirmed_and_ends(self, cast, session, at):
        builders.record(
            builders.incoming(cast.gateway, session, at(5), systolic=170, diastolic=90),
            builders.incoming(cast.gateway, session, at(6), systolic=171, diastolic=90),
            builders.incoming(cast.gateway, session, at(10), systolic=140, diastolic=85),
        )
        flag = Flag.objects.get()
        assert (flag.state, flag.opened_at, flag.resolved_at) == ("resolved", at(5), at(10))
        assert [act for act, _ in acts_of(flag)] == ["flag-breached", "flag-confirmed", "flag-settled"]

    def test_what_the_next_measurement_did_not_show_was_never_more_than_a_re_check(self, cast, session, at):
        builders.record(
            builders.incoming(cast.gateway, session, at(5), systolic=170, diastolic=90),
            builders.incoming(cast.gateway, session, at(10), systolic=140, diastolic=85),
        )
        flag = Flag.objects.get()
        assert (flag.state, flag.activated_at, flag.resolved_cause) == ("resolved", None, "inside limits")
        assert flag.findings.count() == 1


class TestWaiting:
    def test_is_on_row_and_panel_with_its_re_check(self, session, at, send):
        told = send(5, systolic=185, diastolic=90)
        assert [(one["priority"], one["state"]) for one in told.flags] == [("high", "pending")]
        flag = Flag.objects.get()
        assert (flag.priority, flag.state, flag.activated_at) == ("high", "pending", None)
        assert flag.why == "first reading of 2, re-check due, +61/+12 over baseline 124/78; rule BP-5 v1"
        [recheck] = panel_of(session).rechecks
        assert (recheck.condition, recheck.at) == ("bp-high", at(10))
        assert Watch.objects.get(pk=session.id).alert_at == at(5), "the set before the dose rings first"

    def test_confirmed_it_says_how(self, session, at, send):
        send(5, systolic=185, diastolic=90)
        told = send(10, systolic=184, diastolic=90)
        assert [one["state"] for one in told.flags] == ["active"]
        flag = Flag.objects.get()
        assert (flag.state, flag.activated_at) == ("active", at(10))
        assert flag.why == "second reading, 5 min apart, +60/+12 over baseline 124/78; rule BP-5 v1"
        assert flag.findings.count() == 2
        assert panel_of(session).rechecks == []

    def test_not_measured_again_it_is_raised_by_the_watch_once(self, session, at, send):
        send(0.5, systolic=185, diastolic=90)
        watch.look_at_due_rows(at=at(7.4))
        flag = Flag.objects.get(condition="bp-high")
        assert flag.state == "pending"
        watch.look_at_due_rows(at=at(7.5))
        watch.look_at_due_rows(at=at(7.6))
        flag.refresh_from_db()
        assert (flag.state, flag.priority, flag.activated_at) == ("active", "high", at(7.5))
        assert flag.why.startswith("not re-checked within 7 min")
        # no board has drawn it within 5 s
        assert [act for act, _ in acts_of(flag)] == ["flag-breached", "flag-not-re-checked", "flag-escalated"]

    def test_a_resent_measurement_confirms_nothing(self, session, at, send):
        for _ in range(5):
            told = send(5, systolic=181, diastolic=102)
        assert told.duplicate
        assert [one["state"] for one in told.flags] == ["pending"]
        assert Flag.objects.get().state == "pending"

    def test_a_re_check_cannot_be_taken_or_paused(self, cast, at, send):
        send(5, spo2=92)
        flag = Flag.objects.get()
        with pytest.raises(NotAllowed, match="pending"):
            flags.acknowledge(by=cast.nurse, flag_id=flag.id, action="I'm on it", at=at(5))
        with pytest.raises(NotAllowed, match="pending"):
            flags.pause(by=cast.nurse, flag_id=flag.id, minutes=2, reason="x", at=at(5))
        assert acts_of(flag, by="Nurse") == []


class TestTaking:
    def take(self, by, flag, at, action="I'm on it"):
        return flags.acknowledge(by=by, flag_id=flag.id, action=action, at=at)

    def test_shows_who_when_and_what_on_row_panel_and_audit(self, cast, session, at, send):
        send(5, systolic=205, diastolic=90)
        taken = self.take(cast.nurse, Flag.objects.get(), at(6), "Repeat in 5 min")
        assert (taken.state, taken.acknowledged_by, taken.acknowledged_at) == ("acknowledged", "Nurse", at(6))
        assert taken.first_taken_at == at(6)
        [shown] = panel_of(session).flags
        assert (shown.state, shown.acknowledged_by, shown.action) == (
            "acknowledged",
            "Nurse",
            "Repeat in 5 min",
        )
        # one row per transition, each of whoever did it
        assert acts_of(taken) == [("flag-breached", "Vigil"), ("flag-taken", "Nurse")]
        row = AuditEvent.objects.get(act="flag-taken")
        assert (row.actor_id, row.details["state"]) == (cast.nurse.user_id, "acknowledged")

    def test_by_two_is_two_rows_and_the_first_time_is_kept(self, cast, at, send):
        send(5, systolic=205, diastolic=90)
        self.take(cast.nurse, Flag.objects.get(), at(6))
        taken = self.take(cast.supervisor, Flag.objects.get(), at(7))
        assert (taken.acknowledged_by, taken.first_taken_at) == ("Supervisor", at(6))
        assert acts_of(taken)[1:] == [("flag-taken", "Nurse"), ("flag-taken", "Supervisor")]

    def test_a_latched_one_ends(self, cast, session, at, send):
        send(5, systolic=205, diastolic=90)
        send(10, systolic=130, diastolic=80)
        flag = Flag.objects.get()
        assert flag.state == "latched"
        assert self.take(cast.nurse, flag, at(11)).resolved_cause == "acknowledged"
        assert panel_of(session).flags == []
        assert acts_of(flag) == [
            ("flag-breached", "Vigil"),
            ("flag-settled", "Vigil"),
            ("flag-taken", "Nurse"),
        ]

    def test_a_late_one_is_reviewed(self, cast, at, send):
        send(10, spo2=98)
        send(5, received_min=11, spo2=85)
        flag = Flag.objects.get()
        assert flag.late
        assert self.take(cast.nurse, flag, at(12)).resolved_cause == "reviewed"
        assert acts_of(flag) == [("flag-late", "Vigil"), ("flag-reviewed", "Nurse")]

    def test_a_resolved_one_is_refused(self, cast, at, send):
        send(5, sedation=3)
        send(10, sedation=5)
        with pytest.raises(NotAllowed):
            self.take(cast.nurse, Flag.objects.get(), at(11))

    def test_is_refused_to_roles_without_care_and_unknown_to_another_clinic(self, cast, at, send):
        send(5, systolic=205, diastolic=90)
        for by in (cast.admin, cast.auditor, cast.gateway):
            with pytest.raises(AccessDenied):
                self.take(by, Flag.objects.get(), at(6))
        with pytest.raises(NotFound):
            self.take(cast.outsider, Flag.objects.get(), at(6))


class TestPausing:
    def pause(self, by, flag, at, minutes=2, reason="Sensor changed"):
        return flags.pause(by=by, flag_id=flag.id, minutes=minutes, reason=reason, at=at)

    def test_has_an_owner_a_reason_and_an_end_on_row_panel_and_audit(self, cast, session, at, send):
        send(1, spo2=87)
        paused = self.pause(cast.nurse, Flag.objects.get(), at(1.05))
        assert (paused.state, paused.paused_by, paused.paused_until, paused.pause_reason) == (
            "audio_paused",
            "Nurse",
            at(3.05),
            "Sensor changed",
        )
        [shown] = panel_of(session).flags
        assert (shown.state, shown.paused_until, shown.asks_since) == ("audio_paused", at(3.05), None)
        assert acts_of(paused) == [("flag-breached", "Vigil"), ("flag-audio-paused", "Nurse")]
        assert Watch.objects.get(pk=session.id).alert_at == at(3.05)

    def test_asks_nobody_until_it_ends_by_the_watch(self, cast, session, at, send):
        send(1, spo2=87)
        flag = self.pause(cast.nurse, Flag.objects.get(), at(1.05))
        watch.look_at_due_rows(at=at(3))
        flag.refresh_from_db()
        assert (flag.state, flag.escalated) == ("audio_paused", 0)
        watch.look_at_due_rows(at=at(3.05))
        flag.refresh_from_db()
        assert (flag.state, flag.paused_by, flag.paused_until, flag.pause_reason) == ("active", "", None, "")
        assert acts_of(flag)[2:] == [("flag-pause-ended", "Vigil")]

    def test_a_late_one_has_nothing_to_silence(self, cast, at, send):
        send(10, spo2=98)
        send(5, received_min=11, spo2=85)
        with pytest.raises(NotAllowed):
            self.pause(cast.nurse, Flag.objects.get(), at(12))

    def test_a_taken_one_has_nothing_to_silence(self, cast, at, send):
        send(1, spo2=87)
        flags.acknowledge(by=cast.nurse, flag_id=Flag.objects.get().id, action="I'm on it", at=at(2))
        with pytest.raises(NotAllowed, match="acknowledged"):
            self.pause(cast.nurse, Flag.objects.get(), at(2))

    @pytest.mark.parametrize(
        ("how", "field"),
        [({"minutes": 0}, "minutes"), ({"minutes": 11}, "minutes"), ({"reason": " "}, "reason")],
    )
    def test_is_refused_by_field(self, cast, at, send, how, field):
        send(1, spo2=87)
        with pytest.raises(Invalid) as refused:
            self.pause(cast.nurse, Flag.objects.get(), at(2), **how)
        assert refused.value.field == field

    def test_is_refused_to_roles_without_care_and_unknown_to_another_clinic(self, cast, at, send):
        send(1, spo2=87)
        for by in (cast.admin, cast.auditor, cast.gateway):
            with pytest.raises(AccessDenied):
                self.pause(by, Flag.objects.get(), at(2))
        with pytest.raises(NotFound):
            self.pause(cast.outsider, Flag.objects.get(), at(2))


class TestEscalation:
    def test_by_the_rows_and_once_each_and_audited(self, session, at, send):
        send(1, spo2=87)
        second = timedelta(seconds=1)
        for after_s in (4, 5, 6, 59, 60, 61, 119, 120, 121, 300):
            watch.look_at_due_rows(at=at(1) + after_s * second)
        flag = Flag.objects.get(condition="spo2-low")
        assert (flag.state, flag.escalated, flag.drawn_at) == ("active", 2, None)
        rows = AuditEvent.objects.filter(act="flag-escalated", subject_id=str(flag.id)).order_by("id")
        told = [
            ((datetime.fromisoformat(row.details["at"]) - at(1)).total_seconds(), row.details["cause"])
            for row in rows
        ]
        assert told == [
            (5, "no board has drawn it"),
            (60, "nobody has taken it"),
            (120, "nobody has taken it"),
        ]

    def test_a_watch_that_was_killed_makes_up_for_it_from_the_rows(self, session, at, send):
        send(1, spo2=87)
        watch.look_at_due_rows(at=at(4))
        assert Flag.objects.get(condition="spo2-low").escalated == 2

    def test_taken_in_time_it_goes_up_no_step(self, cast, at, send):
        send(1, spo2=87)
        flag = Flag.objects.get()
        flags.drawn(by=cast.nurse, flag_ids=[flag.id], at=at(1.05))
        flags.acknowledge(by=cast.nurse, flag_id=flag.id, action="I'm on it", at=at(1.5))
        watch.look_at_due_rows(at=at(30))
        assert [act for act, _ in acts_of(flag)] == ["flag-breached", "report-drawn", "flag-taken"]


class TestDrawn:
    def test_the_first_board_is_written_down_and_stops_the_alarm_that_none_has(self, cast, session, at, send):
        send(1, spo2=87)
        flag = Flag.objects.get()
        assert flags.drawn(by=cast.admin, flag_ids=[flag.id], at=at(1.05)) == 1
        assert flags.drawn(by=cast.nurse, flag_ids=[flag.id], at=at(1.06)) == 0
        flag.refresh_from_db()
        assert flag.drawn_at == at(1.05)
        assert panel_of(session).flags[0].drawn_at == at(1.05)
        assert acts_of(flag)[1:] == [("report-drawn", "Admin")]
        watch.look_at_due_rows(at=at(1.5))
        assert not panel_of(session).flags[0].undrawn

    def test_undrawn_it_is_on_every_other_screen_until_one_has(self, cast, session, at, send):
        send(1, spo2=87)
        watch.look_at_due_rows(at=at(1.5))
        assert panel_of(session).flags[0].undrawn
        flags.drawn(by=cast.nurse, flag_ids=[Flag.objects.get().id], at=at(1.6))
        assert not panel_of(session).flags[0].undrawn

    def test_what_is_gone_late_or_another_clinic_s_is_passed_over(self, cast, at, send):
        send(1, sedation=3)
        send(2, sedation=5)
        send(10, spo2=98)
        send(5, received_min=11, spo2=85)
        ids = list(Flag.objects.values_list("id", flat=True))
        assert len(ids) == 2
        assert flags.drawn(by=cast.nurse, flag_ids=ids, at=at(12)) == 0
        send(13, sedation=2)
        [live] = Flag.objects.filter(resolved_at__isnull=True, late=False)
        assert flags.drawn(by=cast.outsider, flag_ids=[live.id], at=at(13)) == 0
        assert Flag.objects.filter(drawn_at__isnull=False).count() == 0
        assert AuditEvent.objects.filter(act="report-drawn").count() == 0

    def test_a_device_reports_nothing(self, cast, at, send):
        send(1, spo2=87)
        with pytest.raises(AccessDenied):
            flags.drawn(by=cast.gateway, flag_ids=[Flag.objects.get().id], at=at(2))


class TestBaseline:
    def flag_of(self, session):
        return Flag.objects.filter(session=session, condition="no-baseline").first()

    def started_without(self, cast, at):
        session = builders.checked_in(cast.nurse, cast.clinic, at(-10), chair="4")
        builders.act(cast.nurse, session, "start", at(0), dose_mg=35)
        return session

    def test_is_what_was_measured_before_the_dose(self, session):
        shown = panel_of(session).baseline
        assert (shown.systolic, shown.diastolic, shown.sets) == (124, 78, 1)
        assert self.flag_of(session) is None

    def test_a_dose_without_one_is_flagged_and_a_late_one_ends_it(self, cast, at):
        session = self.started_without(cast, at)
        flag = self.flag_of(session)
        assert (flag.priority, flag.category, flag.state) == ("medium", "technical", "active")
        builders.record(
            builders.incoming(cast.nurse, session, at(-1), received_at=at(2), systolic=110, diastolic=70)
        )
        flag.refresh_from_db()
        assert (flag.state, flag.resolved_cause) == ("resolved", "baseline charted")
        assert panel_of(session).baseline.systolic == 110

    def test_history_is_no_reason_to_ring(self, cast, at):
        session = builders.scheduled(cast.nurse, cast.clinic, at(0), chair="3")
        for name, at_min, details in (("check-in", 0, {}), ("start", 10, {"dose_mg": 40})):
            builders.act(cast.nurse, session, name, at(at_min), recorded_at=at(300), **details)
        assert self.flag_of(session) is None

    def test_one_that_comes_afterwards_is_what_earlier_readings_are_seen_against(self, cast, at):
        session = self.started_without(cast, at)
        builders.record(builders.incoming(cast.gateway, session, at(5), systolic=152, diastolic=80))
        assert Finding.objects.filter(session=session).count() == 0
        builders.record(
            builders.incoming(cast.nurse, session, at(-1), received_at=at(6), systolic=110, diastolic=70)
        )
        found = Finding.objects.get(session=session)
        assert (found.measured_at, found.rule, float(found.threshold or 0)) == (at(5), "BP-3", 150)
        assert Flag.objects.get(session=session, condition="bp-high").state == "pending"

    def test_corrected_it_is_judged_anew(self, cast, session, at):
        builders.record(builders.incoming(cast.gateway, session, at(5), systolic=160, diastolic=85))
        assert not Flag.objects.filter(session=session).exists()
        [baseline, _] = queries.readings(session.id)
        builders.correct(cast.nurse, baseline.id, at(6), systolic=114)
        assert panel_of(session).baseline.systolic == 114
        assert Flag.objects.get(session=session, condition="bp-high").state == "pending"
        found = Finding.objects.get(session=session)
        # 40 above lies farther out than 30 % above, or 150
        assert (found.rule, float(found.threshold or 0)) == ("BP-3", 154)


class TestSymptoms:
    def test_a_serious_one_is_a_flag_and_its_end_ends_it(self, cast, session, at):
        builders.act(cast.nurse, session, "symptom", at(5), code="chest-pain")
        flag = Flag.objects.get()
        assert (flag.condition, flag.priority, flag.state) == ("symptom-chest-pain", "high", "active")
        flags.acknowledge(by=cast.nurse, flag_id=flag.id, action="I'm on it", at=at(6))
        charted = SessionEvent.objects.get(session=session, kind="symptom")
        builders.act(cast.nurse, session, "resolve-symptom", at(12), of=str(charted.entry))
        flag.refresh_from_db()
        assert (flag.state, flag.resolved_cause) == ("resolved", "symptom gone")

    def test_with_it_a_pressure_that_waits_flags_at_once(self, cast, session, at, send):
        send(5, systolic=182, diastolic=90)
        builders.act(cast.nurse, session, "symptom", at(6), code="severe-headache")
        flag = Flag.objects.get(condition="bp-high")
        assert (flag.state, flag.rule) == ("active", "BP-7")


class TestMonitorSilent:
    def test_is_found_by_the_watch_and_ends_when_it_is_heard(self, session, at, send):
        for number in range(5):
            send(1 + number / 4, spo2=98)
        watch.look_at_due_rows(at=at(2.9))
        assert not Flag.objects.filter(condition="monitor-silent").exists()
        watch.look_at_due_rows(at=at(3))
        flag = Flag.objects.get(condition="monitor-silent")
        assert (flag.priority, flag.category, flag.opened_at) == ("medium", "technical", at(3))
        send(3.5, spo2=98)
        flag.refresh_from_db()
        assert (flag.state, flag.resolved_cause) == ("resolved", "monitor is heard again")

    def test_of_a_chair_that_was_left_it_ends(self, cast, session, at, send):
        for number in range(5):
            send(1 + number / 4, spo2=98)
        watch.look_at_due_rows(at=at(3))
        builders.act(cast.nurse, session, "move-chair", at(4), chair="7")
        assert Flag.objects.get(condition="monitor-silent").resolved_cause == "another chair"


class TestCorrections:
    def test_the_old_version_stays_readable_and_points_to_the_new_one(self, cast, session, at, send):
        old = send(5, systolic=210, diastolic=90, spo2=97)
        new_id = builders.correct(cast.nurse, old.id, at(6), systolic=121, reason="Mistyped")
        after_dose = queries.readings(session.id, since=at(0))
        first, second = sorted(after_dose, key=lambda view: view.version)
        assert (first.id, first.values["systolic"], first.superseded_by) == (old.id, 210, new_id)
        assert (second.id, second.version, second.supersedes) == (new_id, 2, old.id)
        assert second.values == {"systolic": 121, "diastolic": 90, "spo2": 97}
        assert (second.reason, second.recorded_by) == ("Mistyped", "Nurse")

    def test_of_the_newest_value_ends_its_flag(self, cast, session, at, send):
        old = send(5, systolic=210, diastolic=90)
        builders.correct(cast.nurse, old.id, at(6), systolic=121)
        flag = Flag.objects.get()
        assert (flag.state, flag.resolved_cause) == ("resolved", "corrected")
        assert Finding.objects.count() == 0
        panel = panel_of(session)
        assert (panel.flags, panel.values["systolic"].value, panel.trace[-1][1]) == ([], 121, 121)

    def test_of_another_field_ends_no_flag(self, cast, session, at, send):
        send(5, systolic=205, diastolic=90)
        latest = send(10, systolic=130, diastolic=80, spo2=79)
        builders.correct(cast.nurse, latest.id, at(11), spo2=97)
        assert Flag.objects.get(condition="bp-high").state == "latched"
        assert Flag.objects.get(condition="spo2-low").state == "resolved"

    def test_that_shows_a_breach_opens_a_flag(self, cast, at, send):
        old = send(5, spo2=98)
        builders.correct(cast.nurse, old.id, at(6), spo2=88)
        flag = Flag.objects.get()
        assert (flag.condition, flag.state, flag.late) == ("spo2-low", "active", False)
        assert flag.findings.count() == 1

    def test_that_shows_a_soft_breach_asks_for_a_re_check(self, cast, session, at, send):
        old = send(5, spo2=98)
        builders.correct(cast.nurse, old.id, at(6), spo2=92)
        assert Flag.objects.get().state == "pending"
        assert [one.condition for one in panel_of(session).rechecks] == ["spo2-low"]

    def test_of_the_measurement_that_confirmed_leaves_the_other_waiting_for_nothing(self, cast, at, send):
        """Inside again is inside again, whichever way it came to be known."""
        send(5, systolic=172, diastolic=90)
        wrong = send(10, systolic=171, diastolic=90)
        builders.correct(cast.nurse, wrong.id, at(11), systolic=131)
        flag = Flag.objects.get()
        assert (flag.state, flag.resolved_cause) == ("resolved", "corrected")
        assert flag.findings.count() == 1

    def test_of_an_older_value_that_shows_a_breach_is_late(self, cast, at, send):
        old = send(5, spo2=98)
        send(10, spo2=97)
        builders.correct(cast.nurse, old.id, at(11), spo2=89)
        assert Flag.objects.get().late

    def test_a_value_taken_away_uncovers_the_one_before(self, cast, session, at, send):
        send(5, spo2=97)
        wrong = send(10, spo2=85)
        builders.correct(cast.nurse, wrong.id, at(11), spo2=None, reason="Another patient's")
        latest = panel_of(session).values["spo2"]
        assert (latest.value, latest.at) == (97, at(5))

    def test_the_same_version_is_corrected_once(self, cast, at, send):
        old = send(5, spo2=98)
        new_id = builders.correct(cast.nurse, old.id, at(6), spo2=97)
        with pytest.raises(Conflict):
            builders.correct(cast.nurse, old.id, at(7), spo2=96)
        builders.correct(cast.nurse, new_id, at(8), spo2=96)

    @pytest.mark.parametrize(
        ("fields", "reason", "field"),
        [
            ({"spo2": 97}, "  ", "reason"),
            ({}, "Mistyped", "fields"),
            ({"spo2": 118}, "Mistyped", "spo2"),
            ({"spo2": float("nan")}, "Mistyped", "spo2"),
        ],
    )
    def test_a_correction_is_refused_by_name(self, cast, at, send, fields, reason, field):
        old = send(5, spo2=98)
        with pytest.raises(Invalid) as refused:
            builders.correct(cast.nurse, old.id, at(6), reason=reason, **fields)
        assert refused.value.field == field

    def test_is_refused_to_roles_without_care_and_unknown_to_another_clinic(self, cast, at, send):
        old = send(5, spo2=98)
        for by in (cast.admin, cast.auditor, cast.gateway):
            with pytest.raises(AccessDenied):
                builders.correct(by, old.id, at(6), spo2=97)
        with pytest.raises(NotFound):
            builders.correct(cast.outsider, old.id, at(6), spo2=97)


class TestWatch:
    def test_finds_a_missing_set_and_the_set_settles_it(self, cast, session, at, send):
        builders.record(builders.incoming(cast.nurse, session, at(-5), **SET))
        assert watch.look_at_due_rows(at=at(14.9)) == 0
        assert watch.look_at_due_rows(at=at(15)) == 1
        assert watch.look_at_due_rows(at=at(15)) == 0
        flag = Flag.objects.get()
        assert (flag.condition, flag.priority, flag.category) == ("overdue", "low", "technical")
        watch.look_at_due_rows(at=at(20))
        flag.refresh_from_db()
        assert flag.priority == "medium"
        builders.record(builders.incoming(cast.nurse, session, at(21), **SET))
        flag.refresh_from_db()
        assert (flag.state, flag.resolved_cause) == ("resolved", "set charted")

    def test_never_rings_for_history(self, cast, at):
        history = builders.scheduled(cast.nurse, cast.clinic, at(0), chair="3")
        for name, at_min, details in (("check-in", 0, {}), ("start", 10, {"dose_mg": 40})):
            builders.act(cast.nurse, history, name, at(at_min), recorded_at=at(300), **details)
        builders.record(
            builders.incoming(cast.nurse, history, at(30), received_at=at(301), systolic=195, diastolic=101)
        )
        watch.look_at_due_rows(at=at(301))
        assert [flag.late for flag in Flag.objects.filter(session=history)] == [True]
        assert panel_of(history).flags == []

    def test_looks_at_no_session_that_ended(self, cast, session, at):
        builders.act(cast.nurse, session, "transfer", at(3), reason="Emergency department")
        assert watch.look_at_due_rows(at=at(300)) == 0

    def test_two_at_once_find_each_missing_set_once(self, committed_db, morning):
        cast = builders.cast()
        for chair in range(1, 9):
            builders.dosing(cast.nurse, cast.clinic, morning, chair=str(chair))
        together, looked = threading.Barrier(2), []

        def look():
            together.wait()
            try:
                looked.append(watch.look_at_due_rows(at=morning + timedelta(minutes=6)))
            finally:
                connection.close()

        threads = [threading.Thread(target=look) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(looked) == 8
        assert Flag.objects.filter(condition="overdue").count() == 8
        assert AuditEvent.objects.filter(act="flag-breached").count() == 8

    def test_writes_into_each_open_record_that_nobody_watched(self, cast, session, at):
        later = builders.checked_in(cast.nurse, cast.clinic, at(20), chair="2")
        watch.beat("watch", at=at(10))
        with connection.cursor() as cursor:
            cursor.execute("UPDATE vitals_pulse SET at = at - interval '11 seconds'")
        watch.tick(at=at(30))
        gaps = {event.session_id: event for event in SessionEvent.objects.filter(kind="gap")}
        assert (gaps[session.id].at, gaps[session.id].text) == (at(10), "Not watched for 1200 s")
        # one that began in the gap was unwatched only since then
        assert (gaps[later.id].at, gaps[later.id].text) == (at(20), "Not watched for 600 s")

    def test_a_short_silence_is_no_gap(self, session, at):
        watch.tick(at=at(10))
        watch.tick(at=at(10) + timedelta(seconds=1))
        assert SessionEvent.objects.filter(kind="gap").count() == 0
        assert Pulse.objects.get(part="watch").clock_at == at(10) + timedelta(seconds=1)


def test_every_change_leaves_its_audit_row(cast, morning):
    session = builders.dosing(cast.nurse, cast.clinic, morning)
    for minute, systolic in ((5, 170), (10, 185), (15, 184), (20, 176), (25, 150)):
        at = morning + timedelta(minutes=minute)
        builders.record(builders.incoming(cast.gateway, session, at, systolic=systolic, diastolic=90))
    acts = AuditEvent.objects.filter(subject="flag", session_id=session.id).order_by("id")
    assert list(acts.values_list("act", "details__state", "details__priority")) == [
        ("flag-breached", "pending", "medium"),
        ("flag-confirmed", "active", "medium"),
        ("flag-worsened", "active", "high"),
        ("flag-stepped-down", "active", "medium"),
        ("flag-settled", "latched", "high"),
    ]
