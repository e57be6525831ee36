"""Putting off the set that is due, by some minutes, with a reason and an owner."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from clinic.refusals import NotAllowed
from sessions import postponing, protocol, queries
from sessions.models import Session
from sessions.postponing import MINUTE
from sessions.protocol import Step
from sessions.services.changes.doing import NOTHING, Change, Doing

BY_DEFAULT_MIN = 5


def postpone(session: Session, doing: Doing) -> Change:
    """The entry names the set by its label and the protocol's time, which no later move changes.

    A correction is of the set that the entry names, whatever is due by now.
    """
    reason = doing.reason()
    minutes = int(doing.details.get("minutes") or BY_DEFAULT_MIN)
    asked = _asked(doing)
    due = _planned(session, asked) if doing.correcting else doing.due
    due = _in_zone(due, session.clinic.zone)
    refused = postponing.refusal(due, minutes, at=doing.at, asked=asked)
    if refused is not None:
        raise NotAllowed(refused.words, field=refused.field)
    assert due is not None, "without a due set it was refused"  # noqa: S101
    due_at = due.due_at.astimezone(UTC)
    doing.kept.update(label=due.label, due_at=due_at.isoformat(), minutes=minutes, reason=reason)
    return (
        f"{due.label} of {due.due_at:%H:%M} postponed {minutes} min to "
        f"{due.due_at + minutes * MINUTE:%H:%M}: {reason}",
        NOTHING,
    )


def _asked(doing: Doing) -> tuple[str, datetime] | None:
    """The set that the caller saw as due, where both its names were given."""
    label, due_at = doing.words("label"), doing.words("due_at")
    return (label, datetime.fromisoformat(due_at)) if label and due_at else None


def _planned(session: Session, asked: tuple[str, datetime] | None) -> Step | None:
    """The set of that name in the protocol's own plan; None when the dose moved and it is gone."""
    if asked is None:
        return None
    rules = queries.rules_of(session.protocol_id)
    steps = protocol.plan(rules, session.clock, until=asked[1])
    return next((step for step in steps if (step.label, step.due_at) == asked), None)


def _in_zone(due: Step | None, zone: ZoneInfo) -> Step | None:
    """The set with its times as the clinic reads them."""
    if due is None:
        return None
    return replace(due, due_at=due.due_at.astimezone(zone), closes_at=due.closes_at.astimezone(zone))
