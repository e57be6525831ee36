"""Reading an export out of the database: all tables as one snapshot saw them, part by part, so that a dead
worker costs one part.

Small tables, and the number of rows of the growing ones, are read in one transaction. The growing ones, which
nobody changes, follow in parts of some sessions each: rows that came after the snapshot are passed over, and
a part whose rows are not the counted ones means that the snapshot is lost, and is taken again.

Everything lies in the export's folder as text that the database wrote; memory does not grow with rows.
"""

import csv
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg
from django.db import connection, transaction
from psycopg import sql

from reports.exports import aggregates
from reports.exports.columns import Kind, Table
from reports.exports.rendering import Cell, Disclosure, Rendering, cells_of, count, select
from reports.exports.tables import tables_of

# enough for the database to be at its speed, and little to do again
ROWS_OF_A_PART = 50_000
_PLAN = "plan.json"


class SnapshotLost(Exception):
    """What can be read now is not what the snapshot saw."""


class Part(msgspec.Struct, frozen=True):
    """Some sessions' rows of a growing table: a slice of the export's sessions, and how many rows it has."""

    table: str
    number: int
    first: int
    last: int
    rows: int


class Plan(msgspec.Struct, frozen=True):
    """What the snapshot saw. rows: of each table."""

    snapshot: str
    taken_at: datetime
    rows: dict[str, int]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Taking:
    """What is read, for whom, and where it is put."""

    clinic_id: int
    zone: str
    session_ids: Sequence[UUID]
    contents: Sequence[str]
    disclosure: Disclosure
    rendering: Rendering
    secret: str
    folder: Path
    bom: bool = False

    @property
    def tables(self) -> list[Table]:
        if self.disclosure is Disclosure.AGGREGATE:
            return aggregates.tables_of(self.contents)
        return tables_of(self.contents)

    def cells(self, table: Table) -> list[Cell]:
        return cells_of(table, self.rendering, self.disclosure)


def plan_of(taking: Taking) -> Plan | None:
    """The plan of a snapshot that was taken into this folder; None when there is none."""
    path = taking.folder / _PLAN
    return msgspec.json.decode(path.read_bytes(), type=Plan) if path.exists() else None


def take(taking: Taking, *, at: datetime, alive: Callable[[], None]) -> Plan:
    """Take the snapshot: read the small tables, count the others. What lay in the folder is gone.

    at:    the moment it is told to be of, by our own clock.
    alive: called after the snapshot is read; raises when the reading is nobody's any more.
    """
    shutil.rmtree(taking.folder, ignore_errors=True)
    taking.folder.mkdir(parents=True)
    with transaction.atomic(durable=True):
        cursor = _cursor()
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        snapshot = _one(cursor.execute("SELECT pg_current_snapshot()::text"))
        rows: dict[str, int] = {}
        parts: list[Part] = []
        for table in taking.tables:
            if table.grows is None:
                rows[table.name] = _copy(cursor, taking, table, taking.session_ids, _path(taking, table, 0))
                continue
            cursor.execute(count(table.grows), {"clinic": taking.clinic_id, "ids": list(taking.session_ids)})
            cut = _cut(table, taking.session_ids, dict(cursor.fetchall()))
            rows[table.name] = sum(part.rows for part in cut)
            parts += cut
    alive()
    plan = Plan(snapshot, at, rows, tuple(parts))
    _write(taking.folder / _PLAN, msgspec.json.encode(plan))
    return plan


def _cut(table: Table, session_ids: Sequence[UUID], counted: Mapping[UUID, int]) -> list[Part]:
    """Cut a table between sessions; a part has rows, and not many more than a part should have."""
    parts: list[Part] = []
    first = held = 0
    for index, session_id in enumerate(session_ids):
        held += counted.get(session_id, 0)
        if held >= ROWS_OF_A_PART or (held and index == len(session_ids) - 1):
            parts.append(Part(table.name, len(parts), first, index + 1, held))
            first, held = index + 1, 0
    return parts


def go_on(taking: Taking, plan: Plan) -> Iterator[int]:
    """Read the parts that are missing, one at each step; gives how many rows each had.

    raises: SnapshotLost.
    """
    tables = {table.name: table for table in taking.tables}
    for part in plan.parts:
        table = tables[part.table]
        path = _path(taking, table, part.number)
        if path.exists():
            continue
        ids = taking.session_ids[part.first : part.last]
        found = _copy(_cursor(), taking, table, ids, path, plan=plan)
        if found != part.rows:
            path.unlink(missing_ok=True)
            raise SnapshotLost(f"{part.table}: {found} rows, the snapshot saw {part.rows}")
        yield found


