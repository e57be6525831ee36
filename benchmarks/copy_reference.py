"""``python -m benchmarks.copy_reference``: the limit: COPY into our own readings table, and nothing else.

Lines are made before the clock starts, and only the database's share of the CPU is counted, so this is the
least that storing our rows durably, with our keys and indexes, can cost.
"""

import os
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import psycopg

_COLUMNS = (
    "clinic_id, id, session_id, measured_at, received_at, systolic, diastolic, mean, heart_rate,"
    " respiratory_rate, spo2, temperature, etco2, late_fields, device_id"
)
STEP = timedelta(microseconds=137)


@dataclass(frozen=True, slots=True)
class CopyOrder:
    rows: int
    per_commit: int


@dataclass(frozen=True, slots=True)
class Copied:
    rows: int
    seconds: float


def _chunks(order: CopyOrder) -> list[bytes]:
    sessions = [uuid4() for _ in range(100)]
    device = uuid4()
    at = datetime.now(UTC)
    lines: list[str] = []
    for number in range(order.rows):
        moment = (at + STEP * number).isoformat()
        lines.append(
            f"1\t{uuid4()}\t{sessions[number % len(sessions)]}\t{moment}\t{moment}\t{105 + number % 45}"
            f"\t{60 + number % 30}\t{85 + number % 20}\t{60 + number % 39}\t{12 + number % 8}"
            f"\t{96 + number % 4}\t36.{number % 10}\t{33 + number % 9}\t0\t{device}\n"
        )
    return [
        "".join(lines[start : start + order.per_commit]).encode()
        for start in range(0, order.rows, order.per_commit)
    ]


def copy(connection: psycopg.Connection, order: CopyOrder) -> Copied:
    """Store ``order.rows`` new rows, ``order.per_commit`` in each transaction."""
    chunks = _chunks(order)
    stored = 0
    began = time.perf_counter()
    for chunk in chunks:
        with connection.transaction(), connection.cursor() as cursor:
            with cursor.copy(f"COPY vitals_reading ({_COLUMNS}) FROM STDIN") as writer:
                writer.write(chunk)
            stored += cursor.rowcount
    return Copied(rows=stored, seconds=time.perf_counter() - began)


def main() -> None:
    """Carry out one order per line of standard input."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        for line in sys.stdin:
            copied = copy(connection, msgspec.json.decode(line, type=CopyOrder))
            print(msgspec.json.encode(copied).decode(), flush=True)


if __name__ == "__main__":
    main()
