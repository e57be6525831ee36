"""Waiting for the escort: since when, for whom, and which number to call. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sessions.record import Entry, of_kind

# what ends the waiting without an end of the session: a value outside a limit takes the assessment back
ENDS_WAITING = "breach"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A patient who is ready and is not fetched yet; empty words are not known."""

    since: datetime
    escort: str
    phone: str


def waiting_of(entries: Iterable[Entry]) -> Waiting | None:
    """The waiting under way, as the current entries say; None when nobody waits.

    The time is that of the first entry, so that a number added later starts no clock anew; escort and phone
    are the newest that were said.
    """
    found: Waiting | None = None
    for entry in of_kind(entries, "wait-escort", ENDS_WAITING):
        if entry.kind == ENDS_WAITING:
            found = None
        else:
            escort, phone = (str(entry.details.get(name) or "").strip() for name in ("escort", "phone"))
            found = told(found, at=entry.at, escort=escort, phone=phone)
    return found


def told(found: Waiting | None, *, at: datetime, escort: str, phone: str) -> Waiting:
    """The waiting, with what was said of it at a moment: begun by it, or added to."""
    if found is None:
        return Waiting(at, escort, phone)
    return Waiting(found.since, escort or found.escort, phone or found.phone)
