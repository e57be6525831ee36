"""The states of a chair are told apart without colour: by word, icon and edge, and by eyes that see
few colours or none.

``UPDATE_SCREENS=1`` keeps one sheet of pictures in ``docs/screens/``: the board as it is seen with each.
"""

import io
from itertools import combinations
from typing import Any

import pytest

from tests.journeys import board_stage
from tests.journeys.windows import WALL

pytestmark = pytest.mark.browser

EYES = {
    "as it is": "none",
    "protanopia": "protanopia",
    "deuteranopia": "deuteranopia",
    "tritanopia": "tritanopia",
    "without colour": "achromatopsia",
}
THEMES = {"day": "light", "night": "dark"}
FRAME_PX = 7  # the thickest edge
CORNER, GAP, LINE = (216, 64), 6, 26  # of the sheet, in pixels
# what a pixel may differ by and still look the same, of 255; and how much of a frame must differ
SEEN_FROM, FRAME_SHARE, ICON_SHARE = 40, 0.15, 0.06

# each state of a flag, then what a chair without one can be
FLAGS: dict[str, dict[str, Any]] = {
    "high": {"vital": "systolic", "priority": "high"},
    "medium": {"vital": "systolic", "priority": "medium"},
    "low": {"vital": "systolic", "priority": "low"},
    "technical": {"vital": "systolic", "priority": "medium", "category": "technical"},
    "pending": {"vital": "systolic", "priority": "medium", "state": "pending"},
}
WITHOUT: dict[str, dict[str, Any]] = {
    "plain": {},
    "overdue": {"age": 21, "due": board_stage.due(-6)},
    "held": {"state": "held"},
}
LOOKS = [*FLAGS, *WITHOUT]

# The word, icon and edge of each tile, by what is drawn.
SAID = """() => {
  const words = (tile) => [...tile.querySelectorAll(".line-word, .stage-word")].map((one) => one.textContent);
  const shape = (svg) => {
    const name = svg.querySelector("use").getAttribute("href").split("#")[1];
    return getComputedStyle(svg).fill === "none" ? name : `${name}, filled`;
  };
  const said = (tile) => {
    const edge = getComputedStyle(tile);
    return {
      word: words(tile).join("").trim(),
      icon: [...tile.querySelectorAll(".line-icon svg")].map(shape).join(),
      edge: `${edge.borderTopStyle} ${edge.borderTopWidth}`,
    };
  };
  const taken = [...document.querySelectorAll('.tile:not([data-state="free"])')];
  return Object.fromEntries(taken.map((tile) => [tile.dataset.chair, said(tile)]));
}"""


def snapshot():
    """A chair in each look, all with the same values and the same words beside them."""
    flags = [board_stage.flag(text="BP 184/104", value=184, **columns) for columns in FLAGS.values()]
    values = {"systolic": 184, "diastolic": 104}
    sessions = [
        board_stage.panel(number, flags=[flag], values=values) for number, flag in enumerate(flags, start=1)
    ]
    sessions += [
        board_stage.panel(number, values=values, **more)
        for number, more in enumerate(WITHOUT.values(), start=len(FLAGS) + 1)
    ]
    return board_stage.snapshot(len(LOOKS) + 1, sessions)


@pytest.fixture
def open_board(windows):
    """Open a board with every look on it, by day or by night."""
    with board_stage.serving() as stage:
        stage.snapshot = snapshot()

        def opened(theme="light"):
            page = windows.of(None, f"{stage.url}/board/", WALL, theme=theme)
            page.wait_for_selector("[data-part=live][data-state=live]")
            page.evaluate("document.fonts.ready")
            return page

        yield opened
        windows.close()  # before the stage goes: a page would complain of what it no longer reaches


def test_word_icon_and_edge_differ_for_every_two_states(open_board):
    said = open_board().evaluate(SAID)
    looks = {look: said[str(number)] for number, look in enumerate(LOOKS, start=1)}
    for look in FLAGS:
        assert looks[look]["word"], look
        assert looks[look]["icon"], look
    same = {
        (one, other, how)
        for one, other in combinations([*FLAGS, "plain"], 2)
        for how in ("word", "icon", "edge")
        if looks[one][how] == looks[other][how]
    }
    assert same == set()
    # an overdue set is of the technical kind, as the law of looks says: the word and its time tell which
    assert (looks["overdue"]["edge"], looks["overdue"]["word"]) == (looks["technical"]["edge"], "OVERDUE")
    words = [looks[look]["word"] for look in LOOKS]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("theme", THEMES)
