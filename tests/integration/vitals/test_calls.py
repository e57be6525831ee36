"""The patient's own screen: what its key opens, what it shows, its call as a flag, and who takes it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from clinic import clock, rooms
from clinic.models import AuditEvent, Chair, Device, User
from clinic.refusals import AccessDenied, NotAllowed, NotFound
from clinic.tokens import ROOM_COOKIE, issue_for_device, principal_of_key, principal_of_room
from tests import builders
from vitals import flag_changes
from vitals.models import Flag, LiveEvent, Watch
from vitals.panel import decode
from vitals.services import calls, flags


@pytest.fixture
def began():
    return clock.now() - timedelta(minutes=20)


@pytest.fixture
def session(cast, began):
    return builders.dosing(cast.nurse, cast.clinic, began)


@pytest.fixture
def chair(cast):
    return Chair.objects.get(clinic=cast.clinic, name="1")


@pytest.fixture
def screen(cast, chair):
    """The key of chair 1's screen."""
    return rooms.enrol(by=cast.supervisor, chair_id=chair.id, at=clock.now())


def browser(key):
    opened = Client()
    opened.cookies[ROOM_COOKIE] = key
    return opened


def panel_of(session):
    return decode(Watch.objects.get(pk=session.id).panel)


class TestScreens:
    def test_a_chair_has_one_screen(self, cast, chair, screen):
        assert principal_of_key(screen) == principal_of_room(chair)
        newer = rooms.enrol(by=cast.admin, chair_id=chair.id, at=clock.now())
        assert principal_of_key(screen) is None
        assert principal_of_key(newer) is not None

    def test_taken_back_it_opens_nothing(self, cast, chair, session, screen):
        rooms.revoke(by=cast.supervisor, chair_id=chair.id, at=clock.now())
        assert browser(screen).get("/api/v1/room/").status_code == 401
        assert browser(screen).get("/room/").status_code == 403
        with pytest.raises(NotAllowed, match="Chair 1 has no screen"):
            rooms.revoke(by=cast.supervisor, chair_id=chair.id, at=clock.now())

    def test_who_may(self, cast, chair, screen):
        for who in (cast.nurse, cast.auditor):
            with pytest.raises(AccessDenied):
                rooms.enrol(by=who, chair_id=chair.id, at=clock.now())
            with pytest.raises(AccessDenied):
                rooms.revoke(by=who, chair_id=chair.id, at=clock.now())
        with pytest.raises(NotFound):
            rooms.enrol(by=cast.outsider, chair_id=chair.id, at=clock.now())
        with pytest.raises(NotFound):
            rooms.revoke(by=cast.outsider, chair_id=chair.id, at=clock.now())
        assert principal_of_key(screen) is not None

    def test_the_list_says_which_chairs_have_one(self, cast, screen):
        having = [one.chair.name for one in rooms.screens(cast.clinic.pk) if one.enrolled_at]
        assert having == ["1"]
        assert not any(one.enrolled_at for one in rooms.screens(cast.other_clinic.pk))

    def test_enrolling_is_audited_without_the_key(self, cast, chair, screen):
        row = AuditEvent.objects.get(act="enrol-room")
        assert (row.subject, row.subject_id) == ("chair", str(chair.id))
        assert row.actor_id == cast.supervisor.user_id
        assert screen not in str(AuditEvent.objects.values())

    def test_making_this_browser_a_screen_signs_its_member_out(self, cast, chair):
        here = Client()
        here.force_login(User.objects.get(pk=cast.supervisor.user_id))
        answer = here.post("/rooms/enrol/", {"chair": str(chair.id)})
        assert (answer.status_code, answer.headers["Location"]) == (302, "/room/")
        cookie = answer.cookies[ROOM_COOKIE]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Strict"
        assert here.get("/board/").status_code == 302
        assert here.get("/room/").status_code == 200

    def test_a_devices_key_in_the_cookie_is_no_screen(self, cast, session):
        key = issue_for_device(Device.objects.get(pk=cast.monitor.actor_id))
        assert browser(key).get("/api/v1/room/").status_code == 401


class TestShown:
    def test_nothing_clinical_and_no_name_of_the_patient(self, cast, session, screen):
        builders.record(builders.incoming(cast.gateway, session, clock.now(), systolic=191, spo2=87))
        answer = browser(screen).get("/api/v1/room/")
        told = answer.json()
        assert set(told) == {
            "now", "rate", "time_zone", "chair", "watched", "nurse", "next_check_at", "time_began_at",
            "earliest_release_at", "call",
        }  # fmt: skip
        assert (told["watched"], told["nurse"], told["chair"], told["call"]) == (True, "Nurse", "1", None)
        assert session.patient.family_name not in answer.content.decode()
        assert answer.headers["Cache-Control"] == "no-store"
        page = browser(screen).get("/room/").content.decode()
        assert session.patient.family_name not in page

    def test_next_check_and_time_left_are_those_of_the_board(self, session, screen):
        panel = panel_of(session)
        told = browser(screen).get("/api/v1/room/").json()
        assert clock_time(told["next_check_at"]) == panel.due.at
        assert clock_time(told["earliest_release_at"]) == panel.window_ends_at
        assert clock_time(told["time_began_at"]) == session.dose_started_at

    def test_an_empty_chair(self, screen):
        told = browser(screen).get("/api/v1/room/").json()
        assert (told["watched"], told["nurse"], told["next_check_at"]) == (False, None, None)

    def test_a_chair_that_was_left_is_empty(self, cast, session, screen):
        builders.act(cast.nurse, session, "transfer", clock.now(), reason="test")
        assert browser(screen).get("/api/v1/room/").json()["watched"] is False

    def test_it_follows_the_chair_and_not_the_patient(self, cast, session, screen):
        builders.act(cast.nurse, session, "move-chair", clock.now(), chair="2")
        assert browser(screen).get("/api/v1/room/").json()["watched"] is False


