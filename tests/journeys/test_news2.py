"""NEWS2 and the typical range as staff see them: at the chair, session page, record and board."""

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest

from clinic import clock
from clinic.models import Clinic
from sessions.models import SessionEvent
from tests import builders
from tests.journeys.ward import button, confirm
from tests.journeys.windows import LAPTOP, PHONE, UPRIGHT, WALL

pytestmark = pytest.mark.browser

OVERFLOWS = (Path(__file__).parent / "overflows.js").read_text()
# of a part that scrolls, what is not seen
HIDDEN_PX = (
    "(of) => { const node = document.querySelector(of); return node.scrollHeight - node.clientHeight }"
)
WHOLE = {
    "systolic": 138,
    "diastolic": 84,
    "heart_rate": 92,
    "respiratory_rate": 14,
    "spo2": 97,
    "temperature": 36.8,
    "sedation": 4,
}


def measured(ward, session, minutes_ago, **changed):
    at = clock.now() - timedelta(minutes=minutes_ago)
    builders.record(builders.incoming(ward.cast.nurse, session, at, **{**WHOLE, **changed}))


def printed(page):
    """The text of the sheet as paper takes it."""
    pypdf = pytest.importorskip("pypdf")
    read = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4")))
    return " ".join(" ".join(one.extract_text() for one in read.pages).split())


def without_baseline(ward, minutes, *, chair="1"):
    """A session whose dose began so many minutes ago, and nobody measured before it."""
    at = clock.now() - timedelta(minutes=minutes)
    nurse = ward.cast.nurse
    session = builders.checked_in(nurse, ward.cast.clinic, at - timedelta(minutes=10), chair=chair)
    return builders.act(nurse, session, "start", at, dose_mg=35)


def a_course_of_pressures(ward, session, minutes=60):
    for ago, systolic in zip(range(minutes, 0, -10), (126, 131, 138, 144, 147, 139), strict=False):
        measured(ward, session, ago, systolic=systolic)


def test_a_nurse_charts_alertness_at_the_chair_and_the_line_says_the_score(ward, picture):
    session = ward.dosing(20)
    measured(ward, session, 2)
    page = ward.bedside(session)
    line = page.locator("#news2")
    line.get_by_text("2 missing: air or oxygen, consciousness").wait_for()
    assert page.evaluate(OVERFLOWS) == []
    page.locator("#alertness").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_text(re.compile(r"Sedation \(MOAA/S\) was 4 of 5 at")).wait_for()
    confirm(page, "Chart alertness and oxygen")
    dialog.get_by_text("Consciousness is needed").wait_for()
    button(dialog, "Dissociated, as expected").click()
    button(dialog, "Room air").click()
    assert not dialog.get_by_text("Consciousness is needed").is_visible()
    picture(page, "alertness-tablet-day")
    confirm(page, "Chart alertness and oxygen")
    line.get_by_text("NEWS2 1").wait_for()
    line.get_by_text(re.compile(r"clinical risk low · \d\d:\d\d")).wait_for()
    assert SessionEvent.objects.get(kind="alertness").text == "Dissociated, as expected, room air"
    assert page.evaluate(HIDDEN_PX, "section.set") <= 0
    picture(page, "bedside-news2-tablet-day")
    page = ward.open(ward.cast.nurse, f"/sessions/{session.id}/bedside/", UPRIGHT)
    page.locator("#news2").get_by_text("NEWS2 1").wait_for()
    assert page.evaluate(HIDDEN_PX, "section.set") <= 0
    assert page.evaluate(OVERFLOWS) == []
    picture(page, "bedside-news2-tablet-upright-day")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_session_page_shows_the_score_with_its_inputs_and_the_typical_range(ward, picture, theme):
    session = ward.dosing(60)
    a_course_of_pressures(ward, session)
    at = clock.now() - timedelta(minutes=20)
    builders.act(ward.cast.nurse, session, "alertness", at, consciousness="A", oxygen_l_min=0)
    now = clock.now()
    builders.act(ward.cast.nurse, session, "alertness", now, consciousness="C", oxygen_l_min=2)
    measured(ward, session, 0)
    for name, size in {"laptop": LAPTOP, "tablet-upright": UPRIGHT, "phone": PHONE}.items():
        page = ward.windows.of(ward.cast.nurse, f"{ward.url}/sessions/{session.id}/", size, theme=theme)
        page.locator("#chart .main-svg").first.wait_for()
        page.locator("#news2 .news2-total", has_text="6").wait_for()
        page.locator("#news2").get_by_text("clinical risk medium, 3 for consciousness").wait_for()
        page.locator("#typical").get_by_text("around this patient’s baseline 124 mmHg").wait_for()
        page.locator("#chart pattern").first.wait_for(state="attached")
        assert page.locator("#news2 .news2-part").count() == 7
        assert page.evaluate(OVERFLOWS) == []
        day = "day" if theme == "light" else "night"
        picture(page, f"session-typical-{name}-{day}", full_page=name != "laptop")
        if name == "laptop":
            page.locator("#news2").scroll_into_view_if_needed()
            picture(page, f"session-news2-{name}-{day}")


