"""Checklists as rows: what is asked before the dose, and before leaving. Pure.

A protocol version carries its own rows; what ships here is where a new clinic begins.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    BEFORE_DOSE = "before-dose"
    BEFORE_LEAVING = "before-leaving"


class Kind(StrEnum):
    """What an answer means.

    CONFIRM: "yes" is what lets the session go on. CAUTION: "yes" is something the prescriber should know.
    """

    CONFIRM = "confirm"
    CAUTION = "caution"


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


def open_items(items: Iterable[Item], answers: Mapping[str, str]) -> tuple[Item, ...]:
    """The items that nobody answered, or whose answer does not let the session go on, in their order."""
    wanted = {Kind.CONFIRM: Answer.YES, Kind.CAUTION: Answer.NO}
    return tuple(item for item in items if answers.get(item.code) != wanted[item.kind])
