"""Checklists as rows, and what was answered to them: before the dose, and before leaving. Pure.

A protocol version carries its own rows. Answers are a sum over the charted entries: the newest answer to each
row counts, with who gave it and when.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sessions.record import Entry


class Phase(StrEnum):
    BEFORE_DOSE = "before-dose"
    BEFORE_LEAVING = "before-leaving"


class Kind(StrEnum):
    """What an answer means.

    CONFIRM: "yes" is what lets the session go on. CAUTION: "yes" is something the prescriber should know.
    ON_RECORD: nobody ticks it; what is on record answers it: see ``sessions.gate``.
    """

    CONFIRM = "confirm"
    CAUTION = "caution"
    ON_RECORD = "on-record"


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    NOT_ASSESSED = "not-assessed"


@dataclass(frozen=True, slots=True)
class Item:
    """A row of a checklist: its stable code, what is asked, and where the question comes from."""

    phase: Phase
    code: str
    kind: Kind
    text: str
    source: str


WANTED = {Kind.CONFIRM: Answer.YES, Kind.ON_RECORD: Answer.YES, Kind.CAUTION: Answer.NO}


@dataclass(frozen=True, slots=True)
class Given:
    """The newest answer to one row: what, by whom, when, and what was noted beside it."""

    answer: Answer
    by_name: str
    at: datetime
    late: bool
    note: str


@dataclass(frozen=True, slots=True)
class ItemState:
    """A row with what was answered; ``given`` is None where nobody answered.

    words: what is on record of it, for rows that nobody ticks.
    """

    item: Item
    given: Given | None = None
    is_met: bool = False
    words: str = ""

    @property
    def is_open(self) -> bool:
        """Nobody answered it, or its answer does not let the session go on."""
        if self.item.kind is Kind.ON_RECORD:
            return not self.is_met
        return self.given is None or self.given.answer is not WANTED[self.item.kind]


def asked(items: Iterable[Item], phase: Phase) -> tuple[Item, ...]:
    """The rows of one phase, in their order."""
    return tuple(item for item in items if item.phase is phase)


def answer_of(value: Any) -> Answer:
    """An answer as a body may give it: its word, or true, false and null. raises: ValueError for another."""
    if value is None:
        return Answer.NOT_ASSESSED
    if isinstance(value, bool):
        return Answer.YES if value else Answer.NO
    return Answer(value)


def answers(entries: Iterable[Entry], name: str, *, after: datetime | None = None) -> Mapping[str, Given]:
    """The newest answer to each code, from entries in order of time whose details hold them under ``name``.

    after: what was answered up to then no longer counts.
    """
    newest: dict[str, Given] = {}
    for entry in entries:
        if after is not None and entry.at <= after:
            continue
        notes = entry.details.get("notes") or {}
        for code, value in (entry.details.get(name) or {}).items():
            newest[code] = Given(
                answer_of(value), entry.by_name, entry.at, entry.late, str(notes.get(code, ""))
            )
    return newest


def states_of(items: Iterable[Item], given: Mapping[str, Given]) -> tuple[ItemState, ...]:
    """Each row with its answer, in the order of the rows."""
    return tuple(ItemState(item, given.get(item.code)) for item in items)


def open_codes(states: Iterable[ItemState]) -> tuple[str, ...]:
    """The codes of the rows that are open, in their order."""
    return tuple(state.item.code for state in states if state.is_open)


def open_words(states: Iterable[ItemState], *, named: int = 3) -> str:
    """The open rows by name, or how many where the list would be long; empty when none is open."""
    texts = [state.item.text for state in states if state.is_open]
    return "; ".join(texts) if len(texts) <= named else f"{len(texts)} items of the checklist"
