"""What people do to the flags of a panel, and what is left of them when the session ends."""

import pytest

from tests.unit.vitals.live import LIMITS, acknowledge, conditions, live_panel, minute, only, take, ticked
from vitals import taking, ticking
from vitals.flagstates import FlagState
from vitals.panel import decode, encode


def high_panel():
    panel = live_panel()
    take(panel, 5, spo2=86)
    return panel


class TestTaking:
    def test_says_who_when_what_and_at_which_values(self):
        panel = live_panel()
        take(panel, 5, systolic=205, diastolic=115, spo2=97)
        flag = acknowledge(panel, "bp-high", 6)
        assert (flag.state, flag.acknowledged_by, flag.acknowledged_at, flag.action) == (
            FlagState.ACKNOWLEDGED,
            "A. Reed",
            minute(6),
            "I'm on it",
        )
        assert flag.taken_at_values == {"systolic": 205, "diastolic": 115}
        assert (flag.first_taken_at, flag.asks_since, flag.peak_taken) == (minute(6), None, True)

    def test_again_by_another_is_theirs_and_the_first_time_is_kept(self):
        panel = high_panel()
        acknowledge(panel, "spo2-low", 6)
        taking.take_flag(panel, only(panel), by="B. Lane", action="Oxygen on", at=minute(8))
        flag = only(panel)
        assert (flag.acknowledged_by, flag.acknowledged_at) == ("B. Lane", minute(8))
        assert flag.first_taken_at == minute(6)

    def test_ends_its_steps_and_its_pause(self):
        panel = high_panel()
        taking.pause_flag(only(panel), by="A. Reed", until=minute(9), reason="moving", at=minute(5.5))
        acknowledge(panel, "spo2-low", 6)
        assert only(panel).paused_until is None
        assert [one for one in ticked(panel, 9.9) if one.flag.condition == "spo2-low"] == []

    def test_a_re_check_cannot_be_taken(self):
        panel = live_panel()
        take(panel, 5, spo2=92)
        with pytest.raises(KeyError):
            acknowledge(panel, "spo2-low", 6)


class TestPause:
    def paused(self):
        panel = high_panel()
        flag = only(panel)
        change = taking.pause_flag(flag, by="A. Reed", until=minute(7), reason="moving", at=minute(5.5))
        assert (change.happening, change.cause, change.call) == ("audio paused", "moving", None)
        return panel

    def test_ends_by_the_watch_and_asks_again(self):
        panel = self.paused()
        assert ticking.next_alert_at(panel, LIMITS) == minute(7)
        assert ticked(panel, 6.9) == []
        [change] = ticked(panel, 7)
        assert (change.happening, change.flag.state) == ("pause ended", FlagState.ACTIVE)
        assert change.call is not None
        assert only(panel).asks_since == minute(7)

    def test_holds_while_the_value_stays_as_it_is_or_steps_down(self):
        panel = self.paused()
        take(panel, 6, spo2=87)
        take(panel, 6.2, spo2=93)
        assert conditions(panel) == {"spo2-low": ("medium", "audio_paused")}

    def test_never_hides_what_is_higher(self):
        panel = live_panel()
        take(panel, 4, spo2=92)
        take(panel, 5, spo2=92)
        taking.pause_flag(only(panel), by="A. Reed", until=minute(9), reason="moving", at=minute(5))
        take(panel, 6, spo2=87)
        assert conditions(panel) == {"spo2-low": ("high", "active")}
        assert only(panel).paused_until is None

    def test_never_hides_what_is_new(self):
        panel = self.paused()
        take(panel, 6, heart_rate=140)
        assert conditions(panel) == {"spo2-low": ("high", "audio_paused"), "hr-high": ("high", "active")}

    def test_nor_a_higher_value_that_nobody_measured_again(self):
        panel = live_panel()
        take(panel, 4, spo2=92)
        take(panel, 5, spo2=92)
        take(panel, 6, spo2=90)
        taking.pause_flag(only(panel), by="A. Reed", until=minute(16), reason="moving", at=minute(6))
        ticked(panel, 9)
        assert conditions(panel) == {"spo2-low": ("high", "active")}

    def test_gone_unseen_it_waits_for_somebody_all_the_same(self):
        panel = self.paused()
        take(panel, 6, spo2=98)
        assert conditions(panel) == {"spo2-low": ("high", "latched")}
        assert only(panel).paused_until is None


def test_reopened_it_asks_whoever_is_there():
    panel = high_panel()
    acknowledge(panel, "spo2-low", 6)
    change = taking.reopen_flag(panel, only(panel), minute(30), cause="nobody took the chair over")
    assert (change.happening, change.cause) == ("reopened", "nobody took the chair over")
    assert conditions(panel) == {"spo2-low": ("high", "active")}
    assert (only(panel).acknowledged_by, only(panel).asks_since) == (None, minute(30))
    take(panel, 31, spo2=98)
    assert panel.flags == [], "it had been seen"


def test_when_the_session_ends_nothing_rings_any_more():
    panel = high_panel()
    take(panel, 5.5, systolic=170, diastolic=90, heart_rate=0)
    taking.pause_flag(panel.flags[0], by="A. Reed", until=minute(9), reason="moving", at=minute(6))
    flags = list(panel.flags)
    changes = taking.end_session(panel, minute(6))
    assert [change.flag for change in changes] == flags
    assert {flag.state for flag in flags} == {FlagState.RESOLVED}
    assert {change.cause for change in changes} == {"session ended"}
    assert [flag for flag in flags if flag.confirming or flag.asks_since or flag.paused_until] == []
    assert (panel.flags, panel.rechecks, panel.due, panel.streamed) == ([], [], None, {})
    assert ticking.next_alert_at(panel, LIMITS) is None
    assert decode(encode(panel)) == panel
