"""Readiness and the vitals: what a start and a release are judged by, and a breach that takes it back."""

from datetime import datetime

from sessions.models import Session
from sessions.protocol import ReadinessEvidence, Seen
from sessions.services import acts as treatments
from sessions.states import State
from vitals import summaries
from vitals.flagstates import FlagState
from vitals.limits import Priority
from vitals.panel import Panel
from vitals.services.flag_rows import the_rules


def evidence(panel: Panel | None, session: Session, at: datetime) -> ReadinessEvidence:
    """What the vitals say about starting and leaving, as the session's rules ask for it.

    at: where no dose has begun yet, what was measured up to then counts as before the dose.
    """
    if panel is None:
        return ReadinessEvidence(unacknowledged_high=0)
    return ReadinessEvidence(
        unacknowledged_high=sum(
            1
            for flag in panel.flags
            if flag.peak is Priority.HIGH and flag.state in {FlagState.ACTIVE, FlagState.LATCHED}
        ),
        before_dose=summaries.newest_values(session.id, session.dose_started_at or at),
        latest={name: Seen(latest.value, latest.at) for name, latest in panel.values.items()},
    )


def take_back(clinic_id: int, panel: Panel, at: datetime, *, words: str) -> bool:
    """A value went outside a limit: if the session was ready, back to monitoring, with the flag's words.

    True when it was. Nobody waits for the escort any more, and the usual sets are due again from then on.
    """
    if panel.state != State.READY:
        return False
    session = treatments.locked(clinic_id, panel.session)
    treatments.take_back_readiness(
        session, by=the_rules(clinic_id), at=at, text=f"Back to monitoring: {words}"
    )
    panel.state = State.MONITORING
    panel.assessed_ready_by = None
    if panel.waiting_for_escort_at is not None:
        panel.waited.append((panel.waiting_for_escort_at, at))
        panel.waiting_for_escort_at = None
    return True
