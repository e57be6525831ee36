"""Symptoms, medicines, scales and a serious adverse event, as staff chart them in a browser."""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from clinic import clock
from sessions import queries as treatments
from sessions.models import Session
from tests import builders, processes
from tests.builders import Cast
from tests.journeys.windows import LAPTOP, PHONE, TABLET, Windows

pytestmark = pytest.mark.browser

OVERFLOWS = (Path(__file__).parent / "overflows.js").read_text()
# what Chromium itself prints where a refusal is what is tested
REFUSED = ("Failed to load resource: the server responded with a status of 409", "409 ")
SEVERAL_DAYS = "1"
TAP = 56


@dataclass
class Room:
    """Harbor clinic, served, with a window for each person."""

    url: str
    cast: Cast
    windows: Windows

    def open(self, who, path, size=TABLET):
        return self.windows.of(who, f"{self.url}{path}", size)

    def record(self, session, who, size=TABLET):
        return self.open(who, f"/sessions/{session.id}/record/", size)

    def dosing(self, minutes=20):
        at = clock.now() - timedelta(minutes=minutes)
        return builders.dosing(self.cast.nurse, self.cast.clinic, at)

    def ready(self):
        """A session whose window has ended and whose nurse has assessed it ready."""
        session = self.dosing(130)
        at = session.dose_started_at
        builders.act(self.cast.nurse, session, "stop", at + timedelta(minutes=40), reason="Dose complete")
        builders.act(self.cast.nurse, session, "readiness", clock.now(), escort="A friend")
        return session


@pytest.fixture
def room(committed_db, windows, tmp_path):
    with processes.served(tmp_path) as url:
        yield Room(url, builders.cast(), windows)
        windows.close()


@pytest.fixture
def look(picture):
    """Keep a picture of a page, on which nothing may overflow."""

    def keep(page, name):
        page.evaluate("document.fonts.ready")
        assert page.evaluate(OVERFLOWS) == [], name
        picture(page, name, full_page=True)

    return keep


def button(page, words):
    return page.get_by_role("button", name=words, exact=True)


def answer(page, item, score):
    page.locator(f'[data-item="{item}"] .scale-choice', has=page.locator(f'input[value="{score}"]')).click()


def release_of(told):
    return next(act for act in told["acts"] if act["act"] == "release")


PHQ_9_ITEMS = (
    "interest", "mood", "sleep", "energy", "appetite", "failure", "concentration", "movement", "self-harm",
)  # fmt: skip


def test_an_answer_of_self_harm_holds_the_release_until_a_prescriber_has_looked(room, look):
    session = room.ready()
    record = room.record(session, room.cast.nurse)
    record.locator("#scales").get_by_role("link", name="PHQ-9").click()
    record.locator("h1", has_text="PHQ-9").wait_for()
    record.get_by_text("9 of 9 not answered").wait_for()
    for item in PHQ_9_ITEMS[:-1]:
        answer(record, item, SEVERAL_DAYS)
    assert record.locator("#scale-save").inner_text() == "Save, 1 not answered"
    answer(record, "self-harm", SEVERAL_DAYS)
    assert record.locator("#scale-total").inner_text() == "9 of 27"
    look(record, "scale-phq-9-tablet-day")
    button(record, "Save").click()
    record.locator("#scales tbody tr").wait_for()
    why = "PHQ-9 item 9 is above 0: a named clinician's review"
    assert why in record.locator("#scales .waits").inner_text()
    assert record.locator("#scales form").count() == 0  # a nurse is offered no signature
    look(record, "record-scales-tablet-day")

    room.windows.expected = REFUSED
    page = room.open(room.cast.nurse, f"/sessions/{session.id}/", LAPTOP)
    release = page.get_by_role("button", name=re.compile("^Release"))
    release.click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_text(why).wait_for()
    dialog.get_by_role("button", name="Release", exact=True).click()
    dialog.get_by_text("Not yet: something is missing before release.").wait_for()
    assert Session.objects.get(pk=session.id).state == "ready"

    review = room.record(session, room.cast.supervisor)
    review.get_by_label(re.compile("^Review of PHQ-9")).fill("Talked; plan made with the patient")
    button(review, "Sign the review as Supervisor").click()
    review.locator("#scales tbody", has_text="Supervisor").wait_for()
    assert review.locator("#scales .waits").count() == 0

    page = room.open(room.cast.nurse, f"/sessions/{session.id}/", LAPTOP)
    page.get_by_role("button", name="Release", exact=True).click()
    page.locator("dialog[open]").get_by_role("button", name="Release", exact=True).click()
    page.locator("dialog[open]").wait_for(state="detached")
    assert Session.objects.get(pk=session.id).outcome == "released"


