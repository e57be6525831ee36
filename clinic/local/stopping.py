"""Requests to stop, noted when they come and looked at between steps."""

import signal
from types import FrameType


class StopAsked(Exception):
    """Somebody asked us to stop while we were waiting."""


class StopRequests:
    """Counts SIGINT, SIGTERM and SIGHUP from the moment it is made.

    A background job of a shell is started with SIGINT ignored, and a signal may come before the first
    server is up: so it is made first of all, and a handler only counts.
    """

    def __init__(self) -> None:
        self.count = 0
        self.last: signal.Signals | None = None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.count += 1
        self.last = signal.Signals(number)

    def check(self) -> None:
        """Raise StopAsked once a request has come."""
        if self.count:
            raise StopAsked
