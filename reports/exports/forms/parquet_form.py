"""Parquet: a zip with one typed file per table; each column carries its unit and its meaning.

pyarrow is an optional extra: see ``forms``, which loads this module only to write.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from reports.exports import about
from reports.exports.columns import Kind, Table
from reports.exports.rendering import Cell
from reports.exports.taking import Taken
from reports.hashed_zip import HashedZip

# A row must fit into one block: its longest texts came in one request, which is smaller. A block or two, and
# the row group it becomes, is what is held.
_BLOCK_BYTES = 16 << 20
_TYPES = {
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.YES_NO: pa.bool_(),
    Kind.DAY: pa.date32(),
    Kind.MOMENT: pa.timestamp("us", tz="UTC"),
}
_NOTES = (
    "Each column's unit and meaning are in the file's schema, and all of them in dictionary.json.",
    "What is empty in the record is null; codes, keys and JSON are strings.",
    "manifest.json holds the SHA-256 of each file; to check one: sha256sum FILE",
)


def write(taken: Taken, out: Path, done: Callable[[int], None]) -> None:
    """Write the zip. Each file is made beside it first, for Parquet says at its end where everything is."""
    names = {table.name: f"{table.name}.parquet" for table in taken.tables}
    with HashedZip(out, at=taken.plan.taken_at) as zip_:
        for table in taken.tables:
            path = out.with_name(f"{names[table.name]}.unfinished")
            _write_table(taken, table, path, done)
            with zip_.file(names[table.name], packed=False) as file, path.open("rb") as made:
                while data := made.read(1 << 20):
                    file.write(data)
            path.unlink()
        head, *rows = about.dictionary(taken)
        told = [dict(zip(head, row, strict=True)) for row in rows]
        zip_.add("dictionary.json", json.dumps(told, indent=1, ensure_ascii=False).encode())
        zip_.add("README.txt", about.readme(taken, names, _NOTES).encode())
        zip_.end(about.manifest(taken))


def _write_table(taken: Taken, table: Table, path: Path, done: Callable[[int], None]) -> None:
    cells = taken.cells(table)
    schema = pa.schema([_field(cell) for cell in cells], metadata={"one row": table.one_row})
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for source, rows in taken.files(table):
            # the reader refuses a file in which nothing is
            if not rows:
                continue
            with _open(source, schema) as batches:
                for batch in batches:
                    writer.write_batch(batch)
                    done(batch.num_rows)


def _field(cell: Cell) -> Any:
    kind = pa.timestamp("us") if cell.is_local else _TYPES.get(cell.kind, pa.string())
    told = {"meaning": cell.column.means, "unit": cell.column.unit}
    return pa.field(cell.head, kind, metadata={name: text for name, text in told.items() if text})


def _open(path: Path, schema: Any) -> Any:
    """The rows of a file as the database wrote it, in batches of the schema's types."""
    return arrow_csv.open_csv(
        path,
        read_options=arrow_csv.ReadOptions(
            column_names=schema.names, block_size=_BLOCK_BYTES, use_threads=False
        ),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types={field.name: field.type for field in schema},
            null_values=[""],
            true_values=["true"],
            false_values=["false"],
            strings_can_be_null=True,
        ),
    )
