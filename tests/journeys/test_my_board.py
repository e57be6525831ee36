"""The board as one nurse's: her own chairs large, a phone in one hand, a strip that says how flags stand.

``UPDATE_SCREENS=1`` keeps the pictures in ``docs/screens/``.
"""

from pathlib import Path

import pytest

from tests.journeys import board_stage
from tests.journeys.board_stage import LONG_NAME, ME, Json, at, flag, panel
from tests.journeys.windows import LAPTOP, PHONE, TABLET, UPRIGHT, WALL

pytestmark = pytest.mark.browser

OVERFLOWS = (Path(__file__).parent / "overflows.js").read_text()
SIZES = {"wall": WALL, "laptop": LAPTOP, "tablet": TABLET, "upright": UPRIGHT, "phone": PHONE}
MINE = (2, 5, 9)
REFUSED = ("Failed to load resource: the server responded with a status of 409", "409 ")
WHY = "second reading, 5 min apart; +52 over baseline 132; rule BP-2 v3"


@pytest.fixture
def stage():
    with board_stage.serving() as staged:
        yield staged


@pytest.fixture
def open_board(windows, stage):
    def opened(size, query="", theme="light", **how):
        page = windows.of(None, f"{stage.url}/board/{query}", size, theme=theme, **how)
        page.wait_for_selector("[data-part=live][data-state=live]")
        return page

    return opened


def high(text="BP 184/104, limit 180", value=184, **more):
    return flag("systolic", "high", text, value, why=WHY, **more)


def shared_out(chairs=10):
    """Ten chairs in use and two free; three are the reader's, and of both kinds some are in trouble."""
    sessions = []
    for number in range(1, chairs + 1):
        more: Json = {"nurse_id": ME, "nurse": "L. Okafor"} if number in MINE else {"nurse": LONG_NAME}
        if number == 5:
            more |= {
                "flags": [flag("heart_rate", "medium", "HR 131, limit 120", 131)],
                "values": {"heart_rate": 131},
            }
        if number == 7:
            more |= {"flags": [high()], "values": {"systolic": 184, "diastolic": 104}}
        if number == 8:
            more |= {"flags": [flag("systolic", "medium", "BP 170/99, limit 165", 170, opened_at=at(-1))]}
        sessions.append(panel(number, **more))
    return board_stage.snapshot(12, sessions)


def chairs_in(page, list_):
    return page.locator(f"{list_} > .tile").evaluate_all("all => all.map(one => one.dataset.chair)")


def strip_of(page):
    return page.locator(".card-chair b").all_inner_texts()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["light", "dark"], ids=["day", "night"])
def test_my_chairs_are_large_and_first_and_nobodys_high_is_hidden(stage, open_board, picture, size, theme):
    stage.snapshot = shared_out()
    page = open_board(SIZES[size], "?mine", theme)
    page.locator(".board-rest .tile").first.wait_for()
    picture(page, f"board-mine-{size}-{'day' if theme == 'light' else 'night'}")
    assert chairs_in(page, "[data-board]") == [str(number) for number in MINE]
    assert chairs_in(page, ".board-rest") == ["1", "3", "4", "6", "7", "8", "10"]
    # the medium of a chair that is not hers stands on its tile alone
    assert strip_of(page) == ["7", "5"]
    assert page.locator('.board-rest .tile[data-chair="8"]').get_attribute("data-state") == "medium"
    assert page.locator("[data-part=counts]").inner_text().startswith("10 sessions · 3 need you")
    mine = page.locator('.tile[data-chair="2"]').bounding_box()
    other = page.locator('.tile[data-chair="1"]').bounding_box()
    assert mine["height"] > 1.3 * other["height"]
    assert mine["y"] < other["y"]
    assert page.evaluate(OVERFLOWS) == []
    assert page.locator(".board-rest .lead-age").first.inner_text() == "2 min ago"


def test_which_chairs_is_chosen_on_the_page_and_kept_in_its_address(stage, open_board):
    stage.snapshot = shared_out()
    page = open_board(LAPTOP)
    page.locator(".tile").first.wait_for()
    assert chairs_in(page, "[data-board]") == [str(number) for number in range(1, 13)]
    assert strip_of(page) == ["7", "5", "8"]
    page.get_by_role("button", name="My chairs").click()
    assert page.url.endswith("/board/?mine")
    assert page.get_by_role("button", name="My chairs").get_attribute("aria-pressed") == "true"
    assert chairs_in(page, "[data-board]") == [str(number) for number in MINE]
    page.get_by_role("button", name="All chairs").click()
    assert page.url.endswith("/board/")
    assert chairs_in(page, "[data-board]") == [str(number) for number in range(1, 13)]
    assert not page.locator(".board-rest").is_visible()


