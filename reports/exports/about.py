"""What stands beside the tables of an export: a dictionary of its columns, the manifest, words for people."""

from collections.abc import Iterable, Mapping
from typing import Any

from clinic import version
from reports.exports.columns import Discloses, Kind, Table
from reports.exports.rendering import LOCAL, Cell, Disclosure
from reports.exports.taking import Taken

HEAD = ["table", "column", "kind", "unit", "meaning", "in a limited export"]
_LIMITED = {
    Discloses.NOTHING: "as it is",
    Discloses.NAME: "left out",
    Discloses.STAFF: "left out",
    Discloses.WHEN: "moved by the patient's own number of days",
    Discloses.WHO: "a key of that export alone",
}
_KIND_WORDS = {
    Kind.MOMENT: "time, ISO 8601, UTC",
    Kind.DAY: "day",
    Kind.YES_NO: "true or false",
    Kind.JSON: "JSON",
}


def dictionary(taken: Taken) -> list[list[str]]:
    """The data dictionary: a head, then one row per column in the order of the files."""
    return [HEAD, *(row for table in taken.tables for row in described(table, taken.cells(table)))]


def described(table: Table, cells: Iterable[Cell]) -> list[list[str]]:
    """What each column of a table is, as rows under ``HEAD``."""
    return [
        [
            table.name,
            cell.head,
            "time, as the clinic's clocks showed" if cell.is_local else _KIND_WORDS.get(cell.kind, cell.kind),
            cell.column.unit,
            cell.column.means,
            _LIMITED[cell.column.discloses],
        ]
        for cell in cells
    ]


def manifest(taken: Taken) -> dict[str, Any]:
    """What the manifest says beside the files. The clinic's name is in it, no patient's."""
    return {
        "product": f"Vigil, code {version.served()}",
        "taken_at": taken.plan.taken_at.isoformat(),
        "disclosure": str(taken.taking.disclosure),
        "time_zone": taken.taking.zone,
        "sessions": len(taken.taking.session_ids),
        "rows": taken.plan.rows,
    }


def readme(taken: Taken, names: Mapping[str, str], notes: Iterable[str]) -> str:
    """What a person finds, in words. names: what each table is called in this form; notes: of the form."""
    lines = [
        "Export of the treatment record",
        "",
        f"Taken at {taken.plan.taken_at.isoformat()}: all tables as they stood at that moment.",
        "",
        *(
            f"{names[table.name]}: {table.one_row} ({taken.plan.rows[table.name]} rows)"
            for table in taken.tables
        ),
        "",
        f"Times stand twice: in UTC, and in a column that ends in {LOCAL} as the clinic's clocks showed"
        f" ({taken.taking.zone}).",
        *notes,
        *limited_words(taken),
    ]
    return "\n".join(lines) + "\n"


def limited_words(taken: Taken) -> list[str]:
    """What a limited export says of itself; nothing for another."""
    if taken.taking.disclosure is not Disclosure.LIMITED:
        return []
    return [
        "",
        "Limited: names, addresses, record numbers, staff and free texts are left out. Days are moved"
        " by a number of days that is each patient's own; times of day, and the distances between a"
        " patient's days, are as they were. Keys belong to this export alone.",
    ]
