"""Every page of the resolver, signed in and with real data: nothing serious for axe-core, at any size, day or
night, dialogs and sheets opened too; and what moves on it.

A page that no table of ``tests/journeys/pages`` names fails here by its route.
"""

import ipaddress
import re
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from clinic import rooms, walls
from clinic.tokens import ROOM_COOKIE, WALL_COOKIE
from reports import demo
from tests.journeys import accessible, busy_clinic, pages
from tests.journeys.busy_clinic import NOW, BusyClinic
from tests.journeys.every_row import rows_of
from tests.journeys.pages.kinds import NotDrawn, Seen
from tests.journeys.windows import LAPTOP, PHONE, TABLET, Windows

pytestmark = pytest.mark.browser

SIZES = {"laptop": LAPTOP, "tablet": TABLET, "phone": PHONE}
SETTLE_MS = 300  # the first event of the stream, and what it draws
THEMES = {"day": "light", "night": "dark"}
MOVING = (Path(__file__).parent / "moving.js").read_text()
SCREENS = Path(__file__).resolve().parents[2] / "screens"
# what Chromium prints of a page that is refused on purpose, or of a network that a test cuts
PROVOKED = (
    "Failed to load resource: the server responded with a status of 403",
    "Failed to load resource: the server responded with a status of 404",
    "Failed to load resource: net::ERR_INTERNET_DISCONNECTED",
    "403 ",
    "404 ",
)


@dataclass
class House:
    """The busy clinic, with a row for every address and a window for everybody."""

    busy: BusyClinic
    windows: Windows
    rows: dict[str, str]
    # screens that show without a sign-in: {who: (cookie, key)}
    screens: dict[str, tuple[str, str]]

    def open(self, look: Seen | NotDrawn, size: tuple[int, int] = LAPTOP, **how: Any) -> Any:
        self.busy.poll()
        who = None if look.who in {"nobody", *self.screens} else self.busy.person(look.who)
        page = self.windows.of(who, "about:blank", size, **how)
        if look.who in self.screens:
            name, key = self.screens[look.who]
            page.context.add_cookies([{"name": name, "value": key, "domain": "127.0.0.1", "path": "/"}])
        answer = page.goto(self.busy.at(look.path.format(**self.rows)))
        if isinstance(look, Seen):
            assert answer.status == look.status, look
            page.locator(look.ready).first.wait_for()
            page.evaluate("document.fonts.ready")
            page.wait_for_timeout(SETTLE_MS)
        return page


@pytest.fixture
def house(committed_db, windows, tmp_path, settings):
    windows.expected = PROVOKED
    settings.NOTIFY_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    with busy_clinic.served(tmp_path) as busy:
        demo.file_forms(busy.clinic, NOW)
        chair = busy.troubled.chair
        assert chair is not None
        screens = {
            "room": (ROOM_COOKIE, rooms.enrol(by=busy.supervisor, chair_id=chair.id, at=NOW)),
            "wall": (WALL_COOKIE, walls.enrol(by=busy.supervisor, name="Corridor")),
        }
        yield House(busy, windows, rows_of(busy), screens)
        windows.close()


def test_every_page_is_in_a_table_and_nothing_else_is():
    assert set(pages.table()) == pages.routes()


def test_every_dialog_is_opened_here():
    modules = "".join(path.read_text() for path in (SCREENS / "static" / "screens").glob("*.js"))
    templates = "".join(path.read_text() for path in (SCREENS / "templates").rglob("*.html"))
    there = set(re.findall(r'openDialog\(\s*"([a-z-]+)"', modules))
    there |= set(re.findall(r'<dialog id="([a-z-]+)"', templates))
    assert there == {name.split()[0] for page in pages.seen() for name in page.opens}


