"""The states of a flag and what leads from one to another, as one table. Pure.

The words are those of IEC 60601-1-8; this product does not claim to conform to it. *Pending* waits for a
second measurement; *audio paused* rings nowhere and asks nobody further until its pause ends, but stays on
every screen.
"""

from dataclasses import dataclass
from enum import StrEnum


class FlagState(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    ACKNOWLEDGED = "acknowledged"
    LATCHED = "latched"
    AUDIO_PAUSED = "audio_paused"
    RESOLVED = "resolved"


class Happening(StrEnum):
    """What can happen to a flag."""

    BREACHED = "breached"
    CONFIRMED = "confirmed"
    NOT_RECHECKED = "not re-checked"
    WORSENED = "worsened"
    EASED = "stepped down"
    TAKEN = "taken"
    TAKEN_WAITING = "taken, a re-check waits"
    REOPENED = "reopened"
    PAUSED = "audio paused"
    PAUSE_ENDED = "pause ended"
    ESCALATED = "escalated"
    SETTLED = "settled"
    SETTLED_UNSEEN = "settled, high and never taken"
    CORRECTED = "corrected"
    SESSION_ENDED = "session ended"


@dataclass(frozen=True, slots=True)
class Transition:
    source: FlagState
    happening: Happening
    target: FlagState


_F, _H = FlagState, Happening
TRANSITIONS: tuple[Transition, ...] = (
    Transition(_F.PENDING, _H.BREACHED, _F.PENDING),
    Transition(_F.PENDING, _H.WORSENED, _F.PENDING),
    Transition(_F.PENDING, _H.EASED, _F.PENDING),
    Transition(_F.PENDING, _H.CONFIRMED, _F.ACTIVE),
    Transition(_F.PENDING, _H.NOT_RECHECKED, _F.ACTIVE),
    Transition(_F.PENDING, _H.SETTLED, _F.RESOLVED),
    Transition(_F.PENDING, _H.CORRECTED, _F.RESOLVED),
    Transition(_F.PENDING, _H.SESSION_ENDED, _F.RESOLVED),
    Transition(_F.ACTIVE, _H.BREACHED, _F.ACTIVE),
    Transition(_F.ACTIVE, _H.WORSENED, _F.ACTIVE),
    Transition(_F.ACTIVE, _H.EASED, _F.ACTIVE),
    Transition(_F.ACTIVE, _H.TAKEN, _F.ACKNOWLEDGED),
    Transition(_F.ACTIVE, _H.PAUSED, _F.AUDIO_PAUSED),
    Transition(_F.ACTIVE, _H.ESCALATED, _F.ACTIVE),
    # it was confirmed at a lower priority, and waited for the higher one
    Transition(_F.ACTIVE, _H.NOT_RECHECKED, _F.ACTIVE),
    Transition(_F.ACTIVE, _H.SETTLED, _F.RESOLVED),
    Transition(_F.ACTIVE, _H.SETTLED_UNSEEN, _F.LATCHED),
    Transition(_F.ACTIVE, _H.CORRECTED, _F.RESOLVED),
    Transition(_F.ACTIVE, _H.SESSION_ENDED, _F.RESOLVED),
    Transition(_F.ACKNOWLEDGED, _H.BREACHED, _F.ACKNOWLEDGED),
    Transition(_F.ACKNOWLEDGED, _H.WORSENED, _F.ACTIVE),
    Transition(_F.ACKNOWLEDGED, _H.EASED, _F.ACKNOWLEDGED),
    Transition(_F.ACKNOWLEDGED, _H.TAKEN, _F.ACKNOWLEDGED),
    # who had taken it went home, and nobody took the chair over
    Transition(_F.ACKNOWLEDGED, _H.REOPENED, _F.ACTIVE),
    Transition(_F.ACKNOWLEDGED, _H.NOT_RECHECKED, _F.ACTIVE),
    Transition(_F.ACKNOWLEDGED, _H.SETTLED, _F.RESOLVED),
    Transition(_F.ACKNOWLEDGED, _H.CORRECTED, _F.RESOLVED),
    Transition(_F.ACKNOWLEDGED, _H.SESSION_ENDED, _F.RESOLVED),
    Transition(_F.AUDIO_PAUSED, _H.BREACHED, _F.AUDIO_PAUSED),
    Transition(_F.AUDIO_PAUSED, _H.EASED, _F.AUDIO_PAUSED),
    # a pause never hides what is new or higher
    Transition(_F.AUDIO_PAUSED, _H.WORSENED, _F.ACTIVE),
    Transition(_F.AUDIO_PAUSED, _H.PAUSE_ENDED, _F.ACTIVE),
    Transition(_F.AUDIO_PAUSED, _H.NOT_RECHECKED, _F.ACTIVE),
    Transition(_F.AUDIO_PAUSED, _H.TAKEN, _F.ACKNOWLEDGED),
    Transition(_F.AUDIO_PAUSED, _H.SETTLED, _F.RESOLVED),
    Transition(_F.AUDIO_PAUSED, _H.SETTLED_UNSEEN, _F.LATCHED),
    Transition(_F.AUDIO_PAUSED, _H.CORRECTED, _F.RESOLVED),
    Transition(_F.AUDIO_PAUSED, _H.SESSION_ENDED, _F.RESOLVED),
    Transition(_F.LATCHED, _H.ESCALATED, _F.LATCHED),
    Transition(_F.LATCHED, _H.NOT_RECHECKED, _F.ACTIVE),
    Transition(_F.LATCHED, _H.WORSENED, _F.ACTIVE),
    Transition(_F.LATCHED, _H.TAKEN, _F.RESOLVED),
    # what was high has been seen, and the value is outside again and waits for its second measurement
    Transition(_F.LATCHED, _H.TAKEN_WAITING, _F.PENDING),
    Transition(_F.LATCHED, _H.SETTLED, _F.LATCHED),
    Transition(_F.LATCHED, _H.SETTLED_UNSEEN, _F.LATCHED),
    Transition(_F.LATCHED, _H.CORRECTED, _F.RESOLVED),
    Transition(_F.LATCHED, _H.SESSION_ENDED, _F.RESOLVED),
)
TARGET = {(row.source, row.happening): row.target for row in TRANSITIONS}
OPEN = frozenset({_F.PENDING, _F.ACTIVE, _F.ACKNOWLEDGED, _F.LATCHED, _F.AUDIO_PAUSED})


def after(source: FlagState, happening: Happening) -> FlagState:
    """The state that follows. raises: KeyError for a happening the table does not know in that state."""
    return TARGET[source, happening]
