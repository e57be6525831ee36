"""The pages as a browser draws them, with the longest names and numbers: nothing overflows at any size.

``UPDATE_SCREENS=1`` keeps the pictures in ``docs/screens/``.
"""

from itertools import product
from pathlib import Path

import pytest

from tests.journeys import busy_clinic
from tests.journeys.windows import LAPTOP, PHONE, TABLET, UPRIGHT, WALL

pytestmark = pytest.mark.browser

OVERFLOWS = (Path(__file__).parent / "overflows.js").read_text()
SIZES = {"laptop": LAPTOP, "tablet": TABLET, "tablet-upright": UPRIGHT, "phone": PHONE}
THEMES = {"day": "light", "night": "dark"}
PAPER = (718, 1040)  # A4 at 96 dots an inch, without its margins
SETTLE_MS = 700  # the chart and the first event of the stream


@pytest.fixture
def busy(committed_db, tmp_path):
    with busy_clinic.served(tmp_path) as clinic:
        yield clinic


@pytest.fixture
def look(windows, picture):
    """Open a page, wait until its live parts are drawn, keep its picture; what overflows fails at the end."""
    found = {}

    def opened(who, url, size, name, *, theme="day", ready="main", zoom=1):
        seen = (size[0] // zoom, size[1] // zoom)
        page = windows.of(who, url, seen, theme=THEMES[theme], device_scale_factor=zoom)
        page.locator(ready).first.wait_for()
        page.wait_for_timeout(SETTLE_MS)
        if overflowing := page.evaluate(OVERFLOWS):
            found[name, size, theme] = overflowing
        picture(page, name)
        page.context.close()

    yield opened
    assert found == {}, "\n".join(map(str, found.items()))


def test_the_session_page(busy, look):
    for size, theme in product(SIZES, THEMES):
        name = f"session-{size}-{theme}"
        look(busy.nurse, busy.session_page, SIZES[size], name, theme=theme, ready="#chart .main-svg")


def test_the_bedside(busy, look):
    for size, theme in product(SIZES, THEMES):
        name = f"bedside-{size}-{theme}"
        look(busy.nurse, busy.bedside_page, SIZES[size], name, theme=theme, ready=".flag-card")


def test_today(busy, look):
    for size, theme in product(SIZES, THEMES):
        name = f"today-{size}-{theme}"
        look(busy.nurse, busy.at("/today/"), SIZES[size], name, theme=theme, ready=".schedule-row")


@pytest.mark.parametrize("name", ["status", "quarantine"])
def test_what_the_supervisor_reads(busy, look, name):
    for size, theme in product(SIZES, THEMES):
        look(busy.supervisor, busy.at(f"/{name}/"), SIZES[size], f"{name}-{size}-{theme}", theme=theme)


def test_signing_in(busy, look):
    for size, theme in product(SIZES, THEMES):
        look(None, busy.at("/sign-in/"), SIZES[size], f"sign-in-{size}-{theme}", theme=theme)


def test_a_board_of_twelve_chairs_with_real_data(busy, look):
    for theme in THEMES:
        busy.poll()
        ready = "[data-part=live][data-state=live]"
        look(busy.nurse, busy.at("/board/"), WALL, f"board-wall-{theme}", theme=theme, ready=ready)


def test_lost_trust_is_said_above_the_work(busy, windows, picture):
    pages = {
        "session-not-watching": windows.of(busy.nurse, busy.session_page, LAPTOP),
        "bedside-not-watching": windows.of(busy.nurse, busy.bedside_page, TABLET),
    }
    for page in pages.values():
        page.locator(".flag-card").wait_for()
        assert not page.locator("#watch-state").is_visible()
    busy.watch.kill()
    for name, page in pages.items():
        page.locator("#watch-state").wait_for(timeout=25_000)
        words = page.locator("#watch-state").inner_text()
        assert "Not watching since 10:42" in words
        assert "The watch has not run for" in words
        assert page.evaluate(OVERFLOWS) == []
        picture(page, name)


def test_a_session_on_paper(busy, windows, picture):
    page = windows.of(busy.nurse, busy.session_page, PAPER)
    page.locator("#chart .main-svg").first.wait_for()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(SETTLE_MS)
    head = page.locator(".sheet-head")
    assert f"{busy_clinic.LONG_GIVEN_NAME} {busy_clinic.LONG_FAMILY_NAME}" in head.inner_text()
    assert busy.troubled.patient.mrn in head.inner_text()
    # a table's head that is never cut stands again on every page of paper
    assert head.evaluate("node => getComputedStyle(node).display") == "table-header-group"
    assert head.evaluate("node => getComputedStyle(node).breakInside") == "avoid"
    assert page.locator("button:visible").count() == 0
    assert page.evaluate(OVERFLOWS) == []
    picture(page, "session-print", full_page=True)


def test_text_of_twice_the_size(busy, look):
    pages = {
        "session": (busy.nurse, busy.session_page, ".timeline-entry"),
        "bedside": (busy.nurse, busy.bedside_page, ".flag-card"),
        "today": (busy.nurse, busy.at("/today/"), ".schedule-row"),
        "status": (busy.supervisor, busy.at("/status/"), ".part"),
        "quarantine": (busy.supervisor, busy.at("/quarantine/"), ".refused"),
    }
    for name, (who, url, ready) in pages.items():
        for size in ("laptop", "tablet-upright"):
            look(who, url, SIZES[size], f"zoom-{name}-{size}", ready=ready, zoom=2)
