"""Limits in a browser: a draft is changed, put right and signed; a limit is changed for one patient."""

import re
from datetime import timedelta

import pytest

from clinic import clock
from clinic.models import Chair
from tests import builders
from tests.journeys.ward import button
from tests.journeys.windows import LAPTOP, PHONE, TABLET
from vitals.models import LimitSet
from vitals.services.limit_sets import current_limit_set_id, read_limit_set

pytestmark = pytest.mark.browser
REFUSED = ("Failed to load resource: the server responded with a status of 4", "409 ", "422 ")
OVERFLOWS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"


def night(page):
    page.locator("[data-theme-toggle]").click()


def test_a_draft_is_changed_beside_what_is_in_use_and_signed(ward, picture):
    under_way = ward.dosing()
    page = ward.open(ward.cast.supervisor, "/limits/", LAPTOP)
    assert page.get_by_text("Example limits, reviewed by nobody yet").count() >= 2
    picture(page, "limits-laptop")
    assert not page.evaluate(OVERFLOWS)
    page.get_by_role("button", name="New draft from version 1 of IV ketamine").click()
    page.get_by_role("heading", name="Limits 2, version 2").wait_for()
    assert "no row differs" in page.locator(".limits-summary").inner_text()

    page.get_by_role("button", name="Change BP-2 SBP").click()
    form = page.locator(".edit-row:visible form")
    form.get_by_label(re.compile("^Limit ")).fill("1900")
    ward.windows.expected = REFUSED
    button(page, "Save BP-2 SBP").click()
    form.locator(".error", has_text="is above 300, the highest that systolic takes").wait_for()
    picture(page, "limits-row-laptop")
    form.get_by_label(re.compile("^Limit ")).fill("190")
    button(page, "Save BP-2 SBP").click()
    page.locator(".waits-for", has_text="lies beyond the high one of BP-5 SBP, 180").wait_for()
    page.get_by_role("button", name="Change BP-2 SBP").click()
    form.get_by_label(re.compile("^Limit ")).fill("160")
    form.get_by_label(re.compile("Re-check due after")).fill("180")
    form.get_by_label("Source").fill("Dr Reed, medical director, 27 Nov 2026")
    button(page, "Save BP-2 SBP").click()
    row = page.locator("tr[data-what=changed]", has_text="BP-2")
    row.get_by_text("SBP ≥ 160").wait_for()
    assert "limit 165; re-check due after 5 min" in row.inner_text()

    page.get_by_role("button", name="Change T-1 Temp").click()
    page.locator(".edit-row:visible").get_by_role("button", name="Remove this row").click()
    page.locator("tr[data-what=removed]", has_text="T-1").wait_for()
    page.get_by_label("What it is about").select_option("escalation")
    added = page.locator("form:visible", has=page.get_by_role("button", name="Add this row"))
    added.get_by_label("Rule").fill("ASK-3")
    added.get_by_label(re.compile("^After")).fill("300")
    added.get_by_label("Source").fill("Dr Reed")
    button(added, "Add this row").click()
    page.locator("tr[data-what=added]", has_text="ASK-3").wait_for()
    assert "1 row changed, 1 added, 1 removed" in page.locator(".limits-summary").inner_text()
    assert (
        page.get_by_role("link", name="Replay over past sessions").get_attribute("href").endswith("/replay/")
    )
    page.evaluate("scrollTo(0, 0)")
    picture(page, "limits-top-laptop")
    assert not page.evaluate(OVERFLOWS)
    night(page)
    picture(page, "limits-top-laptop-night")
    night(page)

    sign = page.locator("#sign")
    sign.scroll_into_view_if_needed()
    assert "T-1 Temp removed: Temp ≥ 38.1, note" in sign.inner_text()
    sign.get_by_label("Your name, as your signature").fill("Nurse")
    button(sign, "Sign version 2").click()
    sign.locator(".error", has_text="nobody signs for another").wait_for()
    sign.get_by_label("Your name, as your signature").fill("Supervisor")
    picture(page, "limits-sign-laptop")
    button(sign, "Sign version 2").click()
    page.get_by_text(re.compile("Reviewed by Supervisor on")).first.wait_for()
    assert page.locator("form").count() == page.locator("header form").count()

    page.goto(f"{ward.url}/limits/")
    kept = page.get_by_text("1 session under way still uses an older version")
    kept.wait_for()
    picture(page, "limits-signed-laptop")
    current = current_limit_set_id(ward.cast.clinic.pk, "iv-ketamine")
    assert read_limit_set(current).named["BP-2", "systolic"].recheck_s == 180
    assert under_way.chair.name == Chair.objects.get(clinic=ward.cast.clinic, name="1").name


