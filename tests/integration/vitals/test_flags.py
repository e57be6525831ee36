"""Flags through the services: opened and ended in one batch, taken, latched, late, corrected, overdue."""

import threading
from datetime import timedelta
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


class TestInOneBatch:
    def test_one_ends_and_the_next_of_its_condition_opens(self, cast, session, at, send):
        send(5, systolic=170, diastolic=90)
        outcomes = builders.record(
            builders.incoming(cast.gateway, session, at(10), systolic=140, diastolic=85),
            builders.incoming(cast.gateway, session, at(15), systolic=172, diastolic=90),
        )
        assert [outcome.refusal for outcome in outcomes] == [None, None]
        states = list(Flag.objects.order_by("opened_at").values_list("state", flat=True))
        assert states == ["resolved", "active"]

    def test_one_opens_and_ends(self, cast, session, at):
        builders.record(
            builders.incoming(cast.gateway, session, at(5), systolic=170, diastolic=90),
            builders.incoming(cast.gateway, session, at(10), systolic=140, diastolic=85),
        )
        flag = Flag.objects.get()
        assert (flag.state, flag.opened_at, flag.resolved_at) == ("resolved", at(5), at(10))


class TestTaking:
    def take(self, by, flag, at, action="I'm on it"):
        return flags.acknowledge(by=by, flag_id=flag.id, action=action, at=at)

    def test_shows_who_when_and_what_on_row_panel_and_audit(self, cast, session, at, send):
        send(5, systolic=185, diastolic=90)
        taken = self.take(cast.nurse, Flag.objects.get(), at(6), "Repeat in 5 min")
        assert (taken.state, taken.acknowledged_by, taken.acknowledged_at) == ("acknowledged", "Nurse", at(6))
        [shown] = panel_of(session).flags
        assert (shown.state, shown.acknowledged_by, shown.action) == (
            "acknowledged",
            "Nurse",
            "Repeat in 5 min",
        )
        assert AuditEvent.objects.filter(act="acknowledge", subject_id=str(taken.id)).count() == 1

    def test_a_latched_one_ends(self, cast, session, at, send):
        send(5, systolic=185, diastolic=90)
        send(10, systolic=130, diastolic=80)
        flag = Flag.objects.get()
        assert flag.state == "latched"
        assert self.take(cast.nurse, flag, at(11)).resolved_cause == "acknowledged"
        assert panel_of(session).flags == []

    def test_a_late_one_is_reviewed(self, cast, at, send):
        send(10, spo2=98)
        send(5, received_min=11, spo2=85)
        flag = Flag.objects.get()
        assert flag.late
        assert self.take(cast.nurse, flag, at(12)).resolved_cause == "reviewed"

    def test_a_resolved_one_is_refused(self, cast, at, send):
        send(5, systolic=170, diastolic=90)
        send(10, systolic=130, diastolic=80)
        with pytest.raises(NotAllowed):
            self.take(cast.nurse, Flag.objects.get(), at(11))

    def test_is_refused_to_roles_without_care_and_unknown_to_another_clinic(self, cast, at, send):
        send(5, systolic=185, diastolic=90)
        for by in (cast.admin, cast.auditor, cast.gateway):
            with pytest.raises(AccessDenied):
                self.take(by, Flag.objects.get(), at(6))
        with pytest.raises(NotFound):
            self.take(cast.outsider, Flag.objects.get(), at(6))


class TestCorrections:
    def test_the_old_version_stays_readable_and_points_to_the_new_one(self, cast, session, at, send):
        old = send(5, systolic=210, diastolic=90, spo2=97)
        new_id = builders.correct(cast.nurse, old.id, at(6), systolic=121, reason="Mistyped")
        first, second = sorted(queries.readings(session.id), key=lambda view: view.version)
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
        send(5, systolic=190, diastolic=90)
        latest = send(10, systolic=130, diastolic=80, spo2=79)
        builders.correct(cast.nurse, latest.id, at(11), spo2=97)
        assert Flag.objects.get(condition="bp-high").state == "latched"
        assert Flag.objects.get(condition="spo2-low").state == "resolved"

    def test_that_shows_a_breach_opens_a_flag(self, cast, at, send):
        old = send(5, spo2=98)
        builders.correct(cast.nurse, old.id, at(6), spo2=89)
        flag = Flag.objects.get()
        assert (flag.condition, flag.state, flag.late) == ("spo2-low", "active", False)
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


def test_every_change_of_priority_leaves_its_audit_row(cast, morning):
    session = builders.dosing(cast.nurse, cast.clinic, morning)
    for minute, systolic in ((5, 170), (10, 185), (15, 176), (20, 150)):
        at = morning + timedelta(minutes=minute)
        builders.record(builders.incoming(cast.gateway, session, at, systolic=systolic, diastolic=90))
    acts = AuditEvent.objects.filter(subject="flag", session_id=session.id).order_by("id")
    assert list(acts.values_list("act", "details__priority")) == [
        ("flag-breached", "medium"),
        ("flag-worsened", "high"),
        ("flag-stepped-down", "medium"),
        ("flag-settled", "high"),
    ]
