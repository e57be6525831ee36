"""Entries of a record as plain values, for tests of the pure rooms."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sessions.record import Entry

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def entry(
    kind: str,
    minute: float,
    *,
    id_: UUID | None = None,
    version: int = 1,
    recorded: float | None = None,
    by: str = "Nurse",
    **details: object,
) -> Entry:
    """One entry at a minute of the session; with ``id_``, a version of the entry that this names."""
    made = uuid4()
    return Entry(
        id=made,
        entry=id_ or made,
        version=version,
        status="final" if version == 1 else "amended",
        kind=kind,
        at=at(minute),
        recorded_at=at(minute if recorded is None else recorded),
        by_id=None,
        by_name=by,
        late=False,
        text="",
        details=details,
    )
