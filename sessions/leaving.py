"""Who takes the patient home: a sum over what was charted of the escort. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from sessions import record
from sessions.record import Entry

# the kinds of entry that may name the escort
KINDS = ("readiness", "wait-escort", "release", "end-early", "leave-early")


@dataclass(frozen=True, slots=True)
class Escort:
    """As last told, each part by itself; empty where nobody told it."""

    name: str = ""
    phone: str = ""
    relation: str = ""


def escort_of(entries: Iterable[Entry]) -> Escort:
    """The escort by the entries that count, in order of time."""
    name = phone = relation = ""
    for entry in record.of_kind(entries, *KINDS):
        name = _said(entry, "escort") or name
        phone = _said(entry, "escort_phone") or phone
        relation = _said(entry, "escort_relation") or relation
    return Escort(name, phone, relation)


def _said(entry: Entry, name: str) -> str:
    return str(entry.details.get(name) or "").strip()
