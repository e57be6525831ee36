"""Two treatments from check-in to the end, each in a real browser by the people who do it.

An infusion and a nasal spray, each with a correction, a symptom, and a waste that a colleague witnesses; the
nasal one to its filed form. At the end record, page, API, PDF and audit agree on every value.
"""

import io
import re

import pytest

from clinic import clock
from sessions import queries
from sessions.models import FormFiling, LedgerWitness, Session
from tests.journeys.ward import button, confirm
from tests.journeys.whole_treatment import (
    assert_record_page_and_api_agree,
    open_treatment,
    scheduled,
)
from tests.journeys.windows import LAPTOP

pytestmark = pytest.mark.browser

# what Chromium itself prints of a refusal, where one is what is tested
REFUSED = ("Failed to load resource: the server responded with a status of 409", "409 ")


@pytest.fixture
def treatment(committed_db, windows, tmp_path):
    with open_treatment(windows, tmp_path) as served:
        yield served


def tick(page, *items, answer="Yes"):
    for item in items:
        row = page.locator(".asked-row", has_text=item)
        row.get_by_role("button", name=answer, exact=True).click()
        row.locator(".asked-who", has_text=re.compile(rf"{answer} · ")).wait_for()


def chart_set(page, *, bp, hr, rr, spo2, sedation="Responds readily"):
    """A full set on the pad, saved."""
    for digit in "".join(str(number) for number in (*bp, hr, rr, spo2)):
        page.locator(f'[data-key="{digit}"]').click()
    button(page, sedation).click()
    page.locator("#save").click()
    page.get_by_text(f"BP {bp[0]}/{bp[1]} · HR {hr}").first.wait_for()


def sheet(page, words):
    """Open the form behind a button of the ledger."""
    button(page, words).click()
    opened = page.locator(".sheet:popover-open")
    opened.wait_for()
    return opened


def send(page, opened, words):
    with page.expect_navigation():
        button(opened, words).click()


def receive(treatment, product, label, **fields):
    desk = treatment.open(treatment.cast.supervisor, "/ledger/")
    form = sheet(desk, "Receive")
    form.get_by_label("Product").select_option(product)
    form.get_by_label("Label on it").fill(label)
    for name, value in {"Lot": "L-77", "Expires on": "2099-06-30", **fields}.items():
        form.get_by_label(name).fill(value)
    send(desk, form, "Receive")
    desk.get_by_role("link", name=label).wait_for()


def witness(treatment):
    """The supervisor saw it, and signs in a browser of her own."""
    desk = treatment.open(treatment.cast.supervisor, "/ledger/")
    with desk.expect_navigation():
        desk.get_by_role("button", name="I saw it").click()
    desk.locator("#waiting", has_text="Nothing waits").wait_for()
    signed = LedgerWitness.objects.get()
    assert (signed.by_id, signed.acted_by_id) == (
        treatment.cast.supervisor.user_id,
        treatment.cast.nurse.user_id,
    )


def correct_last_set(page, systolic, reason):
    button(page, "Correct").first.click()
    page.locator("dialog[open]").get_by_label("Systolic").fill(str(systolic))
    button(page.locator("dialog[open]"), reason).click()
    confirm(page, "Save correction")
    page.locator("#saved s.superseded").wait_for()


