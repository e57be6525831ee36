"""Before the dose and after it, as staff do it: gate, decision, readiness, release, the sheet, the desk."""

import io
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from clinic import clock
from clinic import services as ground
from clinic.models import AuditEvent, Credential
from sessions import queries as treatments
from sessions.models import Course
from tests import builders, processes
from tests.builders import Cast
from tests.journeys.windows import LAPTOP, PHONE, TABLET, UPRIGHT, Windows

pytestmark = pytest.mark.browser

OVERFLOWS = (Path(__file__).parent / "overflows.js").read_text()
PAPER = (688, 1017)  # A4 at 96 dots an inch, without the sheet's margins of 14 mm
REFUSED = ("Failed to load resource: the server responded with a status of 409", "409 ")
HIGH_SET: dict[str, Any] = {
    "systolic": 152,
    "diastolic": 94,
    "heart_rate": 78,
    "respiratory_rate": 15,
    "spo2": 98,
    "sedation": 5,
}


@dataclass
class Desk:
    """Harbor clinic, served, with a window for each person."""

    url: str
    cast: Cast
    windows: Windows

    def open(self, who, path, size=TABLET):
        page = self.windows.of(who, f"{self.url}{path}", size)
        page.locator("h1").first.wait_for()
        return page

    def checked_in(self, minutes=12):
        at = clock.now() - timedelta(minutes=minutes)
        return builders.checked_in(self.cast.nurse, self.cast.clinic, at)

    def measured(self, session, at, **values):
        builders.record(builders.incoming(self.cast.nurse, session, at, **values))


@pytest.fixture
def desk(committed_db, windows, tmp_path):
    cast = builders.cast()
    with processes.served(tmp_path) as url:
        yield Desk(url, cast, windows)
        windows.close()


def tap(page, item, answer):
    """Answer a row of a checklist, and wait until its who and when stand beside it."""
    row = page.locator(".asked-row", has_text=item)
    row.get_by_role("button", name=answer, exact=True).click()
    row.locator(".asked-who", has_text=re.compile(rf"^(Open: )?{answer} · Nurse \d\d:\d\d$")).wait_for()


def test_a_pressure_above_the_value_waits_for_a_prescriber_and_the_rest_is_ticked(desk, picture):
    session = desk.checked_in()
    desk.measured(session, clock.now() - timedelta(minutes=5), **HIGH_SET)
    desk.windows.expected = REFUSED
    page = desk.open(desk.cast.nurse, f"/sessions/{session.id}/record/")
    tap(page, "Identity checked", "Yes")
    tap(page, "Takes opioids", "Yes")
    tap(page, "IV line placed", "Not assessed")
    count = page.locator("#gate .part-count").inner_text()
    assert re.fullmatch(r"\d+ of 25 open", count)
    page.locator("#gate").get_by_text("152/94 mmHg, above 140/90: a prescriber decides").wait_for()
    assert page.evaluate(OVERFLOWS) == []
    picture(page, "record-gate-tablet", full_page=True)

    page = desk.open(desk.cast.nurse, f"/sessions/{session.id}/bedside/")
    page.get_by_role("button", name="Other acts…").click()
    page.get_by_role("button", name=re.compile("^Start dose")).click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_text(f"{count.replace(' open', '')} items before the dose are open.").wait_for()
    dialog.get_by_label("or dose, mg").fill("35")
    picture(page, "start-with-an-open-gate")
    dialog.get_by_role("button", name="Start dose").click()
    dialog.get_by_text("Blood pressure 152/94 before the dose is above 140/90.").first.wait_for()
    dialog.get_by_text("a prescriber's decision", exact=True).wait_for()
    session.refresh_from_db()
    assert session.state == "checked_in"

    page = desk.open(desk.cast.supervisor, f"/sessions/{session.id}/record/")
    page.locator(".choice", has_text="Go ahead").click()
    page.get_by_label("Reason", exact=True).fill("Usual for this patient, asymptomatic")
    page.get_by_role("button", name="Sign as Supervisor").click()
    page.locator("#gate").get_by_text("Usual for this patient, asymptomatic").first.wait_for()

    page = desk.open(desk.cast.nurse, f"/sessions/{session.id}/", LAPTOP)
    page.get_by_role("button", name="Start dose", exact=True).click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("or dose, mg").fill("35")
    dialog.get_by_role("button", name="Start dose").click()
    page.locator(".state-word", has_text="Dosing").wait_for()
    [start] = [one for one in treatments.entries(session.id) if one.kind == "start"]
    assert "opioids" in start.details["gate_open"]
    assert "identity" not in start.details["gate_open"]
    assert "Open before the dose" in start.text


