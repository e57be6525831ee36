"""The only writer of audit events. Call it inside the transaction of the act it records."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from clinic.access import Principal
from clinic.arrays import array, text_array


@dataclass(frozen=True, slots=True)
class Entry:
    """One act on one subject. ``details`` holds ids, counts and reasons, never a patient's name."""

    by: Principal
    act: str
    subject: str
    subject_id: str
    session_id: UUID | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def record(entries: Iterable[Entry]) -> None:
    """Write the entries in the caller's transaction, so that act and audit stand or fall together.

    raises: RuntimeError outside a transaction, for then the two could part.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An audit event belongs in the transaction of its act.")
    rows = list(entries)
    with connection.cursor() as cursor:
        # one statement however many acts a call held
        cursor.execute(
            "INSERT INTO clinic_auditevent"
            " (clinic_id, actor_id, actor_name, role, act, subject, subject_id, session_id, details)"
            " SELECT * FROM unnest(%s::bigint[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[],"
            " %s::text[], %s::uuid[], %s::jsonb[])",
            [
                array(entry.by.clinic_id for entry in rows),
                array(entry.by.device_id or entry.by.user_id or "NULL" for entry in rows),
                text_array(entry.by.name for entry in rows),
                array(entry.by.role.value for entry in rows),
                array(entry.act for entry in rows),
                array(entry.subject for entry in rows),
                text_array(entry.subject_id for entry in rows),
                array(entry.session_id or "NULL" for entry in rows),
                text_array(json.dumps(dict(entry.details), default=str) for entry in rows),
            ],
        )


def record_look(by: Principal, subject: str, subject_id: str, *, session_id: UUID | None = None) -> None:
    """Record that someone looked at a patient's data, in a transaction of its own."""
    with transaction.atomic():
        record([Entry(by=by, act="look", subject=subject, subject_id=subject_id, session_id=session_id)])
