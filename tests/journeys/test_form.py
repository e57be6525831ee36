"""The monitoring form as people use it: its gap found and closed, answered, signed, filed, then changed."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from clinic import clock
from reports import monitoring_form
from sessions import queries as treatments
from sessions.models import FormFiling
from tests import builders, form_stage, processes
from tests.journeys.windows import LAPTOP, TABLET, UPRIGHT

pytestmark = pytest.mark.browser

OVERFLOWS = (Path(__file__).parent / "overflows.js").read_text()
UNANSWERED = ("first-treatment", "acceptable-before", "acceptable-completion")
ANSWERED_NO = ("dissociation", "respiratory-depression", "serious-event")


@pytest.fixture
def served(committed_db, tmp_path):
    with processes.served(tmp_path) as url:
        cast = builders.cast()
        form_stage.complete_data(cast)
        yield url, cast


def cell(page, code):
    return page.locator(f"#cell-{code}")


def tap(page, code, words):
    """Tap an answer; the page comes again with it."""
    with page.expect_navigation():
        cell(page, code).get_by_role("button", name=words, exact=True).click()
    page.locator("#stand-title").wait_for()


def look(page, name, picture):
    assert page.evaluate(OVERFLOWS) == []
    picture(page, name, full_page=True)


def test_from_a_gap_to_a_filed_form_that_differs(served, windows, picture):
    url, cast = served
    started_at = clock.now() - timedelta(minutes=140)
    session = form_stage.released(cast, started_at, lots=("A1001", ""))

    page = windows.of(cast.nurse, f"{url}/sessions/{session.id}/record/", TABLET)
    part = page.locator("#form")
    assert "40-minute BP" in part.inner_text()
    assert "lot number of device 2" in part.inner_text()
    look(page, "form-part-tablet", picture)
    part.get_by_role("link", name="Open form").click()
    page.locator("#gaps-now").wait_for()
    look(page, "form-gaps-tablet", picture)
    assert "Missing: none from" in cell(page, "bp-40").inner_text()
    assert "Vigil never submits this form" in page.locator(".form-note").inner_text()
    page.locator("#gaps-now").get_by_role("link", name=re.compile("40-minute BP")).click()
    assert page.evaluate("location.hash") == "#cell-bp-40"

    # it was measured and not charted: a late entry fills the cell
    reading = form_stage.chart(session, cast.nurse, 41, received_at=clock.now(), systolic=150, diastolic=94)
    page.reload()
    assert "150/94 mmHg" in cell(page, "bp-40").inner_text()
    assert "minute 41" in cell(page, "bp-40").inner_text()

    for code in UNANSWERED:
        tap(page, code, "Yes")
    for code in ANSWERED_NO:
        tap(page, code, "No")
    tap(page, "enrolled", "Yes")
    assert (
        cell(page, "acceptable-before").get_by_role("button", name="Yes").get_attribute("aria-pressed")
        == "true"
    )
    tap(page, "signature", "Sign as Nurse Nguyen")
    assert "Lot number of device 2" in page.locator("#gaps-now").inner_text()
    look(page, "form-answered-tablet", picture)

    form = page.locator(".file-form")
    windows.expected = ("Failed to load resource: the server responded with a status of 409", "409 ")
    form.get_by_label("Confirmation number").fill("PMF-2231")
    form.get_by_role("button", name="Chart as filed").click()
    form.get_by_text("The form has gaps.").wait_for()
    windows.expected = ()
    form.get_by_label(re.compile("It was filed with 1 gap")).check()
    with page.expect_navigation():
        form.get_by_role("button", name="Chart as filed").click()
    page.locator(".form-stand .state-label", has_text="Filed").wait_for()
    filing = FormFiling.objects.get(session=session)
    assert (filing.confirmation, filing.channel, filing.by_name) == ("PMF-2231", "portal", "Nurse Nguyen")
    look(page, "form-filed-tablet", picture)

    builders.correct(cast.supervisor, reading, clock.now(), systolic=156.0)
    page.reload()
    stand = page.locator(".form-stand")
    assert "Filed copy differs" in stand.inner_text()
    assert re.search(r"Blood pressure at 40 minutes\s+150/94\s+156/94", stand.inner_text())
    look(page, "form-differs-tablet", picture)

    board = windows.of(cast.supervisor, f"{url}/forms/", LAPTOP)
    assert "Blood pressure at 40 minutes" in board.locator("#lines-differs").inner_text()
    look(board, "forms-laptop", picture)


def test_the_values_are_copied_in_the_forms_order(served, windows, picture):
    url, cast = served
    session = form_stage.released(cast, clock.now() - timedelta(minutes=140))
    page = windows.of(
        cast.nurse,
        f"{url}/sessions/{session.id}/form/copy/",
        LAPTOP,
        permissions=["clipboard-read", "clipboard-write"],
    )
    form = monitoring_form.form_of(treatments.session(cast.clinic.pk, session.id), at=clock.now())
    filled = [str(one.value) for one in form.cells if one.value is not None]
    assert [node.inner_text() for node in page.locator("[data-copied]").all()] == filled
    page.get_by_role("button", name="Copy Lot numbers").click()
    page.locator("#copied", has_text="Copied: Lot numbers").wait_for(state="attached")
    assert page.evaluate("navigator.clipboard.readText()") == "A1001, A1002"
    look(page, "form-copy-laptop", picture)
    page.set_viewport_size({"width": UPRIGHT[0], "height": UPRIGHT[1]})
    assert page.evaluate(OVERFLOWS) == []


def test_the_board_in_each_of_its_states(served, windows, picture):
    url, cast = served
    now = clock.now()
    for chair, days in enumerate((0.2, 4.2, 6.1, 7.3), start=1):
        form_stage.released(cast, now - timedelta(days=days), chair=str(chair))
    form_stage.dosed(cast, now - timedelta(minutes=20), chair="9")
    page = windows.of(cast.nurse, f"{url}/forms/", TABLET)
    states = [line.get_attribute("data-state") for line in page.locator("#lines-due .form-line").all()]
    assert states == ["high", "high", "medium", "plain"]
    words = page.locator("#lines-due").inner_text()
    assert "Overdue for" in words
    assert page.locator("#lines-open .form-line").count() == 1
    look(page, "forms-tablet", picture)
