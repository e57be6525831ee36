"""What can happen to a panel's flags, whoever makes it happen: opened, settled, told. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from vitals import asking
from vitals.asking import Call
from vitals.flagstates import FlagState, Happening, after
from vitals.limits import Audience, LimitRule, Priority
from vitals.panel import Panel, PanelFlag

_RAISES = frozenset({Happening.CONFIRMED, Happening.NOT_RECHECKED, Happening.WORSENED})


@dataclass(frozen=True, slots=True)
class FlagChange:
    """A flag as it stands after something happened to it; ``opened`` when it is new.

    at:   when it happened: of a reading, when it was measured.
    call: who is to be told because of it.
    """

    flag: PanelFlag
    happening: Happening
    at: datetime
    opened: bool = False
    cause: str = ""
    call: Call | None = None

    @property
    def resolved(self) -> bool:
        return self.flag.state is FlagState.RESOLVED

    @property
    def is_breach(self) -> bool:
        """True where a flag of the body became active or worse: nobody is ready to leave then."""
        return (
            self.flag.category == "physiological"
            and self.flag.state is FlagState.ACTIVE
            and (self.opened or self.happening in _RAISES)
        )


def open_flag(panel: Panel, condition: str) -> PanelFlag | None:
    """The open live flag of a condition; there is never more than one."""
    return next((flag for flag in panel.flags if flag.condition == condition), None)


def told(flag: PanelFlag) -> Call | None:
    """A high flag is told at once to whoever the clinic wants told; see the notifications."""
    return Call(0, "a high flag", Audience.NURSE) if flag.priority is Priority.HIGH else None


def settle(panel: Panel, flag: PanelFlag, at: datetime, changes: list[FlagChange], *, cause: str) -> None:
    """The condition is gone: resolve its flag, or latch a high one that nobody took."""
    unseen = flag.state is not FlagState.PENDING and flag.peak is Priority.HIGH and not flag.peak_taken
    happening = Happening.SETTLED_UNSEEN if unseen else Happening.SETTLED
    state = after(flag.state, happening)
    flag.confirming = []
    if state is flag.state:
        return
    flag.state = state
    if state is FlagState.RESOLVED:
        asking.ask_no_more(flag)
        panel.flags.remove(flag)
    else:
        flag.priority = flag.peak
        asking.latch(flag, at)
    changes.append(FlagChange(flag, happening, at, cause=cause))


def open_technical(
    panel: Panel,
    condition: str,
    rule: LimitRule | None,
    text: str,
    at: datetime,
    now: datetime,
    changes: list[FlagChange],
    *,
    priority: Priority = Priority.MEDIUM,
    category: str = "technical",
) -> PanelFlag:
    """Open a flag that no value raised."""
    flag = PanelFlag(
        id=uuid4(),
        condition=condition,
        priority=rule.priority if rule else priority,
        category=category,
        state=FlagState.ACTIVE,
        text=text,
        opened_at=at,
        readings=0,
        rule=rule.code if rule else "",
    )
    flag.peak = flag.priority
    asking.ask(flag, now)
    panel.flags.append(flag)
    changes.append(FlagChange(flag, Happening.BREACHED, at, opened=True, call=told(flag)))
    return flag
