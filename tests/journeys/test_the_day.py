"""The day in a browser: opened, closed, a set put off, a patient moved, the escort waited for, the sheet."""

import re
from datetime import timedelta
from typing import Any

import pytest

from clinic import clock
from clinic.models import AuditEvent, Chair
from sessions.models import DayEntry, Occupancy
from tests import builders
from tests.journeys.ward import button, confirm
from tests.journeys.windows import LAPTOP, TABLET
from vitals.models import Watch
from vitals.panel import decode

pytestmark = pytest.mark.browser
# what Chromium itself prints of a refusal, where one is what is tested
REFUSED = ("Failed to load resource: the server responded with a status of 4", "409 ", "422 ")

OVERFLOWS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"


def panel_of(session):
    return decode(Watch.objects.get(pk=session.id).panel)


def due_soon(ward):
    """An infusion whose pre-dose set was taken as it began, six minutes ago: the set of T+10 can be taken."""
    session = ward.dosing(6)
    values: dict[str, Any] = {
        "systolic": 118,
        "diastolic": 74,
        "heart_rate": 71,
        "respiratory_rate": 14,
        "spo2": 98,
    }
    builders.record(
        builders.incoming(ward.cast.nurse, session, session.dose_started_at, sedation=5, **values)
    )
    return session


def answer(page, question, words):
    page.locator(".day-item", has_text=question).get_by_label(words, exact=True).check(force=True)


def test_the_day_is_opened_once_and_closed_with_a_reason_for_what_is_open(ward, picture):
    builders.device(ward.cast.clinic, "Monitor 2", chair="2")
    session = ward.dosing()
    monitor = ward.cast.monitor
    builders.record(builders.incoming(monitor, session, clock.now(), heart_rate=71))
    page = ward.open(ward.cast.supervisor, "/today/", LAPTOP)
    strip = page.locator("#day")
    strip.get_by_text("Day not opened").wait_for()
    assert "5 things to check" in strip.inner_text()
    picture(page, "today-not-opened")
    strip.get_by_role("link", name="Open the day").click()

    page.locator(".day-monitors").get_by_text(re.compile(r"last reading \d\d:\d\d")).wait_for()
    assert "no reading today" in page.locator(".day-monitors tr", has_text="Monitor 2").inner_text()
    answer(page, "A prescriber is on site", "Yes")
    page.get_by_label("Who").select_option(label="Supervisor")
    for question in ("A pulse oximeter", "Monitors and tablets show", "Controlled drugs"):
        answer(page, question, "Yes")
    answer(page, "Each monitor gave", "No")
    why = page.get_by_label("Why not, and what was arranged").locator("visible=true")
    ward.windows.expected = REFUSED
    button(page, "Open the day").click()
    page.locator(".error", has_text="Say why").wait_for()
    why.fill("Monitor 2 is at the maker's; chair 2 stays empty")
    picture(page, "day-open", full_page=True)
    assert not page.evaluate(OVERFLOWS)
    button(page, "Open the day").click()

    strip.get_by_text("prescriber on site: Supervisor").wait_for()
    strip.get_by_text("chair 2 stays empty").wait_for()
    picture(page, "today-open")
    entry = DayEntry.objects.get(clinic=ward.cast.clinic)
    assert entry.items["prescriber_on_site"] == {"answer": "yes", "who": str(ward.cast.supervisor.user_id)}
    assert entry.items["oximeter"] == {"answer": "yes"}

    strip.get_by_role("link", name="Close the day").click()
    page.locator(".day-check", has_text="1 session not ended").get_by_role("link", name="Session").wait_for()
    button(page, "Close the day").click()
    page.locator(".error", has_text="Say why the day closes with it").wait_for()
    page.get_by_label("Why the day closes with something open").fill("Chair 1 goes on, Nurse has it")
    picture(page, "day-close", full_page=True)
    assert not page.evaluate(OVERFLOWS)
    button(page, "Close the day").click()
    strip.get_by_text("Chair 1 goes on, Nurse has it").wait_for()
    assert "Day closed" in strip.inner_text()


def test_a_set_is_put_off_once_with_a_reason_that_every_screen_shows(ward, picture):
    session = due_soon(ward)
    page = ward.bedside(session)
    before = panel_of(session).due
    assert before is not None
    button(page, "5 min later…").click()
    words = f"Postpone to {(before.at + timedelta(minutes=5)).astimezone(ward.cast.clinic.zone):%H:%M}"
    confirm(page, words)
    page.get_by_text("A reason is needed.").wait_for()
    picture(page, "postpone-dialog")
    button(page, "Patient in the bathroom").click()
    confirm(page, words)
    page.locator("dialog").wait_for(state="detached")
    assert (
        page.locator("#due .due-postponed").inner_text()
        == "postponed 5 min by Nurse: Patient in the bathroom"
    )
    assert page.locator("#due button").count() == 0
    picture(page, "bedside-postponed")
    after = panel_of(session).due
    assert after is not None
    assert (after.at - before.at, after.overdue_at - before.overdue_at) == (timedelta(minutes=5),) * 2

    session_page = ward.session_page(session)
    session_page.locator("#timeline").get_by_text(re.compile("postponed 5 min to .*bathroom")).wait_for()
    board = ward.board()
    assert board.locator('.tile[data-chair="1"] .ring[data-postponed]').count() == 1
    assert board.locator('.tile[data-chair="1"] .next-name').inner_text() == "postponed"
    picture(board, "board-postponed")


