"""What every monitor driver is: one function that reads one monitor, or says why it could not."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from vitals.measured import Measured


@dataclass(frozen=True, slots=True)
class MonitorAddress:
    """Where a monitor answers.

    name:  the monitor's name on its device row, for messages.
    url:   http or https, without user, password or fragment.
    token: what we show to the monitor; empty for none. Never printed.
    """

    name: str
    url: str
    token: str = field(default="", repr=False)


class MonitorUnreachable(Exception):
    """The monitor gave no answer that counts: off, too slow, outside the allowed networks, refusing us."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MonitorUnreadable(Exception):
    """The monitor answered, and some or all of it cannot be read.

    reason:   names the reading, the field and the rule.
    raw:      the answer as it came, for the quarantine.
    readable: the readings of the same answer that could be read, oldest first as sent; to be recorded.
    """

    def __init__(self, reason: str, raw: bytes, readable: Sequence[Measured] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.raw = raw
        self.readable = tuple(readable)


class Driver(Protocol):
    """Reads one monitor's newest measurements; called outside any transaction."""

    def __call__(self, address: MonitorAddress, timeout_s: float) -> list[Measured]:
        """The measurements the monitor still holds; the same one may come again at the next call.

        raises: MonitorUnreachable, MonitorUnreadable; nothing else.
        """
