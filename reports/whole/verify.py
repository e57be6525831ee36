#!/usr/bin/env python3
"""Check this archive: every hash, every row count, every reference. Python 3.8 or later, nothing else.

    python3 verify.py [folder]

Prints a line per table, then what is wrong. Exits with 0 when the archive is as it was written, else with 1.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import sys
from typing import Any, Callable, Iterable, Iterator, Mapping  # noqa: UP035  as Python 3.8 has them

MANIFEST = "manifest.json"
SCHEMA = "schema.json"
FORMAT = 1
NULL = "\\N"
# the longest cell that PostgreSQL writes; the default here is 128 kB
csv.field_size_limit(2**30)


def check(folder: str, say: Callable[[str], object] = print) -> list[str]:
    """What is wrong with the archive in ``folder``, in words; an empty list when it is whole."""
    try:
        manifest = _json(folder, MANIFEST)
        if manifest["format"] != FORMAT:
            return [f"{MANIFEST}: format {manifest['format']} is not known here, only {FORMAT}"]
        listed = {name: one["sha256"] for name, one in manifest["files"].items()}
        wrong = _files(folder, listed)
        if total(listed) != manifest["total"]:
            wrong.append(f"{MANIFEST}: the total is not that of the files it lists")
        # what cannot be trusted is not looked into
        return wrong or _tables(folder, manifest, _json(folder, SCHEMA)["tables"], say)
    except FileNotFoundError as error:
        return [f"{error.filename} is missing: this is no archive, or one that was not finished"]
    except (KeyError, TypeError, AttributeError, ValueError, StopIteration, csv.Error) as error:
        return [f"it cannot be read: {type(error).__name__}: {error}"]


def total(listed: Mapping[str, str]) -> str:
    """One hash over all files: of the lines "<sha256>  <name>", sorted by name."""
    lines = "".join(f"{listed[name]}  {name}\n" for name in sorted(listed))
    return hashlib.sha256(lines.encode()).hexdigest()


def _json(folder: str, name: str) -> Any:
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return json.load(file)


def _files(folder: str, listed: Mapping[str, str]) -> list[str]:
    wrong = []
    for name, digest in sorted(listed.items()):
        path = os.path.join(folder, *name.split("/"))
        if not os.path.isfile(path):
            wrong.append(f"{name}: missing")
        elif _digest(path) != digest:
            wrong.append(f"{name}: changed since it was written")
    there = {f"tables/{name}" for name in os.listdir(os.path.join(folder, "tables"))}
    return wrong + [f"{name}: not in {MANIFEST}" for name in sorted(there - set(listed))]


def _digest(path: str) -> str:
    found = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            found.update(block)
    return found.hexdigest()


def _tables(
    folder: str, manifest: Mapping[str, Any], schema: Mapping[str, Any], say: Callable[[str], object]
) -> list[str]:
    wrong = []
    if sorted(manifest["tables"]) != sorted(schema):
        wrong.append(f"{MANIFEST} and {SCHEMA} name different tables")
    known = _known(folder, schema)
    for name in sorted(schema):
        rows = _rows(folder, name)
        if next(rows) != list(schema[name]["columns"]):
            found, count = [f"{name}: its columns are not those of {SCHEMA}"], sum(1 for _ in rows)
        else:
            found, count = _look_through(name, rows, schema[name]["columns"], known)
        wanted = manifest["tables"][name]["rows"]
        if count != wanted:
            found.append(f"{name}: {count} rows, {MANIFEST} has {wanted}")
        say(f"{'WRONG' if found else 'ok':5} {name:28} {count:9} rows")
        wrong += found
    return wrong


def _known(folder: str, schema: Mapping[str, Any]) -> dict[tuple[str, str], set[str]]:
    """The values of every column that another one refers to, by table and column."""
    named = {
        (column["refers to"]["table"], column["refers to"]["column"])
        for table in schema.values()
        for column in table["columns"].values()
        if "refers to" in column
    }
    return {(table, column): set(_values(folder, table, column)) for table, column in named}


def _values(folder: str, table: str, column: str) -> Iterator[str]:
    rows = _rows(folder, table)
    place = next(rows).index(column)
    return (row[place] for row in rows)


def _rows(folder: str, table: str) -> Iterator[list[str]]:
    with open(os.path.join(folder, "tables", f"{table}.csv"), encoding="utf-8", newline="") as file:
        yield from csv.reader(file, strict=True)


def _look_through(
    name: str,
    rows: Iterable[list[str]],
    columns: Mapping[str, Any],
    known: Mapping[tuple[str, str], set[str]],
) -> tuple[list[str], int]:
    """What is wrong with the rows of a table, and how many there are."""
    refers = [
        (place, column, about["refers to"]["table"], known[tuple(about["refers to"].values())])
        for place, (column, about) in enumerate(columns.items())
        if "refers to" in about
    ]
    wide, count, uneven = len(columns), 0, 0
    lost: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        count += 1
        if len(row) != wide:
            uneven += 1
            continue
        for place, column, to, there in refers:
            if row[place] not in there and row[place] != NULL:
                lost.setdefault((column, to), []).append(row[place])
    wrong = [f"{name}: {uneven} rows are longer or shorter than the first"] if uneven else []
    wrong += [
        f"{name}: {len(values)} rows name in {column} what is not in {to}, first {values[0]}"
        for (column, to), values in lost.items()
    ]
    return wrong, count


def main() -> int:
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    wrong = check(folder)
    for line in wrong:
        print(line)
    if wrong:
        print(f"This archive is NOT as it was written. Differences: {len(wrong)}")
        return 1
    print(f"As it was written. Total {_json(folder, MANIFEST)['total']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
