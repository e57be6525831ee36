"""Symptoms: the chips a clinic begins with, and the episodes that a record's entries come to. Pure.

An episode begins with the first charting of a symptom and goes on through every further one of the same
symptom (which may change how strong it is, or say what was done), until it is charted as gone. "No symptoms"
says that whatever was there is gone by then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sessions import record
from sessions.record import Entry

NONE = "none"
NONE_WORDS = "No symptoms"


class Severity(StrEnum):
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"


RANK = {severity.value: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Chip:
    """One symptom that can be charted by a tap. ``serious``: the rules name it, so it is always offered."""

    code: str
    text: str
    serious: bool = False
    shown: bool = True


# source: clinical facts, sections 3.1 and 10 (the frequent ones); serious: row "Symptom" of the flag rules
SHIPPED: tuple[Chip, ...] = (
    Chip("dizzy", "Dizzy"),
    Chip("nausea", "Nausea"),
    Chip("dissociation", "Dissociation"),
    Chip("vomiting", "Vomiting"),
    Chip("headache", "Headache"),
    Chip("anxious", "Anxious"),
    Chip("sedation", "Sedation"),
    Chip("blurred-vision", "Visual change"),
    Chip("numbness", "Numbness"),
    Chip("pain", "Pain"),
    Chip("severe-headache", "Severe headache"),
    Chip("distress", "Distress"),
    Chip("fainting", "Fainting"),
    Chip("chest-pain", "Chest pain", serious=True),
    Chip("breathlessness", "Breathlessness", serious=True),
    Chip("neurological-sign", "Neurological sign", serious=True),
    Chip("seizure", "Seizure", serious=True),
    Chip("unresponsive", "Unresponsive", serious=True),
)
SERIOUS = frozenset(chip.code for chip in SHIPPED if chip.serious)


def words_of(code: str, chips: Iterable[Chip]) -> str:
    """How a symptom is called; its code in plain words when no chip has it any more."""
    if code == NONE:
        return NONE_WORDS
    return next((chip.text for chip in chips if chip.code == code), code.replace("-", " ").capitalize())


@dataclass(slots=True)
class Episode:
    """One symptom from its onset until it was gone.

    entry:    the entry that began it, which ``resolve-symptom`` names.
    severity: as charted last; ``worst``: the strongest that was charted. Empty when nobody said.
    gone_by_none: it was gone by the time somebody charted "No symptoms".
    """

    entry: UUID
    code: str
    onset_at: datetime
    by_name: str
    late: bool
    severity: str = ""
    worst: str = ""
    actions: list[str] = field(default_factory=list)
    gone_at: datetime | None = None
    gone_by_none: bool = False
    entries: set[UUID] = field(default_factory=set)

    @property
    def is_open(self) -> bool:
        return self.gone_at is None


def episodes(entries: Iterable[Entry]) -> list[Episode]:
    """The episodes among a record's current entries, by onset.

    entries: by time, as ``record.current`` gives them. An end is found by the entry it names, so it counts
    although it was over before the symptom was charted; one that names none of this record changes nothing.
    """
    held = list(entries)
    ends = _ends(held)
    found: list[Episode] = []
    running: dict[str, Episode] = {}
    for entry in record.of_kind(held, "symptom"):
        code = str(entry.details["code"])
        if code == NONE:
            _all_gone(running.values(), entry.at)
            running = {}
            continue
        episode = running.get(code)
        if episode is None or _is_over(episode, entry, ends):
            episode = running[code] = _begun(entry, code)
            found.append(episode)
        _go_on(episode, entry)
        if end := ends.get(str(entry.entry)):
            episode.gone_at = min(end.at, episode.gone_at or end.at)
            _note_action(episode, end.details)
    return sorted(found, key=lambda episode: (episode.onset_at, episode.code))


def _ends(entries: Iterable[Entry]) -> dict[str, Entry]:
    """What ended an episode, by the id of the entry it names; the first where several do."""
    ends: dict[str, Entry] = {}
    for entry in record.of_kind(entries, "resolve-symptom"):
        ends.setdefault(str(entry.details.get("of")), entry)
    return ends


def _is_over(episode: Episode, entry: Entry, ends: Mapping[str, Entry]) -> bool:
    """True when the episode had ended before this entry of the same symptom was charted."""
    over = [ends[str(id_)] for id_ in episode.entries if str(id_) in ends]
    return any((end.at, end.recorded_at) <= (entry.at, entry.recorded_at) for end in over)


def _all_gone(running: Iterable[Episode], at: datetime) -> None:
    for episode in running:
        if episode.gone_at is None or episode.gone_at > at:
            episode.gone_at, episode.gone_by_none = at, True


def _begun(entry: Entry, code: str) -> Episode:
    onset = entry.details.get("onset_at")
    onset_at = datetime.fromisoformat(str(onset)) if onset else entry.at
    return Episode(entry.entry, code, onset_at, entry.by_name, entry.late)


def _go_on(episode: Episode, entry: Entry) -> None:
    episode.entries.add(entry.entry)
    severity = str(entry.details.get("severity") or "")
    if severity:
        episode.severity = severity
        episode.worst = max(episode.worst, severity, key=lambda one: RANK.get(one, -1))
    _note_action(episode, entry.details)


def _note_action(episode: Episode, details: Mapping[str, object]) -> None:
    action = str(details.get("action") or "").strip()
    if action:
        episode.actions.append(action)


def none_charted_at(entries: Iterable[Entry]) -> list[datetime]:
    """When "No symptoms" was charted."""
    return [entry.at for entry in entries if entry.kind == "symptom" and entry.details.get("code") == NONE]
