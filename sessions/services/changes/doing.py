"""One act under way, as every change is given it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from clinic.access import Principal
from clinic.refusals import Invalid
from sessions import record, states
from sessions.protocol import ReadinessEvidence, Step
from sessions.record import Entry
from sessions.states import When

# Charted this long after it happened, an entry is history: stored and shown as late.
LATE_AFTER = timedelta(minutes=30)
# A tablet's clock may run a little ahead of ours.
AHEAD = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Doing:
    """One act under way: who, what, when it happened, when it is charted, and its particulars.

    details: as the act's body gave them.
    entries: what counts of the session's record so far, by time.
    kept:    what the entry will say: ``details``, and what the change adds to them.
    correcting: a correction says what was; its own reason stands beside it.
    due:     the set that is due now or next; None when none is planned.
    """

    by: Principal
    act: str
    at: datetime
    recorded_at: datetime
    details: Mapping[str, Any]
    evidence: ReadinessEvidence
    entries: Sequence[Entry] = ()
    kept: dict[str, Any] = field(default_factory=dict)
    correcting: bool = False
    due: Step | None = None

    @property
    def is_late(self) -> bool:
        return self.recorded_at - self.at > LATE_AFTER

    def with_this(self) -> list[Entry]:
        """The record with this act in it, as its entry will stand."""
        id_ = uuid.UUID(int=0)  # none yet; nothing in a sum depends on it
        this = Entry(
            id=id_,
            entry=id_,
            version=1,
            status="final",
            kind=self.act,
            at=self.at,
            recorded_at=self.recorded_at,
            by_id=self.by.user_id,
            by_name=self.by.name,
            late=self.is_late,
            text="",
            details=self.kept,
        )
        return record.current([*self.entries, this])

    def words(self, name: str) -> str:
        """A text among the particulars; empty when not given."""
        return str(self.details.get(name, "")).strip()

    def reason(self) -> str:
        """The reason given. raises: Invalid when there is none."""
        reason = self.words("reason")
        if not reason:
            raise Invalid(f"“{states.WORDS[self.act]}” needs a reason.", field="reason")
        return reason


Change = tuple[str, frozenset[When]]
NOTHING: frozenset[When] = frozenset()
