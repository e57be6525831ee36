"""The gate before the dose as services see it: its facts gathered, and the start checked against it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from clinic.models import Credential, CredentialKind
from clinic.refusals import NotAllowed
from sessions import queries
from sessions.checklist import Answer, answer_of, open_codes, open_words
from sessions.gate import GateFacts, GateState, Held, gate_state
from sessions.models import DayEntry, Session
from sessions.protocol import ReadinessEvidence
from sessions.record import Entry
from sessions.services.changes.doing import Doing

# whose credential counts: these of the nurse who has the patient, the others of any member of the clinic
OF_THE_NURSE = (CredentialKind.LICENCE, CredentialKind.ACLS)
OF_ANY_MEMBER = (CredentialKind.DEA, CredentialKind.REMS)
A_DECISION = "a prescriber's decision"


def state(
    session: Session, evidence: ReadinessEvidence, *, at: datetime, entries: Sequence[Entry]
) -> GateState:
    """The gate of a session as it stands at a moment; once the dose began, as it stood on that day.

    entries: those that count of the session's record, by time.
    """
    rules = queries.rules_of(session.protocol_id)
    on = day_of(session, session.dose_started_at or at)
    return gate_state(rules.items, entries, _facts(session, evidence, on), rules.dose)


def day_of(session: Session, at: datetime) -> date:
    """The day of a moment, in the clinic's zone."""
    return at.astimezone(session.clinic.zone).date()


def missing_before_start(gate: GateState) -> tuple[str, ...]:
    """What a start still lacks, in words; empty when it may be charted."""
    return (f"{gate.undecided.rstrip('.')}: {A_DECISION}",) if gate.undecided else ()


def pass_at_start(session: Session, doing: Doing) -> None:
    """Check a start, and keep in it what was open, with the words for it.

    raises: NotAllowed for a pressure above the protocol's value that no prescriber decided on. History is
    not held up; it says so instead.
    """
    gate = state(session, doing.evidence, at=doing.at, entries=doing.entries)
    if gate.undecided and not doing.is_late:
        raise NotAllowed(gate.undecided, missing=[A_DECISION])
    still = open_codes(gate.items)
    doing.kept["gate_open"] = list(still)
    words = f". Open before the dose: {open_words(gate.items)}" if still else ""
    if gate.undecided:
        doing.kept["gate_undecided"] = gate.undecided
        words = f". Entered without a prescriber's decision: {gate.undecided}{words}"
    doing.kept["gate_words"] = words


def _facts(session: Session, evidence: ReadinessEvidence, on: date) -> GateFacts:
    return GateFacts(
        on=on,
        nurse=session.nurse.shown_name() if session.nurse else "",
        before_dose=evidence.before_dose,
        day=_day(session.clinic_id, on),
        credentials=_credentials(session),
        consent_signed_on=session.course.consent_signed_on,
        enrolled_on=session.patient.rems_enrolled_on,
    )


def _day(clinic_id: int, on: date) -> Mapping[str, Answer] | None:
    """What was answered when the day was last opened; None when it was not."""
    rows = DayEntry.objects.filter(clinic_id=clinic_id, day=on, kind="open").order_by("-at")
    items = rows.values_list("items", flat=True).first()
    if items is None:
        return None
    asked = ("prescriber_on_site", "oximeter")
    return {name: _answered(items[name]) for name in asked if name in items}


def _answered(told: Any) -> Answer:
    """An answer of the day's opening: the word itself, or with who and why beside it."""
    return answer_of(told.get("answer") if isinstance(told, dict) else told)


def _credentials(session: Session) -> Mapping[str, tuple[Held, ...]]:
    members = Credential.objects.select_related("user").filter(
        user__memberships__clinic_id=session.clinic_id, user__memberships__ended_at__isnull=True
    )
    held: dict[str, list[Held]] = {}
    for row in members.filter(kind__in=[*OF_THE_NURSE, *OF_ANY_MEMBER]):
        if row.kind in OF_ANY_MEMBER or row.user_id == session.nurse_id:
            held.setdefault(row.kind, []).append(Held(row.user.shown_name(), row.expires_on))
    return {kind: tuple(rows) for kind, rows in held.items()}