def clock_time(text):
    return datetime.fromisoformat(text)


class TestCalling:
    @pytest.fixture
    def room(self, chair):
        return principal_of_room(chair)

    def call(self, room, at=None):
        return calls.call(by=room, at=at or clock.now())

    def test_is_a_flag_on_the_board(self, session, room):
        self.call(room)
        [flag] = panel_of(session).flags
        assert (flag.condition, flag.priority, flag.state, flag.text) == (
            "patient-call",
            "medium",
            "active",
            "Patient calls",
        )
        row = Flag.objects.get(session=session)
        assert (row.id, row.late, row.resolved_at) == (flag.id, False, None)
        assert '"patient-call"' in LiveEvent.objects.filter(session_id=session.id).latest("sequence").payload
        assert AuditEvent.objects.get(act="flag-breached", role="room").actor_name == "Screen of chair 1"

    def test_calling_again_is_answered_and_changes_nothing(self, session, room):
        self.call(room)
        before = panel_of(session)
        assert self.call(room) == session.id
        assert panel_of(session) == before
        assert Flag.objects.count() == 1
        assert AuditEvent.objects.filter(act="flag-breached", role="room").count() == 1

    def test_taken_it_is_resolved_and_the_screen_says_that_a_nurse_comes(self, cast, session, room, screen):
        self.call(room)
        flag = Flag.objects.get()
        taken_at = clock.now()
        flags.acknowledge(by=cast.nurse, flag_id=flag.id, action="I'm on it", at=taken_at)
        flag.refresh_from_db()
        assert (flag.state, flag.resolved_at, flag.acknowledged_by) == ("resolved", taken_at, "Nurse")
        assert panel_of(session).flags == []
        told = browser(screen).get("/api/v1/room/").json()["call"]
        assert clock_time(told["taken_at"]) == taken_at

    def test_the_next_call_is_a_new_one(self, cast, session, room, screen):
        self.call(room)
        flags.acknowledge(by=cast.nurse, flag_id=Flag.objects.get().id, action="I'm on it", at=clock.now())
        self.call(room)
        assert Flag.objects.count() == 2
        assert browser(screen).get("/api/v1/room/").json()["call"]["taken_at"] is None

    def test_that_a_nurse_comes_is_said_for_five_minutes(self, cast, session, room, screen):
        earlier = clock.now() - timedelta(minutes=5)
        self.call(room, earlier)
        flags.acknowledge(by=cast.nurse, flag_id=Flag.objects.get().id, action="I'm on it", at=earlier)
        assert browser(screen).get("/api/v1/room/").json()["call"] is None

    def test_readings_neither_end_it_nor_are_disturbed_by_it(self, cast, session, room):
        self.call(room)
        builders.record(builders.incoming(cast.gateway, session, clock.now(), systolic=120, diastolic=70))
        assert flag_changes.open_flag(panel_of(session), "patient-call") is not None
        builders.record(builders.incoming(cast.gateway, session, clock.now(), systolic=205, diastolic=70))
        assert {flag.condition for flag in panel_of(session).flags} == {"patient-call", "bp-high"}

    def test_it_ends_with_the_session(self, cast, session, room):
        self.call(room)
        builders.act(cast.nurse, session, "transfer", clock.now(), reason="test")
        assert Flag.objects.get().resolved_cause == "session ended"

    def test_it_does_not_stand_in_the_way_of_a_release(self, cast, session, room):
        self.call(room)
        builders.act(cast.nurse, session, "stop", clock.now(), reason="Patient asked")
        builders.act(cast.nurse, session, "readiness", clock.now(), items={}, escort="A friend")
        now = clock.now()
        builders.act(cast.supervisor, session, "release", now, reason="Patient asked")
        session.refresh_from_db()
        assert session.state == "released"

    def test_nobody_calls_from_an_empty_chair(self, room):
        with pytest.raises(NotAllowed, match="call out"):
            self.call(room)

    def test_nobody_calls_after_the_end(self, cast, session, room, screen):
        builders.act(cast.nurse, session, "transfer", clock.now(), reason="test")
        answer = browser(screen).post("/api/v1/room/call/")
        assert answer.status_code == 409
        assert "call out" in answer.json()["message"]

    def test_only_a_room_calls(self, cast, session):
        for who in (cast.nurse, cast.supervisor, cast.monitor):
            with pytest.raises(AccessDenied):
                self.call(who)

    def test_another_sites_page_cannot_press_the_button(self, session, screen):
        strict = Client(enforce_csrf_checks=True)
        strict.cookies[ROOM_COOKIE] = screen
        assert strict.post("/api/v1/room/call/").status_code == 403
        page = strict.get("/room/").content.decode()
        given = page.split('name="csrf-token" content="')[1].split('"')[0]
        token: dict[str, Any] = {"content_type": "application/json", "headers": {"X-CSRFToken": given}}
        assert strict.post("/api/v1/room/call/", **token).status_code == 200
        assert Flag.objects.count() == 1
