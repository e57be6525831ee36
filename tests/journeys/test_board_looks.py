"""The board as a browser draws it: nothing overflows at any size, and lost trust covers it.

``UPDATE_SCREENS=1`` keeps the pictures in ``docs/screens/``.
"""

import re
from pathlib import Path

import pytest

from tests.journeys import board_stage
from tests.journeys.windows import PHONE, TABLET, UPRIGHT, WALL

pytestmark = pytest.mark.browser

OVERFLOWS = (Path(__file__).parent / "overflows.js").read_text()


@pytest.fixture
def stage():
    with board_stage.serving() as staged:
        yield staged


@pytest.fixture
def open_board(windows, stage):
    """Open the stage's board at a size."""

    def opened(size, theme="light"):
        page = windows.of(None, f"{stage.url}/board/", size, theme=theme)
        page.wait_for_selector("[data-part=live][data-state=live]")
        return page

    return opened


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("name", "size"),
    [("wall", WALL), ("tablet", TABLET), ("tablet-upright", UPRIGHT), ("phone", PHONE)],
)
def test_the_longest_names_and_numbers_fit_in_every_look(stage, open_board, picture, name, size, theme):
    stage.snapshot = board_stage.crowded()
    page = open_board(size, theme)
    assert page.locator('.tile:not([data-state="free"])').count() == 12
    picture(page, f"board-longest-{name}-{'day' if theme == 'light' else 'night'}")
    assert page.evaluate(OVERFLOWS) == []


@pytest.mark.parametrize("chairs", [1, 4, 6, 9, 12, 24])
def test_a_wall_holds_its_chairs_without_scrolling(stage, open_board, chairs):
    stage.snapshot = board_stage.filled(chairs)
    page = open_board(WALL)
    assert page.evaluate(OVERFLOWS) == []
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    last = page.locator(".tile").last.bounding_box()
    assert last["y"] + last["height"] <= WALL[1]
    ages = page.locator(".lead-age").all_inner_texts()
    assert ages == ["2 min ago"] * chairs
    assert page.locator(".spark").first.is_visible() == (chairs <= 12)
    if chairs <= 12:
        px = "node => parseFloat(getComputedStyle(node).fontSize)"
        assert page.locator(".small .value").first.evaluate(px) >= 56
        assert page.locator(".lead .value").first.evaluate(px) >= 56
        assert page.locator(".lead-age").first.evaluate(px) >= 18


def test_no_tile_moves_when_flags_come(stage, open_board):
    boxes = []
    for flags in (0, 1, 4, 7):
        sessions = [board_stage.panel(number) for number in range(1, 13)]
        for number in range(flags):
            sessions[number]["flags"] = [
                board_stage.flag("systolic", "high", f"BP 18{number}/104, limit 180", 180 + number)
            ]
        stage.snapshot = board_stage.snapshot(12, sessions)
        page = open_board(WALL)
        boxes.append(
            page.locator(".tile").evaluate_all("all => all.map(one => one.getBoundingClientRect().toJSON())")
        )
    assert all(box == boxes[0] for box in boxes)


def test_the_strip_keeps_every_high_in_sight_and_counts_the_rest(stage, open_board):
    sessions = [board_stage.panel(number) for number in range(1, 13)]
    for number, session in enumerate(sessions):
        priority = "high" if number >= 6 else "medium"
        session["flags"] = [board_stage.flag("systolic", priority, f"BP 18{number}/99, limit 165", 180)]
    stage.snapshot = board_stage.snapshot(12, sessions)
    page = open_board(WALL)
    looks = page.locator(".card-flag").evaluate_all("all => all.map(one => one.dataset.look)")
    assert looks == ["high"] * 6 + ["medium"]
    assert page.locator(".strip-more").inner_text() == "+5 more"


def test_old_values_are_struck_and_then_gone(stage, open_board):
    late = {"due": board_stage.due(-6)}
    stage.snapshot = board_stage.snapshot(
        3, [board_stage.panel(1), board_stage.panel(2, age=21, **late), board_stage.panel(3, age=70, **late)]
    )
    page = open_board(WALL)
    looks = page.locator(".lead .value").evaluate_all("all => all.map(one => one.dataset.look)")
    assert looks[:2] == ["plain", "stale"]
    figure = page.locator('.tile[data-chair="2"] .lead .figure').first
    assert "line-through" in figure.evaluate("node => getComputedStyle(node).textDecorationLine")
    assert page.locator('.tile[data-chair="3"] .lead-none').inner_text() == "no set since 09:32"
    assert not page.locator('.tile[data-chair="3"] .lead .value').is_visible()


def test_a_silent_stream_covers_the_board_and_speech_uncovers_it(stage, open_board, picture):
    page = open_board(WALL)
    stage.speaking = False
    cover = page.locator(".cover")
    cover.wait_for(state="visible", timeout=15_000)
    words = cover.inner_text()
    assert "NOT WATCHING" in words
    assert re.search(r"since 10:42:\d\d", words)
    assert "Go to the chairs" in words
    picture(page, "board-not-watching")
    stage.speaking = True
    cover.wait_for(state="hidden", timeout=20_000)


def test_a_watch_that_stopped_covers_at_once_and_is_named(stage, open_board):
    page = open_board(WALL)
    stage.watch_age_s = 14
    page.locator(".cover").wait_for(state="visible", timeout=2_000)
    assert page.locator(".cover .cause").inner_text().startswith("The watch has not run for 14 s")


def test_a_board_that_cannot_be_drawn_is_not_trusted(stage, browser):
    stage.snapshot = board_stage.snapshot(1, [board_stage.panel(1) | {"values": None}])
    page = browser.new_context().new_page()
    page.goto(f"{stage.url}/board/")
    page.locator(".cover").wait_for(state="visible", timeout=5_000)
    assert "could not draw" in page.locator(".cover .cause").inner_text()
    page.context.close()


def test_a_board_whose_program_does_not_load_says_so_by_itself(stage, browser):
    page = browser.new_context(reduced_motion="reduce").new_page()
    page.route("**/board.js", lambda route: route.abort())
    page.goto(f"{stage.url}/board/")
    cover = page.locator(".cover.unstarted")
    assert not cover.is_visible()
    cover.wait_for(state="visible", timeout=13_000)
    assert "Go to the chairs" in cover.inner_text()
    page.context.close()


def test_a_silent_worker_is_said_without_covering(stage, open_board):
    stage.worker_age_s = 125
    page = open_board(WALL)
    assert page.locator("[data-part=worker]").inner_text().strip() == (
        "Monitors are not being polled (worker silent 2 min): chart by hand"
    )
    assert not page.locator(".cover").is_visible()


def test_keys_reach_a_chair_and_take_the_top_flag(stage, open_board):
    page = open_board(WALL)
    page.keyboard.press("1")
    page.keyboard.press("2")
    assert page.evaluate("document.activeElement.closest('.tile').dataset.chair") == "12"
    page.keyboard.press("a")
    page.locator(".card-take:not([aria-busy])").wait_for()
    flag = stage.snapshot["sessions"][0]["flags"][0]["id"]
    assert stage.acknowledged == [f"/api/v1/flags/{flag}/acknowledge/"]
