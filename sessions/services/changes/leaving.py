"""How a session ends: readiness, the escort, release, and every earlier end."""

from collections.abc import Sequence

from clinic.refusals import Invalid
from sessions import queries, record
from sessions.checklist import ItemState, Phase, answers, asked, open_codes, open_words, states_of
from sessions.leaving import escort_of
from sessions.models import Session
from sessions.record import Entry
from sessions.services.changes.doing import NOTHING, Change, Doing
from sessions.services.changes.gate import answer_words
from sessions.states import When


def cancel(session: Session, doing: Doing) -> Change:
    session.outcome, session.outcome_reason = "cancelled", doing.reason()
    holds = NOTHING if session.dose_started_at else frozenset({When.BEFORE_DOSE})
    return f"Cancelled: {session.outcome_reason}", holds


def transfer(session: Session, doing: Doing) -> Change:
    session.outcome, session.outcome_reason = "transferred", doing.reason()
    return f"Transferred: {session.outcome_reason}", NOTHING


def leaving_check(session: Session, doing: Doing) -> Change:
    given = doing.details.get("items") or {}
    if not given:
        raise Invalid("items is empty: which item was answered?", field="items")
    by_code = {
        item.code: item for item in asked(queries.rules_of(session.protocol_id).items, Phase.BEFORE_LEAVING)
    }
    return f"Before leaving: {answer_words(by_code, given)}", NOTHING


def readiness(session: Session, doing: Doing) -> Change:
    session.ready_at = doing.at
    session.ready_by = doing.by.name
    write_escort(session, doing.with_this())
    rows = leaving_states(session, doing.with_this())
    still = open_codes(rows)
    doing.kept["open"] = list(still)
    if not doing.correcting:
        # what its signer had before them
        doing.kept["seen"] = {
            name: {"value": seen.value, "at": seen.at.isoformat()}
            for name, seen in doing.evidence.latest.items()
        }
    doing.kept["meaning"] = "assessed ready to leave"
    words = f". Not confirmed: {open_words(rows)}" if still else ""
    return f"Assessed ready by {doing.by.name}{words}", NOTHING


def leaving_states(session: Session, entries: Sequence[Entry]) -> tuple[ItemState, ...]:
    """The rows before leaving, each with its newest answer.

    What was answered before a value took readiness back no longer counts: it is asked again.
    """
    items = asked(queries.rules_of(session.protocol_id).items, Phase.BEFORE_LEAVING)
    breaches = record.of_kind(entries, "breach")
    after = breaches[-1].at if breaches else None
    told = record.of_kind(entries, "leaving-check", "readiness")
    return states_of(items, answers(told, "items", after=after))


def write_escort(session: Session, entries: Sequence[Entry]) -> None:
    """Write into the session's columns who takes the patient home, by the entries."""
    escort = escort_of(entries)
    session.escort, session.escort_phone = escort.name, escort.phone


def wait_escort(session: Session, doing: Doing) -> Change:
    """The timer starts with the first word of it; a name or number said later is added to it."""
    escort, phone = doing.words("escort"), doing.words("escort_phone")
    session.waiting_for_escort_at = session.waiting_for_escort_at or doing.at
    write_escort(session, doing.with_this())
    words = f"Waiting for escort: {escort}" if escort else "Waiting for escort"
    return f"{words}, phone {phone}" if phone else words, NOTHING


def release(session: Session, doing: Doing) -> Change:
    session.outcome = "released"
    return f"Released by {doing.by.name}{_left_with(session, doing)}", NOTHING


def _left_with(session: Session, doing: Doing) -> str:
    """With whom the patient left, and what was said of driving, for the words of a release."""
    write_escort(session, doing.with_this())
    doing.kept["meaning"] = "release"
    relation = escort_of(doing.with_this()).relation
    words = f", goes with {session.escort}" if session.escort else ", escort not named"
    words += f" ({relation})" if relation else ""
    advised = doing.details.get("no_driving_advised")
    if advised is None:
        return words
    return words + (", advised not to drive" if advised else ", not advised about driving")


def end_early(session: Session, doing: Doing) -> Change:
    session.outcome, session.outcome_reason = "released early", doing.reason()
    words = f"Released before the window's end by {doing.by.name}: {session.outcome_reason}"
    return words + _left_with(session, doing), NOTHING


def leave_early(session: Session, doing: Doing) -> Change:
    session.outcome, session.outcome_reason = "left before the minimum", doing.reason()
    return f"Left before the minimum: {session.outcome_reason}{_left_with(session, doing)}", NOTHING
