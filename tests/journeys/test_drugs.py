"""The controlled-drug ledger as staff use it: two people, each in a browser of their own."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from clinic import clock
from clinic.models import Patient
from sessions.ledger import Kind
from sessions.models import LedgerEntry, LedgerWitness
from sessions.services import ledger
from tests import builders, processes
from tests.journeys.windows import LAPTOP, PHONE, TABLET, UPRIGHT

pytestmark = pytest.mark.browser

OVERFLOWS = (Path(__file__).parent / "overflows.js").read_text()
REFUSED = ("Failed to load resource: the server responded with a status of 4", "422 ", "403 ")


@pytest.fixture
def clinic(committed_db, windows, tmp_path):
    """Harbor, served, with an infusion of 35 mg that began twenty minutes ago."""
    cast = builders.cast()
    with processes.served(tmp_path) as url:
        session = builders.dosing(cast.nurse, cast.clinic, clock.now() - timedelta(minutes=20))
        Patient.objects.filter(pk=session.patient_id).update(address="12 Elm Street, Harbor")
        yield lambda who, path, size=TABLET: windows.of(who, f"{url}{path}", size), cast, session
        windows.close()


def button(scope, words):
    return scope.get_by_role("button", name=words, exact=True)


def sheet(page, words):
    """Open the form behind a button."""
    button(page, words).click()
    opened = page.locator(".sheet:popover-open")
    opened.wait_for()
    return opened


def send(page, opened, words):
    with page.expect_navigation():
        button(opened, words).click()


def fits(page):
    assert page.evaluate(OVERFLOWS) == []


def test_draw_give_and_waste_and_a_colleague_signs_on_her_own_device(clinic, picture):
    opens, cast, session = clinic
    desk = opens(cast.nurse, "/ledger/")
    receive = sheet(desk, "Receive")
    receive.get_by_label("Product").select_option("ketamine-50")
    receive.get_by_label("Label on it").fill("K-1")
    receive.get_by_label("mL in the vial").fill("10")
    receive.get_by_label("Lot").fill("L-77")
    receive.get_by_label("Expires on").fill("2099-06-30")
    receive.get_by_label("NDC").fill("00000-050")
    picture(desk, "ledger-receive-tablet")
    send(desk, receive, "Receive")
    desk.get_by_role("link", name="K-1").wait_for()

    tablet = opens(cast.nurse, f"/sessions/{session.id}/record/")
    part = tablet.locator("#ledger")
    draw = sheet(tablet, "Draw")
    draw.get_by_label("Drawn, mL").fill("0,9")
    send(tablet, draw, "Chart draw")
    give = sheet(tablet, "Give")
    assert give.get_by_label("Given, mL").input_value() == "0.7"  # 35 mg of 50 mg/mL
    picture(tablet, "ledger-give-tablet")
    send(tablet, give, "Chart given")
    waste = sheet(tablet, "Waste")
    assert waste.get_by_label("Wasted, mL").input_value() == "0.2"
    waste.get_by_label("How it was made unusable").fill("Deactivation pouch")
    send(tablet, waste, "Chart waste")
    assert part.locator(".ledger-words").inner_text() == "drawn 0.9 mL = given 0.7 + wasted 0.2"
    assert "another member of staff signs on their own device" in part.inner_text()
    fits(tablet)
    picture(tablet, "ledger-record-tablet")

    tablet.goto(re.sub(r"/sessions/.*", "/ledger/", tablet.url))
    assert "another member of staff signs for it" in tablet.locator("#waiting").inner_text()
    assert tablet.locator(".ledger-sign").count() == 0
    fits(tablet)
    picture(tablet, "ledger-own-waste-tablet")

    phone = opens(cast.supervisor, "/ledger/", PHONE)
    fits(phone)
    picture(phone, "ledger-waiting-phone")
    with phone.expect_navigation():
        phone.get_by_role("button", name="I saw it").click()
    assert "Nothing waits" in phone.locator("#waiting").inner_text()
    signed = LedgerWitness.objects.get()
    assert (signed.by_id, signed.acted_by_id) == (cast.supervisor.user_id, cast.nurse.user_id)
    assert signed.station != LedgerEntry.objects.get(kind="waste").station

    desk = opens(cast.supervisor, "/ledger/reconciliation/", LAPTOP)
    [row] = desk.locator("#sessions tbody tr").all()
    cells = [cell.strip() for cell in row.locator("td.number").all_inner_texts()]
    assert cells == ["0.9 mL", "0.7 mL", "0.2 mL", "0 mL", "0 mL"]
    assert "12 Elm Street" in row.inner_text()
    assert desk.locator("#verdict .state-label").count() == 0
    fits(desk)
    picture(desk, "ledger-reconciliation-laptop")


def test_a_blind_count_an_adjustment_and_a_correction(clinic, windows, picture):
    opens, cast, session = clinic
    windows.expected = REFUSED
    now = clock.now()
    stocked(cast, session, now)
    counter = opens(cast.nurse, "/ledger/count/")
    assert not re.search(r"9\.\d mL|10 mL", counter.locator("main").inner_text())
    form = counter.locator(".ledger-count", has_text="K-2026-000000000000000000000000000001")
    button(form, "Save count").click()
    form.get_by_text("required").wait_for()
    form.get_by_label("Counted, mL").fill("8.5")
    button(form, "Save count").click()
    form.get_by_text("Counted", exact=True).wait_for()
    assert not re.search(r"9\.\d|−0", counter.locator("main").inner_text())
    fits(counter)
    picture(counter, "ledger-count-tablet")

    desk = opens(cast.supervisor, "/ledger/", LAPTOP)
    assert "−0.6 mL" in desk.locator("#variances").inner_text()
    fits(desk)
    picture(desk, "ledger-stock-laptop", full_page=True)
    desk.locator("#variances").get_by_role("link").first.click()
    desk.locator(".ledger-register").wait_for()
    adjust = sheet(desk, "Adjust")
    adjust.get_by_label("By how much").fill("-0.6")
    button(adjust, "Adjust").click()
    adjust.get_by_text("an adjustment needs one").wait_for()
    adjust.get_by_label("Reason").fill("Overfill misread at receipt")
    picture(desk, "ledger-adjust-laptop")
    send(desk, adjust, "Adjust")
    assert desk.locator(".ledger-left b").inner_text() == "8.5 mL"

    desk.get_by_role("button", name="Correct: given 0.7 mL").click()
    correct = desk.locator(".sheet:popover-open")
    correct.get_by_label("Quantity").fill("0.8")
    earlier = correct.get_by_label("When it happened")
    charted = datetime.fromisoformat(earlier.input_value())
    earlier.fill(f"{charted - timedelta(minutes=3):%Y-%m-%dT%H:%M}")
    correct.get_by_label("Reason for the correction").fill("Read off the pump")
    picture(desk, "ledger-correct-laptop")
    send(desk, correct, "Save correction")
    [struck] = [text for text in desk.locator("td.superseded.number").all_inner_texts() if "0.7" in text]
    assert struck == "0.7 mL"
    assert "Read off the pump" in desk.locator(".ledger-register").inner_text()
    given = LedgerEntry.objects.get(kind="give", version=2)
    assert given.at.astimezone(cast.clinic.zone).replace(tzinfo=None) == charted - timedelta(minutes=3)
    fits(desk)
    picture(desk, "ledger-item-laptop", full_page=True)
    upright = opens(cast.nurse, desk.url.removeprefix(desk.url.split("/ledger")[0]), UPRIGHT)
    fits(upright)
    picture(upright, "ledger-item-upright", full_page=True)
    night = opens(cast.nurse, f"/sessions/{session.id}/record/", UPRIGHT)
    fits(night)
    picture(night, "ledger-record-upright")
    desk.emulate_media(media="print")
    picture(desk, "ledger-item-print", full_page=True)


def stocked(cast, session, now):
    """A vial with the longest label, an expired one, a kit; and what the session had of the first."""
    nurse = cast.nurse

    def receive(label, quantity, product="ketamine-50", ndc="00000-050", days=400, at=now):
        return ledger.receive(
            by=nurse,
            at=at,
            recorded_at=at,
            product_code=product,
            label=label,
            lot="LOT-2026-11-000000000000000000000000001",
            ndc=ndc,
            expires_on=(at + timedelta(days=days)).date(),
            quantity=Decimal(quantity),
        ).item_id

    receive("K-0", "5", days=1, at=now - timedelta(days=30))
    receive("E-1", "3", product="esketamine-28", ndc="50458-028-03")
    vial = receive("K-2026-000000000000000000000000000001", "10")
    for kind, quantity, minute in (
        (Kind.DRAW, "0.9", 5),
        (Kind.GIVE, "0.7", 2),
        (Kind.WASTE, "0.2", 1),
    ):
        ledger.chart(
            by=nurse,
            at=now - timedelta(minutes=minute),
            recorded_at=now,
            item_id=vial,
            kind=kind,
            quantity=Decimal(quantity),
            session_id=session.id,
            method="Deactivation pouch, sealed, to the locked bin" if kind is Kind.WASTE else "",
        )
