"""The patient's call as a flag of the panel: opened once, ended by being taken, moved by no reading."""

from tests.unit.vitals.live import LIMITS, acknowledge, conditions, live_panel, minute, take
from vitals import taking, ticking
from vitals.flagstates import FlagState

CALLING = {"patient-call": ("medium", "active")}


def calling_panel():
    panel = live_panel()
    change = taking.call_nurse(panel, minute(2))
    assert change is not None
    assert change.opened
    return panel


def test_a_call_is_a_flag_of_medium_priority():
    panel = calling_panel()
    assert conditions(panel) == CALLING
    assert (panel.flags[0].text, panel.flags[0].opened_at) == ("Patient calls", minute(2))


def test_there_is_one_call_at_a_time():
    panel = calling_panel()
    assert taking.call_nurse(panel, minute(3)) is None
    assert len(panel.flags) == 1
    assert panel.flags[0].opened_at == minute(2)


def test_taken_it_ends_and_the_next_is_another():
    panel = calling_panel()
    taken = acknowledge(panel, "patient-call", 3)
    assert (taken.state, taken.acknowledged_by, panel.flags) == (FlagState.RESOLVED, "A. Reed", [])
    again = taking.call_nurse(panel, minute(4))
    assert again is not None
    assert again.flag.id != taken.id


def test_no_reading_ends_it():
    panel = calling_panel()
    take(panel, 5, systolic=118, diastolic=74, heart_rate=70, respiratory_rate=14, spo2=98, sedation=5)
    assert conditions(panel) == CALLING


def test_it_moves_nothing_that_is_due():
    panel = live_panel()
    due, alert_at = panel.due, ticking.next_alert_at(panel, LIMITS)
    taking.call_nurse(panel, minute(2))
    assert (panel.due, ticking.next_alert_at(panel, LIMITS)) == (due, alert_at)
