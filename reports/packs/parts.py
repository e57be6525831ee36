"""How the files of packs are made: tables, JSON and sheets of paper."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from reports import csv_table, pdf
from reports.packs.kinds import Part


def table(name: str, about: str, head: Sequence[str], rows: Iterable[Sequence[object]], *, bom: bool) -> Part:
    return Part(f"{name}.csv", about, csv_table.chunks(head, rows, bom=bom))


def one_json(name: str, about: str, value: object) -> Part:
    """A value as JSON, its keys in the order they were given."""
    return Part(f"{name}.json", about, [_json(value) + b"\n"])


def rows_json(name: str, about: str, rows: Iterable[Mapping[str, Any]]) -> Part:
    """A list as JSON, a row on each line; what is text in it stays as it came."""
    return Part(f"{name}.json", about, _lines(rows))


def _lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    between = b"[\n"
    for row in rows:
        yield between + _json(row)
        between = b",\n"
    yield b"[]\n" if between == b"[\n" else b"\n]\n"


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=_as_text).encode()


def _as_text(value: object) -> str:
    """Times as ISO 8601, the rest as it is spoken of: ids, decimals."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def sheet(name: str, about: str, data: Mapping[str, Any], *, as_of: datetime) -> Part:
    """A PDF by the template of sheets; it is made when it is asked for."""
    return Part(f"{name}.pdf", about, _compiled(data, as_of))


def _compiled(data: Mapping[str, Any], as_of: datetime) -> Iterator[bytes]:
    yield pdf.compiled("sheet.typ", data, as_of=as_of)


def section(
    title: str,
    *,
    says: Sequence[str] = (),
    head: Sequence[str] = (),
    widths: Sequence[float] = (),
    numbers: Sequence[int] = (),
    rows: Sequence[Sequence[str]] = (),
) -> dict[str, Any]:
    """A section of a sheet: sentences, and a table when there are rows.

    widths: parts of the page's width; numbers: the columns that stand to the right.
    """
    return {
        "title": title,
        "says": list(says),
        "head": list(head),
        "widths": list(widths),
        "numbers": list(numbers),
        "rows": [list(row) for row in rows],
    }
