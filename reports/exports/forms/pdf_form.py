"""PDF: a zip with the report of each chosen session, and a list of them with their hashes.

A report is made when its turn comes, out of the record as it stands then: what it is of is printed on it.
One that lies in the folder was made before a worker died, and is not made again.
"""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import msgspec

from reports import csv_table
from reports.exports import about
from reports.exports.taking import Taken
from reports.hashed_zip import HashedZip
from reports.session_report import report_of
from reports.session_report.pdf import session_report_pdf
from sessions import queries as treatments

HEAD = ("file", "session_id", "patient", "record as of", "content SHA-256")


class _Listed(msgspec.Struct, array_like=True, frozen=True):
    """A row of the list."""

    file: str
    session_id: UUID
    patient: str
    as_of: str
    content_hash: str


def write(taken: Taken, out: Path, done: Callable[[int], None]) -> None:
    folder = taken.taking.folder / "reports"
    folder.mkdir(exist_ok=True)
    listed: list[_Listed] = []
    for session_id in taken.taking.session_ids:
        listed.append(_made(taken.taking.clinic_id, session_id, folder))
        done(1)
    with HashedZip(out, at=taken.plan.taken_at) as zip_:
        for one in listed:
            zip_.add(one.file, (folder / one.file).read_bytes())
        rows = (msgspec.to_builtins(one) for one in listed)
        zip_.add("reports.csv", b"".join(csv_table.chunks(HEAD, rows)))
        zip_.end(about.manifest(taken))


def _made(clinic_id: int, session_id: UUID, folder: Path) -> _Listed:
    """The report of one session, in the folder; with what the list says of it beside."""
    kept = folder / f"{session_id}.json"
    if kept.exists():
        return msgspec.json.decode(kept.read_bytes(), type=_Listed)
    session = treatments.session(clinic_id, session_id)
    report = report_of(session)
    began = (session.checked_in_at or session.scheduled_at).astimezone(session.clinic.zone)
    one = _Listed(
        f"{began:%Y-%m-%d}-{session_id}.pdf",
        session_id,
        report.identity,
        report.as_of.isoformat(),
        report.content_hash,
    )
    (folder / one.file).write_bytes(session_report_pdf(report))
    kept.write_bytes(msgspec.json.encode(one))
    return one
