"""How the cells of an export are written, as SQL: the database writes the file, no value passes through here.

Pure text. A moment becomes two cells: ISO 8601 in UTC, and the clinic's own time beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from reports.exports.columns import Column, Discloses, Grows, Kind, Table
from reports.spreadsheets import DISARMED_BY, FORMULA_STARTS

LOCAL = "_local"


class Disclosure(StrEnum):
    """How much an export gives away. ``aggregate`` has tables of its own: see ``aggregates``."""

    IDENTIFIED = "identified"
    LIMITED = "limited"
    AGGREGATE = "aggregate"


class DayStyle(StrEnum):
    """How days are written for a spreadsheet; the ISO cells stay as they are."""

    ISO = "iso"
    EUROPEAN = "d.m.y"
    AMERICAN = "m/d/y"


_DAYS = {
    DayStyle.ISO: "YYYY-MM-DD",
    DayStyle.EUROPEAN: "DD.MM.YYYY",
    DayStyle.AMERICAN: "MM/DD/YYYY",
}


@dataclass(frozen=True, slots=True)
class Rendering:
    """For whom the cells are written.

    for_sheets: texts are disarmed; else they are as they are, for the forms that are typed by themselves.
    """

    for_sheets: bool
    separator: str = ","
    decimal_mark: str = "."
    days: DayStyle = DayStyle.ISO


# what the other forms are written from
PLAIN = Rendering(for_sheets=False)


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of a file: its head, its kind, the SQL of its text, and the column it is of."""

    head: str
    kind: Kind
    sql: str
    column: Column
    is_local: bool = False


def cells_of(table: Table, rendering: Rendering, disclosure: Disclosure) -> list[Cell]:
    """The cells of a table; a limited export lacks what names anybody."""
    return [
        cell
        for column in table.columns
        if not _is_left_out(column, disclosure)
        for cell in _cells(column, rendering, disclosure is Disclosure.LIMITED)
    ]


def is_shifted(column: Column) -> bool:
    return column.discloses is Discloses.WHEN


def _is_left_out(column: Column, disclosure: Disclosure) -> bool:
    return disclosure is not Disclosure.IDENTIFIED and column.discloses in {Discloses.NAME, Discloses.STAFF}


def _cells(column: Column, rendering: Rendering, limited: bool) -> list[Cell]:
    sql = f"({column.sql})"
    if limited and column.discloses is Discloses.WHO:
        sql = pseudonym(sql)
    if column.kind is Kind.MOMENT:
        local = f"({sql} AT TIME ZONE c.zone)"
        if limited and is_shifted(column):
            local = f"({local} + make_interval(days => c.days))"
            sql = f"({local} AT TIME ZONE c.zone)"
        return [
            Cell(column.name, Kind.MOMENT, _iso(sql), column),
            Cell(f"{column.name}{LOCAL}", Kind.MOMENT, _local(local, rendering.days), column, is_local=True),
        ]
    if column.kind is Kind.DAY:
        if limited and is_shifted(column):
            sql = f"({sql} + c.days)"
        return [Cell(column.name, Kind.DAY, f"to_char({sql}, '{_DAYS[rendering.days]}')", column)]
    return [Cell(column.name, column.kind, _text(sql, column.kind, rendering), column)]


def _text(sql: str, kind: Kind, rendering: Rendering) -> str:
    if kind is Kind.NUMBER:
        # 142.0 is 142, as everywhere
        text = f"trim_scale({sql})::text"
        return text if rendering.decimal_mark == "." else f"replace({text}, '.', '{rendering.decimal_mark}')"
    if kind is Kind.YES_NO:
        return f"CASE {sql} WHEN true THEN 'true' WHEN false THEN 'false' END"
    if kind in {Kind.TEXT, Kind.JSON} and rendering.for_sheets:
        return _disarmed(sql)
    return sql


def _disarmed(sql: str) -> str:
    starts = "".join(FORMULA_STARTS).replace("\t", "\\t").replace("\r", "\\r").replace("\n", "\\n")
    first = f"left(ltrim({sql}, ' '), 1)"
    quoted = DISARMED_BY.replace("'", "''")
    is_formula = f"{first} <> '' AND strpos(E'{starts}', {first}) > 0"
    return f"CASE WHEN {is_formula} THEN '{quoted}' || {sql} ELSE {sql} END"


def _iso(sql: str) -> str:
    return f"to_char({sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"


def _local(sql: str, days: DayStyle) -> str:
    return f"to_char({sql}, '{_DAYS[days]} HH24:MI:SS')"


def pseudonym(sql: str) -> str:
    """A key of this export alone: the same for the same row, and no way back without the export's secret."""
    return f"left(encode(sha256(convert_to(%(secret)s || ({sql})::text, 'UTF8')), 'hex'), 32)::uuid"


def chosen(disclosure: Disclosure) -> str:
    """The sessions of an export as a WITH, over ``ids``, ``zone`` and ``secret``.

    days: whole days by which this patient's times are moved, up to half a year either way; the time of day
    and the distances between a patient's sessions stay. 0 where nothing is moved.
    """
    days = "0"
    if disclosure is Disclosure.LIMITED:
        days = (
            "(mod(('x' || left(encode(sha256(convert_to(%(secret)s || 'days' || s.patient_id::text, 'UTF8')),"
            " 'hex'), 7))::bit(28)::int, 365) - 182)"
        )
    return (
        f"WITH chosen AS MATERIALIZED (SELECT s.id AS session_id, s.patient_id, {days} AS days,"
        " %(zone)s::text AS zone, coalesce(s.checked_in_at, s.scheduled_at) AS began_at"
        " FROM infusions_session s WHERE s.clinic_id = %(clinic)s AND s.id = ANY(%(ids)s))"
    )


# A row of a table that grows without end was there when the snapshot was taken. Rows that came a day before
# it were, whatever their transaction's number is called by now; of younger ones the number decides. That the
# count is the snapshot's own is checked by whoever reads: a savepoint's number is in no snapshot's list.
_NOW = "pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
_WAS_SEEN = (
    "({alias}.{came} < %(taken_at)s - interval '1 day' OR pg_visible_in_snapshot(("
    + _NOW
    + " - (("
    + _NOW
    + " - {alias}.xmin::text::bigint) & 4294967295))::text::xid8, %(snapshot)s::pg_snapshot))"
)


def select(table: Table, cells: Sequence[Cell], disclosure: Disclosure) -> str:
    """All rows of a table as text cells, in its order. Placeholders as in ``chosen``; a table that grows
    also ``snapshot`` and ``taken_at``."""
    listed = ", ".join(cell.sql for cell in cells)
    return f"{chosen(disclosure)} SELECT {listed} FROM {_source(table)} ORDER BY {table.order}"


def count(grows: Grows) -> str:
    """How many rows each session has: (session_id, rows)."""
    return (
        f"SELECT session_id, count(*) FROM {grows.table} WHERE clinic_id = %(clinic)s"
        " AND session_id = ANY(%(ids)s) GROUP BY session_id"
    )


def _source(table: Table) -> str:
    if table.grows is None:
        return table.source.format()
    seen = {
        name: _WAS_SEEN.format(alias=alias, came=table.grows.came)
        for name, alias in (("seen", table.grows.alias), ("seen_x", "x"))
    }
    return table.source.format(**seen)
