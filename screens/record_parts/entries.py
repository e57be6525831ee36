"""Everything charted in a session, in the order in which it happened, every version readable."""

from dataclasses import dataclass
from datetime import datetime

from clinic.access import Act, Principal, may
from sessions import queries as treatments
from sessions import states
from sessions.models import Session, SessionEvent, Status
from sessions.services.corrections import CORRECTABLE


@dataclass(frozen=True, slots=True)
class Version:
    """One version as a row shows it: struck when another replaced it or when it never happened."""

    entry: str
    at: datetime
    recorded_at: datetime
    kind: str
    text: str
    by: str
    late: bool
    struck: bool
    remark: str
    may_correct: bool


@dataclass(frozen=True, slots=True)
class Part:
    versions: list[Version]


def part(row: Session, by: Principal, at: datetime) -> Part:
    """Every version of every entry, oldest first; the versions of one entry stand together."""
    events = treatments.events(row.id)
    newest = {event.entry: event for event in sorted(events, key=lambda event: event.version)}
    in_order = sorted(events, key=lambda event: (newest[event.entry].at, event.entry.hex, event.version))
    correctable = may(by, Act.CORRECT_ENTRY)
    return Part([_version(event, correctable=correctable) for event in in_order])


def _version(event: SessionEvent, *, correctable: bool) -> Version:
    superseded = treatments.is_superseded(event)
    in_error = event.status == Status.ENTERED_IN_ERROR
    return Version(
        entry=str(event.entry),
        at=event.at,
        recorded_at=event.recorded_at,
        kind=states.WORDS.get(event.kind, event.kind.replace("-", " ").capitalize()),
        text=event.text,
        by=event.by_name,
        late=event.late,
        struck=superseded or in_error,
        remark=_remark(event, in_error=in_error),
        may_correct=correctable and not (superseded or in_error) and event.kind in CORRECTABLE,
    )


def _remark(event: SessionEvent, *, in_error: bool) -> str:
    if event.version == 1:
        return ""
    return f"{'entered in error' if in_error else 'corrected'}: {event.reason}"