def test_a_set_without_a_look_says_what_is_missing_and_keeps_the_last_score_beside_it(ward, picture):
    session = without_baseline(ward, 40)
    measured(ward, session, 20)
    at = clock.now() - timedelta(minutes=20)
    builders.act(ward.cast.nurse, session, "alertness", at, consciousness="A", oxygen_l_min=0)
    measured(ward, session, 1)
    page = ward.session_page(session)
    card = page.locator("#news2")
    card.get_by_text("2 missing: air or oxygen, consciousness").wait_for()
    card.get_by_text(
        re.compile(r"Last complete score: 1, clinical risk low, at \d\d:\d\d, 20 min ago")
    ).wait_for()
    button(page, "Alertness and oxygen…").click()
    dialog = page.locator("dialog[open]")
    button(dialog, "Alert").click()
    dialog.get_by_label("Air or oxygen").fill("3,5")
    confirm(page, "Chart alertness and oxygen")
    card.get_by_text("oxygen 3.5 L/min").wait_for()
    page.locator("#timeline").get_by_text("Alert, oxygen 3.5 L/min").wait_for()
    # without a baseline nothing is drawn and nothing claimed
    assert page.locator("#typical").is_hidden()
    assert page.locator("#chart pattern").count() == 0


def test_the_record_scores_each_look_and_a_prescriber_signs_scale_2(ward, picture):
    session = ward.dosing(40)
    measured(ward, session, 20, spo2=90)
    at = clock.now() - timedelta(minutes=20)
    builders.act(ward.cast.nurse, session, "alertness", at, consciousness="A", oxygen_l_min=0)
    measured(ward, session, 0, spo2=90)
    page = ward.open(ward.cast.nurse, f"/sessions/{session.id}/record/")
    part = page.locator("section#news2")
    assert part.get_by_text("SpO2 scale 2 for this session…").count() == 0
    page = ward.open(ward.cast.supervisor, f"/sessions/{session.id}/record/")
    part = page.locator("section#news2")
    part.locator("summary", has_text="scale 2 for this session").click()
    part.get_by_label("is this patient’s target").fill("Hypercapnic failure in 2024")
    button(page, "Sign as Supervisor").click()
    page.locator("section#news2 .part-head").get_by_text("signed by Supervisor").wait_for()
    page.locator("section#news2 summary", has_text="Chart alertness").click()
    page.get_by_label("How the patient is").select_option("Alert")
    page.get_by_label("Oxygen, L/min").fill("0")
    page.locator("section#news2").get_by_role("button", name="Chart", exact=True).click()
    page.locator(".news2-table tbody tr").nth(1).wait_for()
    totals = page.locator(".news2-table tbody tr td:nth-child(2) b").all_inner_texts()
    assert totals == ["4", "1"]  # 90 % is 3 points on scale 1, none on scale 2; HR 92 gives the other one
    assert page.evaluate(OVERFLOWS) == []
    page.locator("section#news2").scroll_into_view_if_needed()
    picture(page, "record-news2-tablet-day")


def test_a_supervisor_says_how_dissociation_counts(ward, picture):
    page = ward.open(ward.cast.nurse, "/clinic/")
    page.get_by_text("A supervisor changes it.").wait_for()
    assert page.get_by_text("Count it from now on…").count() == 0
    page = ward.open(ward.cast.supervisor, "/clinic/")
    page.get_by_text("Count it from now on…").click()
    page.get_by_label("Reason").fill("Our policy")
    picture(page, "clinic-scoring-tablet-day", full_page=True)
    button(page, "Count it").click()
    page.get_by_text("Stop counting it…").wait_for()
    assert Clinic.objects.get(pk=ward.cast.clinic.pk).dissociation_counts_as_confusion


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_board_draws_it_faintly_for_either_route_and_only_with_a_baseline(ward, picture, theme):
    iv, nasal = ward.dosing(60, chair="1"), ward.dosing(60, chair="2", protocol="nasal-esketamine")
    for session in (iv, nasal, without_baseline(ward, 60, chair="3")):
        a_course_of_pressures(ward, session)
    page = ward.windows.of(ward.cast.supervisor, f"{ward.url}/board/", WALL, theme=theme)
    page.locator("[data-part=live][data-state=live]").wait_for()
    page.locator("[data-chair='1'] .spark-typical").wait_for(state="attached")
    page.locator("[data-chair='2'] .spark-typical-mean").wait_for(state="attached")
    page.locator("[data-chair='3'] .spark-line").wait_for(state="attached")
    assert page.locator("[data-chair='3'] .spark-typical").count() == 0
    named = page.locator("[data-chair='1'] .tile-link")
    assert named.get_attribute("title") == "Faint, behind the curve: typical range in published groups"
    assert page.locator("[data-chair='3'] .tile-link").get_attribute("title") is None
    picture(page, f"board-typical-{'day' if theme == 'light' else 'night'}")


def test_on_paper_the_range_is_drawn_and_said(ward, picture):
    session = ward.dosing(60)
    a_course_of_pressures(ward, session)
    page = ward.session_page(session)
    page.locator("#typical").get_by_text("typical range in published groups").wait_for()
    text = printed(page)
    assert "typical range in published groups" in text
    assert "Royal College of Physicians 2017" in text
