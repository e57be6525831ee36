"""The filled form: each cell with where its value came from, or why it is empty. Pure."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from: "patient", "clinic", "staff", "session", "entry", "reading" or "answer"."""

    kind: str
    id: str
    at: datetime | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of one session's form.

    value:      as it is filed; None when empty.
    words:      the same as it is read.
    missing:    why it is empty; "" when it is filled, optional or not asked.
    instead_of: what the record says, where a person put something else.
    """

    code: str
    value: str | int | None = None
    words: str = ""
    origins: tuple[Origin, ...] = ()
    missing: str = ""
    instead_of: str = ""
    asked: bool = True


def of(code: str, value: str | int | None, missing: str, *origins: Origin, words: str = "") -> Cell:
    """A cell with this value, or one that says what is missing."""
    if value is None or value == "":
        return Cell(code, missing=missing, origins=origins)
    return Cell(code, value, words or str(value), origins)


def day_words(day: date) -> str:
    """A date as the form asks for it: MM/DD/YYYY."""
    return f"{day:%m/%d/%Y}"


def digest(version: str, cells: Iterable[Cell]) -> str:
    """SHA-256 over what a form says: its version, and the value of each cell."""
    said = [version, [[cell.code, cell.value] for cell in cells]]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell whose value is no longer the one that was filed."""

    code: str
    filed: str | int | None
    now: str | int | None


def differences(filed: Iterable[Cell], now: Iterable[Cell]) -> tuple[Difference, ...]:
    """What changed since a copy was filed, in the form's order."""
    was = {cell.code: cell.value for cell in filed}
    return tuple(
        Difference(cell.code, was.get(cell.code), cell.value)
        for cell in now
        if was.get(cell.code) != cell.value
    )
