"""The record of a session as plain values: entries in versions, and which of them count. Pure.

Everything the later rooms say of a session is a sum over these: the dose, symptoms, scales, checklists.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

ENTERED_IN_ERROR = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of one thing that was done or seen.

    entry:   the id of its first version; it names the thing through all corrections.
    details: its particulars, as the act's body gave them.
    """

    id: UUID
    entry: UUID
    version: int
    status: str
    kind: str
    at: datetime
    recorded_at: datetime
    by_id: UUID | None
    by_name: str
    late: bool
    text: str
    details: Mapping[str, Any]


def current(entries: Iterable[Entry]) -> list[Entry]:
    """The newest version of each entry by time, without those that were entered in error."""
    newest: dict[UUID, Entry] = {}
    for entry in entries:
        held = newest.get(entry.entry)
        if held is None or entry.version > held.version:
            newest[entry.entry] = entry
    counted = (entry for entry in newest.values() if entry.status != ENTERED_IN_ERROR)
    return sorted(counted, key=lambda entry: (entry.at, entry.recorded_at, entry.id))


def of_kind(entries: Iterable[Entry], *kinds: str) -> list[Entry]:
    """The entries of these kinds, in the order given."""
    return [entry for entry in entries if entry.kind in kinds]
