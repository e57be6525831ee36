"""Keeping entries: the one writer of the record's rows, each with its audit row in the same transaction."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from clinic import audit
from clinic.access import Principal
from sessions.models import Session, SessionEvent, Status

# what an entry's words hold; its particulars hold all of it
LONGEST_TEXT = 500


def keep(
    session: Session,
    kind: str,
    *,
    by: Principal,
    at: datetime,
    recorded_at: datetime,
    text: str,
    late: bool = False,
    details: Mapping[str, Any] | None = None,
) -> SessionEvent:
    """Keep the first version of an entry and its audit row, in the caller's transaction."""
    id_ = uuid.uuid4()
    row = SessionEvent(
        id=id_,
        entry=id_,
        session=session,
        kind=kind,
        at=at,
        recorded_at=recorded_at,
        by_id=by.device_id or by.user_id,
        by_name=by.name,
        late=late,
        text=text[:LONGEST_TEXT],
        details=dict(details or {}),
    )
    row.save(force_insert=True)
    audit_entry(row, session, by=by, act=kind)
    return row


def keep_again(
    old: SessionEvent,
    *,
    by: Principal,
    at: datetime,
    text: str,
    reason: str,
    details: Mapping[str, Any],
) -> SessionEvent:
    """Keep the next version of an entry of a locked session, said anew at ``at``; the old one stays."""
    row = SessionEvent(
        entry=old.entry,
        version=old.version + 1,
        supersedes=old,
        status=Status.AMENDED,
        reason=reason,
        session=old.session,
        kind=old.kind,
        at=at,
        recorded_at=at,
        by_id=by.device_id or by.user_id,
        by_name=by.name,
        text=text,
        details=dict(details),
    )
    row.save(force_insert=True)
    audit_entry(row, old.session, by=by, act=old.kind)
    return row


def audit_entry(row: SessionEvent, session: Session, *, by: Principal, act: str) -> None:
    """The audit row of one version: which, when, how the session stood, and a digest of what it says."""
    audit.record(
        [
            audit.Entry(
                by=by,
                act=act,
                subject="session",
                subject_id=str(session.id),
                session_id=session.id,
                details={
                    "at": row.at.isoformat(),
                    "state": session.state,
                    "entry": str(row.entry),
                    "version": row.version,
                    "digest": digest(row),
                },
            )
        ]
    )


def digest(row: SessionEvent) -> str:
    """SHA-256 over what a version says, so that the audit vouches for values without holding them."""
    said = [
        str(row.entry),
        row.version,
        row.status,
        row.kind,
        row.at.isoformat(),
        row.recorded_at.isoformat(),
        str(row.by_id),
        row.text,
        row.details,
        row.reason,
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