def test_an_infusion_from_check_in_to_release(treatment, picture):
    nurse, supervisor = treatment.cast.nurse, treatment.cast.supervisor
    session = scheduled(treatment, "iv-ketamine")
    receive(treatment, "ketamine-50", "K-1", **{"mL in the vial": "10", "NDC": "00000-050"})

    page = treatment.open(nurse, "/today/", LAPTOP)
    page.locator(".schedule-row", has_text="Ada Lindqvist").get_by_role("button", name="Check in").click()
    page.locator(".schedule-row").get_by_text("Checked in").wait_for()

    page = treatment.open(nurse, f"/sessions/{session.id}/record/")
    tick(page, "Identity checked", "Ride home and escort", "IV line placed")
    tick(page, "Takes opioids", answer="No")
    page = treatment.open(nurse, f"/sessions/{session.id}/bedside/")
    chart_set(page, bp=(152, 94), hr=78, rr=15, spo2=98)

    # above 140/90: the prescriber decides and signs
    page = treatment.open(supervisor, f"/sessions/{session.id}/record/")
    page.locator(".choice", has_text="Go ahead").click()
    page.get_by_label("Reason", exact=True).fill("Usual for this patient, no symptoms")
    button(page, "Sign as Supervisor").click()
    page.locator("#gate").get_by_text("Usual for this patient").first.wait_for()

    page = treatment.open(nurse, f"/sessions/{session.id}/record/")
    draw = sheet(page, "Draw")
    draw.get_by_label("Drawn, mL").fill("0.9")
    send(page, draw, "Chart draw")
    page = treatment.open(nurse, f"/sessions/{session.id}/", LAPTOP)
    button(page, "Start dose").click()
    page.get_by_label("Dose, mg per kg").fill("0.5")
    page.get_by_label("Concentration, mg/mL").fill("1")
    page.locator(".worked-out").get_by_text("35 mL over 40 min = 52.5 mL/h").wait_for()
    confirm(page, "Start dose")
    page.locator(".state-word", has_text="Dosing").wait_for()

    treatment.pass_time(minutes=20)
    page = treatment.open(nurse, f"/sessions/{session.id}/bedside/")
    chart_set(page, bp=(158, 90), hr=84, rr=15, spo2=97, sedation="Slow or sleepy response")
    correct_last_set(page, 148, "Typed wrong")
    button(page, "Nausea").click()
    page.get_by_role("button", name=re.compile(r"^Nausea \d\d:\d\d$")).wait_for()

    treatment.pass_time(minutes=21)
    page = treatment.open(nurse, f"/sessions/{session.id}/", LAPTOP)
    button(page, "Chart stop").click()
    button(page.locator("dialog[open]"), "Dose complete").click()
    confirm(page, "Chart stop")
    page.locator(".state-word", has_text="Monitoring").wait_for()
    page = treatment.open(nurse, f"/sessions/{session.id}/record/")
    give = sheet(page, "Give")
    assert give.get_by_label("Given, mL").input_value() == "0.7"  # 35 mg of 50 mg/mL
    send(page, give, "Chart given")
    waste = sheet(page, "Waste")
    waste.get_by_label("How it was made unusable").fill("Deactivation pouch")
    send(page, waste, "Chart waste")
    assert page.locator(".ledger-words").inner_text() == "drawn 0.9 mL = given 0.7 + wasted 0.2"
    button(page, "Nausea is gone").click()
    button(page, "Nausea is gone").wait_for(state="detached")
    witness(treatment)

    treatment.pass_time(minutes=81)
    page = treatment.open(nurse, f"/sessions/{session.id}/bedside/")
    chart_set(page, bp=(126, 80), hr=72, rr=14, spo2=98)
    page = treatment.open(nurse, f"/sessions/{session.id}/record/")
    tick(page, "Walks steadily", "Alert: answers readily")
    page.get_by_label("Who takes the patient home").fill("B. Lindqvist")
    button(page, "Assessed ready, signed as Nurse Nguyen").click()
    page.locator(".signed", has_text="Assessed ready by Nurse Nguyen").wait_for()
    page.get_by_text("Told: no driving until tomorrow").click()
    button(page, "Release, signed as Nurse Nguyen").click()
    page.locator(".signed", has_text="Released by Nurse Nguyen").wait_for()
    picture(page, "record-iv-tablet-day")

    ended = Session.objects.get(pk=session.id)
    assert (ended.state, ended.outcome, float(ended.dose_mg or 0)) == ("released", "released", 35)
    assert_record_page_and_api_agree(treatment, session)
    readings = treatment.api(nurse, f"sessions/{session.id}/readings/")["results"]
    versions = [(row["systolic"], row["superseded_by"] is not None) for row in readings]
    assert sorted(versions) == [(126, False), (148, False), (152, False), (158, True)]
    [account] = treatment.api(nurse, f"sessions/{session.id}/ledger/")["accounts"]
    assert [float(account[name]) for name in ("drawn", "given", "wasted", "variance")] == [0.9, 0.7, 0.2, 0]


