"""The record page in a browser: an infusion worked out as it is ordered, and an entry corrected."""

from datetime import timedelta

import pytest

from clinic import clock
from sessions.models import Session, SessionEvent
from tests import builders
from tests.journeys.ward import button, confirm
from tests.journeys.windows import LAPTOP, TABLET

pytestmark = pytest.mark.browser


def checked_in(ward):
    at = clock.now() - timedelta(minutes=10)
    return builders.checked_in(ward.cast.nurse, ward.cast.clinic, at)


def test_an_infusion_is_worked_out_while_it_is_typed(ward, picture):
    session = checked_in(ward)
    page = ward.bedside(session)
    button(page, "Start dose").click()
    page.get_by_label("Dose, mg per kg").fill("0.5")
    page.get_by_label("Concentration, mg/mL").fill("1")
    worked_out = page.locator(".worked-out")
    worked_out.get_by_text("0.5 mg/kg × 70 kg = 35 mg").wait_for()
    worked_out.get_by_text("35 mL over 40 min = 52.5 mL/h").wait_for()
    picture(page, "start-dose-tablet-day")
    confirm(page, "Start dose")
    page.locator("#dose").get_by_text("of 35 mg").wait_for()
    session.refresh_from_db()
    assert (session.dose_mg, session.weight_kg, session.concentration_mg_per_ml) == (35, 70, 1)


def test_pounds_typed_as_kilograms_ask_for_a_reason_and_go_on(ward):
    session = checked_in(ward)
    ward.windows.expected = ("Failed to load resource: the server responded with a status of 409", "409 ")
    page = ward.bedside(session)
    button(page, "Start dose").click()
    page.get_by_label("Weight, kg").fill("154")
    page.get_by_label("Dose, mg per kg").fill("0.5")
    page.locator(".worked-out").get_by_text("pounds typed as kilograms?").wait_for()
    confirm(page, "Start dose")
    page.locator("dialog[open] .missing").get_by_text("a reason to go on").wait_for()
    page.get_by_label("Reason, where the dose is unusual").fill("Weighed twice, as ordered")
    confirm(page, "Start dose")
    page.locator("#dose").get_by_text("of 77 mg").wait_for()
    assert "pounds typed as kilograms?" in SessionEvent.objects.get(session=session, kind="start").text


def test_the_start_of_the_dose_is_moved_by_seven_minutes(ward, picture):
    session = ward.dosing(20)
    began = session.dose_started_at
    page = ward.open(ward.cast.nurse, f"/sessions/{session.id}/record/", TABLET)
    page.get_by_role("link", name="Correct Start dose").click()
    moved = (began + timedelta(minutes=7)).astimezone(ward.cast.clinic.zone)
    page.get_by_label("When it happened").fill(moved.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("Why it is corrected").fill("Clock read wrong")
    picture(page, "correct-entry-tablet-day")
    button(page, "Save correction").click()
    page.locator("s.superseded", has_text="Infusion started").wait_for()
    page.get_by_text("corrected: Clock read wrong").wait_for()
    picture(page, "record-tablet-day", full_page=True)

    session = Session.objects.get(pk=session.id)
    assert session.dose_started_at == moved.replace(second=0, microsecond=0)
    live = ward.open(ward.cast.nurse, f"/sessions/{session.id}/", LAPTOP)
    live.locator("#timeline .superseded", has_text="Infusion started").wait_for()
    live.locator("#timeline").get_by_text("corrected: Clock read wrong").wait_for()
