"""The form's fields as rows of a version, and what a person may answer to one. Pure.

No version was seen in full (clinical facts, section 11), so every row says how well it is known. Labels are
our own words; nothing of the form's text or layout is copied.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

LONGEST_TEXT = 300
MOST_MINUTES = 24 * 60

YES, NO = "yes", "no"


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes-no"
    CHOICE = "choice"
    MG = "mg"
    BP = "bp"
    SIGNATURE = "signature"


class FilledBy(StrEnum):
    RECORD = "record"
    PERSON = "person"


class Override(StrEnum):
    """What a person may put in the place of what the record says: nothing, a value, or another reading."""

    NONE = "none"
    VALUE = "value"
    READING = "reading"


class Certainty(StrEnum):
    MIRRORED = "as mirrored from 11/2021"
    NOT_SEEN = "to be checked against the current form"


class Stage(StrEnum):
    """From when on an empty field is a gap that somebody at the chair can close. In order."""

    CHECKED_IN = "after check-in"
    DOSED = "after the first device"
    FORTY = "from the 40-minute window on"
    LEAVING = "before leaving"
    ENDED = "after the end"


@dataclass(frozen=True, slots=True)
class Field:
    """A row of a version. ``asked_when``: the earlier yes-no field that must be "yes" to ask this."""

    code: str
    section: str
    label: str
    kind: Kind
    filled_by: FilledBy
    source: str
    stage: Stage
    required: bool = True
    override: Override = Override.NONE
    certainty: Certainty = Certainty.MIRRORED
    asked_when: str = ""
    choices: tuple[str, ...] = ()

    @property
    def is_answered(self) -> bool:
        """True when a person may answer it."""
        return self.filled_by is FilledBy.PERSON or self.override is not Override.NONE


@dataclass(frozen=True, slots=True)
class FormVersion:
    code: str
    effective_from: date
    fields: tuple[Field, ...]

    def field(self, code: str) -> Field | None:
        return next((field for field in self.fields if field.code == code), None)


def version_at(versions: Iterable[FormVersion], day: date) -> FormVersion:
    """The version in force on a session's day; before all of them, the first there is."""
    in_order = sorted(versions, key=lambda version: version.effective_from)
    return next((one for one in reversed(in_order) if one.effective_from <= day), in_order[0])


def checked_answer(field: Field, value: str | int, *, by_name: str) -> str | int:
    """An answer as it is kept. raises: ValueError naming the rule it breaks.

    by_name: of who answers; a signature is always one's own.
    """
    if field.kind is Kind.NUMBER:
        return _whole_minutes(value)
    text = str(value).strip()
    if not text:
        raise ValueError("is empty")
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"is longer than {LONGEST_TEXT} characters")
    allowed = {Kind.YES_NO: (YES, NO), Kind.CHOICE: field.choices, Kind.SIGNATURE: (by_name,)}.get(field.kind)
    if allowed is not None and text not in allowed:
        raise ValueError(f"“{text}” is not one of: {', '.join(allowed)}")
    return text


def _whole_minutes(value: str | int) -> int:
    try:
        minutes = int(value)
    except ValueError:
        minutes = -1
    if not 0 <= minutes <= MOST_MINUTES:
        raise ValueError(f"“{value}” is not a number of minutes from 0 to {MOST_MINUTES}")
    return minutes
