"""FHIR R4: a zip with one NDJSON file per resource type, as Bulk Data has them, older versions beside them.

One session at a time goes through ``reports.fhir``: its rows are found by going through all tables side by
side, which are in one order. Observations, of which there are many, go straight into the zip.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

import msgspec

from clinic import models
from reports.exports import about
from reports.exports.columns import Table
from reports.exports.taking import Taken
from reports.fhir import patient, session
from reports.fhir.parties import Clinic, Parties
from reports.fhir.values import Row, Told
from reports.hashed_zip import HashedZip

# the type whose newest versions are too many to be written twice
MANY = "Observation"
HISTORY = "history/"
# how often progress is told
_ROWS_AT_ONCE = 1000


def write(taken: Taken, out: Path, done: Callable[[int], None]) -> None:
    """Write the zip. Needs the tables of ``sessions``, which every resource refers to."""
    row = models.Clinic.objects.get(pk=taken.taking.clinic_id)
    address = [row.address_1, row.address_2, row.city, row.state, row.zip_code]
    parties = Parties(Clinic(row.pk, row.name, ", ".join(filter(None, address)), row.phone))
    rows = _Rows(taken, done)
    with ExitStack() as stack:
        zip_ = stack.enter_context(HashedZip(out, at=taken.plan.taken_at))
        spool = stack.enter_context(_Spool(out.parent))
        with zip_.file(f"{MANY}.ndjson") as many:
            for told in _all(rows, parties):
                spool.put(told, many)
        rows.end()
        for name, path in spool.files():
            with zip_.file(name) as file, path.open("rb") as spooled:
                while data := spooled.read(1 << 20):
                    file.write(data)
        zip_.add("README.txt", _readme(taken, spool.counts).encode())
        zip_.end({**about.manifest(taken), **_bulk(taken, spool.counts)})


def _all(rows: "_Rows", parties: Parties) -> Iterator[Told]:
    for row in rows.of_table("patients"):
        yield from patient.resources(row, parties.clinic)
    for row in rows.of_table("sessions"):
        yield from session.resources(row, rows.of_session(row["session_id"]), parties)
    yield from parties.resources()


# --- rows in


@dataclass(slots=True)
class _Ahead:
    """A table read row by row, one row ahead."""

    rows: Iterator[Row]
    row: Row | None = None

    def of_session(self, session_id: object) -> Iterator[Row]:
        """The rows from here on that are of this session."""
        while self.row is not None and self.row["session_id"] == session_id:
            yield self.row
            self.row = next(self.rows, None)


class _Rows:
    """All rows of what was taken, by column name; ``done`` is told of them as they are read."""

    def __init__(self, taken: Taken, done: Callable[[int], None]) -> None:
        self._taken, self._done = taken, done
        self._tables = {table.name: table for table in taken.tables}
        self._unsaid = 0
        self._ahead: dict[str, _Ahead] = {}
        for name in self._tables:
            if name not in {"patients", "sessions"}:
                rows = self.of_table(name)
                self._ahead[name] = _Ahead(rows, next(rows, None))

    def of_table(self, name: str) -> Iterator[Row]:
        table: Table = self._tables[name]
        heads = [cell.head for cell in self._taken.cells(table)]
        for values in self._taken.rows(table):
            self._unsaid += 1
            if self._unsaid == _ROWS_AT_ONCE:
                self._say()
            yield dict(zip(heads, values, strict=True))

    def of_session(self, session_id: object) -> dict[str, Iterable[Row]]:
        return {name: ahead.of_session(session_id) for name, ahead in self._ahead.items()}

    def end(self) -> None:
        """raises: RuntimeError when a row was of no session in its turn: the tables are not in one order."""
        left = [name for name, ahead in self._ahead.items() if ahead.row is not None]
        if left:
            raise RuntimeError(f"rows out of order in {', '.join(left)}")
        self._say()

    def _say(self) -> None:
        said, self._unsaid = self._unsaid, 0
        self._done(said)


# --- resources out


class _Writes(Protocol):
    def write(self, data: bytes, /) -> int: ...


@dataclass(slots=True)
class _Spool:
    """Files of resources beside the zip, which takes one file at a time; gone at the end.

    counts: name of a file in the zip → how many resources it has.
    """

    folder: Path
    counts: dict[str, int] = field(default_factory=dict)
    _files: dict[str, IO[bytes]] = field(default_factory=dict)

    def __enter__(self) -> "_Spool":
        return self

    def __exit__(self, *error: object) -> None:
        for file in self._files.values():
            file.close()
            Path(file.name).unlink(missing_ok=True)

    def put(self, told: Told, many: _Writes) -> None:
        """Write one resource; ``many`` takes the newest versions of the type of which there are many."""
        type_ = told.resource["resourceType"]
        name = f"{type_}.ndjson" if told.newest else f"{HISTORY}{type_}.ndjson"
        file = many if name == f"{MANY}.ndjson" else self._file(name)
        file.write(msgspec.json.encode(told.resource) + b"\n")
        self.counts[name] = self.counts.get(name, 0) + 1

    def _file(self, name: str) -> IO[bytes]:
        if name not in self._files:
            # open until the end: there is one per type
            path = self.folder / f"spool-{name.replace('/', '-')}"
            self._files[name] = path.open("wb")
        return self._files[name]

    def files(self) -> Iterator[tuple[str, Path]]:
        """What was spooled: name in the zip and path."""
        for name, file in sorted(self._files.items()):
            file.flush()
            yield name, Path(file.name)


def _bulk(taken: Taken, counts: dict[str, int]) -> dict[str, Any]:
    """What a Bulk Data manifest says of the files; those of older versions by themselves."""

    def listed(*, older: bool) -> list[dict[str, Any]]:
        return [
            {"type": Path(name).stem, "url": name, "count": count}
            for name, count in sorted(counts.items())
            if name.startswith(HISTORY) is older
        ]

    return {
        "transactionTime": taken.plan.taken_at.isoformat(),
        "fhirVersion": "4.0.1",
        "output": listed(older=False),
        "history": listed(older=True),
        "error": [],
    }


def _readme(taken: Taken, counts: dict[str, int]) -> str:
    lines = [
        "Export of the treatment record, FHIR R4",
        "",
        f"Taken at {taken.plan.taken_at.isoformat()}: everything as it stood at that moment.",
        "One resource per line (NDJSON), one file per type; manifest.json holds counts and hashes (SHA-256).",
        "",
        *(f"{name}: {count}" for name, count in sorted(counts.items())),
        "",
        f"{HISTORY} holds what corrections replaced: the same ids, lower versions. They do not count any",
        "more; do not load them beside the newest versions. Provenance says who corrected what and why.",
        *about.limited_words(taken),
    ]
    return "\n".join(lines) + "\n"
