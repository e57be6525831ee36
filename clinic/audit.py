"""The only writer of audit events. Call it inside the transaction of the act it records."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from clinic.access import Principal
from clinic.models import AuditEvent


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
    AuditEvent.objects.bulk_create(
        AuditEvent(
            clinic_id=entry.by.clinic_id,
            actor_id=entry.by.device_id or entry.by.user_id,
            actor_name=entry.by.name,
            role=entry.by.role,
            act=entry.act,
            subject=entry.subject,
            subject_id=entry.subject_id,
            session_id=entry.session_id,
            details=dict(entry.details),
        )
        for entry in entries
    )


def record_look(by: Principal, subject: str, subject_id: str, *, session_id: UUID | None = None) -> None:
    """Record that someone looked at a patient's data, in a transaction of its own."""
    with transaction.atomic():
        record([Entry(by=by, act="look", subject=subject, subject_id=subject_id, session_id=session_id)])