def test_edges_and_icons_differ_in_every_eye(open_board, theme):
    page = open_board(THEMES[theme])
    for eye, picture in seen_by_each(page).items():
        frames = {look: frame(picture, box(page, look)) for look in [*FLAGS, "plain"]}
        icons = {look: icon(page, picture, look) for look in FLAGS}
        for one, other in combinations(frames, 2):
            share = differs(frames[one], frames[other])
            assert share >= FRAME_SHARE, f"{eye}: the edges of {one} and {other} differ in {share:.0%}"
        for one, other in combinations(icons, 2):
            share = differs(icons[one], icons[other])
            assert share >= ICON_SHARE, f"{eye}: the icons of {one} and {other} differ in {share:.0%}"


def test_a_sheet_of_the_board_in_every_eye(open_board, drawing):
    image = pytest.importorskip("PIL.Image")
    draw = pytest.importorskip("PIL.ImageDraw")
    font = pytest.importorskip("PIL.ImageFont")
    rows = []
    for theme, scheme in THEMES.items():
        page = open_board(scheme)
        corners = {look: corner(box(page, look)) for look in LOOKS}
        rows += [
            (f"{eye}, {theme}", [picture.crop(corners[look]) for look in LOOKS])
            for eye, picture in seen_by_each(page).items()
        ]
    wide, high = CORNER
    sheet = image.new("RGB", (len(LOOKS) * (wide + GAP), len(rows) * (high + LINE)), "white")
    for number, (words, crops) in enumerate(rows):
        top = number * (high + LINE)
        draw.Draw(sheet).text((GAP, top + 4), words, "black", font.load_default(15))
        for place, crop in enumerate(crops):
            sheet.paste(crop, (place * (wide + GAP), top + LINE))
    drawing(sheet, "board-in-every-eye")


def seen_by_each(page):
    """The picture of the page in each kind of eyes, as the browser's engine draws it for them."""
    image = pytest.importorskip("PIL.Image")
    devtools = page.context.new_cdp_session(page)
    pictures = {}
    for eye, kind in EYES.items():
        devtools.send("Emulation.setEmulatedVisionDeficiency", {"type": kind})
        pictures[eye] = image.open(io.BytesIO(page.screenshot())).convert("RGB")
    devtools.send("Emulation.setEmulatedVisionDeficiency", {"type": "none"})
    return pictures


def corner(place):
    """The lower left corner of a tile, where its edge, icon and word meet."""
    x, y, _, height = place
    wide, high = CORNER
    return (x, y + height - high, x + wide, y + height)


def box(page, look):
    place = page.locator(f'.tile[data-chair="{LOOKS.index(look) + 1}"]').bounding_box()
    return tuple(round(place[side]) for side in ("x", "y", "width", "height"))


def frame(picture, place):
    """The edge of a tile alone, in grey: its upper side and its left side, without the round corners."""
    x, y, width, height = place
    upper = picture.crop((x + 16, y, x + width - 16, y + FRAME_PX))
    left = picture.crop((x, y + 16, x + FRAME_PX, y + height - 16))
    return upper.convert("L").tobytes() + left.convert("L").tobytes()


def icon(page, picture, look):
    """The icon of a tile's last line as ink on its ground: 255 where there is ink, whatever its colour."""
    place = page.locator(f'.tile[data-chair="{LOOKS.index(look) + 1}"] .line-icon svg').bounding_box()
    x, y = round(place["x"]), round(place["y"])
    side = round(place["width"])
    grey = picture.crop((x, y, x + side, y + side)).convert("L")
    ground = grey.getpixel((0, 0))
    return [255 if abs(value - ground) > SEEN_FROM else 0 for value in grey.tobytes()]


def differs(one, other):
    """The share of places at which two strips of pixels look different."""
    length = min(len(one), len(other))
    return sum(abs(a - b) > SEEN_FROM for a, b in zip(one, other, strict=False)) / length
