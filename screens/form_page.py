"""The monitoring form as its pages show it: sections of rows with their links and possible answers."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from clinic.access import Act, Principal, may
from reports.form_pdf import value_words
from reports.monitoring_form import Form
from sessions.monitoring_form import pressures
from sessions.monitoring_form.cells import Cell, Origin
from sessions.monitoring_form.due import Due, Urgency
from sessions.monitoring_form.fields import NO, YES, Certainty, Field, Kind, Override
from sessions.monitoring_form.filling import Gap

ORIGIN_WORDS = {
    "patient": "Patient's data",
    "clinic": "Clinic's data",
    "staff": "Staff",
    "session": "Session",
    "entry": "Record",
    "reading": "Reading",
    "answer": "Answered on this form",
}


@dataclass(frozen=True, slots=True)
class Link:
    """Where a value came from: its words, its time of day, and the page that shows it."""

    words: str
    at: datetime | None
    href: str


@dataclass(frozen=True, slots=True)
class Tap:
    """One answer that a tap gives. ``body``: what is sent, as JSON."""

    words: str
    body: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One field on the page. ``input``: the kind of field that types an answer; "" for taps alone."""

    code: str
    number: int
    label: str
    words: str
    value: str
    missing: str
    asked: bool
    required: bool
    uncertain: bool
    links: tuple[Link, ...]
    taps: tuple[Tap, ...]
    taps_first: bool
    input: str
    take_back: str


@dataclass(frozen=True, slots=True)
class Section:
    """``close``: most of it is filled by the record alone, so its rows stand side by side."""

    title: str
    rows: tuple[Row, ...]
    close: bool


_IN_BRACKETS = re.compile(r"\((.+)\)$")
# from so many rows without an answer on, a section is drawn close
CLOSE_FROM = 3


@dataclass(frozen=True, slots=True)
class Look:
    """How a form stands, four ways at once: colour and edge by ``state``, icon, word."""

    state: str
    icon: str
    filled: bool
    words: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A time that can be chosen for what was done before it is charted."""

    at: datetime
    words: str


# what lies further back is charted over the API
FILED_BACK_H = (1, 2, 4, 24)


def moments(form: Form, at: datetime) -> tuple[Moment, ...]:
    """When it may have been filed: some hours back, never before the session's end."""
    back = (at - timedelta(hours=hours) for hours in FILED_BACK_H)
    ended_at = form.session.ended_at
    return tuple(
        Moment(one, f"{one.astimezone(form.facts.zone):%-d %b, %H:%M}")
        for one in back
        if ended_at is not None and one >= ended_at
    )


def sections(form: Form, by: Principal) -> tuple[Section, ...]:
    """The form in its own order. Answers are offered only to those who may give them."""
    cells = {cell.code: cell for cell in form.cells}
    numbered = list(enumerate(form.version.fields, start=1))
    answers = may(by, Act.ANSWER_FORM)
    found = []
    for title, of_section in groupby(numbered, key=lambda row: row[1].section):
        rows = tuple(
            _row(form, number, field, cells[field.code], by, answers) for number, field in of_section
        )
        plain = sum(1 for row in rows if row.asked and not (row.taps or row.input))
        found.append(Section(title, rows, close=plain >= CLOSE_FROM))
    return tuple(found)


def _row(form: Form, number: int, field: Field, cell: Cell, by: Principal, answers: bool) -> Row:
    open_to = answers and field.is_answered and cell.asked
    answered = form.facts.answer(field.code) is not None
    return Row(
        code=field.code,
        number=number,
        label=field.label,
        words=value_words(cell),
        value="" if cell.value is None else str(cell.value),
        missing=_missing(field, cell),
        asked=cell.asked,
        required=field.required,
        uncertain=field.certainty is Certainty.NOT_SEEN,
        links=_links(form, cell),
        taps=_taps(form, field, cell, by) if open_to else (),
        # what only a person can say is asked openly; what the record says is changed behind a fold
        taps_first=cell.value is None or (answered and field.override is Override.NONE),
        input={Kind.NUMBER: "number", Kind.TEXT: "text"}.get(field.kind, "") if open_to else "",
        take_back=_body(field, None) if open_to and answered and _is_taken_back(field, cell) else "",
    )


def _missing(field: Field, cell: Cell) -> str:
    """What is missing, where the label beside it does not say it already."""
    if not cell.missing:
        return ""
    if detail := _IN_BRACKETS.search(cell.missing):
        return f"Missing: {detail[1]}"
    return "Missing" if cell.missing.lower() in field.label.lower() else f"Missing: {cell.missing}"


def _links(form: Form, cell: Cell) -> tuple[Link, ...]:
    """Where a value came from, or where a missing one is put right."""
    if cell.value is None and not cell.missing:
        return ()
    return tuple(link_of(form.session.id, origin) for origin in cell.origins)


def _is_taken_back(field: Field, cell: Cell) -> bool:
    """A question that only a person answers is answered otherwise; all else goes back to what it was."""
    if field.kind is Kind.SIGNATURE:
        return cell.value is not None
    return field.kind is not Kind.YES_NO or field.override is not Override.NONE


def _taps(form: Form, field: Field, cell: Cell, by: Principal) -> tuple[Tap, ...]:
    if field.kind is Kind.YES_NO:
        return tuple(
            Tap(words, _body(field, value), cell.value == value)
            for value, words in ((YES, "Yes"), (NO, "No"))
        )
    if field.kind is Kind.SIGNATURE:
        return () if cell.value else (Tap(f"Sign as {by.name}", _body(field, by.name)),)
    if field.override is Override.READING:
        held = pressures.at_forty(form.facts)
        return tuple(
            Tap(
                f"{one.words} at {form.facts.clock(one.at)}, minute {form.facts.minute(one.at)}",
                _body(field, one.ids[0]),
                one == held,
            )
            for one in pressures.after_dose(form.facts)
        )
    return ()


def _body(field: Field, value: str | None) -> str:
    return json.dumps({"field": field.code, "value": value})


def link_of(session_id: UUID, origin: Origin) -> Link:
    """The page on which a value's source stands."""
    href = {
        "patient": f"/patients/{origin.id}/",
        "clinic": "/clinic/",
        "staff": "/staff/",
        "session": f"/sessions/{origin.id}/record/",
        "reading": f"/sessions/{session_id}/#readings",
    }.get(origin.kind, f"/sessions/{session_id}/record/#entry-{origin.id}")
    words = origin.words[:1].upper() + origin.words[1:] if origin.words else ORIGIN_WORDS[origin.kind]
    return Link(words, origin.at, href)


def look_of(row: Due | None, *, filed: bool, differs: bool, gaps: Iterable[Gap] = ()) -> Look:
    """A form's state in colour, icon and word."""
    if differs:
        return Look(Urgency.AMBER, "pencil", False, "Filed copy differs")
    if filed:
        return Look(Urgency.PLAIN, "circle-check", False, "Filed")
    if row is None:
        return Look(Urgency.PLAIN, "armchair", False, "Session under way")
    icons = {Urgency.PLAIN: "clock", Urgency.AMBER: "diamond", Urgency.RED: "triangle"}
    words = row.words[:1].upper() + row.words[1:]
    return Look(row.urgency, icons[row.urgency], row.urgency is not Urgency.PLAIN, words)
