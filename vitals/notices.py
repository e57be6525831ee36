"""What may leave the house when a flag waits: channels, what is accepted with each, words, back-off. Pure.

Ids, chair, priority and time; never a value, a vital or a name. A notification is a reminder of a task: the
board shows every flag whether it goes out or not.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from vitals.flagstates import FlagState


class Channel(StrEnum):
    SOUND = "sound"
    PUSH = "push"
    EMAIL = "email"
    WEBHOOK = "webhook"

    @property
    def words(self) -> str:
        return {"sound": "Sound", "push": "Push", "email": "E-mail", "webhook": "Webhook"}[self.value]


OUTSIDE = (Channel.PUSH, Channel.EMAIL, Channel.WEBHOOK)

_BOARD_FIRST = (
    "It is a reminder of a task and no alarm: what the patient depends on are the monitor at the chair, its "
    "alarms, and people who look."
)
WARNINGS: dict[Channel, str] = {
    Channel.SOUND: (
        "Boards may play a sound for a flag. A browser can be muted, asleep or not allowed to play, and then "
        f"nothing is heard. {_BOARD_FIRST}"
    ),
    Channel.PUSH: (
        "Chair, priority and time of a flag are sent to telephones and browsers through their makers’ "
        f"services. They may come late or never, and others may see them on a locked screen. {_BOARD_FIRST}"
    ),
    Channel.EMAIL: (
        "Chair, priority and time of a flag are sent by e-mail. A mail may come late or never, and is not "
        f"read at once. {_BOARD_FIRST}"
    ),
    Channel.WEBHOOK: (
        "Ids, priority and time of a flag are sent to the addresses that are entered here. What is done "
        f"with them there is outside of Vigil. {_BOARD_FIRST}"
    ),
}


class State(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"  # tried as often as it is tried; somebody may send it again
    DROPPED = "dropped"  # no longer needed before it went out


# flags that still wait for somebody; of a flag in any other state nothing more goes out
NEEDING = frozenset({FlagState.ACTIVE, FlagState.LATCHED})

TEST_CAUSE = "test"
NO_LONGER_NEEDED = "no longer needed"


# --- when it is tried again


def next_try(attempts: int, backoff_s: Sequence[float], chance: float) -> timedelta | None:
    """How long after the ``attempts``-th failure the next try comes; None: there is none.

    chance: 0 to 1, spreads tries by a fifth to both sides: what failed together does not come together.
    """
    if attempts > len(backoff_s):
        return None
    return timedelta(seconds=backoff_s[attempts - 1] * (0.8 + 0.4 * chance))


# --- what it says


@dataclass(frozen=True, slots=True)
class Notice:
    """What a message is made from; for a test without flag, session and priority."""

    id: UUID
    at: datetime
    cause: str
    flag: UUID | None = None
    session: UUID | None = None
    chair: UUID | None = None
    chair_name: str = ""
    priority: str = ""
    step: int = 0
    # where the session is opened; empty where this installation does not know its public address
    url: str = ""

    @property
    def is_test(self) -> bool:
        return self.flag is None


def subject(notice: Notice) -> str:
    """One line, which a locked screen may show."""
    if notice.is_test:
        return "Vigil: test"
    where = f", chair {notice.chair_name}" if notice.chair_name else ""
    return f"Vigil: {notice.priority} flag{where}"


def sentence(notice: Notice) -> str:
    """What is the matter, in one sentence."""
    if notice.is_test:
        return "This is a test: notifications from Vigil reach you here."
    return "Nobody has taken it yet." if notice.step else "It waits for somebody."


def text(notice: Notice) -> str:
    """The body of an e-mail."""
    lines = [sentence(notice)]
    if notice.url:
        lines += ["", notice.url]
    lines += ["", "A reminder, and no alarm: go to the chair or look at the board."]
    return "\n".join(lines)


def event(notice: Notice) -> str:
    if notice.is_test:
        return "test"
    return "flag.escalated" if notice.step else "flag.raised"


def webhook_body(notice: Notice) -> bytes:
    """Ids alone, in a fixed order: the bytes that are signed are the bytes that are sent."""
    body = {
        "id": str(notice.id),
        "event": event(notice),
        "flag": str(notice.flag) if notice.flag else None,
        "session": str(notice.session) if notice.session else None,
        "chair": str(notice.chair) if notice.chair else None,
        "priority": notice.priority or None,
        "step": notice.step,
        "at": notice.at.isoformat(),
        "url": notice.url or None,
    }
    return json.dumps(body, separators=(",", ":")).encode()


def push_body(notice: Notice) -> bytes:
    """What the service worker shows."""
    body = {
        "id": str(notice.id),
        "flag": str(notice.flag) if notice.flag else None,
        "title": subject(notice),
        "body": sentence(notice),
        "path": f"/sessions/{notice.session}/" if notice.session else "/alerting/",
        "priority": notice.priority or None,
    }
    return json.dumps(body, separators=(",", ":")).encode()


def signature(secret: str, body: bytes, at: datetime) -> str:
    """The value of ``Vigil-Signature``: HMAC-SHA256 over "<unix seconds>.<body>", so that none is replayed.

    A receiver makes the same of the bytes it got, compares in constant time, and refuses an old ``t``.
    """
    moment = int(at.timestamp())
    mac = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    return f"t={moment},v1={mac.hexdigest()}"