@pytest.mark.parametrize("how", [{"escalated": 1}, {"undrawn": True}])
def test_what_nobody_took_or_saw_in_time_stands_in_everybodys_strip(stage, open_board, how):
    snapshot = shared_out()
    snapshot["sessions"][7]["flags"][0] |= how
    stage.snapshot = snapshot
    page = open_board(LAPTOP, "?mine")
    page.locator(".board-rest .tile").first.wait_for()
    assert strip_of(page) == ["7", "5", "8"]


def test_who_has_no_chair_sees_them_all_and_is_told(stage, open_board):
    stage.snapshot = board_stage.filled(12)
    page = open_board(LAPTOP, "?mine")
    page.locator(".tile").first.wait_for()
    assert page.locator(".tile").count() == 12
    assert not page.locator(".board-rest").is_visible()
    assert "No chair is yours now: all are shown" in page.locator("[data-part=notices]").inner_text()


# --- a phone


@pytest.mark.parametrize("theme", ["light", "dark"], ids=["day", "night"])
def test_a_phone_lists_the_chairs_in_their_order_under_the_strip(stage, open_board, picture, theme):
    stage.snapshot = shared_out()
    page = open_board(PHONE, theme=theme)
    page.locator(".tile").first.wait_for()
    picture(page, f"board-phone-{'day' if theme == 'light' else 'night'}")
    tops = page.locator(".tile").evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    assert chairs_in(page, "[data-board]") == [str(number) for number in range(1, 13)]
    assert tops == sorted(set(tops))
    strip = page.locator(".strip").bounding_box()
    assert strip["y"] + strip["height"] <= tops[0]
    assert page.evaluate(OVERFLOWS) == []
    # the last chair can be scrolled clear of the bar at the foot
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    last, bar = page.locator(".tile").last.bounding_box(), page.locator(".thumb-bar").bounding_box()
    assert last["y"] + last["height"] <= bar["y"]


def test_one_thumb_takes_the_first_flag(stage, open_board):
    stage.snapshot = shared_out()
    page = open_board(PHONE)
    bar = page.locator(".thumb-bar")
    assert "Chair 7: BP 184/104, limit 180" in bar.inner_text()
    page.evaluate("scrollTo(0, 900)")
    button = bar.get_by_role("button", name="I'm on it: chair 7")
    box = button.bounding_box()
    # the lower right quarter, where a right thumb lies; large enough for a glove
    assert box["y"] > PHONE[1] * 0.75
    assert box["x"] > PHONE[0] / 2
    assert box["height"] >= 56
    button.click()
    page.wait_for_function("() => !document.querySelector('.thumb-take[aria-busy]')")
    taken = stage.snapshot["sessions"][6]["flags"][0]["id"]
    assert stage.acknowledged == [f"/api/v1/flags/{taken}/acknowledge/"]


def test_a_take_that_is_refused_is_said_where_the_thumb_was(stage, open_board, windows):
    windows.expected = REFUSED
    stage.snapshot = shared_out()
    stage.refused = "Maria has it already."
    page = open_board(PHONE)
    page.locator(".thumb-take").click()
    page.get_by_text("Not taken: Maria has it already.").last.wait_for()
    assert "Not taken" in page.locator(".thumb-bar").inner_text()
    assert page.evaluate(OVERFLOWS) == []


def test_a_high_that_only_waits_is_kept_before_any_medium(stage, open_board):
    sessions = [panel(number, flags=[high(opened_at=at(number - 20))]) for number in range(1, 4)]
    sessions.append(panel(4, flags=[board_stage.pending("systolic", "BP 186/98, limit 180", 186, 3)]))
    sessions += [
        panel(number, flags=[flag("systolic", "medium", "BP 170/99, limit 165", 170)])
        for number in range(5, 10)
    ]
    stage.snapshot = board_stage.snapshot(9, sessions)
    page = open_board(PHONE)
    page.locator(".card-flag").first.wait_for()
    assert strip_of(page) == ["1", "2", "3", "4"]


def test_a_phone_shows_every_high_and_folds_the_rest(stage, open_board):
    sessions = [panel(number, flags=[high(opened_at=at(number - 20))]) for number in range(1, 7)]
    sessions += [
        panel(
            number, flags=[flag("systolic", "medium", "BP 170/99, limit 165", 170, opened_at=at(number - 20))]
        )
        for number in range(7, 10)
    ]
    stage.snapshot = board_stage.snapshot(9, sessions)
    page = open_board(PHONE)
    page.locator(".card-flag").first.wait_for()
    assert strip_of(page) == ["1", "2", "3", "4", "5", "6"]
    page.get_by_role("button", name="+3 more").click()
    assert strip_of(page) == [str(number) for number in range(1, 10)]


# --- the strip: how each flag stands


