"""The patient's side in a browser: the screen in the room that calls, the check-in at home, who sees them."""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from clinic import clock
from clinic.models import Clinic, Patient, User
from sessions.models import FollowUp
from sessions.services import follow_ups
from tests import builders, processes
from tests.builders import Cast
from tests.journeys.windows import LAPTOP, PHONE, TABLET, UPRIGHT, WALL, Windows
from vitals.models import Flag

pytestmark = pytest.mark.browser

OVERFLOWS = (Path(__file__).parent / "overflows.js").read_text()
CALM: dict[str, Any] = {
    "systolic": 118,
    "diastolic": 74,
    "heart_rate": 71,
    "respiratory_rate": 14,
    "spo2": 98,
    "sedation": 5,
}
CRISIS = "Harbor crisis line 555 0199, day and night. You can also text HELLO to 555 0198."
COVERS_WITHIN_MS = 20_000
# what Chromium prints of a server that is gone, and of the polite page's status
GONE = ("Failed to load resource: net::ERR_CONNECTION_REFUSED",)
CLOSED = ("Failed to load resource: the server responded with a status of 404", "404 ")
INCOMPLETE = ("Failed to load resource: the server responded with a status of 422", "422 ")
CUT_OFF = (
    "Failed to load resource: the server responded with a status of 401",
    "Failed to load resource: the server responded with a status of 403",
    "401 ",
    "403 ",
)


@dataclass
class Ward:
    """Harbor clinic, served, with its web process at hand."""

    url: str
    web: processes.Part
    cast: Cast
    windows: Windows

    def open(self, who, path, size=TABLET, **how):
        return self.windows.of(who, f"{self.url}{path}", size, **how)

    def screen_of_chair(self, name, size=TABLET, **how):
        """A browser that the supervisor signs in to and makes the screen of a chair."""
        page = self.open(self.cast.supervisor, "/screens/", size, **how)
        page.get_by_role("button", name=f"Make this device the screen of chair {name}", exact=True).click()
        page.wait_for_url("**/room/")
        return page

    def dosing(self, minutes=50, **how):
        at = clock.now() - timedelta(minutes=minutes)
        session = builders.dosing(self.cast.nurse, self.cast.clinic, at, **how)
        calm: dict[str, Any] = {
            "systolic": 118,
            "diastolic": 74,
            "heart_rate": 71,
            "respiratory_rate": 14,
            "spo2": 98,
        }
        builders.record(builders.incoming(self.cast.nurse, session, clock.now(), **calm, sedation=5))
        User.objects.filter(pk=self.cast.nurse.actor_id).update(first_name="Maria", last_name="Okafor")
        return session

    def released(self, hours_ago, chair, **columns):
        """A session that ended so many hours ago."""
        at = clock.now() - timedelta(hours=hours_ago, minutes=122)
        session = builders.dosing(self.cast.nurse, self.cast.clinic, at, chair=chair)
        Patient.objects.filter(pk=session.patient_id).update(**columns)
        for minute, name, details in (
            (40, "stop", {"reason": "planned end"}),
            (121, "readiness", {"items": {}, "escort": "A friend"}),
            (122, "release", {}),
        ):
            builders.act(self.cast.supervisor, session, name, at + timedelta(minutes=minute), **details)
        return session

    def link(self, session, kind="24h"):
        """The address that a message would carry."""
        row = FollowUp.objects.get(session=session, kind=kind)
        sending = follow_ups.claim(row.id, at=clock.now())
        assert sending is not None
        follow_ups.sent(sending, channel="e-mail", at=clock.now())
        return f"/check-in/{sending.key}/"


@pytest.fixture
def ward(committed_db, windows, tmp_path):
    cast = builders.cast()
    User.objects.update(password=Argon2PasswordHasher().encode(builders.PASSWORD, "salt-of-the-tests"))
    environment = processes.environment()
    web, url = processes.web(environment, tmp_path)
    with processes.running(web, processes.watch(environment, tmp_path)):
        processes.await_web(web, url)
        yield Ward(url, web, cast, windows)
        windows.close()


def part(page, name):
    return page.locator(f'[data-part="{name}"]')


def test_a_patient_calls_and_a_nurse_comes(ward, picture):
    session = ward.dosing()
    room = ward.screen_of_chair("1", theme="dark")
    room.get_by_text("Your nurse is Maria").wait_for()
    assert part(room, "left-words").inner_text() == "about 1 hour 10 minutes left"
    assert re.fullmatch(r"in \d+ minutes?", part(room, "check-in").inner_text())
    assert session.patient.family_name not in room.content()
    # who made it the screen is signed out on it
    assert all(cookie["name"] != "sessionid" for cookie in room.context.cookies())
    picture(room, "room-tablet-night")

    board = ward.open(ward.cast.nurse, "/board/", WALL)
    board.locator("[data-part=live][data-state=live]").wait_for()
    part(room, "call").click()
    room.get_by_text("Your call is on the nurses’ screens").wait_for()
    picture(room, "room-called-tablet-night")
    card = board.locator(".card-flag", has_text="Patient calls")
    card.wait_for()
    assert card.locator(".card-word").inner_text() == "CALL"
    assert "1" in card.locator(".card-chair").inner_text()
    tile = board.locator('.tile[data-chair="1"]')
    assert tile.get_attribute("data-state") == "medium"
    picture(board, "board-call-wall-day")

    part(room, "call").click()  # again changes nothing
    room.wait_for_timeout(500)
    assert Flag.objects.filter(session=session).count() == 1
    card.get_by_role("button", name="I'm on it").click()
    card.wait_for(state="detached")
    room.get_by_text(re.compile(r"^A nurse took your call at \d\d:\d\d and is coming\.$")).wait_for(
        timeout=10_000
    )
    assert part(room, "call-words").inner_text() == "Call again"
    picture(room, "room-coming-tablet-night")
    flag = Flag.objects.get(session=session)
    assert (flag.state, flag.acknowledged_by) == ("resolved", "Maria Okafor")


