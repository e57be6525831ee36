"""The figures of flags in a browser: the page, its charts with their tables, its file, and paper."""

import csv
import io
import random
import re
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from clinic import clock
from reports.asked import months_before
from tests import flag_stage
from tests.journeys.windows import LAPTOP, PHONE, TABLET, UPRIGHT

pytestmark = pytest.mark.browser

OVERFLOWS = (Path(__file__).parent / "overflows.js").read_text()
SIZES = {"laptop": LAPTOP, "tablet": TABLET, "tablet-upright": UPRIGHT, "phone": PHONE}
THEMES = {"day": "light", "night": "dark"}
PAPER = (718, 1040)  # A4 at 96 dots an inch, without its margins
CHARTS = 5
SETTLE_MS = 700
# rule, condition, category, peak, how often of a hundred sessions, how often it leads to something
RULES = (
    ("BP-2", "bp-high", "physiological", "medium", 22, 0.7),
    ("BP-4", "bp-high", "physiological", "high", 8, 0.8),
    ("SPO2-2", "spo2-low", "physiological", "high", 7, 0.6),
    ("HR-1", "hr-high", "physiological", "medium", 9, 0.4),
    ("OD-1", "overdue", "technical", "low", 30, 0.0),
    ("MON-0", "spo2-zero", "technical", "medium", 11, 0.3),
    ("SED-1", "sedation-low", "physiological", "medium", 2, 0.9),
)


def months_of(ward):
    """Six months of a clinic: twenty sessions in each, with flags of most sorts; the same every time."""
    chance = random.Random(4)
    this_month = clock.now().astimezone(ward.cast.clinic.zone).date().replace(day=1)
    for back in range(1, 7):
        month = months_before(this_month, back)
        for number in range(20):
            day = month + timedelta(days=number)
            at = clock.now().replace(year=day.year, month=day.month, day=day.day, hour=16)
            row = flag_stage.session(ward.cast.nurse, ward.cast.clinic, at)
            for rule, condition, category, peak, often, leads in RULES:
                if chance.random() * 100 < often * 2:
                    flag_stage.flag(
                        row,
                        at + timedelta(minutes=30),
                        rule=rule,
                        condition=condition,
                        category=category,
                        peak=peak,
                        taken_after_s=chance.choice([None, *[chance.expovariate(1 / 45) for _ in range(9)]]),
                        action="At the chair" if chance.random() < leads else "I'm on it",
                    )
            if chance.random() < 0.5:
                flag_stage.flag(row, at, activated_at=None, drawn_at=None)
    return f"from={months_before(this_month, 6):%Y-%m}&until={months_before(this_month, 1):%Y-%m}"


def opened(ward, address, size=LAPTOP, **how):
    page = ward.windows.of(ward.cast.supervisor, f"{ward.url}/flag-figures/?{address}", size, **how)
    page.locator(".figures-chart .main-svg").nth(CHARTS * 3 - 1).wait_for(state="attached")
    page.wait_for_timeout(SETTLE_MS)
    return page


def test_the_page_says_in_words_and_tables_what_its_charts_draw(ward):
    page = opened(ward, months_of(ward))
    assert page.locator("h2").all_inner_texts() == [
        "Flags per session",
        "What they led to",
        "Time until somebody took them",
        "Overdue sets",
        "Flags by rule",
        "Beside the flags",
    ]
    for part in page.locator(".figures-part").all():
        assert part.locator(".figures-says").inner_text()
        assert part.locator("tbody tr").count() > 1
    # each column of the chart of shares stands in its table
    drawn = page.evaluate("document.querySelector('[data-figure=figure-led-to]').data[0].y")
    told = page.locator("#led-to tbody tr:not(.figures-sum) td:last-child").all_inner_texts()
    assert len(drawn) == 6
    assert sum(value is not None for value in drawn) >= 3
    for value, words in zip(drawn, told, strict=True):
        assert words == f"{value} %" if value is not None else not re.fullmatch(r"\d+ %", words)
    # reached through the desk's menu
    page.get_by_role("button", name="Desk").click()
    assert page.get_by_role("link", name="Figures", exact=True).get_attribute("aria-current") == "page"


def test_the_filters_stay_in_the_address_and_in_the_file(ward):
    page = opened(ward, months_of(ward))
    page.get_by_label("Route").select_option("Nasal")
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_text("Nothing to count").wait_for()
    assert "route=nasal" in page.url
    page.get_by_label("Route").select_option("IV")
    page.get_by_role("button", name="Show", exact=True).click()
    page.locator("#by-rule").wait_for()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Flags by rule: save as CSV").click()
    head, *rows = csv.reader(io.StringIO(Path(saved.value.path()).read_text()))
    assert head[:3] == ["month", "rule", "about"]
    assert {row[1] for row in rows} == {rule[0] for rule in RULES}
    assert "under 5" in {cell for row in rows for cell in row}


def test_a_clinic_without_sessions_is_told_so(ward):
    page = ward.open(ward.cast.auditor, "/flag-figures/", LAPTOP)
    assert "No session was checked in in these months." in page.inner_text("main")
    assert page.locator(".figures-chart").count() == 0


def test_it_fits_at_every_size_by_day_and_night(ward, picture):
    address = months_of(ward)
    found = {}
    for size, theme in product(SIZES, THEMES):
        page = opened(ward, address, SIZES[size], theme=THEMES[theme])
        if overflowing := page.evaluate(OVERFLOWS):
            found[size, theme] = overflowing
        picture(page, f"flag-figures-{size}-{theme}")
        if size in {"laptop", "phone"} and theme == "day":
            picture(page, f"flag-figures-whole-{size}", full_page=True)
        page.context.close()
    assert found == {}


def test_on_paper_and_back(ward, picture):
    page = opened(ward, months_of(ward), PAPER, theme="dark")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(SETTLE_MS)
    widths = page.evaluate("[...document.querySelectorAll('.figures-chart')].map((one) => one.layout.width)")
    assert widths == [640] * CHARTS
    assert "printed" in page.locator(".print-only").inner_text()
    assert not page.get_by_role("button", name="Show", exact=True).is_visible()
    assert page.evaluate(OVERFLOWS) == []
    picture(page, "flag-figures-print", full_page=True)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "night"
