"""Read a clinic's archive into an empty system: all of it or nothing, through every rule of the database."""

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper

from reports.models import ArchiveReceipt
from reports.whole import Refused, cells, verify
from reports.whole.schema import schema
from reports.whole.scope import TABLES, Table
from reports.whole.writing import BLOCK, COPY_FORMAT, Summary
from vitals.models import Reading

ARRIVING = "archive_arriving"


@dataclass(frozen=True, slots=True)
class Archive:
    """A folder that was found to be whole, and of this system's own tables."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def summary(self) -> Summary:
        return Summary(
            self.manifest["total"],
            {name: about["rows"] for name, about in self.manifest["tables"].items()},
        )


@contextmanager
def opened(path: Path, *, say: Callable[[str], object]) -> Iterator[Archive]:
    """The archive in a folder or a zip file, looked through. ``say`` is told of each table.

    raises: Refused when it is not as it was written, or has other tables than this system.
    """
    if path.is_dir():
        yield _checked(path, say)
        return
    if not zipfile.is_zipfile(path):
        raise Refused(f"{path} is neither a folder nor a zip file.")
    with tempfile.TemporaryDirectory() as place:
        with zipfile.ZipFile(path) as packed:
            packed.extractall(place)
        found = sorted(Path(place).glob(f"*/{verify.MANIFEST}"))
        if len(found) != 1:
            raise Refused(f"{path} holds no archive.")
        yield _checked(found[0].parent, say)


def _checked(folder: Path, say: Callable[[str], object]) -> Archive:
    # by our own code: that in the archive may be anybody's
    wrong = verify.check(str(folder), say)
    if wrong:
        raise Refused("\n".join(["This archive is not as it was written:", *wrong]))
    theirs, ours = ((folder / verify.SCHEMA).read_bytes(), schema())
    if theirs != ours:
        raise Refused(
            f"This archive is of another version of Vigil; what differs: {_differing(theirs, ours)}. Read it "
            "into the version that wrote it, then bring that one up to date."
        )
    return Archive(folder, json.loads((folder / verify.MANIFEST).read_bytes()))


def _differing(theirs: bytes, ours: bytes) -> str:
    one, other = (json.loads(text)["tables"] for text in (theirs, ours))
    named = sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
    return ", ".join(named) or "what is left out"


def read_whole(archive: Archive, *, at: datetime, by: str) -> Summary:
    """Read the archive in, in one transaction, and leave a receipt. ``by``: who is at the console.

    raises: Refused unless the system is empty, or when the database refuses a row; then nothing is left.
    """
    try:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            _refuse_unless_empty(cursor)
            for table in TABLES:
                _read(cursor, table, archive)
            for statement in connection.ops.sequence_reset_sql(no_style(), [table.of for table in TABLES]):
                cursor.execute(statement)
            _leave_receipt(archive, at=at, by=by)
            # every reference, before anybody is told that it is done
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except DatabaseError as error:
        raise Refused(f"The database refused it, and nothing was read in: {error}") from error
    return archive.summary


def _refuse_unless_empty(cursor: CursorWrapper) -> None:
    for table in TABLES:
        cursor.execute(f"SELECT EXISTS (SELECT FROM {table.name})")  # noqa: S608  the model's name
        if cursor.fetchone() == (True,):
            raise Refused(
                f"This system is not empty: there are rows in {table.name}. An archive is only read into a "
                "new database."
            )


def _read(cursor: CursorWrapper, table: Table, archive: Archive) -> None:
    """By way of a table of texts, where they become values and what stayed behind gets its stand-in."""
    quote = connection.ops.quote_name
    names = [quote(name) for name in table.columns]
    cursor.execute(f"CREATE TEMP TABLE {ARRIVING} ({', '.join(f'{name} text' for name in names)})")
    with (
        (archive.folder / "tables" / f"{table.name}.csv").open("rb") as file,
        cursor.copy(f"COPY {ARRIVING} FROM STDIN ({COPY_FORMAT}, HEADER MATCH)") as copy,
    ):
        while block := file.read(BLOCK):
            copy.write(block)
    if table.of is Reading:
        _make_months(cursor)
    values = [cells.text_of(one).read.format(quote(name)) for name, one in table.columns.items()]
    into = [*names, *(quote(name) for name in table.left_out)]
    values += [kept.stand_in for kept in table.left_out.values()]
    cursor.execute(
        f"INSERT INTO {table.name} ({', '.join(into)}) SELECT {', '.join(values)} FROM {ARRIVING}"  # noqa: S608  names and SQL of scope and cells
    )
    wanted = archive.manifest["tables"][table.name]["rows"]
    if cursor.rowcount != wanted:
        raise Refused(f"{table.name}: {cursor.rowcount} of {wanted} rows would have been read in.")
    cursor.execute(f"DROP TABLE {ARRIVING}")


def _make_months(cursor: CursorWrapper) -> None:
    cursor.execute(
        f"SELECT DISTINCT date_trunc('month', measured_at::timestamptz)::date FROM {ARRIVING}"  # noqa: S608  a constant
    )
    for (month,) in cursor.fetchall():
        cursor.execute("SELECT make_reading_partitions(%s, 1)", [month])


def _leave_receipt(archive: Archive, *, at: datetime, by: str) -> None:
    manifest = archive.manifest
    ArchiveReceipt.objects.create(
        clinic_id=manifest["clinic"]["id"],
        total=manifest["total"],
        rows=archive.summary.rows,
        written_at=datetime.fromisoformat(manifest["written_at"]),
        read_at=at,
        read_by=by,
        earlier=manifest["earlier"],
    )
