"""What makes an adverse event serious, and how it ended. Pure.

source: the FDA's criteria of seriousness and FHIR's outcomes of an adverse event; the form's own wording is
still to be checked against the current one (clinical facts, sections 1.6 and 11).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sessions import record
from sessions.record import Entry


class Criterion(StrEnum):
    DEATH = "death"
    LIFE_THREATENING = "life-threatening"
    HOSPITALISATION = "hospitalisation"
    DISABILITY = "disability"
    IMPORTANT_MEDICAL_EVENT = "important-medical-event"


class Outcome(StrEnum):
    RESOLVED = "resolved"
    RECOVERING = "recovering"
    ONGOING = "ongoing"
    WITH_SEQUELAE = "resolved-with-sequelae"
    FATAL = "fatal"
    UNKNOWN = "unknown"


class Suspected(StrEnum):
    """Whether the drug is suspected, as the person who charts it judges."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


CRITERION_WORDS: dict[str, str] = {
    Criterion.DEATH: "Death",
    Criterion.LIFE_THREATENING: "Life-threatening",
    Criterion.HOSPITALISATION: "Hospitalisation, or a longer stay",
    Criterion.DISABILITY: "Disability or lasting damage",
    Criterion.IMPORTANT_MEDICAL_EVENT: "Other important medical event",
}
OUTCOME_WORDS: dict[str, str] = {
    Outcome.RESOLVED: "Resolved",
    Outcome.RECOVERING: "Recovering",
    Outcome.ONGOING: "Ongoing",
    Outcome.WITH_SEQUELAE: "Resolved with lasting effects",
    Outcome.FATAL: "Fatal",
    Outcome.UNKNOWN: "Not known yet",
}
SUSPECTED_WORDS: dict[str, str] = {
    Suspected.YES: "Yes",
    Suspected.NO: "No",
    Suspected.UNKNOWN: "Not known",
}


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody was told; ``at`` is None when nobody wrote when."""

    who: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class AdverseEvent:
    """One serious adverse event as it stands in the record, in words for people."""

    entry: UUID
    at: datetime
    by_name: str
    criteria: tuple[str, ...]
    narrative: str
    intervention: str
    outcome: str
    suspected: str
    told: tuple[Told, ...]


def adverse_events(entries: Iterable[Entry]) -> list[AdverseEvent]:
    """The serious adverse events among a record's current entries, by time."""
    return [_event(entry, entry.details) for entry in record.of_kind(entries, "adverse-event")]


def _event(entry: Entry, said: Mapping[str, Any]) -> AdverseEvent:
    return AdverseEvent(
        entry=entry.entry,
        at=entry.at,
        by_name=entry.by_name,
        criteria=tuple(CRITERION_WORDS[code] for code in said["criteria"]),
        narrative=said["narrative"],
        intervention=said.get("intervention", ""),
        outcome=OUTCOME_WORDS[said["outcome"]],
        suspected=SUSPECTED_WORDS.get(said.get("suspected", ""), ""),
        told=tuple(
            Told(one["who"], datetime.fromisoformat(one["at"]) if one.get("at") else None)
            for one in said["told"]
        ),
    )
