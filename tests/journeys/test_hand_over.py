"""Handing chairs over in a browser: two nurses, two windows; and a chair covered for a while."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from clinic import clock
from sessions.models import Session
from sessions.services import ledger
from tests import builders
from tests.journeys.ward import button
from tests.journeys.windows import PHONE, TABLET, UPRIGHT
from vitals.models import Flag, HandOver, Watch
from vitals.panel import decode, encode
from vitals.services import flags

pytestmark = pytest.mark.browser

OVERFLOWS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"


def panel_of(session):
    return decode(Watch.objects.get(pk=session.id).panel)


@pytest.fixture
def bea(ward):
    return builders.member(ward.cast.clinic, "bea")


def page_of(ward, who, size=TABLET, **look):
    page = ward.windows.of(who, f"{ward.url}/hand-over/", size, **look)
    page.locator("#hand-over-parts > *").first.wait_for()
    return page


def desaturated(ward, session):
    builders.record(builders.incoming(ward.cast.gateway, session, clock.now(), spo2=85))
    flag = Flag.objects.get(session=session, condition="spo2-low", resolved_at__isnull=True)
    return flags.acknowledge(by=ward.cast.nurse, flag_id=flag.id, action="I'm on it", at=clock.now())


def test_two_nurses_hand_over_three_chairs_and_what_is_not_accepted_asks_again(ward, bea, picture):
    nurse = ward.cast.nurse
    one, two, three = (
        ward.dosing(minutes, chair=name) for minutes, name in ((25, "1"), (12, "2"), (70, "3"))
    )
    for session in (one, two, three):
        ward.calm_set(session)
    builders.act(nurse, two, "symptom", clock.now(), code="nausea", severity="moderate")
    kept, left = desaturated(ward, one), desaturated(ward, three)
    ledger.receive(
        by=nurse,
        at=clock.now() - timedelta(hours=1),
        recorded_at=clock.now() - timedelta(hours=1),
        product_code="ketamine-50",
        label="K-1",
        lot="L-1",
        ndc="00000-050",
        expires_on=date(2099, 1, 1),
        quantity=Decimal(10),
    )
    board = ward.board()
    ours, hers = page_of(ward, nurse), page_of(ward, bea)
    hers.get_by_text("You have no chair now.").wait_for()
    ours.locator(".hand-begin").get_by_text("Hand over chairs 1, 2, 3 to").wait_for()
    picture(ours, "hand-over-begin-tablet", full_page=True)
    ours.get_by_role("button", name="Bea").click()
    button(ours, "Begin, to Bea nurse").click()
    ours.get_by_role("heading", name="You hand over to Bea").wait_for()

    # her page follows without being loaded anew, and shows what is open at each chair and who has it
    hers.get_by_role("heading", name="Nurse hands over to you").wait_for()
    card = hers.locator(".hand-chair", has=hers.get_by_role("button", name="Accept chair 1"))
    card.get_by_text(re.compile(r"SpO2? ?85|85")).first.wait_for()
    assert "Nurse has it since" in card.inner_text()
    second = hers.locator(".hand-chair", has=hers.get_by_role("button", name="Accept chair 2"))
    assert "Nausea, moderate" in second.inner_text()
    assert "Set during infusion" in second.inner_text()
    assert hers.get_by_role("button", name="Accept chair").count() == 3
    assert ours.get_by_role("button", name=re.compile("^Accept")).count() == 0
    board.locator(".tile[data-chair='2'] .nurse[data-cover=handing]", has_text="Nurse → Bea").wait_for()
    own_board = ward.board(bea)
    offer = own_board.locator(".card-flag", has_text="Nurse hands over: chairs 1, 2, 3")
    offer.wait_for()
    assert offer.get_by_role("link").get_attribute("href") == "/hand-over/"
    assert board.locator(".card-flag", has_text="hands over").count() == 0
    picture(hers, "hand-over-accept-tablet", full_page=True)
    assert not hers.evaluate(OVERFLOWS)

    for chair in ("1", "2"):
        button(hers, f"Accept chair {chair}").click()
        hers.locator(".hand-chair", has_text=f"Chair{chair}").get_by_text("Accepted").wait_for()
    ours.get_by_text("2 of 3 chairs accepted").wait_for()
    kept.refresh_from_db()
    assert (kept.state, kept.acknowledged_by) == ("acknowledged", "Bea")
    board.locator(".tile[data-chair='1']", has_text="Bea").wait_for()

    ward.windows.expected = ("Failed to load resource: the server responded with a status of 4", "409 ")
    button(ours, "Finish without chair 3").click()
    ours.get_by_text("Missing: a count of K-1").wait_for()
    picture(ours, "hand-over-count-missing-tablet", full_page=True)
    ours.get_by_role("link", name="Count now").click()
    ours.get_by_label("Counted, mL").fill("10")
    button(ours, "Save count").click()
    ours.get_by_text("Counted", exact=True).wait_for()
    ours.goto(f"{ward.url}/hand-over/")
    ours.get_by_text("Controlled drugs counted since").wait_for()
    hers.get_by_text("Controlled drugs counted since").wait_for()
    assert "1 flag in hand asks again" in ours.locator(".hand-end").inner_text()
    button(ours, "Finish without chair 3").click()
    ours.get_by_text("Not accepted: chair 3; 1 flag asked again").wait_for()
    hers.get_by_text("Not accepted: chair 3; 1 flag asked again").wait_for()
    picture(ours, "hand-over-ended-tablet", full_page=True)

    board.locator(f"[data-flag='{left.id}']").get_by_role("button", name="I'm on it").wait_for()
    left.refresh_from_db()
    assert (left.state, left.acknowledged_by) == ("active", "")
    nurses = {name: Session.objects.get(chair__name=name).nurse_id for name in ("1", "2", "3")}
    assert nurses == {"1": bea.user_id, "2": bea.user_id, "3": nurse.user_id}
    assert HandOver.objects.get().end == "finished"


LOOKS = [("tablet-upright-night", UPRIGHT, "dark"), ("phone-day", PHONE, "light")]


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look[0])
def test_its_page_fits_other_screens(ward, bea, picture, look):
    name, size, theme = look
    longest = builders.member(ward.cast.clinic, "constantina-featherstonehaugh-vandersloot")
    for chair in ("1", "2"):
        desaturated(ward, ward.dosing(25, chair=chair))
    page = page_of(ward, ward.cast.nurse, size, theme=theme)
    assert not page.evaluate(OVERFLOWS)
    page.get_by_role("button", name=re.compile("^Constantina")).click()
    page.get_by_role("button", name=re.compile("^Begin, to Constantina")).click()
    page.get_by_text("0 of 2 chairs accepted").wait_for()
    assert not page.evaluate(OVERFLOWS)
    hers = page_of(ward, longest, size, theme=theme)
    assert not hers.evaluate(OVERFLOWS)
    picture(hers, f"hand-over-{name}", full_page=True)


def test_a_chair_is_covered_for_a_while(ward, bea, picture):
    session = ward.dosing(25, chair="3")
    for one in (session, *(ward.dosing(25, chair=chair) for chair in ("1", "2", "4", "6"))):
        ward.calm_set(one)
    board = ward.board(bea)
    bedside = ward.bedside(session)
    button(bedside, "Cover my chair").click()
    bedside.locator("#cover-chair[data-cover=asked]:not([aria-busy])").wait_for()
    picture(bedside, "bedside-cover-asked")

    card = board.locator(".card-flag[data-look=cover]")
    card.wait_for()
    assert "Cover asked by Nurse" in card.inner_text()
    assert "3" in card.locator(".card-chair").inner_text()
    own_board = ward.board(ward.cast.nurse)
    own_board.locator(".card-flag[data-look=cover]").wait_for()
    assert own_board.get_by_role("button", name="I cover").count() == 0
    picture(board, "board-cover-asked")

    Watch.objects.filter(pk=session.id).update(panel=older(session, minutes=6))
    board.reload()
    strong = board.locator(".card-flag[data-look=cover-strong]")
    strong.wait_for()
    assert "NO COVER YET" in strong.inner_text()
    picture(board, "board-cover-strong")
    strong.get_by_role("button", name=re.compile("^I cover")).click()
    board.locator(".tile[data-chair='3'] .nurse[data-cover=taken]", has_text="Bea for Nurse").wait_for()
    assert board.locator(".card-flag").count() == 0
    bedside.get_by_role("button", name="I am back").wait_for()

    page = ward.session_page(session, bea)
    page.get_by_role("button", name=re.compile("^Nurse is back")).click()
    bedside.get_by_role("button", name="Cover my chair").wait_for()
    board.locator(".tile[data-chair='3'] .nurse:not([data-cover])").wait_for()
    page.locator("#timeline").get_by_text("Covers for Nurse").wait_for()


def older(session, *, minutes):
    """The session's panel as if cover had been asked so much earlier."""
    panel = panel_of(session)
    panel.cover.asked_at -= timedelta(minutes=minutes)
    panel.cover.strong_at -= timedelta(minutes=minutes)
    return encode(panel)
