"""Telling the live screens what a transaction changes: rows for the streams, and a nudge on its commit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection, transaction

from clinic.arrays import array, text_array
from vitals.flag_changes import FlagChange
from vitals.live import wake
from vitals.panel import PanelFlag
from vitals.services.storage import ReadingRow

# A stream carries every reading of a commit up to this many per session; a bulk load sends the panel alone.
STREAMED_AT_MOST = 50


class ReadingEvent(msgspec.Struct):
    """A reading as streams carry it: the fields of the readings list, and its session."""

    id: UUID
    session: UUID
    measured_at: datetime
    received_at: datetime
    systolic: int | float | None
    diastolic: int | float | None
    mean: int | float | None
    heart_rate: int | float | None
    respiratory_rate: int | float | None
    spo2: int | float | None
    temperature: int | float | None
    etco2: int | float | None
    sedation: int | float | None
    late: bool
    doubtful: dict[str, str]
    absent: Mapping[str, str]
    version: int
    supersedes: UUID | None
    superseded_by: UUID | None
    recorded_by: str
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """What one transaction changed of one session. ``readings`` come with the name of who recorded them."""

    clinic_id: int
    session_id: UUID
    readings: Sequence[tuple[ReadingRow, str]] = ()
    changes: Iterable[FlagChange] = ()


def announce(announcements: Sequence[Announcement]) -> None:
    """Leave a row per session for the streams, in the caller's transaction, and nudge them on its commit."""
    if not announcements:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO vitals_liveevent (clinic_id, session_id, payload)"
            " SELECT * FROM unnest(%s::bigint[], %s::uuid[], %s::text[])",
            [
                array(one.clinic_id for one in announcements),
                array(one.session_id for one in announcements),
                text_array(map(_payload, announcements)),
            ],
        )
    transaction.on_commit(wake.wake)


def _payload(one: Announcement) -> str:
    readings = one.readings if len(one.readings) <= STREAMED_AT_MOST else ()
    payload = {
        "readings": [_event(row, recorded_by) for row, recorded_by in readings],
        "flags": _flags(one.changes),
    }
    return msgspec.json.encode(payload).decode()


def _flags(changes: Iterable[FlagChange]) -> list[PanelFlag]:
    """Each changed flag once, as it stands."""
    return list({change.flag.id: change.flag for change in changes}.values())


def _event(row: ReadingRow, recorded_by: str) -> ReadingEvent:
    values = row.values
    return ReadingEvent(
        id=row.key.id,
        session=row.session_id,
        measured_at=row.key.measured_at,
        received_at=row.received_at,
        systolic=values.get("systolic"),
        diastolic=values.get("diastolic"),
        mean=values.get("mean"),
        heart_rate=values.get("heart_rate"),
        respiratory_rate=values.get("respiratory_rate"),
        spo2=values.get("spo2"),
        temperature=values.get("temperature"),
        etco2=values.get("etco2"),
        sedation=values.get("sedation"),
        late=row.late_fields != 0,
        doubtful={name: reason for name, (_, reason) in row.doubtful.items()},
        absent=row.absent,
        version=row.version,
        supersedes=row.supersedes,
        superseded_by=None,
        recorded_by=recorded_by,
        source="device" if row.device_id else "staff",
        reason=row.reason,
    )
