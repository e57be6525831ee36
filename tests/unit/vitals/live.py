"""A live session as plain values: a panel, what arrives, and the pure steps of the corridor."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sessions.protocol import DoseClock, plan
from sessions.shipped import IV_KETAMINE
from vitals import due, flag_changes, judging, taking, ticking
from vitals.limits import EXAMPLE_RULES, LimitSet
from vitals.measured import Measured
from vitals.panel import Latest, Panel
from vitals.plausible import judge

LIMITS = LimitSet(1, "Example limits", 1, "", "", EXAMPLE_RULES)
START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
CHECK_IN = START - timedelta(minutes=10)
FULL_SET = {
    "systolic": 124,
    "diastolic": 78,
    "heart_rate": 70,
    "respiratory_rate": 14,
    "spo2": 98,
    "sedation": 5,
}


def minute(number):
    return START + timedelta(minutes=number)


def planned(panel, rules=IV_KETAMINE):
    clock = DoseClock(panel.checked_in_at, panel.dose_started_at, panel.dose_ended_at or panel.planned_end_at)
    return plan(rules, clock, until=minute(300))


def live_panel(*, plan_of=planned, **columns):
    """An infusion of 40 min from minute 0, its pre-dose set charted; the next set is due at minute 10."""
    panel = Panel(
        session=UUID(int=1),
        version=1,
        chair=None,
        initials="T. P.",
        route="iv",
        treatment="IV 40 mg",
        nurse="A. Reed",
        limit_set="1",
        limit_version=1,
        simulated=False,
        **{
            "state": "dosing",
            "checked_in_at": CHECK_IN,
            "watched_from": CHECK_IN,
            "dose_started_at": START,
            "planned_end_at": minute(40),
            **columns,
        },
    )
    panel.values = {name: Latest(value, minute(-1)) for name, value in FULL_SET.items()}
    due.replan(panel, plan_of(panel), LIMITS, minute(-1), [])
    return panel


def take(
    panel,
    at_min,
    *,
    received_min=None,
    from_device=True,
    absent=None,
    plan_of=planned,
    limits=LIMITS,
    **values,
):
    """One reading measured at a minute, received then or later."""
    return judging.take(
        panel,
        judge(values, from_device=from_device),
        Measured(None, minute(at_min), values, absent or {}),
        received_at=minute(at_min if received_min is None else received_min),
        limits=limits,
        plan_of=plan_of,
        from_device=from_device,
    )


def acknowledge(panel, condition, at_min):
    """Take a flag as the service does."""
    flag = flag_changes.open_flag(panel, condition)
    assert flag is not None
    taking.take_flag(panel, flag, by="A. Reed", action="I'm on it", at=minute(at_min))
    return flag


def conditions(panel):
    return {flag.condition: (flag.priority.value, flag.state.value) for flag in panel.flags}


def only(panel):
    """The one open flag."""
    [flag] = panel.flags
    return flag


def ticked(panel, at_min, limits=LIMITS):
    """What the watch finds at a minute."""
    return ticking.tick(panel, limits, minute(at_min))
