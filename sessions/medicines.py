"""Medicines given in a session, as somebody ordered and somebody charted them. Pure; nothing is suggested."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sessions import record
from sessions.record import Entry


@dataclass(frozen=True, slots=True)
class Given:
    """One medicine, given per order. All words are those of whoever charted it."""

    entry: UUID
    at: datetime
    by_name: str
    late: bool
    name: str
    dose_text: str
    route: str
    ordered_by: str
    indication: str


def given(entries: Iterable[Entry]) -> list[Given]:
    """The medicines among a record's current entries, by time."""
    return [
        Given(
            entry=entry.entry,
            at=entry.at,
            by_name=entry.by_name,
            late=entry.late,
            name=str(entry.details["name"]),
            dose_text=str(entry.details["dose_text"]),
            route=str(entry.details["route"]),
            ordered_by=str(entry.details["ordered_by"]),
            indication=str(entry.details.get("indication", "")),
        )
        for entry in record.of_kind(entries, "medicine")
    ]