def test_a_patient_moves_to_another_chair_and_the_monitor_there_is_hers(ward, picture):
    session = ward.dosing()
    board = ward.board()
    page = ward.open(ward.cast.nurse, "/today/", LAPTOP)
    row = page.locator(".schedule-row").first
    row.get_by_role("button", name="More…").click()
    button(page, "Move chair").click()
    page.get_by_label("To chair").select_option("4")
    confirm(page, "Move chair")
    row.locator(".schedule-chair", has_text="4").wait_for()
    board.locator('.tile[data-chair="1"][data-state="free"]').wait_for()
    board.locator('.tile[data-chair="4"] .lead').wait_for()

    chair = Chair.objects.get(clinic=ward.cast.clinic, name="4")
    assert Occupancy.objects.get(session=session, to_at=None).chair == chair
    told = builders.record(
        builders.incoming(
            builders.device(ward.cast.clinic, "Monitor 4", chair="4"),
            None,
            clock.now(),
            systolic=205,
            diastolic=121,
        )
    )
    assert told[0].id is not None
    card = board.locator(".card-flag", has_text="BP 205/121")
    card.wait_for()
    assert "4" in card.inner_text().split()


def test_the_escort_is_waited_for_with_a_number_and_a_timer(ward, picture):
    session = ward.past_its_dose(150)
    board = ward.board()
    page = ward.session_page(session)
    button(page, "Assess readiness").click()
    page.get_by_label("Who takes the patient home").fill("Sister")
    confirm(page, "Assess readiness")
    button(page, "Waiting for escort").click()
    assert page.get_by_label("Who takes the patient home").input_value() == "Sister"
    page.get_by_label("Phone number to call").fill("+1 555 0100")
    confirm(page, "Waiting for escort")
    line = page.locator(".waiting")
    line.wait_for()
    assert re.match(
        r"Waiting for escort since \d\d:\d\d \(0 min\)\s+Sister · phone \+1 555 0100", line.inner_text()
    )
    picture(page, "session-waiting")
    bedside = ward.bedside(session)
    assert bedside.locator(".waiting a").get_attribute("href") == "tel:+15550100"
    assert "Set while waiting for the escort" in bedside.locator("#due").inner_text()
    picture(bedside, "bedside-waiting")
    tile = board.locator('.tile[data-chair="1"]')
    tile.get_by_text(re.compile(r"Waiting for escort since \d\d:\d\d")).first.wait_for()
    assert "0100" not in board.content()
    picture(board, "board-waiting")


def test_the_down_time_sheet_holds_every_open_session_and_fits_its_paper(ward, picture, tmp_path):
    pypdf = pytest.importorskip("pypdf")
    iv = ward.dosing(12, chair="2")
    nasal = ward.dosing(20, chair="5", protocol="nasal-esketamine")
    waiting = builders.checked_in(ward.cast.nurse, ward.cast.clinic, clock.now(), chair="7")
    ward.calm_set(iv)
    page = ward.open(ward.cast.nurse, "/down-time/", TABLET)
    page.locator(".sheet").first.wait_for()
    picture(page, "down-time", full_page=True)
    pdf = tmp_path / "down-time.pdf"
    page.pdf(path=pdf, prefer_css_page_size=True)
    pages = [page.extract_text() for page in pypdf.PdfReader(pdf).pages]
    assert len(pages) == 2  # three sessions and a blank, two to a page
    text = "\n".join(pages)
    for session in (iv, nasal, waiting):
        assert session.patient.mrn in text
    zone = ward.cast.clinic.zone
    for step in ("118/74", "No known allergies", f"{iv.window_ends_at.astimezone(zone):%H:%M}"):
        assert step in text
    looks = AuditEvent.objects.filter(act="look", subject="down-time-sheet")
    assert {look.session_id for look in looks} == {iv.id, nasal.id, waiting.id}


def test_a_refusal_to_put_off_says_which_set_is_due(ward):
    session = due_soon(ward)
    ward.windows.expected = REFUSED
    page = ward.bedside(session)
    button(page, "5 min later…").click()
    builders.act(ward.cast.supervisor, session, "postpone", clock.now(), reason="Prescriber with the patient")
    button(page, "Patient in the bathroom").click()
    page.locator("dialog[open] button[type=submit]").click()
    page.locator("dialog[open]").get_by_text("a set is postponed once").wait_for()
