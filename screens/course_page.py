"""A course on one page: its sessions in a table, and the totals of its scales over time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sessions import queries as treatments
from sessions import record
from sessions.follow_up import BY_KIND, QUESTIONS, Form
from sessions.models import Course, Session
from sessions.queries import FollowUpResult
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
    """One result of a scale: when, what it came to, and the words beside it."""

    at: datetime
    total: float
    words: str


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
    entries = treatments.entries_of_course(course.id, "symptom")
    found = summaries.summaries(row.id for row in rows)
    return CoursePage(
        course=course,
        rows=tuple(
            _row(number, row, found.get(row.id, Summary()), entries.get(row.id, []))
            for number, row in enumerate(rows, start=1)
        ),
        responses=_responses(course.id),
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


def _responses(course_id: UUID) -> tuple[Response, ...]:
    """The scales taken in the sessions, then what was answered on a scale at home."""
    in_sessions = [
        _response(results[0].name, [Total(one.at, one.total, one.words) for one in results])
        for _, results in sorted(treatments.scale_results(course_id).items())
    ]
    answers = treatments.follow_up_results(course_id)
    at_home = [
        _response(f"{question.code.capitalize()} at home, {question.form}", _told(question.code, answers))
        for question in QUESTIONS
        if question.form is Form.SCALE
    ]
    return tuple(response for response in (*in_sessions, *at_home) if response.totals)


def _told(code: str, answers: Sequence[FollowUpResult]) -> list[Total]:
    """What was answered to one question, by time; those who were not asked answered nothing."""
    return [
        Total(one.answered_at, value, f"{BY_KIND[one.kind].words} after a session")
        for one in answers
        if isinstance(value := one.answers.get(code), int)
    ]


def _response(scale: str, totals: Sequence[Total]) -> Response:
    dots = tuple(positions([one.total for one in totals]))
    return Response(
        scale=scale,
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
