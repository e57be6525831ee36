"""How a session ends: readiness, the escort, release, and every earlier end."""

from sessions.models import Session
from sessions.services.changes.doing import NOTHING, Change, Doing
from sessions.states import When


def cancel(session: Session, doing: Doing) -> Change:
    session.outcome, session.outcome_reason = "cancelled", doing.reason()
    holds = NOTHING if session.dose_started_at else frozenset({When.BEFORE_DOSE})
    return f"Cancelled: {session.outcome_reason}", holds


def transfer(session: Session, doing: Doing) -> Change:
    session.outcome, session.outcome_reason = "transferred", doing.reason()
    return f"Transferred: {session.outcome_reason}", NOTHING


def readiness(session: Session, doing: Doing) -> Change:
    session.ready_at = doing.at
    session.ready_by = doing.by.name
    return f"Assessed ready by {doing.by.name}", NOTHING


def wait_escort(session: Session, doing: Doing) -> Change:
    """The timer starts with the first word of it; a name or number said later is added to it."""
    escort, phone = doing.words("escort"), doing.words("phone")
    session.waiting_for_escort_at = session.waiting_for_escort_at or doing.at
    session.escort = escort or session.escort
    session.escort_phone = phone or session.escort_phone
    words = f"Waiting for escort: {escort}" if escort else "Waiting for escort"
    return f"{words}, phone {phone}" if phone else words, NOTHING


def release(session: Session, doing: Doing) -> Change:
    session.outcome = "released"
    return f"Released by {doing.by.name}", NOTHING


def end_early(session: Session, doing: Doing) -> Change:
    session.outcome, session.outcome_reason = "released early", doing.reason()
    return f"Released before the window's end by {doing.by.name}: {session.outcome_reason}", NOTHING


def leave_early(session: Session, doing: Doing) -> Change:
    session.outcome, session.outcome_reason = "left before the minimum", doing.reason()
    return f"Left before the minimum: {session.outcome_reason}", NOTHING
