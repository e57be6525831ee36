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
            before = found or Waiting(entry.at, "", "")
            found = Waiting(before.since, escort or before.escort, phone or before.phone)
    return found