def test_a_nasal_treatment_from_check_in_to_the_filed_form(treatment, picture):
    nurse = treatment.cast.nurse
    session = scheduled(treatment, "nasal-esketamine")
    receive(treatment, "esketamine-28", "E-1", **{"mL in the vial, or devices": "3"})

    page = treatment.open(nurse, "/today/", LAPTOP)
    page.locator(".schedule-row", has_text="Ada Lindqvist").get_by_role("button", name="Check in").click()
    page.locator(".schedule-row").get_by_text("Checked in").wait_for()
    page = treatment.open(nurse, f"/sessions/{session.id}/record/")
    tick(page, "Identity checked", "Takes psychostimulants")
    tick(
        page,
        "Takes benzodiazepines",
        "Takes other sedatives",
        "Takes opioids",
        "Takes a MAO inhibitor",
        answer="No",
    )
    draw = sheet(page, "Draw")
    draw.get_by_label("Drawn, devices").fill("3")
    send(page, draw, "Chart draw")
    page = treatment.open(nurse, f"/sessions/{session.id}/bedside/")
    chart_set(page, bp=(128, 80), hr=74, rr=15, spo2=98)

    page = treatment.open(nurse, f"/sessions/{session.id}/", LAPTOP)
    button(page, "Start dose").click()
    button(page.locator("dialog[open]"), "2").click()
    page.get_by_label("Lot").fill("A1001")
    page.get_by_label("Expires on").fill("2099-06-30")
    confirm(page, "Start dose")
    page.locator(".state-word", has_text="Dosing").wait_for()
    treatment.pass_time(minutes=5)
    page = treatment.open(nurse, f"/sessions/{session.id}/", LAPTOP)
    button(page, "Chart dose").click()
    button(page.locator("dialog[open]"), "2").click()
    page.get_by_label("Lot").fill("A1020")
    confirm(page, "Chart dose")
    page.locator(".state-word", has_text="Monitoring").wait_for()

    # the lot was read wrong: the form follows the correction
    page = treatment.open(nurse, f"/sessions/{session.id}/record/")
    page.get_by_role("link", name="Correct Chart dose").click()
    page.get_by_label("Lot").fill("A1002")
    page.get_by_label("Why it is corrected").fill("Typed wrong")
    button(page, "Save correction").click()
    page.locator("s.superseded", has_text="A1020").wait_for()
    give = sheet(page, "Give")
    give.get_by_label("Given, devices").fill("2")
    send(page, give, "Chart given")
    waste = sheet(page, "Waste")
    waste.get_by_label("Wasted, devices").fill("1")
    waste.get_by_label("How it was made unusable").fill("Returned to the pouch")
    send(page, waste, "Chart waste")
    witness(treatment)

    treatment.pass_time(minutes=35)
    page = treatment.open(nurse, f"/sessions/{session.id}/bedside/")
    chart_set(page, bp=(150, 92), hr=82, rr=15, spo2=96, sedation="Slow or sleepy response")
    button(page, "Dissociation").click()
    page.get_by_role("button", name=re.compile(r"^Dissociation \d\d:\d\d$")).wait_for()
    treatment.pass_time(minutes=86)
    page = treatment.open(nurse, f"/sessions/{session.id}/bedside/")
    chart_set(page, bp=(130, 82), hr=70, rr=14, spo2=98)
    page = treatment.open(nurse, f"/sessions/{session.id}/record/")
    button(page, "Dissociation is gone").click()
    button(page, "Dissociation is gone").wait_for(state="detached")
    tick(page, "Walks steadily")
    page.get_by_label("Who takes the patient home").fill("B. Lindqvist")
    button(page, "Assessed ready, signed as Nurse Nguyen").click()
    page.locator(".signed", has_text="Assessed ready by Nurse Nguyen").wait_for()
    button(page, "Release, signed as Nurse Nguyen").click()
    page.locator(".signed", has_text="Released by Nurse Nguyen").wait_for()

    form = treatment.open(nurse, f"/sessions/{session.id}/form/")
    for code, answer in {
        "first-treatment": "No",
        "acceptable-before": "Yes",
        "acceptable-completion": "Yes",
        "respiratory-depression": "No",
        "serious-event": "No",
    }.items():
        with form.expect_navigation():
            form.locator(f"#cell-{code}").get_by_role("button", name=answer, exact=True).click()
        form.locator("#stand-title").wait_for()
    with form.expect_navigation():
        form.locator("#cell-signature").get_by_role("button", name="Sign as Nurse Nguyen").click()
    form.locator(".file-form").get_by_label("Confirmation number").fill("PMF-2231")
    with form.expect_navigation():
        form.locator(".file-form").get_by_role("button", name="Chart as filed").click()
    form.locator(".form-stand .state-label", has_text="Filed").wait_for()
    picture(form, "form-filed-tablet-day", full_page=True)

    assert_record_page_and_api_agree(treatment, session)
    assert_form_agrees(treatment, session, form)


def assert_form_agrees(treatment, session, form):
    """Page, API, PDF and what was filed say the same of every cell, and the record behind it."""
    pypdf = pytest.importorskip("pypdf")
    told = treatment.api(treatment.cast.nurse, f"sessions/{session.id}/form/")
    pdf = form.context.request.get(f"{treatment.url}/sessions/{session.id}/form.pdf").body()
    printed = " ".join(
        " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split()
    )
    shown = " ".join(form.locator("main").inner_text().split())
    cells = {cell["field"]: cell for cell in told["cells"]}
    filled = [cell for cell in cells.values() if cell["words"]]
    assert len(filled) > 25
    for cell in filled:
        words = " ".join(cell["words"].split())
        assert words in shown, cell["field"]
        assert words in printed, cell["field"]
    filed = FormFiling.objects.get(session=session)
    assert (told["differs"], filed.confirmation) == ([], "PMF-2231")
    assert cells["lot-numbers"]["value"] == "A1001, A1002"
    before, at_40, completion = (cells[code]["value"] for code in ("bp-before", "bp-40", "bp-completion"))
    assert (before, at_40, completion) == ("128/80", "150/92", "130/82")
    started = queries.session(treatment.cast.clinic.pk, session.id).dose_started_at
    assert started is not None
    assert clock.now() > started
