"""What the page of exports shows: the form as its address fills it, the exports, the schedules."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import QueryDict
from django.utils.dateparse import parse_date

from clinic.jobs import JobState
from reports.exports import aggregates, forms, jobs, schedules, telling
from reports.exports.asked import (
    DECIMAL_MARKS,
    DISCLOSURE_WORDS,
    FLAGGED,
    FORM_WORDS,
    SEPARATORS,
    Asked,
    FormName,
)
from reports.exports.rendering import DayStyle, Disclosure
from reports.exports.spans import Every, before, holding
from reports.exports.tables import CONTENTS
from reports.exports.telling import Names
from reports.models import Export, ExportRun, ExportSchedule

DAY_STYLES = {
    DayStyle.ISO: "2026-11-23",
    DayStyle.EUROPEAN: "23.11.2026",
    DayStyle.AMERICAN: "11/23/2026",
}
EVERY_WORDS = {Every.WEEK: "Each week", Every.MONTH: "Each month"}
# icon and word of a state; failure alone has a colour
STATES = {
    JobState.WAITING: ("clock", "Waiting", "plain"),
    JobState.RUNNING: ("timer", "Under way", "plain"),
    JobState.DONE: ("circle-check", "Done", "plain"),
    JobState.CANCELLED: ("x", "Cancelled", "plain"),
    JobState.FAILED: ("triangle-alert", "Failed", "technical"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose; ``why_not`` says why it cannot be."""

    value: str
    words: str
    chosen: bool
    more: str = ""
    why_not: str = ""
    has_sums: bool = False


@dataclass(frozen=True, slots=True)
class Days:
    """A span that one tap fills in."""

    words: str
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Form:
    """The form, filled from its address. ``trouble`` names what of that could not be."""

    from_day: date | None
    until_day: date | None
    offered: list[Days]
    routes: list[Choice]
    protocols: list[Choice]
    indications: list[Choice]
    flags: list[Choice]
    staff: list[Choice]
    contents: list[Choice]
    forms: list[Choice]
    disclosures: list[Choice]
    separators: list[Choice]
    decimal_marks: list[Choice]
    day_styles: list[Choice]
    every: list[Choice]
    hours: list[Choice]
    trouble: str


def form(given: QueryDict, names: Names, today: date) -> Form:
    """raises nothing: what the address says wrong is left out, and said."""
    wrong: list[str] = []

    def one(name: str, words: Mapping[str, str], usual: str = "") -> str:
        value = given.get(name, usual)
        if value and value not in words:
            wrong.append(name)
            return usual
        return value

    def choices(name: str, words: Mapping[str, str], usual: str = "") -> list[Choice]:
        chosen = one(name, words, usual)
        return [Choice(value, told, value == chosen) for value, told in words.items()]

    def day(name: str) -> date | None:
        found = _day(given.get(name, ""))
        if given.get(name) and found is None:
            wrong.append(name)
        return found

    contents = [value for value in given.getlist("contents") if value in CONTENTS] or list(CONTENTS)
    form_name = one("form", {str(name): "" for name in FormName}, FormName.CSV)
    disclosure = one("disclosure", {str(name): "" for name in Disclosure}, Disclosure.IDENTIFIED)
    return Form(
        from_day=day("from_day"),
        until_day=day("until_day"),
        offered=_offered(today),
        routes=choices("route", {str(route): words for route, words in telling.ROUTES.items()}),
        protocols=choices("protocol", names.protocols),
        indications=choices("indication", telling.INDICATIONS),
        flags=choices("flags", {code: words.capitalize() for code, words in FLAGGED.items()}),
        staff=choices("staff", names.staff),
        contents=[
            Choice(code, code.capitalize(), code in contents, words, has_sums=code in aggregates.CONTENTS)
            for code, words in CONTENTS.items()
        ],
        forms=[
            Choice(name, words, name == form_name and not forms.why_not(name), why_not=forms.why_not(name))
            for name, words in FORM_WORDS.items()
        ],
        disclosures=[
            Choice(name, DISCLOSURE_WORDS[name].partition(":")[0], name == disclosure, words)
            for name, words in telling.DISCLOSED.items()
        ],
        separators=_as_json(SEPARATORS),
        decimal_marks=_as_json(DECIMAL_MARKS),
        day_styles=[Choice(style, words, style is DayStyle.ISO) for style, words in DAY_STYLES.items()],
        every=[Choice(every, words, False) for every, words in EVERY_WORDS.items()],
        hours=[Choice(str(hour), f"{hour:02d}:00", hour == 6) for hour in range(24)],
        trouble=f"The address says no known {' or '.join(wrong)}; it is left out." if wrong else "",
    )


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _as_json(words: Mapping[str, str]) -> list[Choice]:
    """A tab is no text that a field would keep."""
    return [
        Choice(json.dumps(sign), told.capitalize(), index == 0)
        for index, (sign, told) in enumerate(words.items())
    ]


def _offered(today: date) -> list[Days]:
    week = before(Every.WEEK, holding(Every.WEEK, today))
    month = before(Every.MONTH, holding(Every.MONTH, today))
    return [
        Days("Last week", week.first, week.last),
        Days("Last month", month.first, month.last),
        Days("Last 90 days", today - timedelta(days=89), today),
        Days("All days", None, None),
    ]


# --- the lists


@dataclass(frozen=True, slots=True)
class Shown:
    """An export with its words."""

    row: Export
    title: str
    which: str
    contents: str
    sessions: int
    state: tuple[str, str, str]
    says: str
    phase: str
    schedule: str
    can_be_fetched: bool
    is_gone: bool


def shown(rows: Iterable[Export], names: Names, *, at: datetime) -> list[Shown]:
    return [_shown(row, jobs.asked_of(row), names, at) for row in rows]


def _shown(row: Export, asked: Asked, names: Names, at: datetime) -> Shown:
    is_gone = jobs.is_gone(row, at=at)
    return Shown(
        row=row,
        title=telling.title(asked),
        which=telling.which(asked.filters, names),
        contents=telling.contents(asked),
        sessions=len(row.session_ids),
        state=STATES[JobState(row.state)],
        says=telling.says(row, at=at),
        phase=telling.phase(row),
        schedule=row.schedule.name if row.schedule else "",
        can_be_fetched=row.state == JobState.DONE and not is_gone,
        is_gone=is_gone,
    )


@dataclass(frozen=True, slots=True)
class Run:
    days: str
    says: str
    row: ExportRun
    is_left: bool
    failed: bool


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule with its words."""

    row: ExportSchedule
    title: str
    which: str
    contents: str
    when: str
    next_at: datetime | None
    runs: list[Run]


def shown_schedules(rows: Iterable[ExportSchedule], names: Names, *, at: datetime) -> list[Schedule]:
    return [_shown_schedule(row, jobs.asked_of(row), names, at) for row in rows]


def _shown_schedule(row: ExportSchedule, asked: Asked, names: Names, at: datetime) -> Schedule:
    return Schedule(
        row=row,
        title=telling.title(asked),
        which=telling.which(asked.filters, names, every=row.every),
        contents=telling.contents(asked),
        when=telling.when(row),
        next_at=schedules.next_at(row, at=at),
        runs=[_run(run) for run in schedules.newest_runs(row)],
    )


def _run(run: ExportRun) -> Run:
    is_made = run.export is not None and run.export.state == JobState.DONE
    is_given_up = is_made and run.stored_at is None and run.next_try_at is None
    failed = is_given_up or (run.export is not None and run.export.state == JobState.FAILED)
    return Run(telling.span(run), telling.became(run), run, run.stored_at is not None, failed)
