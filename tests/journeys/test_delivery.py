"""Was a high flag seen? Boards say what they have drawn; what none draws stands on every other screen."""

import time

from clinic import clock
from tests import builders
from vitals.models import Flag


def high_flag(ward, session):
    """A value that flags high at once; the flag's row."""
    builders.record(builders.incoming(ward.cast.gateway, session, clock.now(), spo2=84))
    return Flag.objects.get(session=session, condition="spo2-low")


def until(holds, within_s=30):
    """Wait until it holds; it is asked a few times a second."""
    given_up_at = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < given_up_at, "it did not come to hold"
        time.sleep(0.2)


def test_a_board_says_what_it_has_drawn(ward):
    session = ward.dosing()
    board = ward.board()
    flag = high_flag(ward, session)
    board.locator(f'[data-flag="{flag.id}"]').wait_for()
    until(lambda: Flag.objects.get(pk=flag.pk).drawn_at is not None)
    flag.refresh_from_db()
    assert not flag.undrawn


def test_what_no_board_draws_stands_on_every_other_screen_until_one_does(ward, picture):
    session = ward.dosing()
    ledger = ward.open(ward.cast.nurse, "/ledger/")
    patients = ward.open(ward.cast.admin, "/patients/")
    flag = high_flag(ward, session)
    for page in (ledger, patients):
        bar = page.locator("[data-elsewhere] a")
        bar.wait_for()
        assert "No board shows this: chair 1. SpO" in bar.inner_text()
        assert bar.get_attribute("href") == f"/sessions/{session.id}/"
    picture(ledger, "undrawn-tablet")
    flag.refresh_from_db()
    assert (flag.undrawn, flag.drawn_at) == (True, None)
    ward.board()
    for page in (ledger, patients):
        page.locator("[data-elsewhere]").wait_for(state="hidden")
    assert Flag.objects.get(pk=flag.pk).drawn_at is not None


def test_sound_says_that_it_is_off_and_can_be_tried(ward, picture):
    board = ward.board()
    button = board.locator("[data-sound]")
    assert button.inner_text().strip() == "Sound is OFF"
    button.click()
    dialog = board.locator("dialog[open]")
    assert "second to the bedside monitor" in dialog.inner_text()
    dialog.get_by_role("button", name="High: ten quick pulses, every 10 s").click()
    dialog.get_by_text("Played.").wait_for()
    picture(board, "sound-dialog-wall")
    dialog.get_by_role("button", name="Back").click()
    assert button.inner_text().strip() == "Sound is OFF", "a test switches nothing on"


def test_a_flag_is_silenced_with_a_reason_and_stays_on_the_board(ward, picture):
    session = ward.dosing()
    board = ward.board()
    flag = high_flag(ward, session)
    page = ward.session_page(session)
    page.get_by_role("article", name="SpO₂ 84").get_by_role("button", name="Pause sound").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("button", name="Pause sound").click()
    dialog.get_by_text("Choose for how long.").wait_for()
    dialog.get_by_role("button", name="2 min").click()
    dialog.get_by_role("button", name="I am at the chair").click()
    picture(page, "pause-sound-laptop")
    dialog.get_by_role("button", name="Pause sound").click()
    page.get_by_text("Sound paused until").wait_for()
    board.locator(f'[data-flag="{flag.id}"]').wait_for()
    flag.refresh_from_db()
    assert (flag.state, flag.paused_by, flag.pause_reason) == ("audio_paused", "Nurse", "I am at the chair")