def test_a_chip_that_is_tapped_again_asks_how_strong_what_was_done_and_whether_it_is_gone(room, look):
    session = room.dosing()
    page = room.open(room.cast.nurse, f"/sessions/{session.id}/bedside/")
    chips = page.locator("#symptoms")
    button(chips, "Nausea").click()
    pressed = chips.get_by_role("button", name=re.compile(r"^Nausea \d\d:\d\d$"))
    pressed.click()
    dialog = page.locator("dialog[open]")
    look(page, "bedside-symptom-tablet-day")
    button(dialog, "Moderate").click()
    dialog.get_by_label("What was done").fill("Head lowered")
    button(dialog, "Save").click()
    dialog.wait_for(state="detached")
    pressed.click()
    page.locator("dialog[open]").get_by_text("Last charted as moderate. Head lowered.").wait_for()
    page.locator("dialog[open]").get_by_role("button", name="Nausea is gone").click()
    button(chips, "Nausea").wait_for()

    button(chips, "More…").click()
    button(page.locator("dialog[open]"), "Pain").click()
    button(chips, "More… 1 open").wait_for()
    button(chips, "No symptoms").click()
    chips.get_by_role("button", name=re.compile(r"^No symptoms \d\d:\d\d$")).wait_for()

    record = room.record(session, room.cast.nurse)
    rows = record.locator("#symptoms tbody tr").all_inner_texts()
    assert [row.split("\t")[0] for row in rows] == ["Nausea", "Pain"]
    assert "moderate" in rows[0]
    assert "Head lowered" in rows[0]
    assert re.search(r"by \d\d:\d\d", rows[1])


def test_no_symptoms_takes_one_tap(room):
    page = room.open(room.cast.nurse, f"/sessions/{room.dosing().id}/bedside/")
    button(page, "No symptoms").click()
    page.get_by_role("button", name=re.compile(r"^No symptoms \d\d:\d\d$")).wait_for()


def test_a_medicine_and_a_symptom_are_charted_on_the_record_page(room, look):
    session = room.dosing()
    page = room.record(session, room.cast.nurse)
    page.locator("#symptoms summary", has_text="Chart a symptom").click()
    page.get_by_label("Symptom", exact=True).select_option("Dissociation")
    page.get_by_label("How strong").select_option("Mild")
    page.locator("#symptoms summary", has_text="Chart a medicine").click()
    look(page, "record-symptoms-forms-tablet-day")
    button(page, "Chart").click()
    page.get_by_role("button", name="Dissociation is gone").wait_for()
    page.locator("#symptoms summary", has_text="Chart a medicine").click()
    for label, words in {
        "Medicine": "Ondansetron", "Dose, as ordered": "4 mg", "Route": "IV", "Ordered by": "Dr Reyes",
        "For (optional)": "Nausea",
    }.items():  # fmt: skip
        page.get_by_label(label, exact=True).fill(words)
    at = (clock.now() - timedelta(minutes=3)).astimezone(room.cast.clinic.zone)
    page.get_by_label("Given, when not now").fill(f"{at:%Y-%m-%dT%H:%M}")
    button(page, "Chart as given").click()
    table = page.locator("#symptoms table", has_text="Ondansetron")
    table.wait_for()
    assert f"{at:%H:%M}" in table.inner_text()  # the clinic's wall time, whatever the tablet's zone
    page.get_by_role("button", name="Dissociation is gone").click()
    page.get_by_role("button", name="Dissociation is gone").wait_for(state="detached")
    look(page, "record-symptoms-tablet-day")


