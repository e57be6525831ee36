"""What people do to a panel's flags: take, silence, reopen, call; and the end of the session. Pure."""

from datetime import datetime
from uuid import UUID

from vitals import asking, confirming, due, rules
from vitals.flag_changes import FlagChange, open_flag, open_technical
from vitals.flagstates import FlagState, Happening, after
from vitals.panel import Panel, PanelFlag
from vitals.vital import GROUP


def take_flag(
    panel: Panel, flag: PanelFlag, *, by: str, action: str, at: datetime, by_id: UUID | None = None
) -> FlagChange:
    """Somebody took the flag, at the values it shows now; a latched one has thereby been seen and ends.

    Where a latched one waits for a re-check of a new breach, that goes on. A patient's call ends: it asks for
    somebody, and somebody comes; the next call is a new one.

    by, by_id: the name, and the account where whoever took it has one.
    """
    waits = flag.state is FlagState.LATCHED and flag.confirming
    happening = Happening.TAKEN_WAITING if waits else Happening.TAKEN
    flag.state = after(flag.state, happening)
    if flag.condition == rules.CALL_CONDITION:
        flag.state = after(flag.state, Happening.SETTLED)
    asking.ask_no_more(flag)
    flag.acknowledged_by, flag.acknowledged_at, flag.action = by, at, action
    flag.acknowledged_by_id = by_id
    flag.first_taken_at = flag.first_taken_at or at
    flag.taken_at_values = {
        name: latest.value
        for name, latest in panel.values.items()
        if f"{GROUP[name]}-{flag.direction}" == flag.condition
    }
    flag.peak_taken = True
    level = confirming.highest(flag)
    if flag.state is FlagState.PENDING and level is not None:
        flag.priority = flag.peak = level
        flag.peak_taken = False
    if flag.state is FlagState.RESOLVED:
        panel.flags.remove(flag)
        due.plan_rechecks(panel)
    return FlagChange(flag, happening, at, cause="acknowledged")


def pause_flag(flag: PanelFlag, *, by: str, until: datetime, reason: str, at: datetime) -> FlagChange:
    """Silence an active flag for a while; see ``asking.pause``."""
    asking.pause(flag, by=by, until=until, reason=reason)
    return FlagChange(flag, Happening.PAUSED, at, cause=reason)


def reopen_flag(panel: Panel, flag: PanelFlag, at: datetime, *, cause: str) -> FlagChange:
    """Who had taken the flag is gone, so it asks for somebody again."""
    asking.reopen(flag, at)
    return FlagChange(flag, Happening.REOPENED, at, cause=cause)


def call_nurse(panel: Panel, at: datetime) -> FlagChange | None:
    """Open the patient's call; None when it is open already."""
    if open_flag(panel, rules.CALL_CONDITION) is not None:
        return None
    changes: list[FlagChange] = []
    flag = open_technical(
        panel, rules.CALL_CONDITION, None, "Patient calls", at, at, changes, category="physiological"
    )
    flag.rule = "CALL"
    return changes[0]


def end_session(panel: Panel, at: datetime) -> list[FlagChange]:
    """The session has ended: nothing of it rings any more; what was open is kept as it stood."""
    changes = []
    for flag in panel.flags:
        flag.state = after(flag.state, Happening.SESSION_ENDED)
        flag.confirming = []
        asking.ask_no_more(flag)
        changes.append(FlagChange(flag, Happening.SESSION_ENDED, at, cause="session ended"))
    panel.flags, panel.rechecks, panel.due = [], [], None
    panel.streamed, panel.met_since = {}, {}
    return changes
