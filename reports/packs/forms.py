"""The pack of monitoring forms: each form as it stands, a table of all, and a sheet of what is wrong."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from clinic.models import Clinic
from reports import form_board
from reports.csv_table import moment, times
from reports.form_board import Line, Standing
from reports.form_pdf import form_pdf
from reports.packs import parts
from reports.packs.days import Days
from reports.packs.kinds import ABOUT, Kind, Pack, Part
from reports.packs.newest import newest_charted
from reports.words import NEVER_SUBMITTED
from sessions.monitoring_form.due import due_at

HEAD = (
    "session",
    "record number",
    "family name",
    "given name",
    "born",
    "protocol",
    "devices used",
    *moment("first device at"),
    *moment("last device at"),
    *moment("session ended at"),
    "outcome",
    *moment("form due at"),
    "state",
    *moment("filed at"),
    "in time",
    "channel",
    "confirmation",
    "filed by",
    "times filed",
    *moment("last filed at"),
    "form version",
    "missing",
    "differs from what was filed",
    "deviations",
    "file",
)
FORM = "A monitoring form as it stands, with where each value came from."
TABLE = "Every session of the days whose dose began, one a row: doses, deadline, filing, what is missing."
SUMMARY = "The same as a sheet to read: what was not filed and what was late stands first."


def pack(clinic: Clinic, days: Days, *, bom: bool) -> Pack:
    sessions = form_board.sessions_between(clinic.pk, days.since, days.until)
    as_of = newest_charted([row.id for row in sessions], days.since)
    return Pack(
        kind=Kind.FORMS,
        stem=f"monitoring-forms-{days.name}",
        covers=days.covers,
        as_of=as_of,
        parts=_parts(clinic, days, form_board.lines_of(sessions, at=days.until), as_of, bom),
        counts={"sessions": len(sessions)},
        notes=(NEVER_SUBMITTED,),
    )


def _parts(clinic: Clinic, days: Days, lines: Iterator[Line], as_of: datetime, bom: bool) -> Iterator[Part]:
    """Each form is filled once: of what is told of it, only the row is kept."""
    rows: list[dict[str, Any]] = []
    for line in lines:
        assert line.form is not None, "lines_of fills each"  # noqa: S101
        file = f"forms/{line.form.facts.day(_began(line)).isoformat()}-{line.session.id}.pdf"
        yield Part(file, FORM, [form_pdf(line.form)])
        rows.append(_row(line, file))
    yield parts.table("forms", TABLE, HEAD, (_cells(row, days) for row in rows), bom=bom)
    yield parts.sheet("summary", SUMMARY, _sheet(clinic, days, rows), as_of=as_of)


def _began(line: Line) -> datetime:
    assert line.session.dose_started_at is not None, "chosen by it"  # noqa: S101
    return line.session.dose_started_at


def _row(line: Line, file: str) -> dict[str, Any]:
    session, form = line.session, line.form
    assert form is not None, "lines_of fills each"  # noqa: S101
    labels = {field.code: field.label for field in form.version.fields}
    due = due_at(session.ended_at) if session.ended_at else None
    # the first filing keeps the deadline, whatever was filed again after it
    first = min(form.filings, key=lambda one: one.filed_at, default=None)
    return {
        "session": str(session.id),
        "patient": session.patient,
        "protocol": session.protocol.name,
        "devices": session.devices_given,
        "began": session.dose_started_at,
        "last": max((one.at for one in form.facts.devices), default=None),
        "ended": session.ended_at,
        "outcome": session.outcome,
        "due": due,
        "state": line.standing,
        "filed": first,
        "last_filed": form.filed.filed_at if form.filed else None,
        "late": first is not None and due is not None and first.filed_at > due,
        "times_filed": len(form.filings),
        "version": form.version.code,
        "missing": [gap.words for gap in form.gaps],
        "differs": [labels[one.code] for one in form.differs],
        "deviations": list(form.deviations),
        "file": file,
    }


def _cells(row: dict[str, Any], days: Days) -> list[object]:
    patient, filed, zone = row["patient"], row["filed"], days.zone
    return [
        row["session"],
        patient.mrn,
        patient.family_name,
        patient.given_name,
        patient.birth_date,
        row["protocol"],
        row["devices"],
        *times(row["began"], zone),
        *times(row["last"], zone),
        *times(row["ended"], zone),
        row["outcome"],
        *times(row["due"], zone),
        STATE_WORDS[row["state"]],
        *times(filed.filed_at if filed else None, zone),
        "" if filed is None or row["due"] is None else not row["late"],
        filed.channel if filed else "",
        filed.confirmation if filed else "",
        filed.by_name if filed else "",
        row["times_filed"],
        *times(row["last_filed"], zone),
        row["version"],
        "; ".join(row["missing"]),
        "; ".join(row["differs"]),
        "; ".join(row["deviations"]),
        row["file"],
    ]


STATE_WORDS = {
    Standing.DUE: "not filed",
    Standing.DIFFERS: "filed, and changed since",
    Standing.OPEN: "session under way",
    Standing.FILED: "filed",
}


def _sheet(clinic: Clinic, days: Days, rows: list[dict[str, Any]]) -> dict[str, Any]:
    unfiled = [row for row in rows if row["state"] is Standing.DUE]
    late = [row for row in rows if row["late"]]
    differing = [row for row in rows if row["state"] is Standing.DIFFERS]
    under_way = [row for row in rows if row["state"] is Standing.OPEN]
    in_time = sum(row["filed"] is not None and not row["late"] for row in rows)
    shown = [
        _section("Not filed", sorted(unfiled, key=lambda row: row["due"]), days, "missing"),
        _section("Filed after the deadline", late, days, "filed"),
        _section("Filed, and changed since", differing, days, "differs"),
        _section("Sessions under way", under_way, days, "missing"),
    ]
    return {
        "title": f"{ABOUT[Kind.FORMS].title}, {days.words}",
        "subtitle": f"{clinic.name}. A form is due seven times 24 hours after its session's end.",
        "footer": f"{clinic.name} · monitoring forms {days.words}",
        "landscape": False,
        "boxes": [
            f"{len(rows)} sessions: {len(unfiled)} not filed, {len(late)} filed after the deadline,"
            f" {in_time} filed in time, {len(under_way)} under way."
            f" {len(differing)} of those that were filed were changed since."
        ],
        "sections": [section for section in shown if section["rows"]],
        "signatures": [],
        "note": f"{NEVER_SUBMITTED} What is in order stands in forms.csv alone.",
    }


def _section(title: str, rows: list[dict[str, Any]], days: Days, what: str) -> dict[str, Any]:
    heads = {"missing": "Missing", "filed": "Filed", "differs": "Differs in"}
    return parts.section(
        f"{title}: {len(rows)}",
        head=("Due", "Patient", "Session of", heads[what]),
        widths=(1.3, 2.2, 1.3, 3),
        rows=[
            [
                _clock(row["due"], days),
                f"{row['patient'].family_name}, {row['patient'].given_name} · MR {row['patient'].mrn}",
                _clock(row["began"], days),
                _filing(row, days) if what == "filed" else "; ".join(row[what]) or "nothing",
            ]
            for row in rows
        ],
    )


def _filing(row: dict[str, Any], days: Days) -> str:
    filed = row["filed"]
    number = f", confirmation {filed.confirmation}" if filed.confirmation else ""
    return f"{_clock(filed.filed_at, days)}, {filed.channel}, {filed.by_name}{number}"


def _clock(at: datetime | None, days: Days) -> str:
    return f"{at.astimezone(days.zone):%-d %b %Y %H:%M}" if at else "not ended"
