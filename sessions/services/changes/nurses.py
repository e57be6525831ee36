"""Who watches the chair: a nurse who takes it over for good, and one who stands in for a while."""

from datetime import datetime

from clinic.refusals import NotAllowed
from sessions import covering
from sessions.covering import Cover
from sessions.models import Session
from sessions.services.changes.doing import NOTHING, Change, Doing


def hand_over(session: Session, doing: Doing) -> Change:
    """The chair is this nurse's from now on. Only a hand-over calls it: see ``vitals.services.hand_over``."""
    session.nurse_id = doing.by.user_id
    flags = int(doing.details.get("flags", 0))
    with_flags = f", with {flags} flag{'s' if flags > 1 else ''} in hand" if flags else ""
    return f"Chair taken over from {doing.words('from')}{with_flags}", NOTHING


def cover(session: Session, doing: Doing) -> Change:
    """Ask for cover. raises: NotAllowed while somebody already asks."""
    held = covering.cover(doing.entries)
    if held is not None:
        since = _clock(session, held.asked_at)
        covers = f", and {held.taken_by} covers" if held.taken_by else ""
        raise NotAllowed(
            f"Cover is asked since {since} by {held.asked_by}{covers}.", missing=["a chair without a cover"]
        )
    reason = doing.words("reason")
    return f"Cover asked: {reason}" if reason else "Cover asked", NOTHING


def cover_taken(session: Session, doing: Doing) -> Change:
    """Stand in for who asked. raises: NotAllowed for oneself, when nobody asks, or when somebody does."""
    held = _asked(doing)
    if held.taken_by is not None and held.taken_at is not None:
        raise NotAllowed(
            f"{held.taken_by} covers since {_clock(session, held.taken_at)}.",
            missing=["a cover that nobody has taken"],
        )
    if held.asked_by_id == doing.by.user_id:
        raise NotAllowed("You asked for this cover: a colleague takes it.", missing=["a colleague"])
    return f"Covers for {held.asked_by}", NOTHING


def cover_ended(session: Session, doing: Doing) -> Change:
    """Back, or no longer needed. raises: NotAllowed when there is no cover."""
    held = _asked(doing)
    if held.taken_by is None or held.taken_at is None:
        return "Cover no longer asked", NOTHING
    since = _clock(session, held.taken_at)
    return f"Cover ended; {held.taken_by} had covered since {since}", NOTHING


def _asked(doing: Doing) -> Cover:
    held = covering.cover(doing.entries)
    if held is None:
        raise NotAllowed(
            "Nobody asks for cover of this chair.", missing=["a chair whose nurse asked for cover"]
        )
    return held


def _clock(session: Session, at: datetime) -> str:
    return f"{at.astimezone(session.clinic.zone):%H:%M}"
