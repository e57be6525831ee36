"""Checking in, and which chair one sits in."""

from datetime import datetime

from django.db import IntegrityError, transaction

from clinic import queries as ground
from clinic.models import Chair
from clinic.refusals import Conflict, Invalid, NotAllowed
from sessions.models import Occupancy, Session
from sessions.services.changes.doing import NOTHING, Change, Doing


def check_in(session: Session, doing: Doing) -> Change:
    session.checked_in_at = doing.at
    session.watched_from = doing.recorded_at
    session.nurse_id = doing.by.user_id
    if session.chair is None:
        raise NotAllowed("Check-in needs a chair.", missing=["a chair"])
    name = session.chair.name
    _sit(session, session.chair, doing)
    return f"Checked in, chair {name}", NOTHING


def _sit(session: Session, chair: Chair, doing: Doing) -> None:
    """Sit in the chair from ``at``. raises: Conflict when somebody sits there.

    History never takes a chair from the one who sits there now: such a session has no place on the board's
    chairs, and only the words of its check-in say where it was.
    """
    if doing.is_late and Occupancy.objects.filter(chair=chair, to_at__isnull=True).exists():
        session.chair = None
        return
    try:
        with transaction.atomic():
            Occupancy.objects.create(session=session, chair=chair, from_at=doing.at)
    except IntegrityError as error:
        raise Conflict(f"Chair {chair.name} is taken by another session.", field="chair") from error
    session.chair = chair


def leave_chair(session: Session, at: datetime) -> None:
    for seat in Occupancy.objects.filter(session=session, to_at__isnull=True):
        seat.to_at = max(at, seat.from_at)
        seat.save(update_fields=["to_at"])


def move_chair(session: Session, doing: Doing) -> Change:
    """Sit in another chair. Before check-in nobody sits anywhere: the plan alone changes."""
    chair = ground.chair_named(session.clinic_id, doing.words("chair"))
    if session.chair is not None and session.chair.id == chair.id:
        raise Invalid(f"The session is at chair {chair.name} already.", field="chair")
    if session.checked_in_at is None:
        session.chair = chair
        return f"Planned for chair {chair.name}", NOTHING
    before = session.chair.name if session.chair else None
    leave_chair(session, doing.at)
    _sit(session, chair, doing)
    return f"Moved from chair {before} to {chair.name}" if before else f"Moved to chair {chair.name}", NOTHING
