"""The session report as one plain value, and its hash: what PDF, HTML and JSON are made of. Pure.

A report is parts in their order; a part is facts (name and words), sentences, tables, and one of them the
chart. Every form shows all of it, so that no value stands in one form only.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

# counted up when the same record would be said in other words, so that a hash is never blamed on the record
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Column:
    """``is_number``: set to the right."""

    code: str
    label: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row, as many cells as columns. ``struck``: it counts no more; ``strong``: a flag stands on it."""

    cells: tuple[str, ...]
    struck: bool = False
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """``note``: what a reader must know of the rows that are not there; empty when all are."""

    code: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    code: str
    title: str
    facts: tuple[Fact, ...] = ()
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


class MarkKind(StrEnum):
    """What a mark in the chart stands for; each has a shape of its own."""

    DOSE = "dose"
    MEDICINE = "medicine"
    SYMPTOM = "symptom"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment under the curves, by its number; what it was stands in the key."""

    number: int
    kind: MarkKind
    at: datetime


@dataclass(frozen=True, slots=True)
class Point:
    """One value that counts, in its vital's unit."""

    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit that holds for this patient, in its vital's unit. ``own``: changed for this patient."""

    vital: str
    direction: str
    priority: str
    value: float
    code: str
    own: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn. ``zone`` names the zone of the clinic's clock; ``alt`` says the chart in words.

    pressures: (when, systolic, diastolic) of whole pressures; mmHg.
    curves:    by vital: heart_rate, respiratory_rate, spo2.
    """

    zone: str
    from_at: datetime
    until_at: datetime
    dose_started_at: datetime | None
    dose_ended_at: datetime | None
    window_ends_at: datetime | None
    pressures: tuple[tuple[datetime, float, float], ...]
    curves: Mapping[str, tuple[Point, ...]]
    limits: tuple[LimitLine, ...]
    marks: tuple[Mark, ...]
    alt: str


@dataclass(frozen=True, slots=True)
class SessionReport:
    """One session's report.

    patient, standing: for the top of it; ``identity`` for every page, for sheets come apart.
    warnings: what must be read first: deviations, and that the session is not finished.
    as_of:    when the newest of what it says was charted; ``as_of_words`` by the clinic's clock.
    """

    format: int
    session: str
    clinic: str
    patient: str
    identity: str
    standing: str
    finished: bool
    warnings: tuple[str, ...]
    parts: tuple[Part, ...]
    chart: Chart | None
    as_of: datetime
    as_of_words: str

    @property
    def content(self) -> dict[str, Any]:
        """All of it as plain JSON types; times in UTC, ISO 8601."""
        plain: dict[str, Any] = msgspec.json.decode(self._as_json())
        return plain

    @property
    def content_hash(self) -> str:
        """SHA-256 in hex over ``content`` as JSON: sorted keys, no spaces, UTF-8, signs as they are."""
        return hashlib.sha256(self._as_json()).hexdigest()

    def _as_json(self) -> bytes:
        return msgspec.json.encode(self, order="sorted")

    def part(self, code: str) -> Part | None:
        return next((part for part in self.parts if part.code == code), None)


def how_to_verify(report: SessionReport) -> str:
    """What stands at the foot of every form."""
    return (
        "The hash is SHA-256 over all that this report says. “manage.py verify_report”, given this file or"
        f" the hash and --session {report.session}, makes it anew from the record and says whether"
        " anything changed since."
    )
