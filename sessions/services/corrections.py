"""Correcting an entry: a new version with its reason; the old one stays readable, struck through.

A correction is charted like the act itself: the same change gives its words, and the dose is summed anew.
"""

import copy
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from clinic.access import Act, Principal, check
from clinic.refusals import Conflict, Invalid, NotAllowed, NotFound
from sessions import dosing, leaving, protocol, queries, record
from sessions.models import Session, SessionEvent, Status
from sessions.protocol import ReadinessEvidence
from sessions.record import Entry
from sessions.services.changes import dose
from sessions.services.changes.doing import AHEAD, Doing
from sessions.services.changes.leaving import write_escort
from sessions.services.changes.table import CHANGES
from sessions.services.entries import LONGEST_TEXT, audit_entry
from sessions.states import CHARTED_ANY_TIME, ENDS, State

# what was charted by mistake and can be charted anew; signatures and ends stand: a later entry follows them
CORRECTABLE = frozenset(
    {
        "start",
        "dose",
        "pause",
        "resume",
        "stop",
        "symptom",
        "resolve-symptom",
        "medicine",
        "adverse-event",
        "scale",
        "note",
        "gate",
        "leaving-check",
        "readiness",
        "postpone",
        "alertness",
    }
)


def correct(
    session: Session,
    *,
    by: Principal,
    entry: UUID,
    new_at: datetime | None,
    details: Mapping[str, Any],
    in_error: bool,
    reason: str,
    recorded_at: datetime,
    seen: int | None = None,
    evidence: ReadinessEvidence,
) -> SessionEvent:
    """Keep a new version of an entry of a locked session, and let the session follow.

    new_at:   when it happened, corrected; None keeps the time.
    details:  corrected particulars by name, None takes one away; those not named stay.
    in_error: it never happened: the version says so and counts no more.
    seen:     the version that was looked at; None asks no questions.
    raises:   AccessDenied; NotFound; Conflict for what was entered in error, or corrected since it was seen;
              NotAllowed for a kind that is not corrected; Invalid for a missing reason, a time ahead or
              before the check-in, entries that do not fit.
    """
    check(by, Act.CORRECT_ENTRY)
    old = _newest(session, entry)
    if old.kind not in CORRECTABLE:
        raise NotAllowed(
            f"“{old.kind}” is not corrected: chart what follows it.",
            missing=["an entry that can be corrected"],
        )
    if old.status == Status.ENTERED_IN_ERROR:
        raise Conflict("This was entered in error before, and counts no more.", field="entry")
    if seen is not None and seen != old.version:
        raise Conflict(
            f"Version {seen} was corrected meanwhile: look at version {old.version} first.", field="version"
        )
    if not reason.strip():
        raise Invalid("A correction needs a reason.", field="reason")
    at = new_at or old.at
    if at > recorded_at + AHEAD:
        raise Invalid(f"at {at.isoformat()} is in the future.", field="at")
    checked_in_at = session.checked_in_at
    if checked_in_at is not None and at < checked_in_at and old.kind not in CHARTED_ANY_TIME:
        raise Invalid(
            f"at {at.isoformat()} is before the check-in at {checked_in_at.isoformat()}.", field="at"
        )
    new = _version(session, old, by=by, at=at, recorded_at=recorded_at, reason=reason.strip())
    if in_error:
        new.status, new.text, new.details = Status.ENTERED_IN_ERROR, old.text, old.details
    else:
        new.status = Status.AMENDED
        merged = {**old.details, **details}
        given = {name: value for name, value in merged.items() if value is not None}
        new.text, new.details = _words(session, by, new, given, evidence)
    _follow(session, new)
    new.save(force_insert=True)
    audit_entry(new, session, by=by, act=Act.CORRECT_ENTRY)
    return new


def _newest(session: Session, entry: UUID) -> SessionEvent:
    row = SessionEvent.objects.filter(session=session, entry=entry).order_by("-version").first()
    if row is None:
        raise NotFound
    return row


def _version(
    session: Session, old: SessionEvent, *, by: Principal, at: datetime, recorded_at: datetime, reason: str
) -> SessionEvent:
    """The row of the next version, still without its words."""
    return SessionEvent(
        id=uuid.uuid4(),
        entry=old.entry,
        version=old.version + 1,
        supersedes=old,
        reason=reason,
        session=session,
        kind=old.kind,
        at=at,
        recorded_at=recorded_at,
        by_id=by.user_id,
        by_name=by.name,
        late=old.late,
    )


def _words(
    session: Session,
    by: Principal,
    new: SessionEvent,
    details: Mapping[str, Any],
    evidence: ReadinessEvidence,
) -> tuple[str, dict[str, Any]]:
    """What the corrected entry says and keeps, worked out by the change of its act as of its own time."""
    before = [one for one in queries.entries(session.id) if one.entry != new.entry and one.at <= new.at]
    doing = Doing(by, new.kind, new.at, new.recorded_at, details, evidence)
    doing = replace(doing, entries=before, kept=dict(details), correcting=True)
    # on a copy: the session itself follows the sum over all entries, not this one change
    text, _ = CHANGES[new.kind](copy.copy(session), doing)
    return text[:LONGEST_TEXT], doing.kept


def _follow(session: Session, new: SessionEvent) -> None:
    """Let the session say what its entries now add up to. raises: Invalid when they no longer fit."""
    if new.kind not in (*dosing.KINDS, *leaving.KINDS):
        return
    others = [one for one in queries.entries(session.id) if one.entry != new.entry]
    entries = record.current([*others, queries.entry_of(new)])
    if new.kind in leaving.KINDS:
        write_escort(session, entries)
        session.save()
        return
    dose.write_columns(session, entries)
    session.state = _state(session, entries)
    if session.state != State.READY and session.state not in ENDS:
        session.ready_at = session.waiting_for_escort_at = None
        session.ready_by = ""
    session.window_ends_at = protocol.window_end(queries.rules_of(session.protocol_id), session.clock)
    session.save()


def _state(session: Session, entries: list[Entry]) -> State:
    """Where the session stands once its dose is another: an end stays an end, ready stays while it may."""
    state = State(session.state)
    if state in ENDS:
        return state
    if session.dose_started_at is None:
        held = record.of_kind(entries, "hold", "resume")
        return State.HELD if held and held[-1].kind == "hold" else State.CHECKED_IN
    if session.dose_ended_at is None:
        return State.HELD if session.held_at else State.DOSING
    return State.READY if state is State.READY else State.MONITORING
