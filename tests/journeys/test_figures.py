"""The figures in a browser: the overview, every subject with its charts and tables, files, sizes, night."""

import csv
import io
import re
from pathlib import Path

import pytest

from clinic import clock
from reports.asked import months_before
from screens.figures.subjects import BY_KEY, SUBJECTS
from tests import figure_stage
from tests.journeys.windows import LAPTOP, PHONE, TABLET, UPRIGHT

pytestmark = pytest.mark.browser

OVERFLOWS = (Path(__file__).parent / "overflows.js").read_text()
SIZES = {"laptop": LAPTOP, "tablet": TABLET, "tablet-upright": UPRIGHT, "phone": PHONE}
THEMES = {"day": "light", "night": "dark"}
# night differs in colours alone: one size of it is enough
LOOKS = (("laptop", "day"), ("tablet", "day"), ("phone", "day"), ("tablet-upright", "night"))
SETTLE_MS = 900


def months_of(ward):
    """Half a year of a clinic; returns the address that asks for it."""
    first = months_before(clock.now().astimezone(ward.cast.clinic.zone).date(), 6)
    figure_stage.half_a_year(ward.cast.nurse, ward.cast.clinic, first)
    return f"from={first:%Y-%m}&until={months_before(first, -5):%Y-%m}"


def opened(ward, path, size=LAPTOP, **how):
    page = ward.windows.of(ward.cast.supervisor, f"{ward.url}{path}", size, **how)
    page.locator(".figures-chart .main-svg").first.wait_for(state="attached")
    page.wait_for_timeout(SETTLE_MS)
    return page


def test_each_subject_says_what_it_draws_and_fits_at_every_size_by_day_and_night(ward, picture):
    """One half-year for all of it: making it is most of the time that this takes."""
    address = months_of(ward)
    page = opened(ward, f"/figures/?{address}")
    assert page.locator(".figures-card h2").all_inner_texts() == [one.title for one in SUBJECTS]
    for folded in page.locator(".figures-table > summary").all():
        folded.click()  # none lies under its neighbour's table
    for key, subject in BY_KEY.items():
        page.get_by_role("navigation", name="Figures").get_by_role(
            "link", name=subject.title, exact=True
        ).click()
        page.locator("h1", has_text=subject.title).wait_for()
        assert page.url.endswith(f"/figures/{key}/?{address}")
        for part in page.locator(".figures-part").all():
            assert part.locator(".figures-says").inner_text().endswith(".")
            assert part.locator("tbody tr").count() > 0
            assert part.locator(".figures-chart").count() == 1
        if key == "use":
            _columns_table_and_file_agree(page)
    page.get_by_role("button", name="Desk").click()
    assert page.get_by_role("link", name="Figures", exact=True).get_attribute("aria-current") == "page"
    assert _overflowing(ward, address, picture) == {}


def _columns_table_and_file_agree(page):
    drawn = page.evaluate("document.querySelector('[data-figure=figure-months]').data.map((one) => one.y)")
    rows = page.locator("#months tbody tr:not(.figures-sum)").all()
    cells = [row.locator("td").all_inner_texts() for row in rows]
    assert len(rows) == 6
    for place, values in enumerate(drawn):
        for value, told in zip(values, (row[place] for row in cells), strict=True):
            assert told == f"{value}" if value is not None else not re.fullmatch(r"\d+", told)
    with page.expect_download() as saved:
        page.get_by_role("link", name="Sessions by month: save as CSV").click()
    head, *lines = csv.reader(io.StringIO(Path(saved.value.path()).read_text()))
    assert head[:4] == ["Month", "IV", "Nasal", "Sessions"]
    assert [line[1:4] for line in lines] == [row[:3] for row in cells]


def _overflowing(ward, address, picture):
    """What is wider than its place, by subject and size; every one is pictured on the way."""
    found = {}
    for path, key in [("/figures/", "overview"), *((one.address, one.key) for one in BY_KEY.values())]:
        page = opened(ward, f"{path}?{address}")
        for size, theme in LOOKS:
            width, height = SIZES[size]
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=THEMES[theme])
            page.wait_for_timeout(SETTLE_MS)
            if overflowing := page.evaluate(OVERFLOWS):
                found[key, size, theme] = overflowing
            picture(page, f"figures-{key}-{size}-{theme}", full_page=size == "laptop")
        page.context.close()
    return found


def test_a_clinic_without_sessions_is_told_so_in_words(ward):
    page = ward.open(ward.cast.auditor, "/figures/", LAPTOP)
    for path in ("/figures/", *(subject.address for subject in SUBJECTS)):
        page.goto(f"{ward.url}{path}")
        assert re.search(r"No .+ in these months\.", page.inner_text("main"))
        assert page.locator(".figures-chart").count() == 0
