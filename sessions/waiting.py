"""When the patient waited for the escort: the sets of that time were other ones. Pure."""

from collections.abc import Iterable
from datetime import datetime

from sessions.record import Entry, of_kind

# what ends the waiting without an end of the session: a value outside a limit takes the assessment back
ENDS_WAITING = "breach"


def past_waits(entries: Iterable[Entry]) -> list[tuple[datetime, datetime]]:
    """From when to when somebody waited and was taken back; a waiting under way is not among them.

    A waiting begins with the first word of it: a number that was added later begins none.
    """
    waits: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    for entry in of_kind(entries, "wait-escort", ENDS_WAITING):
        if entry.kind != ENDS_WAITING:
            since = since or entry.at
        elif since is not None:
            waits.append((since, entry.at))
            since = None
    return waits
