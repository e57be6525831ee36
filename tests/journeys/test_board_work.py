"""What a board does for each reading: its own tile and no other, once a frame; and how little that costs.

The frames themselves are timed by ``make bench``: here only what other work on the machine cannot move.
"""

import pytest

from tests.journeys import board_stage
from tests.journeys.windows import WALL

pytestmark = pytest.mark.browser

CHAIRS, SECONDS, PER_S = 24, 5, 24
# the share of a core that the page's own thread may use; on two slow cores it was 0.07
BUSY_AT_MOST = 0.5

WATCH = """() => {
  window.touched = [];
  const tileOf = (node) => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest(".tile");
  new MutationObserver((changes) => {
    const tiles = new Set(changes.map(({ target }) => tileOf(target)).filter(Boolean));
    window.touched.push([...tiles].map((tile) => tile.dataset.chair));
  }).observe(document.querySelector("[data-board]"), {
    subtree: true, childList: true, characterData: true, attributes: true,
  });
}"""


@pytest.fixture
def stage():
    with board_stage.serving() as staged:
        staged.snapshot = board_stage.filled(CHAIRS)
        yield staged


@pytest.fixture
def page(windows, stage):
    opened = windows.of(None, f"{stage.url}/board/", WALL)
    opened.wait_for_selector("[data-part=live][data-state=live]")
    opened.locator(".tile .tile-link:not([hidden])").nth(CHAIRS - 1).wait_for()
    return opened


def a_set(number, version):
    """A new set at a chair; its heart rate says which version it is."""
    values = {"systolic": 110 + version % 40, "heart_rate": 60 + version % 40}
    return board_stage.panel(number, age=0, version=version, values=values)


def rate_of(page, number):
    return page.locator(f'.tile[data-chair="{number}"] [data-vital="heart_rate"] .figure').first


def test_a_reading_draws_its_own_tile_and_no_other(stage, page):
    page.evaluate(WATCH)
    stage.changes.append(a_set(5, 2))
    rate_of(page, 5).get_by_text("62", exact=True).wait_for()
    assert [tiles for tiles in page.evaluate("window.touched") if "5" in tiles] == [["5"]]


def test_readings_that_come_together_are_drawn_in_one_frame(stage, page):
    page.evaluate(WATCH)
    stage.changes.extend(a_set(5, version) for version in range(2, 42))
    rate_of(page, 5).get_by_text(str(60 + 41 % 40), exact=True).wait_for()
    drawn = [tiles for tiles in page.evaluate("window.touched") if "5" in tiles]
    assert len(drawn) < 40


def test_24_readings_a_second_leave_the_page_idle_most_of_the_time(stage, page):
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = used_s(devtools)
    versions = {}
    for version in range(2, 2 + SECONDS * PER_S):
        number = version % CHAIRS + 1
        versions[number] = version
        stage.changes.append(a_set(number, version))
        page.wait_for_timeout(1000 / PER_S)
    for number, version in versions.items():
        rate_of(page, number).get_by_text(str(60 + version % 40), exact=True).wait_for()
    assert len(versions) == CHAIRS
    assert used_s(devtools) - before < SECONDS * BUSY_AT_MOST


def used_s(devtools):
    """CPU seconds of the page's own thread: time in which others had the core is not in it."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return next(row["value"] for row in metrics if row["name"] == "ThreadTime")
