"""Who was at the chair when, as the charted entries prove it. Pure.

Nobody carries a stop-watch, so no duration is on record. What is: somebody charted something that is seen or
done with the patient, at the time it names. The minutes of the clock that hold such a moment are counted,
each once; what lies between two of them is not. That is less than the time spent with the patient, save for
the seconds of a counted minute before and after what was charted in it.

Not counted, and shown with why: what was charted as late, and what was moved to another time afterwards. Not
shown at all: what a monitor sent, what the rules charted, and what is written elsewhere than at the chair
(notes, plans, hand-overs, reviews).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sessions import states
from sessions.record import ENTERED_IN_ERROR, Entry

# acts that are done with the patient, or by looking at her
AT_THE_CHAIR = frozenset(
    {
        "check-in",
        "gate",
        "start",
        "dose",
        "pause",
        "resume",
        "stop",
        "medicine",
        "symptom",
        "resolve-symptom",
        "scale",
        "alertness",
        "leaving-check",
        "readiness",
        "release",
        "end-early",
        "leave-early",
        "transfer",
    }
)
LATE, MOVED = "charted late", "its time was corrected"


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody was with the patient at a moment. ``why_not``: why it does not count; empty when it does."""

    at: datetime
    recorded_at: datetime
    by_name: str
    what: str
    why_not: str

    @property
    def minute(self) -> datetime:
        return self.at.replace(second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Taken:
    """One version of a reading, as far as it says who was there."""

    id: UUID
    supersedes: UUID | None
    measured_at: datetime
    received_at: datetime
    by_name: str
    by_staff: bool
    late: bool


def of_entries(versions: Iterable[Entry]) -> list[Contact]:
    """The contacts that a record's entries prove.

    versions: every version of each entry. Who first charted it was there; who corrected it need not have
              been.
    """
    by_entry: dict[UUID, list[Entry]] = defaultdict(list)
    for version in versions:
        by_entry[version.entry].append(version)
    found = []
    for of_one in by_entry.values():
        first, *_ = ordered = sorted(of_one, key=lambda version: version.version)
        newest = ordered[-1]
        if newest.status == ENTERED_IN_ERROR or first.kind not in AT_THE_CHAIR or first.by_id is None:
            continue
        moved = MOVED if newest.at != first.at else ""
        what = states.WORDS[first.kind]
        why_not = LATE if first.late else moved
        found.append(Contact(newest.at, first.recorded_at, first.by_name, what, why_not))
    return found


def of_readings(versions: Iterable[Taken]) -> list[Contact]:
    """The contacts that sets of vitals prove: those that staff took, as they were first taken."""
    return [
        Contact(one.measured_at, one.received_at, one.by_name, "Set of vitals", LATE if one.late else "")
        for one in versions
        if one.supersedes is None and one.by_staff
    ]


def minutes(contacts: Iterable[Contact]) -> int:
    """How many minutes of the clock hold a contact that counts."""
    return len({one.minute for one in contacts if not one.why_not})


def by_person(contacts: Iterable[Contact]) -> dict[str, int]:
    """The minutes of each, by name; two people in one minute have it both."""
    of_each: dict[str, list[Contact]] = defaultdict(list)
    for one in contacts:
        of_each[one.by_name].append(one)
    return {name: minutes(of_each[name]) for name in sorted(of_each)}


def whole_minutes(since: datetime | None, until: datetime | None) -> int | None:
    """Minutes from one moment to another, never rounded up; None when one is not on record."""
    if since is None or until is None:
        return None
    return int((until - since).total_seconds() // 60)