def test_limits_fit_a_tablet_and_a_nurse_reads_and_changes_nothing(ward, picture):
    draft = builders.draft(ward.cast.supervisor, clock.now())
    page = ward.open(ward.cast.nurse, f"/limits/{draft.pk}/", TABLET)
    page.get_by_role("heading", name="Blood pressure, high").wait_for()
    assert page.locator("[data-post], form[data-post]").count() == 0
    assert not page.evaluate(OVERFLOWS)
    picture(page, "limits-tablet")
    for path in ("/limits/", f"/limits/{draft.pk}/"):
        phone = ward.open(ward.cast.supervisor, path, PHONE)
        phone.locator("h1").wait_for()
        assert not phone.evaluate(OVERFLOWS)
        picture(phone, f"limits-phone-{len(path)}")
    assert LimitSet.objects.get(pk=draft.pk).revision == 0


def test_a_limit_is_changed_for_one_patient_from_the_session_page(ward, picture):
    session = ward.dosing()
    ward.calm_set(session)
    crisis = ward.dosing(30, chair="2")
    builders.limit_change(ward.cast.supervisor, crisis.patient, clock.now())
    high = builders.incoming(
        ward.cast.nurse, crisis, clock.now(), systolic=204, diastolic=104, heart_rate=101, spo2=97
    )
    builders.record(high)
    board = ward.board()
    bedside = ward.bedside(session)
    page = ward.session_page(session, ward.cast.supervisor)
    button(page, "Limits…").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Rule").select_option(label="BP-2 · SBP ≥ 165 · medium, 2 readings in a row")
    dialog.get_by_label("Limit, instead of 165").fill("190")
    dialog.get_by_label("Reason").fill("Known hypertension, agreed with Dr Reed")
    ward.windows.expected = REFUSED
    button(dialog, "Change the limit").click()
    dialog.get_by_text("lies beyond the high one of BP-5 SBP, 180").wait_for()
    picture(page, "limit-change-laptop")
    dialog.get_by_label("Limit, instead of 165").fill("175")
    button(dialog, "Change the limit").click()
    dialog.wait_for(state="detached")
    mark = page.locator("#own-limits", has_text="Limits changed for this patient")
    mark.wait_for()
    assert "SBP ≥ 175, instead of SBP ≥ 165" in mark.inner_text()
    page.locator("#chart").get_by_text(re.compile("≥ 175 own")).wait_for()
    picture(page, "session-own-limits-laptop")
    bedside.locator("#own-limits", has_text="SBP ≥ 175").wait_for()
    picture(bedside, "bedside-own-limits-tablet")
    board.locator('.tile[data-chair="1"] .own-limits:visible').wait_for()
    assert "limits changed for this patient" in board.locator(
        '.tile[data-chair="1"] .tile-link'
    ).get_attribute("aria-label")
    assert not board.evaluate(OVERFLOWS)
    picture(board, "board-own-limits-wall")

    patient = ward.open(ward.cast.supervisor, f"/patients/{session.patient_id}/", LAPTOP)
    held = patient.locator(".own-changes li", has_text="SBP ≥ 175")
    held.wait_for()
    picture(patient, "patient-limits-laptop")
    button(patient, "Change a limit…").click()
    patient.locator("dialog[open]").get_by_label("Reason").wait_for()
    patient.keyboard.press("Escape")
    held.get_by_role("button", name=re.compile("End now")).click()
    patient.locator(".own-changes li.over", has_text="ended").wait_for()
    board.locator('.tile[data-chair="1"] .own-limits').wait_for(state="hidden")
    mark.wait_for(state="detached")
    assert session.window_ends_at > clock.now() - timedelta(hours=1)