def test_axe_finds_nothing_serious_on_any_page(house):
    found: dict[str, set[str]] = {}
    for look in [*pages.seen(), Seen("/nowhere/", "nurse", status=404)]:
        page = house.open(look)
        for words in in_every_look(page):
            found.setdefault(words, set()).add(f"{look.path} {look.who}")
        for words in with_each_sheet_open(page):
            found.setdefault(words, set()).add(f"{look.path} {look.who}, sheet")
        page.context.close()
    assert not found, as_lines(found)


def as_lines(found):
    return "\n".join(f"{words}\n    on {', '.join(sorted(where))}" for words, where in sorted(found.items()))


def in_every_look(page, within="html"):
    """What is wrong at each size by day, and with the colours at each size by night: else night is as day."""
    found = set()
    for size, theme in product(SIZES, THEMES):
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=THEMES[theme], reduced_motion="reduce")
        page.wait_for_timeout(50)
        rules = accessible.ALL if theme == "day" else accessible.COLOURS
        found |= {f"{words} [{size}, {theme}]" for words in accessible.violations(page, within, rules)}
    return found


def with_each_sheet_open(page):
    """What is wrong while each sheet of the page is open, where a hand would open it."""
    found = set()
    page.set_viewport_size({"width": TABLET[0], "height": TABLET[1]})
    for sheet in page.locator("[popover]").all():
        sheet.evaluate("node => node.showPopover()")
        found |= set(accessible.violations(page, "[popover]:popover-open"))
        sheet.evaluate("node => node.hidePopover()")
    return found


def test_axe_finds_nothing_serious_in_any_dialog(house):
    found: dict[str, set[str]] = {}
    for look in pages.seen():
        for name, opener in look.opens.items():
            page = house.open(look, TABLET)
            opener(page)
            page.locator(f"dialog[open].{name.split()[0]}").wait_for()
            for words in in_every_look(page, "dialog[open]"):
                found.setdefault(words, set()).add(f"{look.path}: {name}")
            page.context.close()
    assert not found, as_lines(found)


def test_axe_sees_what_is_planted_on_a_real_page(house):
    page = house.open(Seen("/status/", "supervisor"))
    assert accessible.violations(page) == []
    page.evaluate(
        """() => {
          const [button, words] = [document.createElement("button"), document.createElement("p")];
          [words.textContent, words.className] = ["Hard to read", "planted"];
          words.style.color = "var(--line)";
          document.querySelector("main").append(button, words);
        }"""
    )
    assert [words.split()[0] for words in accessible.violations(page)] == ["button-name", "color-contrast"]


def test_nothing_flashes_faster_than_once_a_second_and_nothing_moves_where_that_is_asked(house):
    moving: dict[str, list[Any]] = {}
    for look in pages.seen():
        page = house.open(look, TABLET)
        assert page.evaluate(MOVING) == {"found": [], "styled": []}, look
        page.emulate_media(reduced_motion="no-preference")
        moving[look.path] = page.evaluate(MOVING)["found"]
        page.context.close()
    board = moving["/board/"]
    assert board, "no high flag on the board: this test would see nothing"
    assert {one["urgent"] for one in board} == {"high"}
    found = [(path, one) for path, some in moving.items() for one in some]
    assert [(path, one) for path, one in found if one["flashes_per_s"] > 1] == []
    # what repeats is an unacknowledged high, and nothing else
    assert [(path, one) for path, one in found if one["repeats"] and one["urgent"] != "high"] == []


def test_what_is_called_no_page_is_none(house):
    for looks in pages.table().values():
        for look in looks:
            if not isinstance(look, NotDrawn):
                continue
            who = None if look.who == "nobody" else house.busy.person(look.who)
            window = house.windows.of(who, "about:blank")
            answer = window.context.request.get(
                house.busy.at(look.path.format(**house.rows)), max_redirects=0
            )
            drawn = answer.status == 200 and "text/html" in answer.headers["content-type"]
            assert not drawn, look
            assert answer.status in {200, 302, 405}, look
            window.context.close()