def test_a_patient_is_assessed_item_by_item_released_and_given_the_sheet(desk, picture):
    at = clock.now() - timedelta(minutes=150)
    session = builders.checked_in(desk.cast.nurse, desk.cast.clinic, at - timedelta(minutes=12))
    desk.measured(session, at - timedelta(minutes=5), **{**HIGH_SET, "systolic": 128, "diastolic": 82})
    builders.act(desk.cast.nurse, session, "start", at, dose_mg=35, duration_min=40)
    builders.act(desk.cast.nurse, session, "stop", at + timedelta(minutes=40), reason="Dose complete")
    desk.measured(session, clock.now(), **{**HIGH_SET, "systolic": 124, "diastolic": 80, "spo2": 97})

    page = desk.open(desk.cast.nurse, f"/sessions/{session.id}/record/")
    evidence = page.locator("table.evidence")
    assert evidence.locator("tr", has_text="Blood pressure").inner_text().split()[2:4] == ["mmHg", "128/82"]
    assert "124/80" in evidence.inner_text()
    tap(page, "Walks steadily", "Yes")
    tap(page, "Alert: answers readily", "Yes")
    tap(page, "No nausea, or well controlled", "No")
    session.refresh_from_db()
    assert session.state == "monitoring"  # ticking is not signing
    page.get_by_label("Who takes the patient home").fill("A. Friend")
    page.get_by_label("Relation").fill("sister")
    page.get_by_label("Phone of the escort").fill("555 0100")
    page.locator("#readiness").scroll_into_view_if_needed()
    picture(page, "record-readiness-tablet")
    page.get_by_role("button", name="Assessed ready, signed as Nurse").click()
    page.locator(".signed", has_text="Assessed ready by Nurse").wait_for()
    page.get_by_text("Told: no driving until tomorrow").click()
    page.get_by_role("button", name="Release, signed as Nurse").click()
    page.locator(".signed", has_text="Released by Nurse").wait_for()
    released = page.locator(".signed", has_text="Released by Nurse").inner_text()
    assert "goes with A. Friend (sister), advised not to drive" in released
    session.refresh_from_db()
    assert (session.state, session.escort, session.escort_phone) == ("released", "A. Friend", "555 0100")
    assert page.evaluate(OVERFLOWS) == []
    picture(page, "record-released-tablet", full_page=True)

    page = desk.open(desk.cast.nurse, f"/sessions/{session.id}/after-care/")
    page.get_by_text("The clinic has set no phone number").last.wait_for()
    told = {"phone": "(555) 010-0100", "crisis_words": "Call the crisis line of your town."}
    ground.change_clinic(by=desk.cast.admin, changes=told)
    page.reload()
    picture(page, "after-care-tablet", full_page=True)
    page.set_viewport_size({"width": PAPER[0], "height": PAPER[1]})
    page.emulate_media(media="print")
    assert page.locator("button:visible, nav:visible").count() == 0
    assert page.evaluate(OVERFLOWS) == []
    picture(page, "after-care-print", full_page=True)
    for size in ("A4", "Letter"):
        text, pages = printed(page, size)
        assert pages == 1, size
        for words in (
            "35 mg by drip into a vein",
            "A. Friend (sister)",
            "Do not drive",
            "(555) 010-0100",
            "Call the crisis line of your town.",
        ):
            assert words in text, (size, words)


def printed(page, size):
    """The page as its PDF says it, and how many sheets of paper that is."""
    pypdf = pytest.importorskip("pypdf")
    read = pypdf.PdfReader(io.BytesIO(page.pdf(format=size)))
    return " ".join(" ".join(one.extract_text() for one in read.pages).split()), len(read.pages)


def test_the_desk_keeps_patients_courses_staff_and_the_clinic(desk, picture):
    session = desk.checked_in()
    page = desk.open(desk.cast.admin, "/patients/", LAPTOP)
    page.get_by_label("Name or record number").fill(session.patient.mrn)
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name=re.compile("Patient, Test")).click()
    page.get_by_label("Weight, kg").fill("72.5")
    page.get_by_label("Phone").fill("555 0199")
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    assert page.get_by_label("Weight, kg").input_value() == "72.5"
    assert page.get_by_label("Phone").input_value() == "555 0199"
    [event] = AuditEvent.objects.filter(act="change-patient")
    assert "555" not in str(event.details)
    picture(page, "patient-laptop", full_page=True)

    page.get_by_role("link", name=re.compile("IV ketamine, Severe depression")).click()
    page.get_by_label("Consent signed on").fill("2026-01-05")
    page.get_by_label("Where the consent is kept").fill("Folder 12")
    page.get_by_label("Planned sessions").fill("6")
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    page.locator(".course-facts").get_by_text("signed 5 Jan 2026, Folder 12").wait_for()
    assert Course.objects.get(pk=session.course_id).planned_sessions == 6
    assert page.locator(".mark").inner_text() == "Off label"
    picture(page, "course-laptop", full_page=True)

    page = desk.open(desk.cast.admin, "/staff/", LAPTOP)
    card = page.locator("section.card", has_text="Nurse").first
    card.get_by_text("Enter or renew a credential").click()
    card.locator("select").select_option("acls")
    soon = clock.now().astimezone(desk.cast.clinic.zone).date() + timedelta(days=12)
    card.get_by_label("Runs out on").fill(soon.isoformat())
    with page.expect_navigation():
        card.get_by_role("button", name="Save").click()
    page.get_by_text("runs out in 12 days").wait_for()
    assert Credential.objects.get(user_id=desk.cast.nurse.user_id).expires_on == soon
    picture(page, "staff-laptop", full_page=True)

    page = desk.open(desk.cast.admin, "/clinic/", LAPTOP)
    page.get_by_label("Whom to call in a crisis").fill("Call the crisis line of your town.")
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    page = desk.open(desk.cast.nurse, "/clinic/", LAPTOP)
    page.get_by_text("In a crisis: Call the crisis line of your town.").wait_for()


def test_nothing_overflows_at_any_size(desk):
    session = desk.checked_in()
    desk.measured(session, clock.now() - timedelta(minutes=5), **HIGH_SET)
    paths = (
        f"/sessions/{session.id}/record/",
        f"/sessions/{session.id}/after-care/",
        f"/patients/{session.patient_id}/",
        f"/courses/{session.course_id}/",
        "/patients/",
        "/staff/",
        "/clinic/",
    )
    found = {}
    for path in paths:
        for size in (LAPTOP, TABLET, UPRIGHT, PHONE):
            page = desk.open(desk.cast.supervisor, path, size)
            if overflowing := page.evaluate(OVERFLOWS):
                found[path, size] = overflowing
            page.context.close()
    assert found == {}, "\n".join(map(str, found.items()))
