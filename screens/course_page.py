"""A course on one page: its sessions in a table, and the totals of its scales over time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sessions import queries as treatments
from sessions import record
from sessions.models import Course, Session
from sessions.record import Entry
from vitals import summaries
from vitals.summaries import Summary
from vitals.vital import tidy

# the drawing of a scale's totals: width and height of its box, and the room left for its dots
WIDE, HIGH, MARGIN = 320, 72, 8


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session of a course. Texts are empty, and numbers None, where nothing was charted."""

    number: int
    id: UUID
    at: datetime
    dose_mg: float | None
    mg_per_kg: float | None
    summary: Summary
    symptoms: str
    ready_min: int | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Total:
    """One result of a scale: when, what it came to, and its band as charted."""

    at: datetime
    total: float
    band: str


@dataclass(frozen=True, slots=True)
class Response:
    """A scale over the course, oldest first; ``points`` is the line of an SVG, one dot per total."""

    scale: str
    totals: tuple[Total, ...]
    line: str
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class CoursePage:
    course: Course
    rows: tuple[SessionRow, ...]
    responses: tuple[Response, ...]


def course_page(course: Course) -> CoursePage:
    """Everything the page shows of a course, in a fixed number of queries."""
    rows = treatments.sessions_of_course(course.id)
    entries = treatments.entries_of_course(course.id, "symptom", "scale")
    found = summaries.summaries(row.id for row in rows)
    return CoursePage(
        course=course,
        rows=tuple(
            _row(number, row, found.get(row.id, Summary()), entries.get(row.id, []))
            for number, row in enumerate(rows, start=1)
        ),
        responses=_responses(entries),
    )


def _row(number: int, row: Session, summary: Summary, entries: Sequence[Entry]) -> SessionRow:
    dose = None if row.dose_mg is None else float(row.dose_mg)
    weight = None if row.weight_kg is None else float(row.weight_kg)
    begun, ready = row.dose_started_at, row.ready_at
    return SessionRow(
        number=number,
        id=row.id,
        at=row.dose_started_at or row.checked_in_at or row.scheduled_at,
        dose_mg=None if dose is None else tidy(dose),
        mg_per_kg=round(dose / weight, 2) if dose and weight else None,
        summary=summary,
        symptoms=_symptoms(entries),
        ready_min=int((ready - begun).total_seconds() // 60) if begun and ready else None,
        outcome=row.outcome or row.state.replace("_", " "),
    )


def _symptoms(entries: Iterable[Entry]) -> str:
    """The symptoms by name, each once, in the order in which they came."""
    codes = (str(entry.details.get("code", "")) for entry in record.of_kind(entries, "symptom"))
    return ", ".join(dict.fromkeys(code.replace("-", " ") for code in codes if code and code != "none"))


def _responses(entries: Mapping[UUID, Sequence[Entry]]) -> tuple[Response, ...]:
    by_scale: dict[str, list[Total]] = defaultdict(list)
    for of_session in entries.values():
        for entry in record.of_kind(of_session, "scale"):
            total = _number(entry.details.get("total"))
            if total is not None:
                name = str(entry.details.get("scale", ""))
                by_scale[name].append(Total(entry.at, total, str(entry.details.get("band") or "")))
    return tuple(
        _response(scale, sorted(totals, key=lambda one: one.at)) for scale, totals in sorted(by_scale.items())
    )


def _number(value: Any) -> float | None:
    return tidy(float(value)) if isinstance(value, int | float) else None


def _response(scale: str, totals: Sequence[Total]) -> Response:
    dots = tuple(positions([one.total for one in totals]))
    return Response(
        scale=scale.upper(),
        totals=tuple(totals),
        line=" ".join(f"{x:g},{y:g}" for x, y in dots),
        dots=dots,
    )


def positions(totals: Sequence[float]) -> list[tuple[float, float]]:
    """Where each total stands in the drawing: evenly from left to right, the highest on top, from zero up."""
    highest = max([*totals, 1.0])
    step = (WIDE - 2 * MARGIN) / max(len(totals) - 1, 1)
    return [
        (round(MARGIN + step * place, 1), round(HIGH - MARGIN - (HIGH - 2 * MARGIN) * total / highest, 1))
        for place, total in enumerate(totals)
    ]
