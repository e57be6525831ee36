"""Packs in a browser: the page at every size, one that is taken, and days that cannot be had."""

from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from clinic import clock
from clinic.models import Patient
from tests import form_stage, packs
from tests.journeys.windows import LAPTOP, PHONE, TABLET, UPRIGHT

pytestmark = pytest.mark.browser

OVERFLOWS = (Path(__file__).parent / "overflows.js").read_text()
SIZES = {"laptop": LAPTOP, "tablet": TABLET, "tablet-upright": UPRIGHT, "phone": PHONE}
THEMES = {"day": "light", "night": "dark"}


@pytest.fixture
def today(ward):
    """Three sessions of today, one of them with the longest name."""
    rows = [
        form_stage.released(ward.cast, clock.now() - timedelta(hours=3, minutes=number), chair=str(number))
        for number in (1, 2, 3)
    ]
    Patient.objects.filter(pk=rows[0].patient_id).update(
        given_name="Constantina", family_name="Featherstonehaugh-Vandersloot"
    )
    return rows


def day_of(ward, session):
    return session.scheduled_at.astimezone(ward.cast.clinic.zone).date().isoformat()


def test_the_page_fits_at_every_size_by_day_and_night(ward, today, picture):
    found = {}
    for size, theme in product(SIZES, THEMES):
        page = ward.windows.of(
            ward.cast.supervisor,
            f"{ward.url}/packs/?day={day_of(ward, today[0])}",
            SIZES[size],
            theme=THEMES[theme],
        )
        assert page.locator(".packs-sessions li").count() == len(today)
        if overflowing := page.evaluate(OVERFLOWS):
            found[size, theme] = overflowing
        picture(page, f"packs-{size}-{theme}", full_page=True)
        page.context.close()
    assert found == {}


def test_a_pack_is_taken_from_the_record_and_its_hashes_are_its_own(ward, today):
    page = ward.open(ward.cast.supervisor, f"/sessions/{today[1].id}/record/", LAPTOP)
    with page.expect_download() as saved:
        page.get_by_role("link", name="Incident pack", exact=True).click()
    assert saved.value.suggested_filename == f"incident-{today[1].id}.zip"
    pack = packs.Unpacked(Path(saved.value.path()).read_bytes())
    assert pack.manifest["covers"]["session"] == str(today[1].id)
    assert {row["kind"] for row in pack.table("entries")} >= {"check-in", "start", "release"}


def test_forms_are_taken_for_the_days_that_were_typed_in(ward, today):
    day = day_of(ward, today[0])
    page = ward.open(ward.cast.admin, "/packs/", TABLET)
    card = page.locator("#forms")
    card.get_by_label("From").fill(day)
    card.get_by_label("Until").fill(day)
    with page.expect_download() as saved:
        card.get_by_role("button").click()
    pack = packs.Unpacked(Path(saved.value.path()).read_bytes())
    assert {row["session"] for row in pack.table("forms")} == {str(row.id) for row in today}


def test_days_that_cannot_be_had_are_named_and_stay_in_their_fields(ward):
    ward.windows.expected = ("Failed to load resource", "422")
    page = ward.open(ward.cast.supervisor, "/packs/forms.zip?from=2026-01-01&until=2026-12-31", LAPTOP)
    assert "at most 92 days" in page.locator("[role=alert].form-error").inner_text()
    assert page.locator("#forms").get_by_label("From").input_value() == "2026-01-01"
