"""An export in plain words: what was asked for, how far it is, what became of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never

from django.template.defaultfilters import filesizeformat, pluralize

from clinic import queries as ground
from clinic.jobs import JobState
from reports.exports import jobs
from reports.exports.asked import FLAGGED, Asked, Filters, FormName
from reports.exports.rendering import Disclosure
from reports.exports.spans import Every
from reports.exports.tables import CONTENTS
from reports.models import Export, ExportRun, ExportSchedule
from sessions import indications
from sessions import queries as treatments
from sessions.protocol import Route

FORM_NAMES = {
    FormName.CSV: "CSV",
    FormName.XLSX: "Excel",
    FormName.PARQUET: "Parquet",
    FormName.FHIR: "FHIR",
    FormName.PDF: "PDF reports",
}
ROUTES = {Route.IV: "IV", Route.NASAL: "Nasal"}
INDICATIONS = {str(code): words for code, words in indications.WORDS.items()}
DISCLOSED = {
    Disclosure.IDENTIFIED: "Names, birth dates, record numbers, staff and free texts leave as they are in the"
    " record. Whoever takes the file holds patient data.",
    Disclosure.LIMITED: "No names, addresses, numbers, staff or free texts; every patient’s days are moved by"
    " a number of their own, and keys hold for this export alone. Times of day stay, and it is still health"
    " data.",
    Disclosure.AGGREGATE: "Sums by month. Counts under five are hidden, and so is what stands on them.",
}
# a step of an export, for the progress bar
READING, WRITING = "reading", "writing"


@dataclass(frozen=True, slots=True)
class Names:
    """The clinic's names for what filters hold as codes and ids."""

    protocols: Mapping[str, str]
    staff: Mapping[str, str]


def names_of(clinic_id: int) -> Names:
    return Names(
        {row.code: row.name for row in treatments.current_protocols(clinic_id)},
        {str(one.user_id): one.name for one in ground.members(clinic_id)},
    )


def title(asked: Asked) -> str:
    """ "CSV, identified"."""
    return f"{FORM_NAMES[asked.form]}, {asked.disclosure}"


def which(filters: Filters, names: Names, *, every: str = "") -> str:
    """Which sessions: "16 Nov 2026 to 22 Nov 2026, IV, with a high flag"."""
    return ", ".join(_which(filters, names, every))


def _which(filters: Filters, names: Names, every: str) -> Iterator[str]:
    yield f"each {every}" if every else _days(filters.from_day, filters.until_day)
    if filters.route:
        yield ROUTES[Route(filters.route)]
    if filters.protocol:
        yield names.protocols.get(filters.protocol, filters.protocol)
    if filters.indication:
        yield INDICATIONS[filters.indication]
    if filters.flags:
        yield FLAGGED[filters.flags]
    if filters.staff:
        yield f"by {names.staff.get(filters.staff, 'a former member')}"


def _days(first: date | None, last: date | None) -> str:
    if first is None and last is None:
        return "all days"
    if first is None or last is None:
        return f"until {_day(last)}" if last else f"from {_day(first)}"
    return _day(first) if first == last else f"{_day(first)} to {_day(last)}"


def _day(day: date | None) -> str:
    return f"{day:%d %b %Y}".lstrip("0") if day else ""


def contents(asked: Asked) -> str:
    """ "Sessions, readings and flags"."""
    if len(asked.contents) == len(CONTENTS):
        return "All contents"
    *others, last = asked.contents
    return (f"{', '.join(others)} and {last}" if others else last).capitalize()


def phase(row: Export) -> str:
    """Which step it is at; empty while it is at none."""
    if row.state != JobState.RUNNING or row.rows is None:
        return ""
    return READING if row.read < row.rows else WRITING


def says(row: Export, *, at: datetime) -> str:
    """How far it is, or what became of it."""
    state = JobState(row.state)
    match state:
        case JobState.WAITING:
            return "Waiting for a worker"
        case JobState.RUNNING:
            return _under_way(row, at)
        case JobState.DONE:
            rows = row.rows or 0
            return f"{grouped(rows)} row{pluralize(rows)}, {filesizeformat(row.size or 0)}"
        case JobState.CANCELLED:
            return "Cancelled before its end; nothing was kept"
        case JobState.FAILED:
            return row.trouble
    assert_never(state)


def _under_way(row: Export, at: datetime) -> str:
    step = phase(row)
    if not step:
        return "Taking the snapshot, counting rows"
    done = row.read if step == READING else row.written
    left = jobs.seconds_left(row, at=at)
    told = f"{step.capitalize()}: {grouped(done)} of {grouped(row.rows or 0)} rows"
    return f"{told}, {_left(left)}" if left is not None else told


def _left(seconds: int) -> str:
    if seconds < 60:
        return "less than a minute left"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"about {minutes} min left"
    return f"about {round(minutes / 60)} h left"


def grouped(number: int) -> str:
    """12 345, with a thin space."""
    return f"{number:,}".replace(",", "\u202f")


def when(row: ExportSchedule) -> str:
    """ "Each Monday at 06:00, of the week before"."""
    day = "Each Monday" if row.every == Every.WEEK else "On the first of each month"
    return f"{day} at {row.at_hour:02d}:00, of the {row.every} before"


def became(run: ExportRun) -> str:
    """What became of a schedule's span."""
    if run.export is None:
        return run.trouble
    state = run.export.state
    if state == JobState.FAILED:
        return f"Not made. {run.export.trouble}"
    if state == JobState.CANCELLED:
        return "Cancelled"
    if run.stored_at is not None:
        return f"Left as {run.stored_as}"
    if state != JobState.DONE:
        return "Being made"
    if run.next_try_at is None:
        return f"Not left in its store. {run.trouble}"
    return f"Not left yet, tried again soon. {run.trouble}" if run.trouble else "To be left in its store"


def span(run: ExportRun) -> str:
    """ "16 Nov 2026 to 22 Nov 2026"."""
    return _days(run.first, run.last)
