"""CSV: a zip with one file per table, a dictionary of all columns, and a manifest of hashes."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

from reports.exports import about
from reports.exports.columns import Table
from reports.exports.taking import Taken
from reports.hashed_zip import HashedZip

_BOM = b"\xef\xbb\xbf"
_NOTES = (
    "dictionary.csv tells what each column is.",
    "A text that a spreadsheet would run as a formula has an apostrophe before it.",
    "manifest.json holds the SHA-256 of each file; to check one: sha256sum FILE",
)


def write(taken: Taken, out: Path, done: Callable[[int], None]) -> None:
    """Write the zip. The rows are the database's own text: here they only get their heads."""
    with HashedZip(out, at=taken.plan.taken_at) as zip_:
        for table in taken.tables:
            with zip_.file(_name(table)) as file:
                file.write(_head(taken, table))
                for path, rows in taken.files(table):
                    with path.open("rb") as part:
                        while data := part.read(1 << 20):
                            file.write(data)
                    done(rows)
        zip_.add("dictionary.csv", _line_up(taken, about.dictionary(taken)))
        zip_.add("README.txt", about.readme(taken, _names(taken), _NOTES).encode())
        zip_.end(about.manifest(taken))


def _name(table: Table) -> str:
    return f"{table.name}.csv"


def _names(taken: Taken) -> dict[str, str]:
    return {table.name: _name(table) for table in taken.tables}


def _head(taken: Taken, table: Table) -> bytes:
    return _line_up(taken, [[cell.head for cell in taken.cells(table)]])


def _line_up(taken: Taken, rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=taken.taking.rendering.separator, lineterminator="\n").writerows(rows)
    return (_BOM if taken.taking.bom else b"") + text.getvalue().encode()