def test_a_serious_adverse_event_is_charted_in_four_steps_and_stands_on_top(room, look):
    session = room.dosing()
    page = room.record(session, room.cast.nurse)
    page.get_by_role("link", name="Serious adverse event…").click()
    page.get_by_label("Hospitalisation, or a longer stay").check()
    page.get_by_label("In order, with times").fill("14:32 chest pain, dose stopped.\n14:40 ambulance left.")
    page.get_by_label("Recovering").check()
    page.get_by_label("Not known", exact=True).check()
    page.get_by_label("Name and role", exact=True).fill("Dr Reyes, prescriber")
    look(page, "adverse-event-tablet-day")
    button(page, "Chart the event").click()
    shown = page.locator(".adverse-event")
    shown.wait_for()
    assert "Hospitalisation, or a longer stay" in shown.inner_text()
    assert "14:40 ambulance left." in shown.inner_text()
    look(page, "record-adverse-event-tablet-day")
    [entry] = [one for one in treatments.entries(session.id) if one.kind == "adverse-event"]
    assert entry.details["criteria"] == ["hospitalisation"]
    assert entry.details["told"] == [{"who": "Dr Reyes, prescriber"}]
    timeline = room.open(room.cast.nurse, f"/sessions/{session.id}/", LAPTOP).locator("#timeline")
    timeline.get_by_text("Serious adverse event: hospitalisation").wait_for()


def test_the_clinic_adds_its_wording_and_orders_its_chips(room, look):
    session = room.dosing()
    page = room.open(room.cast.supervisor, "/scales/", LAPTOP)
    page.get_by_label("Item 22 of the 23-item form").fill("Our licensed words for twenty-two")
    look(page, "scales-laptop-day")
    with page.expect_navigation():
        button(page, "Save wording of CADSS-6").click()
    form = room.open(room.cast.nurse, f"/sessions/{session.id}/scales/cadss-6/")
    form.get_by_text("Our licensed words for twenty-two").wait_for()
    assert form.get_by_text("Item 15 of the 23-item form").is_visible()
    look(form, "scale-cadss-6-tablet-day")

    page = room.open(room.cast.supervisor, "/symptoms/", LAPTOP)
    page.get_by_label("Place of Headache").fill("0")
    page.get_by_label("Words for a new chip").first.fill("Itching")
    look(page, "symptom-chips-laptop-day")
    button(page, "Save the chips").click()
    page.get_by_label("Words for itching").wait_for()
    bedside = room.open(room.cast.nurse, f"/sessions/{session.id}/bedside/")
    chips = bedside.locator("#symptoms .chip")
    chips.first.wait_for()
    assert chips.all_inner_texts() == ["No symptoms", "Headache", "Dizzy", "Nausea", "More…"]


@pytest.mark.parametrize("code", ["moaa-s", "rass", "aldrete", "pain-nrs", "pcl-5", "suicide-screen"])
def test_the_form_of_each_scale_fits(room, look, code):
    path = f"/sessions/{room.dosing().id}/scales/{code}/"
    for size, name in ((TABLET, "tablet"), (PHONE, "phone")):
        page = room.open(room.cast.nurse, path, size)
        look(page, f"scale-{code}-{name}-day")
        boxes = [choice.bounding_box() for choice in page.locator(".scale-choice").all()]
        assert boxes
        assert min(box["height"] for box in boxes) >= TAP