def rows_read(taking: Taking, plan: Plan) -> int:
    """How many rows lie in the folder already."""
    missing = sum(
        part.rows for part in plan.parts if not (taking.folder / _file_name(part.table, part.number)).exists()
    )
    return sum(plan.rows.values()) - missing


def _copy(
    cursor: psycopg.Cursor[Any],
    taking: Taking,
    table: Table,
    ids: Sequence[UUID],
    path: Path,
    *,
    plan: Plan | None = None,
) -> int:
    """Let the database write these sessions' rows of a table into a file; gives how many."""
    values: dict[str, Any] = {
        "clinic": taking.clinic_id,
        "zone": taking.zone,
        "ids": list(ids),
        "secret": taking.secret,
    }
    if plan is not None:
        values |= {"snapshot": plan.snapshot, "taken_at": plan.taken_at}
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, DELIMITER {})").format(
        sql.SQL(select(table, taking.cells(table), taking.disclosure)),
        sql.Literal(taking.rendering.separator),
    )
    unfinished = _unfinished(path)
    with unfinished.open("wb") as file, cursor.copy(statement, values) as copy:
        for data in copy:
            file.write(data)
    unfinished.rename(path)
    return cursor.rowcount


def _path(taking: Taking, table: Table, number: int) -> Path:
    return taking.folder / _file_name(table.name, number)


def _file_name(table: str, number: int) -> str:
    return f"{table}.{number:06d}.csv"


def _cursor() -> psycopg.Cursor[Any]:
    connection.ensure_connection()
    assert connection.connection is not None, "just ensured"  # noqa: S101
    plain: psycopg.Cursor[Any] = psycopg.ClientCursor(connection.connection)
    return plain


def _one(cursor: psycopg.Cursor[Any]) -> Any:
    row = cursor.fetchone()
    assert row is not None, "a SELECT without FROM"  # noqa: S101
    return row[0]


def _write(path: Path, data: bytes) -> None:
    unfinished = _unfinished(path)
    unfinished.write_bytes(data)
    unfinished.rename(path)


def _unfinished(path: Path) -> Path:
    """A name of this writing alone: a worker that lost its lease may still be at the same part."""
    return path.with_suffix(f".{uuid4().hex}.unfinished")


# --- what was read, for the forms


@dataclass(frozen=True, slots=True)
class Taken:
    """A finished reading: the tables of an export as files in its folder."""

    taking: Taking
    plan: Plan

    @property
    def tables(self) -> list[Table]:
        return self.taking.tables

    def cells(self, table: Table) -> list[Cell]:
        return self.taking.cells(table)

    def files(self, table: Table) -> list[tuple[Path, int]]:
        """The table's files, without heads, in order; each with how many rows it has."""
        if table.grows is None:
            return [(_path(self.taking, table, 0), self.plan.rows[table.name])]
        return [
            (_path(self.taking, table, part.number), part.rows)
            for part in self.plan.parts
            if part.table == table.name
        ]

    def texts(self, table: Table) -> Iterator[list[str]]:
        """The table's rows as the database wrote them, in its order; empty where there is nothing."""
        for path, _ in self.files(table):
            with path.open(newline="", encoding="utf-8") as file:
                yield from csv.reader(file, delimiter=self.taking.rendering.separator)

    def rows(self, table: Table) -> Iterator[list[Any]]:
        """The table's rows with typed values, in its order; of a reading in ``PLAIN`` rendering.

        None where there is nothing; a moment in UTC with its zone, the local one beside it without.
        """
        readers = [_READERS["local" if cell.is_local else cell.kind] for cell in self.cells(table)]
        for row in self.texts(table):
            yield [read(text) if text else None for read, text in zip(readers, row, strict=True)]


def _number(text: str) -> int | float:
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else float(value)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)


_READERS: dict[str, Any] = {
    Kind.TEXT: str,
    Kind.CODE: str,
    Kind.ID: UUID,
    Kind.INTEGER: int,
    Kind.NUMBER: _number,
    Kind.YES_NO: "true".__eq__,
    Kind.DAY: date.fromisoformat,
    Kind.MOMENT: _moment,
    Kind.JSON: str,
    "local": datetime.fromisoformat,
}

# a field may be a whole form's JSON; the module's own limit is 128 kB
csv.field_size_limit(64 * 1024 * 1024)
