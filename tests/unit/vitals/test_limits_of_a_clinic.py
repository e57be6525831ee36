"""A clinic's own rows under the engine: what it took away is simply not there."""

from datetime import timedelta

from tests.unit.vitals.live import live_panel, minute, planned
from vitals import due, ticking
from vitals.limits import EXAMPLE_RULES, Kind, LimitSet


def without(*kinds):
    return LimitSet(
        2, "Ours", 2, "Dr Reed", "2026-11-23", tuple(r for r in EXAMPLE_RULES if r.kind not in kinds)
    )


def test_a_set_that_no_row_rings_for_is_due_and_never_overdue():
    panel, limits = live_panel(), without(Kind.OVERDUE, Kind.WINDOW_MISSED)
    due.replan(panel, planned(panel), limits, minute(0), [])
    assert panel.due is not None
    assert panel.due.at == minute(10)
    assert panel.due.overdue_at > minute(10) + timedelta(days=1)
    assert ticking.tick(panel, limits, minute(300)) == []


def test_a_clinic_without_rows_about_the_machinery_hears_nothing_of_it():
    limits = without(Kind.MONITOR_SILENT, Kind.MONITOR_ZERO, Kind.NO_BASELINE, Kind.UNDRAWN, Kind.ESCALATION)
    panel = live_panel()
    panel.due = None
    assert ticking.next_alert_at(panel, limits) is None
    assert ticking.tick(panel, limits, minute(300)) == []