def test_a_screen_that_lost_its_server_covers_itself(ward, picture):
    ward.dosing()
    room = ward.screen_of_chair("1", UPRIGHT)
    room.get_by_text("Your nurse is Maria").wait_for()
    assert room.evaluate(OVERFLOWS) == []
    picture(room, "room-tablet-upright-day")
    ward.windows.expected = GONE
    ward.web.kill()
    part(room, "cover").wait_for(timeout=COVERS_WITHIN_MS)
    assert part(room, "cover").inner_text().split("\n")[0] == "Call button not working."
    assert "Call out." in part(room, "cover").inner_text()
    assert not part(room, "call").is_visible()
    picture(room, "room-covered-tablet-upright-day")
    ward.web.start()
    part(room, "call").wait_for(timeout=30_000)


def test_a_call_that_is_not_taken_is_said_at_once(ward):
    ward.dosing()
    room = ward.screen_of_chair("1")
    room.get_by_text("Your nurse is Maria").wait_for()
    ward.windows.expected = GONE
    ward.web.kill()
    part(room, "call").click()
    part(room, "cover").wait_for(timeout=6000)


def test_an_empty_chair_is_welcoming_and_a_screen_taken_back_says_so(ward, picture):
    room = ward.screen_of_chair("2")
    room.get_by_role("heading", name="Welcome").wait_for()
    assert not part(room, "call").is_visible()
    picture(room, "room-empty-tablet-day")
    rooms = ward.open(ward.cast.supervisor, "/screens/")
    assert rooms.evaluate(OVERFLOWS) == []
    picture(rooms, "screens-rooms-tablet-day")
    ward.windows.expected = CUT_OFF
    rooms.get_by_role("button", name="Take back the screen of chair 2").click()
    room.get_by_role("heading", name="This is no chair’s screen").wait_for(timeout=10_000)
    assert "call out" in room.content()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_patient_answers_at_home_and_staff_look(ward, picture, script):
    Clinic.objects.filter(pk=ward.cast.clinic.pk).update(crisis_words=CRISIS, phone="555 0100")
    session = ward.released(26, "1", family_name="Marchetti", email="patient@example.org", phone="555 0111")
    ward.released(50, "2", family_name="Silent")
    link = ward.link(session)
    phone = ward.open(None, link, PHONE, java_script_enabled=script)
    assert "Marchetti" not in phone.content()
    assert CRISIS in phone.content()
    if script:
        assert phone.evaluate(OVERFLOWS) == []
        picture(phone, "check-in-phone-day", full_page=True)
    for code, value in (("mood", "3"), ("drove", "no"), ("slept", "yes"), ("harm", "yes")):
        phone.locator(f'input[name="{code}"][value="{value}"]').check()
    phone.locator('input[name="symptoms"][value="vomiting"]').check()
    phone.get_by_role("button", name="Send answers").click()
    phone.get_by_role("heading", name="Thank you").wait_for()
    assert "talk to somebody now" in phone.content()
    if script:
        picture(phone, "check-in-done-phone-day", full_page=True)
    ward.windows.expected = CLOSED
    again = ward.open(None, link, PHONE, java_script_enabled=script)
    again.get_by_role("heading", name="This link is not open").wait_for()

    ward.windows.expected += INCOMPLETE
    page = ward.open(ward.cast.supervisor, "/follow-ups/", LAPTOP if script else TABLET)
    page.get_by_role("heading", name="2 need someone").wait_for()
    assert page.evaluate(OVERFLOWS) == []
    picture(page, f"follow-ups-{'laptop' if script else 'tablet'}-day")
    first, second = page.locator(".follow-up[data-state]").all()
    assert first.get_attribute("data-state") == "high"
    assert "Thoughts of harming oneself" in first.inner_text()
    assert "Still there: vomiting" in first.inner_text()
    assert "3 of 10" in first.inner_text()
    assert "No answer" in second.inner_text()
    first.get_by_label("What was done").fill("Telephoned, safety plan gone through, seen today")
    first.get_by_role("button", name="Reviewed").click()
    page.get_by_role("heading", name="1 needs someone").wait_for()
    with page.expect_navigation():
        page.locator(".follow-up", has_text="No answer").get_by_role("button", name="Send a new link").click()
    page.locator(".follow-up", has_text="No answer").get_by_role("button", name="Reviewed").click()
    page.locator(".follow-up .error").wait_for()
    assert FollowUp.objects.filter(reviews__isnull=False).count() == 1


def test_who_only_reads_is_offered_no_review(ward):
    ward.released(50, "1")
    page = ward.open(ward.cast.auditor, "/follow-ups/", LAPTOP)
    page.get_by_role("heading", name="1 needs someone").wait_for()
    assert page.get_by_role("button", name="Reviewed").count() == 0
