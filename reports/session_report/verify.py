"""Whether a report still says what the record says: its hash made anew, and what was charted since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reports.session_report import made
from reports.session_report.facts import ReportFacts, gathered
from reports.session_report.pdf import AS_OF_WORD, HASH_WORD, SESSION_WORD
from sessions import states
from sessions.models import Session


@dataclass(frozen=True, slots=True)
class Claim:
    """What a report says of itself: its hash, and where known its session and when it was as of."""

    content_hash: str
    session: str = ""
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """``since``: what was charted after the report, in words; empty where that cannot be told."""

    same: bool
    now_hash: str
    now_as_of: datetime
    since: tuple[str, ...] = ()


def claim_of(told: dict[str, str]) -> Claim | None:
    """The claim among the words of a PDF's keywords; None where it is no report of ours."""
    if HASH_WORD not in told:
        return None
    as_of = told.get(AS_OF_WORD)
    return Claim(
        told[HASH_WORD], told.get(SESSION_WORD, ""), datetime.fromisoformat(as_of) if as_of else None
    )


def verify(session: Session, claim: Claim) -> Verdict:
    """Make the report anew and hold it against the claim."""
    facts = gathered(session)
    report = made(facts)
    if report.content_hash == claim.content_hash:
        return Verdict(True, report.content_hash, report.as_of)
    since = tuple(_since(facts, claim.as_of)) if claim.as_of else ()
    return Verdict(False, report.content_hash, report.as_of, since)


def _since(facts: ReportFacts, as_of: datetime) -> Sequence[str]:
    """What was charted later than that, oldest first."""
    found: list[tuple[datetime, str]] = []
    for event in facts.events:
        kind = states.WORDS.get(event.kind, event.kind)
        how = "charted" if event.version == 1 else f"version {event.version}: {event.reason}"
        found.append((event.recorded_at, f"{kind} of {facts.clock(event.at)} by {event.by_name}, {how}"))
    for view in facts.views:
        how = f"corrected: {view.reason}" if view.supersedes else "received"
        measured = facts.clock(view.measured_at)
        found.append((view.received_at, f"Reading of {measured} by {view.recorded_by}, {how}"))
    for one in facts.flags:
        moments = (one.flag.raised_at, one.flag.acknowledged_at, one.flag.resolved_at)
        found.append((max(at for at in moments if at is not None), f"Flag: {one.flag.text}"))
    for movement in facts.movements:
        at = max(movement.recorded_at, movement.witness.at if movement.witness else movement.recorded_at)
        found.append((at, f"Controlled drug: {movement.kind} by {movement.by_name}"))
    for row in facts.follow_ups:
        answer = getattr(row, "answer", None)
        told = [answer.answered_at] if answer else []
        told += [review.at for review in row.reviews.all()]
        found += [(at, f"Follow-up: {row.kind}") for at in told]
    found.sort()
    return [f"{facts.day_and_clock(at)} {words}" for at, words in found if at > as_of]
