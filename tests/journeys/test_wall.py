"""A screen on the wall: made by a supervisor, read by whoever passes, and honest when it is no longer one.

``UPDATE_SCREENS=1`` keeps the pictures in ``docs/screens/``.
"""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from clinic import clock
from clinic.models import WallScreen
from tests import builders
from tests.journeys import board_stage
from tests.journeys.board_stage import Json, flag, panel
from tests.journeys.windows import TABLET, WALL

pytestmark = pytest.mark.browser

OVERFLOWS = (Path(__file__).parent / "overflows.js").read_text()
LIVE = "[data-part=live][data-state=live]"
REFUSED = ("Failed to load resource: the server responded with a status of 401", "401 ")
FONT_PX = "node => parseFloat(getComputedStyle(node).fontSize)"


@pytest.fixture
def stage():
    with board_stage.serving() as staged:
        yield staged


@pytest.fixture
def open_wall(windows, stage):
    def opened(query="", size=WALL, *, night=False):
        asked = "&".join(filter(None, [query, "night" if night else ""]))
        page = windows.of(None, f"{stage.url}/wall/?{asked}", size)
        page.wait_for_selector(LIVE)
        return page

    return opened


def troubled(chairs):
    """So many chairs, all taken, with every kind of flag among them as far as there are chairs."""
    sessions = [panel(number, values={"systolic": 118 + number}) for number in range(1, chairs + 1)]
    looks: list[Json] = [
        {
            "flags": [
                flag(
                    "systolic",
                    "high",
                    "BP 184/104, limit 180",
                    184,
                    why="second reading, 5 min apart; +52 over baseline 132; rule BP-2 v3",
                )
            ],
            "values": {"systolic": 184, "diastolic": 104},
        },
        {"flags": [board_stage.pending("systolic", "BP 186/98, limit 180", 186, 3)]},
        {"age": 21, "due": board_stage.due(-6, "40-minute set"), "flags": [flag(None, "low", "Set overdue")]},
        {"rechecks": [board_stage.recheck(["spo2"], 1)], "state": "dosing"},
    ]
    for place, look in zip(range(0, chairs, max(1, chairs // 4)), looks, strict=False):
        sessions[place] = panel(place + 1, **look)
    return board_stage.snapshot(chairs, sessions)


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
@pytest.mark.parametrize("chairs", [1, 4, 6, 9, 12, 24, 30])
def test_it_holds_its_chairs_without_scrolling(stage, open_wall, picture, chairs, night):
    stage.snapshot = troubled(chairs)
    page = open_wall(night=night)
    assert page.evaluate("document.documentElement.dataset.theme") == ("night" if night else "day")
    page.locator("body[data-shift]").wait_for()
    picture(page, f"wall-{chairs}-{'night' if night else 'day'}")
    assert page.evaluate(OVERFLOWS) == []
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert page.locator(".tile").count() == chairs
    last = page.locator(".tile").last.bounding_box()
    assert last["y"] + last["height"] <= WALL[1]
    assert page.locator(".lead-age").count() == chairs
    assert all(age.endswith(" ago") for age in page.locator(".lead-age").all_inner_texts())
    assert page.locator(".spark").first.is_visible() == (chairs <= 12)
    if chairs <= 12:
        assert page.locator(".small .value:visible").first.evaluate(FONT_PX) >= 56
        assert page.locator(".lead .value:visible").first.evaluate(FONT_PX) >= 56


def test_the_layout_is_asked_for_once_and_never_leaves_a_chair_out(stage, open_wall):
    grid = "node => [...new Set([...node.children].map(one => one.offsetLeft))].length"
    stage.snapshot = board_stage.filled(7)
    page = open_wall("tiles=12")
    board = page.locator("[data-wall]")
    wide = page.locator(".tile").first.bounding_box()["width"]
    assert board.evaluate(grid) == 4
    page.goto(f"{stage.url}/wall/")  # kept by the screen
    page.wait_for_selector(LIVE)
    page.locator(".tile").first.wait_for()
    assert page.locator(".tile").first.bounding_box()["width"] == wide
    page.goto(f"{stage.url}/wall/?tiles=4")  # fewer than there are chairs: the next that holds them all
    page.wait_for_selector(LIVE)
    page.locator(".tile").nth(6).wait_for()
    assert page.locator("body").get_attribute("data-tiles") == "9"
    assert board.evaluate(grid) == 3


def test_nothing_on_it_can_be_pressed_and_nothing_names_a_patient(stage, open_wall):
    stage.snapshot = board_stage.crowded()
    page = open_wall()
    page.locator(".card-flag").first.wait_for()
    assert page.locator("a:visible, .card-take:visible").count() == 0
    assert [one.get_attribute("aria-label") for one in page.locator("button:visible").all()] == [
        "Switch between day and night"
    ]
    page.keyboard.press("a")
    page.keyboard.press("1")
    assert stage.acknowledged == []
    assert page.evaluate("document.activeElement.closest('.tile')") is None
    assert page.locator("[data-part=counts]").inner_text().startswith("12 sessions · 4 need someone")


def test_it_wanders_less_than_eight_pixels_and_nothing_leaves_the_screen(stage, open_wall):
    stage.snapshot = board_stage.filled(9)
    page = open_wall()
    page.locator(".tile").first.wait_for()
    places = set()
    for shift in range(4):
        page.evaluate("shift => { document.body.dataset.shift = shift }", str(shift))
        first, last = page.locator(".tile").first.bounding_box(), page.locator(".tile").last.bounding_box()
        places.add((first["x"], first["y"]))
        assert last["x"] + last["width"] <= WALL[0]
        assert last["y"] + last["height"] <= WALL[1]
    across, down = zip(*places, strict=True)
    assert len(places) == 4
    assert max(across) - min(across) < 8
    assert max(down) - min(down) < 8


def test_night_comes_by_the_hours_and_a_hand_overrules_it_until_the_next_turn(stage, open_wall):
    theme = "document.documentElement.dataset.theme"
    page = open_wall(night=True)
    assert page.evaluate(theme) == "night"
    page.locator("body[data-shift]").wait_for()
    page.get_by_role("button", name="Switch between day and night").click()
    page.wait_for_timeout(1500)
    assert page.evaluate(theme) == "day"
    page.reload()
    page.locator("body[data-shift]").wait_for()
    assert page.evaluate(theme) == "day"
    # the hours turn: what was chosen before is over
    page.goto(f"{stage.url}/wall/?")
    page.locator("body[data-shift]").wait_for()
    assert page.evaluate("localStorage.getItem('vigil.theme')") is None
    page.goto(f"{stage.url}/wall/?night")
    page.wait_for_function(f"() => {theme} === 'night'")


def test_a_newer_version_is_loaded_when_all_is_calm(stage, open_wall):
    sessions = [panel(1), panel(2, flags=[flag("systolic", "high", "BP 184/104, limit 180", 184)])]
    stage.snapshot = board_stage.snapshot(2, sessions)
    page = open_wall()
    page.evaluate("() => { window.first = true }")
    stage.version = "two"
    page.wait_for_timeout(1500)
    # somebody must still see this one
    assert stage.served_walls == 1
    assert page.evaluate("window.first") is True
    stage.snapshot = board_stage.snapshot(2, [panel(1), panel(2)])
    stage.version = board_stage.VERSION
    calm = open_wall()
    stage.version = "two"
    calm.wait_for_event("framenavigated")
    calm.wait_for_selector(LIVE)
    # once to look, once to load; and then not again for some minutes
    calm.wait_for_timeout(1500)
    assert stage.served_walls == 4


def test_a_silent_server_covers_it_and_asks_nobody_to_sign_in(stage, open_wall, picture):
    stage.snapshot = troubled(9)
    page = open_wall()
    stage.speaking = False
    cover = page.locator(".cover")
    cover.wait_for(state="visible", timeout=15_000)
    words = cover.inner_text()
    assert "NOT WATCHING" in words
    assert re.search(r"since 10:42:\d\d", words)
    assert not cover.get_by_role("link").is_visible()
    picture(page, "wall-not-watching")
    stage.speaking = True
    cover.wait_for(state="hidden", timeout=20_000)


def test_taken_back_it_covers_itself_and_says_so(stage, open_wall, windows):
    page = open_wall()
    windows.expected = REFUSED
    stage.gone = True
    cover = page.locator(".cover")
    cover.wait_for(state="visible", timeout=6_000)
    assert "This wall screen was taken back" in cover.inner_text()
    assert not cover.get_by_role("link").is_visible()
    assert "Sign in" not in [one.inner_text() for one in cover.get_by_role("link").all() if one.is_visible()]


# --- from the page that makes one to the page that takes it back


def test_a_supervisor_hangs_a_screen_and_takes_it_back(ward, windows, picture):
    session = ward.dosing()
    ward.calm_set(session)
    wall = ward.open(ward.cast.supervisor, "/screens/", WALL)
    assert wall.evaluate(OVERFLOWS) == []
    wall.get_by_label("Its name, such as where it hangs").fill("Corridor")
    wall.get_by_role("button", name="Make it a wall screen").click()
    wall.wait_for_url("**/wall/")
    wall.wait_for_selector(LIVE)
    wall.locator('.tile[data-chair="1"][data-stage="dosing"]').wait_for()
    # who made it is signed out on it, and no patient's name came along
    assert all(cookie["name"] != "sessionid" for cookie in wall.context.cookies())
    assert session.patient.family_name not in wall.content()

    builders.record(
        builders.incoming(
            ward.cast.nurse, session, clock.now() + timedelta(seconds=1), systolic=205, diastolic=110
        )
    )
    wall.locator('.card-flag[data-look="high"]').wait_for()
    assert wall.locator(".card-owner").inner_text() == "nobody yet"

    screens = ward.open(ward.cast.admin, "/screens/", TABLET)
    assert screens.evaluate(OVERFLOWS) == []
    picture(screens, "screens-tablet-day", full_page=True)
    windows.expected = REFUSED
    with screens.expect_navigation():
        screens.get_by_role("button", name="Take back the wall screen Corridor").click()
    assert WallScreen.objects.get().revoked_at is not None
    wall.locator(".cover").wait_for(state="visible", timeout=45_000)
    assert "This wall screen was taken back" in wall.locator(".cover .cause").inner_text()
    picture(wall, "wall-taken-back")
