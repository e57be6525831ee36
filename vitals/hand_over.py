"""Handing chairs over: who may accept and end what, and what becomes of the flags somebody had. Pure."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from vitals import taking
from vitals.flag_changes import FlagChange
from vitals.flagstates import FlagState, Happening, after
from vitals.panel import Panel, PanelFlag

LONGEST_ACTION = 120


class End(StrEnum):
    FINISHED = "finished"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed out"


@dataclass(frozen=True, slots=True)
class Times:
    """How many minutes a hand-over stays open, and an asked-for cover waits before it is shown more strongly.

    by_name, at: who set them in this clinic, and when; None while they are the example.
    """

    hand_over_min: int
    cover_min: int
    by_name: str | None = None
    at: datetime | None = None


EXAMPLE_TIMES = Times(hand_over_min=30, cover_min=5)
SHORTEST_MIN, LONGEST_HAND_OVER_MIN, LONGEST_COVER_MIN = 1, 240, 60


@dataclass(frozen=True, slots=True)
class Begun:
    """A hand-over as the rules look at it. ``ended``: how, when and by whom it ended, in words."""

    from_id: UUID
    from_name: str
    to_id: UUID
    to_name: str
    station: str = ""
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """One chair of it now.

    offered:  its name as the hand-over began; ``chair``: its name now, empty where the session has none.
    accepted: when it was accepted, in words; empty while it is not.
    is_open:  whether the session still goes on; ``nurse_id``: whose it is.
    """

    offered: str
    chair: str
    accepted: str
    is_open: bool
    nurse_id: UUID | None
    nurse: str


def named(chair: str) -> str:
    return f"Chair {chair}" if chair else "The session without a chair"


def why_not_accept(
    begun: Begun, place: Place, *, user_id: UUID | None, station: str, seen: str | None
) -> str | None:
    """Why this person may not accept the chair, in words; None when they may.

    seen: the name of the chair that they looked at; None: the one it had when the hand-over began.
    """
    if user_id != begun.to_id:
        return f"This hand-over is to {begun.to_name}: nobody else accepts it."
    if begun.ended:
        return begun.ended
    if place.accepted:
        return f"{named(place.chair)} was accepted at {place.accepted} already."
    if not place.is_open:
        return f"{named(place.offered)}: the session has ended meanwhile, there is nothing to take over."
    if place.nurse_id != begun.from_id:
        return f"{named(place.chair)} is {place.nurse or 'nobody'}'s meanwhile, not {begun.from_name}'s."
    if (place.offered if seen is None else seen) != place.chair:
        before = place.offered if seen is None else seen
        return (
            f"{named(before)}: the patient sits in chair {place.chair} now. Look there, then accept."
            if place.chair
            else f"{named(before)}: the patient sits in no chair now. Look, then accept."
        )
    if station and station == begun.station:
        return f"It was begun on this device by {begun.from_name}: accept on your own."
    return None


def why_not_finish(begun: Begun, *, user_id: UUID | None) -> str | None:
    """Why this person may not finish it; None when they may."""
    if user_id not in {begun.from_id, begun.to_id}:
        return f"This hand-over is between {begun.from_name} and {begun.to_name}: one of them finishes it."
    return begun.ended or None


def why_not_cancel(begun: Begun, *, user_id: UUID | None, accepted: int) -> str | None:
    """Why this person may not cancel it; None when they may. ``accepted``: chairs that were accepted."""
    if user_id != begun.from_id:
        return f"{begun.from_name} began this hand-over, and alone cancels it."
    if begun.ended:
        return begun.ended
    if accepted:
        return "A chair was accepted already: finish the hand-over, with the count of drugs."
    return None


@dataclass(frozen=True, slots=True)
class DrugCount:
    """What was counted since a hand-over began. No quantity: whoever counts next is told none.

    uncounted: what the register still holds and nobody counted since, by its label.
    """

    counted: int
    uncounted: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        return self.counted > 0 and not self.uncounted

    @property
    def asks_why_none(self) -> bool:
        """The register holds nothing, so somebody says why there is nothing to count."""
        return not self.counted and not self.uncounted


# --- claims


def holds(flag: PanelFlag, who: Container[UUID | None]) -> bool:
    """True when one of these accounts has the flag in hand."""
    return flag.state is FlagState.ACKNOWLEDGED and flag.acknowledged_by_id in who


def pass_claims(
    panel: Panel, *, from_id: UUID, from_name: str, to_id: UUID, to_name: str, at: datetime
) -> list[FlagChange]:
    """What the one nurse had in hand, the other has now, by name.

    The values it was taken at stay: a flag does not ask later because it changed hands.
    """
    changes = []
    for flag in panel.flags:
        if not holds(flag, {from_id}):
            continue
        flag.state = after(flag.state, Happening.TAKEN)
        flag.acknowledged_by, flag.acknowledged_by_id, flag.acknowledged_at = to_name, to_id, at
        flag.action = f"Taken over from {from_name}"[:LONGEST_ACTION]
        changes.append(FlagChange(flag, Happening.TAKEN, at, cause="handed over"))
    return changes


def reopen_claims(panel: Panel, who: Container[UUID | None], *, at: datetime, cause: str) -> list[FlagChange]:
    """What these accounts had in hand asks for somebody again."""
    changes = []
    for flag in [one for one in panel.flags if holds(one, who)]:
        changes.append(taking.reopen_flag(panel, flag, at, cause=cause))
    return changes
