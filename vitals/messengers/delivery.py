"""What every messenger is: one function that hands one notice over, or says why it could not."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Address:
    """Where to, and with which keys. Keys and a browser's address are never printed."""

    url: str = field(repr=False)
    secret: str = field(default="", repr=False)
    p256dh: str = field(default="", repr=False)
    auth: str = field(default="", repr=False)


class Undelivered(Exception):
    """It was not taken, and may be tried again. ``reason`` names no address and nothing of the body."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Gone(Undelivered):
    """The address is no more: no further try can help."""
