"""A session as staff do it: real pages in headless Chromium over the real web and watch processes."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from clinic import clock
from sessions.models import Session
from tests import builders
from tests.journeys.ward import button, confirm
from tests.journeys.windows import LAPTOP
from vitals.models import Reading

pytestmark = pytest.mark.browser

MOST_TAPS = 16
# what Chromium itself prints where a test cuts the network, or where a refusal is what is tested
OFFLINE = ("Failed to load resource: net::ERR_INTERNET_DISCONNECTED",)
REFUSED = ("Failed to load resource: the server responded with a status of 409", "409 ")


def tap_set(page, *numbers):
    """Tap the digits of each number on the pad. Returns the taps it took."""
    for digit in "".join(str(number) for number in numbers):
        page.locator(f'[data-key="{digit}"]').click()
    return len("".join(str(number) for number in numbers))


def charted(session):
    """Readings since the dose began; the one before it is the baseline."""
    since = Reading.objects.filter(session_id=session.id, measured_at__gt=session.dose_started_at)
    return list(since.order_by("measured_at"))


def save(page):
    """Save what was tapped, and wait until it stands there instead of the set before it."""
    shown = page.locator("#saved .saved-words")
    shown.first.wait_for()
    before = shown.first.inner_text()
    page.locator("#save").click()
    expect(shown.first).not_to_have_text(before)
    page.get_by_text(re.compile(r"^Saved \d\d:\d\d$")).wait_for()


def test_a_nurse_signs_in_and_logs_a_set_that_another_board_shows(ward):
    session = ward.dosing()
    builders.checked_in(ward.cast.nurse, ward.cast.clinic, clock.now(), chair="2")
    board = ward.board()
    assert board.locator('.tile[data-chair="2"] .lead-none').inner_text() == "no set yet"
    lead = board.locator('.tile[data-chair="1"] .lead .value')
    assert "".join(lead.all_inner_texts()[0].split()) == "124/78", "the baseline"

    page = ward.open(None, "/sign-in/")
    page.get_by_label("User name").fill("nurse")
    page.get_by_label("Password").fill(builders.PASSWORD)
    button(page, "Sign in").click()
    page.locator('.tile[data-chair="1"] .tile-link').focus()
    page.keyboard.press("Enter")
    page.locator("#chart .main-svg").first.wait_for()
    page.get_by_role("link", name="Bedside").click()
    page.locator("#due .due-when").wait_for()

    taps = tap_set(page, 128, 79, 78, 16, 98)
    button(page, "Responds readily").click()
    page.locator("#save").click()
    taps += 2
    assert taps <= MOST_TAPS
    page.get_by_text("BP 128/79 · HR 78 · RR 16").wait_for()
    assert page.locator("#sent-state").inner_text() == "All sent"

    lead.get_by_text("128").wait_for()
    assert "".join(lead.all_inner_texts()[0].split()) == "128/79"
    [reading] = charted(session)
    assert (reading.systolic, reading.sedation, reading.user_id) == (128, 5, ward.cast.nurse.user_id)


def test_a_value_out_of_limit_is_flagged_on_the_board_and_taken_on_the_session_page(ward):
    session = ward.dosing()
    board, page = ward.board(), ward.session_page(session)
    bedside = ward.bedside(session)
    tap_set(bedside, 205, 121)
    assert bedside.locator('[data-vital="systolic"]').get_attribute("data-state") == "high"
    save(bedside)
    bedside.locator("#said").get_by_text("Flag raised").wait_for()

    card = board.locator(".card-flag", has_text="BP 205/121")
    card.wait_for()
    assert card.locator(".card-what").inner_text() == "BP 205/121, limit 200"
    assert card.locator(".card-word").inner_text() == "HIGH"
    assert board.locator('.tile[data-chair="1"]').get_attribute("data-state") == "high"

    flag = page.locator(".flag-card", has_text="BP 205/121")
    flag.get_by_role("button", name="I'm on it").click()
    flag.locator(".flag-taken").get_by_text("Nurse").wait_for()
    card.locator(".card-rest").get_by_text("is on it").wait_for()
    assert card.get_attribute("data-taken") == ""
    assert page.locator("#timeline").get_by_text("I'm on it: BP 205/121").is_visible()


def test_a_saved_value_is_corrected_with_a_reason_and_the_old_one_stays_readable(ward):
    session = ward.dosing()
    page = ward.bedside(session)
    tap_set(page, 158, 90)
    save(page)
    button(page, "Correct").click()
    page.get_by_label("Systolic").last.fill("138")
    confirm(page, "Save correction")
    page.get_by_text("A reason is needed.").wait_for()
    button(page, "Typed wrong").click()
    confirm(page, "Save correction")

    old = page.locator("#saved s.superseded")
    old.wait_for()
    assert old.inner_text() == "BP 158/90"
    assert "line-through" in old.evaluate("node => getComputedStyle(node).textDecorationLine")
    table = ward.session_page(session).locator("#readings")
    table.get_by_text("corrected: Typed wrong").wait_for()
    assert table.locator("tr.old-version s.superseded").first.inner_text() == "158/90"
    assert table.locator("tr:not(.old-version) td").first.inner_text() == "138/90"


def test_what_could_not_be_measured_has_a_reason_and_a_symptom_its_time(ward):
    session = ward.dosing()
    page = ward.bedside(session)
    tap_set(page, 121, 75, 70, 14)
    button(page, "Could not measure…").click()
    button(page, "Sensor does not read").click()
    save(page)
    button(page, "Nausea").click()
    page.get_by_role("button", name=re.compile(r"^Nausea \d\d:\d\d$")).wait_for()

    page = ward.session_page(session)
    page.locator("#readings").get_by_text("SpO₂ could not be measured: Sensor does not read").wait_for()
    page.locator("#timeline").get_by_text("Nausea", exact=True).wait_for()
    assert [reading.absent for reading in charted(session)] == [{"spo2": "Sensor does not read"}]


def test_a_new_patient_is_scheduled_checked_in_and_started(ward):
    ward.windows.expected = ("Failed to load resource: the server responded with a status of 422", "422 ")
    page = ward.open(ward.cast.nurse, "/today/", LAPTOP)
    button(page, "Add session").click()
    page.get_by_label("Patient, by name or record number").fill("Nobody")
    page.get_by_text("No patient of that name or number.").wait_for()
    button(page, "New patient").click()
    page.get_by_label("Record number", exact=True).fill("T-100")
    page.get_by_label("Given name").fill("Test")
    page.get_by_label("Family name").fill("Willow")
    page.get_by_label("Birth date").fill("1980-02-03")
    page.get_by_label("Sex").select_option("female")
    page.get_by_label("Weight, kg").fill("70")
    page.get_by_label("Chair").select_option("4")
    page.get_by_label("Protocol").select_option("iv-ketamine")
    page.get_by_label("Indication").fill("Severe depression")
    confirm(page, "Add session")
    row = page.locator(".schedule-row", has_text="Test Willow")
    row.wait_for()

    row.get_by_role("button", name="Check in").click()
    row.get_by_text("Checked in").wait_for()
    row.get_by_role("button", name="Start dose").click()
    confirm(page, "Start dose")
    page.get_by_text("dose_mg is needed to start an infusion.").wait_for()
    page.get_by_label("or dose, mg").fill("35")
    confirm(page, "Start dose")
    row.get_by_text("Dosing").wait_for()
    assert Session.objects.get(patient__mrn="T-100").state == "dosing"


def test_a_patient_is_assessed_ready_and_released(ward):
    session = ward.past_its_dose(150)
    board, page = ward.board(), ward.session_page(session)
    button(page, "Assess readiness").click()
    row = page.get_by_role("group", name="Alert: answers readily")
    row.get_by_role("button", name="Yes", exact=True).click()
    page.get_by_label("Who takes the patient home").fill("Sister")
    confirm(page, "Assess readiness")
    page.locator(".state-word", has_text="Ready, assessed ready by").wait_for()
    button(page, "Release").click()
    confirm(page, "Release")
    page.locator(".state-word", has_text="Released").wait_for()
    board.locator('.tile[data-chair="1"][data-state="free"]').wait_for()
    session.refresh_from_db()
    assert session.state == "released"


def test_what_is_saved_offline_is_loudly_kept_and_stored_once(ward):
    session = ward.dosing()
    ward.windows.expected = OFFLINE
    page = ward.bedside(session)
    page.locator("#due .due-when").wait_for()
    page.context.set_offline(True)
    tap_set(page, 122, 76)
    page.locator("#save").click()
    state = page.locator("#sent-state[data-state=unsent]")
    state.wait_for()
    assert state.inner_text().split() == ["1", "not", "yet", "sent", "chair", "1"]
    assert charted(session) == []
    page.locator("#save").click()  # the boxes are empty: a second tap has nothing to save
    page.context.set_offline(False)
    page.locator("#sent-state[data-state=sent]").wait_for()
    assert [reading.systolic for reading in charted(session)] == [122]


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_who_does_not_chart_is_offered_no_charting(ward, role):
    who = getattr(ward.cast, role)
    session = ward.dosing()
    builders.record(builders.incoming(ward.cast.nurse, session, clock.now(), systolic=205, diastolic=121))
    page = ward.session_page(session, who)
    page.locator(".flag-card").first.wait_for()
    assert page.locator("#acts button, .flag-actions button, #readings button").count() == 0
    page = ward.bedside(session, who)
    assert page.locator("#save").is_disabled()
    assert page.locator("#acts button, .flag-actions button, #saved button:text('Correct')").count() == 0
    page = ward.board(who)
    page.locator(".card-flag").first.wait_for()
    assert not page.locator(".card-take").first.is_visible()


def leave_early(page, reason):
    button(page, "Release").click()
    page.get_by_label("Reason for leaving before the window's end").fill(reason)
    confirm(page, "Release")


def test_an_early_release_is_the_prescribers_and_a_nurse_reads_what_is_missing(ward):
    session = ward.past_its_dose(60)
    ward.windows.expected = REFUSED
    page = ward.session_page(session)
    leave_early(page, "Patient asked")
    missing = page.locator("dialog[open] .missing")
    missing.get_by_text("or the signature of a prescriber whose credential is in date").wait_for()
    assert re.search(r"earliest release \d\d:\d\d", missing.last.inner_text())
    session.refresh_from_db()
    assert session.state == "monitoring"

    page = ward.session_page(session, ward.cast.supervisor)
    leave_early(page, "Patient asked")
    page.locator(".state-word", has_text="Released").wait_for()
    session.refresh_from_db()
    assert (session.state, session.outcome_reason) == ("released", "Patient asked")


def test_a_nasal_patient_who_goes_early_left_before_the_minimum(ward):
    session = ward.dosing(40, protocol="nasal-esketamine")
    builders.act(ward.cast.nurse, session, "dose", clock.now() - timedelta(minutes=35), device=2)
    ward.calm_set(session)
    page = ward.session_page(session)
    leave_early(page, "Patient asked")
    page.locator("#state").get_by_text("Left before the minimum").wait_for()
    session.refresh_from_db()
    assert session.state == "stopped"


def test_every_page_can_be_worked_without_a_pointer(ward):
    session = ward.dosing()
    page = ward.bedside(session)
    page.locator("#set-systolic").focus()
    for number in ("118", "74", "71", "14", "98"):
        page.keyboard.type(number)
        page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # on the first sedation button
    page.locator("#save").focus()
    page.keyboard.press("Enter")
    page.get_by_text("BP 118/74 · HR 71 · RR 14 · SpO₂ 98 %").wait_for()
    button(page, "Correct").focus()
    page.keyboard.press("Enter")
    page.locator("dialog[open]").wait_for()
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="detached")
    assert page.evaluate("document.activeElement.textContent") == "Correct"

    for path in ("/board/", "/today/", f"/sessions/{session.id}/", "/status/"):
        page = ward.open(ward.cast.supervisor, path, LAPTOP)
        page.wait_for_timeout(500)
        assert unseen_focus(page) == [], path


# The control that has the focus: "the end" past the last one, null when it has a name and its focus shows.
FOCUSED = """() => {
  const at = document.activeElement;
  if (at === document.body) return "the end";
  const named = at.ariaLabel || at.hasAttribute("aria-labelledby") || at.innerText.trim() || at.labels?.[0];
  const style = getComputedStyle(at);
  const seen = style.outlineStyle !== "none" || style.boxShadow !== "none";
  return named && seen ? null : `${at.tagName} ${at.className}: ${named ? "focus not seen" : "no name"}`;
}"""


def unseen_focus(page):
    """Tab through the page: controls without a name, or whose focus cannot be seen."""
    found: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        words = page.evaluate(FOCUSED)
        if words == "the end":
            break
        if words:
            found.append(words)
    return found
