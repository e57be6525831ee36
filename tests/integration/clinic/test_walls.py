"""Screens on the wall: who makes one and takes it back, what its key is good for, and its page."""

from datetime import time

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from clinic import clock, walls
from clinic.access import Role
from clinic.models import AuditEvent, User, WallScreen
from clinic.refusals import AccessDenied, Invalid, NotAllowed, NotFound
from clinic.tokens import WALL_COOKIE, principal_of_key, principal_of_wall_key
from tests import builders


@pytest.fixture
def key(cast):
    return walls.enrol(by=cast.supervisor, name="Corridor")


@pytest.fixture
def screen(key):
    return WallScreen.objects.get()


def revoke(by, screen):
    walls.revoke(by=by, wall_id=screen.id, at=clock.now())


def browser(key):
    opened = Client()
    opened.cookies[WALL_COOKIE] = key
    return opened


def signed_in(principal):
    opened = Client()
    opened.force_login(User.objects.get(pk=principal.user_id))
    return opened


class TestWhoMay:
    def test_a_supervisor_or_an_admin(self, cast):
        for who in (cast.nurse, cast.auditor):
            with pytest.raises(AccessDenied):
                walls.enrol(by=who, name="Corridor")
        for who in (cast.supervisor, cast.admin):
            assert walls.enrol(by=who, name=f"By the {who.role}")

    def test_the_same_take_it_back_and_another_clinic_does_not_find_it(self, cast, key, screen):
        with pytest.raises(AccessDenied):
            revoke(cast.nurse, screen)
        with pytest.raises(NotFound):
            revoke(cast.outsider, screen)
        assert principal_of_wall_key(key) is not None
        revoke(cast.admin, screen)
        assert principal_of_wall_key(key) is None

    def test_twice_is_refused(self, cast, screen):
        revoke(cast.supervisor, screen)
        with pytest.raises(NotAllowed, match="“Corridor” was taken back before"):
            revoke(cast.supervisor, screen)

    def test_both_are_audited_without_the_key(self, cast, key, screen):
        revoke(cast.admin, screen)
        rows = list(AuditEvent.objects.filter(subject="wall-screen").order_by("id"))
        assert [(row.act, row.subject_id, row.actor_id) for row in rows] == [
            ("enrol-wall", str(screen.id), cast.supervisor.user_id),
            ("revoke-wall", str(screen.id), cast.admin.user_id),
        ]
        assert rows[0].details == {"name": "Corridor"}
        assert key not in str(AuditEvent.objects.values())


class TestNames:
    @pytest.mark.parametrize("name", ["", "   ", "x" * 41])
    def test_needs_one_that_can_be_read(self, cast, name):
        with pytest.raises(Invalid, match="needs a name of 1 to 40 letters"):
            walls.enrol(by=cast.supervisor, name=name)

    def test_hangs_once_and_again_after_it_was_taken_back(self, cast, key, screen):
        with pytest.raises(NotAllowed, match="“Corridor” already"):
            walls.enrol(by=cast.admin, name=" Corridor ")
        revoke(cast.supervisor, screen)
        newer = walls.enrol(by=cast.admin, name="Corridor")
        assert principal_of_wall_key(key) is None
        assert principal_of_wall_key(newer) is not None

    def test_the_database_holds_it_too(self, cast, screen):
        again = WallScreen(
            clinic_id=cast.clinic.pk,
            name="Corridor",
            key_hash="another",
            night_from=time(19),
            night_until=time(7),
        )
        with pytest.raises(IntegrityError), transaction.atomic():
            again.save()

    def test_another_clinics_names_are_its_own(self, cast, screen):
        walls.enrol(by=cast.outsider, name="Corridor")
        assert [wall.name for wall in walls.walls(cast.clinic.pk)] == ["Corridor"]
        assert [wall.name for wall in walls.walls(cast.other_clinic.pk)] == ["Corridor"]


class TestKey:
    def test_is_a_wall_and_nothing_that_takes_tokens(self, cast, key):
        principal = principal_of_wall_key(key)
        assert principal is not None
        assert (principal.role, principal.clinic_id, principal.name) == (
            Role.WALL,
            cast.clinic.pk,
            "Wall screen Corridor",
        )
        assert principal.station
        assert principal_of_key(key) is None
        assert WallScreen.objects.filter(key_hash=key).count() == 0

    @pytest.mark.parametrize("key", ["", "nobody", "x" * 200, "\x00"])
    def test_an_unknown_one_is_nobody(self, cast, key):
        assert principal_of_wall_key(key) is None

    def test_speaks_only_where_it_says_that_it_does(self, cast, key):
        opened = browser(key)
        assert opened.get("/api/v1/board/?screen=wall").status_code == 200
        assert opened.get("/api/v1/board/").status_code == 401
        assert opened.get("/api/v1/board/?screen=room").status_code == 401
        assert opened.get("/api/v1/flags/?screen=wall").status_code == 401


class TestPage:
    def test_making_this_browser_one_signs_its_member_out(self, cast):
        here = signed_in(cast.supervisor)
        asked = {"name": "Corridor", "night_from": "20:30", "night_until": "06:15"}
        answer = here.post("/walls/enrol/", asked)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/wall/")
        cookie = answer.cookies[WALL_COOKIE]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Strict"
        assert here.get("/board/").status_code == 302
        page = here.get("/wall/")
        assert page.status_code == 200
        assert page.headers["Cache-Control"] == "no-store"
        # each look begins the cookie's time anew
        assert page.cookies[WALL_COOKIE]["max-age"] > 300 * 24 * 3600
        html = page.content.decode()
        assert 'data-night-from="20:30" data-night-until="06:15"' in html

    def test_what_is_wrong_is_said_and_nothing_is_made(self, cast, screen):
        here = signed_in(cast.supervisor)
        for asked, status, words in (
            ({"name": "Corridor"}, 409, "“Corridor” already"),
            ({"name": " "}, 422, "needs a name"),
            ({"name": "Desk", "night_from": "late"}, 422, "“late” is no time of day"),
        ):
            answer = here.post("/walls/enrol/", asked)
            assert answer.status_code == status
            assert words in answer.content.decode()
        assert WallScreen.objects.count() == 1
        assert here.get("/board/").status_code == 200

    def test_a_nurse_may_not(self, cast):
        here = signed_in(cast.nurse)
        assert here.post("/walls/enrol/", {"name": "Corridor"}).status_code == 403
        assert here.get("/screens/").status_code == 403
        assert WallScreen.objects.count() == 0

    def test_holds_no_data_itself_and_no_way_in(self, cast, key):
        session = builders.dosing(cast.nurse, cast.clinic, clock.now())
        html = browser(key).get("/wall/").content.decode()
        assert session.patient.family_name not in html
        assert "sign-in" not in html
        assert 'href="/' not in html.replace('href="/static/', "")

    def test_taken_back_it_says_that_nothing_is_watched(self, cast, key, screen):
        revoke(cast.supervisor, screen)
        answer = browser(key).get("/wall/")
        assert answer.status_code == 403
        assert "Nothing is watched here" in answer.content.decode()

    def test_the_list_names_who_hangs_there(self, cast, screen):
        page = signed_in(cast.admin).get("/screens/").content.decode()
        assert "Corridor" in page
        assert "dark from 19:00 to 07:00" in page
        assert "Corridor" not in signed_in(cast.outsider).get("/screens/").content.decode()
