"""Write all data of a clinic into a folder, out of one snapshot of the database."""

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.db import connection, transaction

from clinic import version
from clinic.models import Clinic
from reports.models import ArchiveReceipt
from reports.whole import Refused, cells, verify
from reports.whole.schema import schema
from reports.whole.scope import TABLES, Table, condition

HERE = Path(__file__).parent
BESIDE = ("verify.py", "README.txt")
BLOCK = 1 << 20
COPY_FORMAT = f"FORMAT csv, NULL '{cells.NULL}', ENCODING 'UTF8'"


@dataclass(frozen=True, slots=True)
class Summary:
    """An archive: its one hash, and the rows of each table."""

    total: str
    tables: Mapping[str, int]

    @property
    def rows(self) -> int:
        return sum(self.tables.values())


@dataclass(frozen=True, slots=True)
class _File:
    sha256: str
    size: int


def write_whole(clinic: Clinic, folder: Path, *, at: datetime) -> Summary:
    """Write the clinic's archive; the folder appears when it is whole, and only its owner may read it.

    raises: Refused when the folder, or one left unfinished beside it, is there already; RuntimeError inside
            a transaction, whose snapshot would be another one.
    """
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    for path in (folder, unfinished):
        if path.exists():
            raise Refused(f"{path} is there already. Name another folder, or remove it.")
    (unfinished / "tables").mkdir(mode=0o700, parents=True)
    unfinished.chmod(0o700)
    try:
        summary = _write(clinic, unfinished, at)
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished)
        raise
    return summary


def pack(folder: Path) -> Path:
    """The archive as one zip file in place of its folder."""
    packed = folder.with_name(f"{folder.name}.zip")
    with private(packed) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder.parent))
    shutil.rmtree(folder)
    return packed


def _write(clinic: Clinic, folder: Path, at: datetime) -> Summary:
    files: dict[str, _File] = {}
    tables: dict[str, int] = {}
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for table in TABLES:
            name = f"tables/{table.name}.csv"
            with cursor.copy(_select(table, clinic.pk)) as copy:
                files[name] = _keep(folder / name, _blocks(copy))
            tables[table.name] = cursor.rowcount
        earlier = _receipts(clinic)
    files[verify.SCHEMA] = _keep(folder / verify.SCHEMA, [schema()])
    for name in BESIDE:
        files[name] = _keep(folder / name, [(HERE / name).read_bytes()])
    total = verify.total({name: file.sha256 for name, file in files.items()})
    manifest = {
        "format": verify.FORMAT,
        "product": "Vigil",
        "code": version.served(),
        "clinic": {"id": clinic.pk, "name": clinic.name},
        "written_at": at.isoformat(),
        "tables": {name: {"file": f"tables/{name}.csv", "rows": rows} for name, rows in tables.items()},
        "files": {name: {"sha256": file.sha256, "bytes": file.size} for name, file in sorted(files.items())},
        "total": total,
        "earlier": earlier,
    }
    _keep(folder / verify.MANIFEST, [(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()])
    return Summary(total, tables)


def _select(table: Table, clinic_id: int) -> str:
    quote = connection.ops.quote_name
    columns = ", ".join(
        f"{cells.text_of(one).write.format(quote(name))} AS {quote(name)}"
        for name, one in table.columns.items()
    )
    order = ", ".join(quote(name) for name in table.order or table.key)
    return (
        f"COPY (SELECT {columns} FROM {table.name} WHERE {condition(table, clinic_id)} ORDER BY {order})"  # noqa: S608  names of models and a number
        f" TO STDOUT ({COPY_FORMAT}, HEADER)"
    )


def _blocks(rows: Iterable[Any]) -> Iterator[bytes]:
    """Rows gathered into blocks: one at a time they would cost more to hash than to read."""
    held = bytearray()
    for row in rows:
        held += row
        if len(held) >= BLOCK:
            yield bytes(held)
            held.clear()
    yield bytes(held)


def _keep(path: Path, blocks: Iterable[bytes]) -> _File:
    digest, size = hashlib.sha256(), 0
    with private(path) as file:
        for block in blocks:
            digest.update(block)
            size += len(block)
            file.write(block)
    return _File(digest.hexdigest(), size)


@contextmanager
def private(path: Path) -> Iterator[BinaryIO]:
    """A new file that only its owner may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        yield file


def _receipts(clinic: Clinic) -> list[Any]:
    """Where the clinic's rows had been before they were read in here, oldest first."""
    receipt = ArchiveReceipt.objects.filter(clinic=clinic).first()
    if receipt is None:
        return []
    told = {
        "total": receipt.total,
        "rows": receipt.rows,
        "written_at": receipt.written_at.isoformat(),
        "read_at": receipt.read_at.isoformat(),
        "read_by": receipt.read_by,
    }
    return [*receipt.earlier, told]