def every_state():
    taken = {"state": "acknowledged", "acknowledged_by": "A. Reed", "acknowledged_at": at(-1)}
    paused = {"state": "audio_paused", "paused_by": "A. Reed", "paused_until": at(3)}
    return board_stage.snapshot(
        6,
        [
            panel(1, flags=[high(asks_since=at(-4), opened_at=at(-4), escalated=1)]),
            panel(2, flags=[high(**taken, opened_at=at(-3))]),
            panel(3, flags=[high(state="latched", opened_at=at(-6))]),
            panel(4, flags=[high(**paused)]),
            panel(
                5,
                flags=[board_stage.pending("systolic", "BP 186/98, limit 180", 186, 3)],
                rechecks=[board_stage.recheck(["systolic", "diastolic"], 3)],
            ),
            panel(6, flags=[flag("spo2", "medium", "SpO2 92, limit 93", 92, opened_at=at(-30))]),
        ],
    )


def test_the_strip_says_how_each_flag_stands(stage, open_board, picture):
    stage.snapshot = every_state()
    page = open_board(WALL)
    cards = page.locator(".card-flag")
    cards.nth(5).wait_for()
    picture(page, "board-states-wall-day")
    # by priority, then age, the oldest first; a re-check after what is established
    assert strip_of(page) == ["3", "1", "2", "4", "5", "6"]
    words = cards.locator(".card-word").all_inner_texts()
    assert words == ["WAS HIGH", "HIGH", "HIGH", "HIGH", "RE-CHECK", "MEDIUM"]
    assert page.evaluate(OVERFLOWS) == []
    takeable = page.locator(".card-take").evaluate_all("all => all.map(one => !one.hidden)")
    assert takeable == [True, True, False, True, False, True]
    assert cards.nth(2).locator(".card-owner").inner_text() == "A. Reed"
    assert page.locator("[data-part=counts]").inner_text() == "6 sessions · 3 need you · 1 with sound paused"
    # silenced, it is on the screen as before; only nothing flashes
    assert page.locator('.tile[data-chair="4"]').get_attribute("data-state") == "high"
    assert page.locator('.tile[data-chair="4"]').get_attribute("data-urgent") is None
    tile = page.locator('.tile[data-chair="5"]')
    assert tile.locator(".next-words").inner_text().split("\n") == ["re-check BP", "10:45"]
    assert tile.locator(".line-side").inner_text() == "re-check due 10:45"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, ["HIGH · 4 min", WHY]),
        (3, ["WAS HIGH", "gone back: look and take"]),
        (4, ["HIGH", "paused until 10:45 by A. Reed"]),
        (5, ["RE-CHECK", "re-check due 10:45"]),
    ],
)
def test_a_card_alone_says_all_of_it(stage, open_board, number, words):
    session = next(one for one in every_state()["sessions"] if one["chair"]["name"] == str(number))
    stage.snapshot = board_stage.snapshot(6, [session])
    page = open_board(LAPTOP)
    card = page.locator(".card-flag")
    card.wait_for()
    assert all(word in card.inner_text().replace("\n", " ") for word in words), card.inner_text()
    assert page.evaluate(OVERFLOWS) == []
    assert card.locator(".ring").is_visible() == (number == 5)


def test_the_ring_is_the_sooner_of_the_next_set_and_a_re_check(stage, open_board):
    bp = ["systolic", "diastolic"]
    stage.snapshot = board_stage.snapshot(
        4,
        [
            panel(1, rechecks=[board_stage.recheck(bp, 4)], due=board_stage.due(8)),
            panel(2, rechecks=[board_stage.recheck(bp, 9)], due=board_stage.due(8)),
            panel(3, rechecks=[board_stage.recheck(bp, 4, with_set=True)], due=board_stage.due(4)),
            panel(4, rechecks=[board_stage.recheck(["spo2"], -1)], due=board_stage.due(8)),
        ],
    )
    page = open_board(WALL)
    page.locator(".tile").nth(3).wait_for()
    said = [one.split("\n") for one in page.locator(".next-words").all_inner_texts()]
    assert said == [
        ["re-check BP", "10:46"],
        ["next set", "8 min"],
        ["next set", "4 min"],
        ["re-check SpO2 due", "1 min ago"],
    ]
    assert "1 re-check due" in page.locator("[data-part=counts]").inner_text()


def test_where_not_all_can_stand_what_nobody_took_goes_first(stage, open_board):
    taken = {"state": "acknowledged", "acknowledged_by": "A. Reed", "acknowledged_at": at(-1)}
    sessions = [panel(number, flags=[high(opened_at=at(number - 40), **taken)]) for number in range(1, 8)]
    sessions += [panel(number, flags=[high(opened_at=at(number - 20))]) for number in range(8, 13)]
    stage.snapshot = board_stage.snapshot(12, sessions)
    page = open_board(WALL)
    page.locator(".strip-more:visible").wait_for()
    assert strip_of(page) == ["1", "2", "8", "9", "10", "11", "12"]
    assert page.locator(".strip-more").inner_text() == "+5 more, 5 high"
    before = page.locator(".tile").first.bounding_box()
    page.locator(".strip-more").click()
    assert len(strip_of(page)) == 12
    assert page.locator(".tile").first.bounding_box() == before
    assert page.evaluate(OVERFLOWS) == []
