"""Standing in for a chair's nurse for a while: what the entries of the record add up to. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sessions.record import Entry, of_kind


@dataclass(frozen=True, slots=True)
class Cover:
    """Somebody asked for cover; ``taken_by`` stands in since ``taken_at``, None while nobody does."""

    asked_at: datetime
    asked_by: str
    asked_by_id: UUID | None
    reason: str
    taken_at: datetime | None = None
    taken_by: str | None = None
    taken_by_id: UUID | None = None


def cover(entries: Iterable[Entry]) -> Cover | None:
    """The cover that is asked for or given, as the current entries say; None when there is none.

    It ends when somebody says so, and when another nurse takes the chair over for good.
    """
    found: Cover | None = None
    for entry in of_kind(entries, "cover", "cover-taken", "cover-ended", "hand-over"):
        if entry.kind == "cover":
            found = Cover(entry.at, entry.by_name, entry.by_id, str(entry.details.get("reason", "")))
        elif entry.kind == "cover-taken":
            if found is not None:
                found = replace(found, taken_at=entry.at, taken_by=entry.by_name, taken_by_id=entry.by_id)
        else:
            found = None
    return found
