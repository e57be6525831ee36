"""The corridor's statements: many rows at a time, by COPY and by arrays, inside the caller's transaction.

Arrays travel as PostgreSQL's own array text, and rows as COPY text, because building one string is several
times cheaper than adapting thousands of parameters one by one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from clinic.arrays import array, text_array
from vitals.vital import FIELDS

READING_COLUMNS = (
    "clinic_id",
    "id",
    "session_id",
    "measured_at",
    "received_at",
    *FIELDS,
    "late_fields",
    "doubtful",
    "absent",
    "device_id",
    "user_id",
    "version",
    "supersedes",
    "reason",
)
_COPY_READINGS = f"COPY vitals_reading ({', '.join(READING_COLUMNS)}) FROM STDIN"


# not frozen, like the row below: a frozen one costs three times as much to make, and thousands are made
@dataclass(slots=True)
class Key:
    """What makes sending twice harmless: see ``ReadingKey``."""

    clinic_id: int
    id: UUID
    digest: int
    measured_at: datetime


@dataclass(slots=True)
class ReadingRow:
    """One reading as it is stored."""

    key: Key
    session_id: UUID
    received_at: datetime
    values: Mapping[str, float]
    late_fields: int
    doubtful: Mapping[str, tuple[float, str]]
    absent: Mapping[str, str]
    device_id: UUID | None
    user_id: UUID | None
    version: int = 1
    supersedes: UUID | None = None
    reason: str = ""


@dataclass(slots=True)
class WatchRow:
    """A locked watch row."""

    session_id: UUID
    clinic_id: int
    protocol_id: int
    limit_set_id: int
    is_open: bool
    from_at: datetime
    until_at: datetime | None
    panel: str


def lock_watch_rows(session_ids: Iterable[UUID]) -> dict[UUID, WatchRow]:
    """Lock the watch rows of these sessions in one fixed order, so that two batches never deadlock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT session_id, clinic_id, protocol_id, limit_set_id, is_open, from_at, until_at, panel"
            " FROM vitals_watch WHERE session_id = ANY(%s::uuid[]) ORDER BY session_id FOR UPDATE",
            [array(session_ids)],
        )
        return {row[0]: WatchRow(*row) for row in cursor.fetchall()}


def claim_keys(keys: Sequence[Key]) -> set[tuple[int, UUID]]:
    """Insert the keys and return those that were there already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH given AS (SELECT * FROM unnest(%s::bigint[], %s::uuid[], %s::bigint[], %s::timestamptz[])"
            "   AS g(clinic_id, id, digest, measured_at)),"
            " claimed AS (INSERT INTO vitals_readingkey (clinic_id, id, digest, measured_at)"
            "   SELECT * FROM given ON CONFLICT DO NOTHING RETURNING clinic_id, id)"
            " SELECT g.clinic_id, g.id FROM given g"
            " LEFT JOIN claimed c ON c.clinic_id = g.clinic_id AND c.id = g.id WHERE c.id IS NULL",
            [
                array(key.clinic_id for key in keys),
                array(key.id for key in keys),
                array(key.digest for key in keys),
                text_array(key.measured_at.isoformat() for key in keys),
            ],
        )
        return set(cursor.fetchall())


def digests_of(keys: Iterable[tuple[int, UUID]]) -> dict[tuple[int, UUID], int]:
    """The digests under which these keys were first stored."""
    wanted = list(keys)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT k.clinic_id, k.id, k.digest FROM vitals_readingkey k"
            " JOIN unnest(%s::bigint[], %s::uuid[]) AS g(clinic_id, id)"
            " ON k.clinic_id = g.clinic_id AND k.id = g.id",
            [array(clinic for clinic, _ in wanted), array(id_ for _, id_ in wanted)],
        )
        return {(clinic, id_): digest for clinic, id_, digest in cursor.fetchall()}


def insert_readings(rows: Sequence[ReadingRow]) -> None:
    """COPY the rows in. raises: RuntimeError unless every one of them was stored."""
    if not rows:
        return
    with connection.cursor() as cursor:
        with cursor.copy(_COPY_READINGS) as copy:
            copy.write("".join(map(_reading_line, rows)))
        if cursor.rowcount != len(rows):
            raise RuntimeError(f"{cursor.rowcount} of {len(rows)} readings were stored")


def _reading_line(row: ReadingRow) -> str:
    key, values = row.key, row.values
    cells = [str(values[name]) if name in values else "\\N" for name in FIELDS]
    return (
        f"{key.clinic_id}\t{key.id}\t{row.session_id}\t{key.measured_at.isoformat()}\t"
        f"{row.received_at.isoformat()}\t" + "\t".join(cells) + f"\t{row.late_fields}\t"
        f"{_json_cell(row.doubtful)}\t{_json_cell(row.absent)}\t"
        f"{row.device_id or chr(92) + 'N'}\t{row.user_id or chr(92) + 'N'}\t{row.version}\t"
        f"{row.supersedes or chr(92) + 'N'}\t{escape(row.reason)}\n"
    )


def _json_cell(value: Mapping[str, Any]) -> str:
    return escape(msgspec.json.encode(value).decode()) if value else "\\N"


def escape(text: str) -> str:
    """Text as COPY takes it: its own escapes, and no line or column ends."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def write_watch_rows(rows: Sequence[tuple[UUID, datetime | None, str]]) -> None:
    """Write back (session, alert_at, panel) of locked watch rows, in one statement."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE vitals_watch w SET alert_at = g.alert_at, panel = g.panel"
            " FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[]) AS g(session_id, alert_at, panel)"
            " WHERE w.session_id = g.session_id",
            [
                array(row[0] for row in rows),
                array(f'"{row[1].isoformat()}"' if row[1] else "NULL" for row in rows),
                text_array(row[2] for row in rows),
            ],
        )
