"""The states of a session and what may lead from one to another: one table, no other place.

Pure: no framework, no clock. The diagram in docs/states.md is drawn from this table, and a test proves
it complete: every state can be reached, and every state that is not an end can be left.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    SCHEDULED = "scheduled"
    CHECKED_IN = "checked_in"
    DOSING = "dosing"
    HELD = "held"
    MONITORING = "monitoring"
    READY = "ready"
    RELEASED = "released"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    TRANSFERRED = "transferred"


class When(StrEnum):
    """A condition that picks between two rows of one act."""

    ALWAYS = "always"
    BEFORE_DOSE = "before the first dose"
    AFTER_DOSE = "after the first dose"
    DOSE_IS_DONE = "the dose is done with it"
    DOSE_GOES_ON = "the dose goes on"


@dataclass(frozen=True, slots=True)
class Transition:
    act: str
    source: State
    target: State
    when: When = When.ALWAYS


S = State
# what was seen or done at the chair: charted in any state, also afterwards, and of any time
CHARTED_ANY_TIME = (
    "note",
    "symptom",
    "resolve-symptom",
    "medicine",
    "scale",
    "review-scale",
    "adverse-event",
    "alertness",
)
# who watches the chair: another nurse for good, or one who stands in for a while
WHOSE_CHAIR = ("hand-over", "cover", "cover-taken", "cover-ended")
TRANSITIONS: tuple[Transition, ...] = (
    Transition("check-in", S.SCHEDULED, S.CHECKED_IN),
    Transition("move-chair", S.SCHEDULED, S.SCHEDULED),
    Transition("cancel", S.SCHEDULED, S.CANCELLED),
    Transition("cancel", S.CHECKED_IN, S.CANCELLED),
    Transition("cancel", S.HELD, S.CANCELLED, When.BEFORE_DOSE),
    Transition("hold", S.CHECKED_IN, S.HELD),
    Transition("start", S.CHECKED_IN, S.DOSING, When.DOSE_GOES_ON),
    Transition("start", S.CHECKED_IN, S.MONITORING, When.DOSE_IS_DONE),
    Transition("dose", S.DOSING, S.DOSING, When.DOSE_GOES_ON),
    Transition("dose", S.DOSING, S.MONITORING, When.DOSE_IS_DONE),
    Transition("pause", S.DOSING, S.HELD),
    Transition("resume", S.HELD, S.CHECKED_IN, When.BEFORE_DOSE),
    Transition("resume", S.HELD, S.DOSING, When.AFTER_DOSE),
    Transition("stop", S.DOSING, S.MONITORING),
    Transition("stop", S.HELD, S.MONITORING, When.AFTER_DOSE),
    # items may be ticked one by one; the assessment is signed as a whole
    Transition("leaving-check", S.MONITORING, S.MONITORING),
    Transition("leaving-check", S.READY, S.READY),
    Transition("readiness", S.MONITORING, S.READY),
    Transition("readiness", S.READY, S.READY),
    Transition("wait-escort", S.READY, S.READY),
    # a value outside a limit takes the assessment back: the corridor charts this, no person does
    Transition("breach", S.READY, S.MONITORING),
    Transition("release", S.READY, S.RELEASED),
    # before the window's end, with reason and a prescriber's signature; see protocol.how_ended
    Transition("end-early", S.MONITORING, S.RELEASED),
    Transition("end-early", S.READY, S.RELEASED),
    Transition("leave-early", S.MONITORING, S.STOPPED),
    Transition("leave-early", S.READY, S.STOPPED),
    Transition("transfer", S.CHECKED_IN, S.TRANSFERRED),
    Transition("transfer", S.DOSING, S.TRANSFERRED),
    Transition("transfer", S.HELD, S.TRANSFERRED),
    Transition("transfer", S.MONITORING, S.TRANSFERRED),
    Transition("transfer", S.READY, S.TRANSFERRED),
    *(
        Transition(act, state, state)
        for act in ("move-chair", "postpone", "oxygen-target", *WHOSE_CHAIR, *CHARTED_ANY_TIME)
        for state in (S.CHECKED_IN, S.DOSING, S.HELD, S.MONITORING, S.READY)
    ),
    # the record may be completed after the end; nothing of it rings
    *(
        Transition(act, state, state)
        for act in CHARTED_ANY_TIME
        for state in (S.RELEASED, S.STOPPED, S.TRANSFERRED)
    ),
    *(Transition(act, state, state) for act in ("gate", "decide") for state in (S.CHECKED_IN, S.HELD)),
)

ENDS = frozenset({S.RELEASED, S.CANCELLED, S.STOPPED, S.TRANSFERRED})
# the patient went home, and is asked later how it was
HOME = frozenset({S.RELEASED, S.STOPPED})
# a patient sits in the chair
PRESENT = frozenset({S.CHECKED_IN, S.DOSING, S.HELD, S.MONITORING, S.READY})

WORDS: dict[str, str] = {
    "check-in": "Check in",
    "start": "Start dose",
    "dose": "Chart dose",
    "pause": "Chart pause",
    "resume": "Chart resume",
    "stop": "Chart stop",
    "hold": "Hold before dose",
    "cancel": "Cancel session",
    "transfer": "Transfer to other care",
    "move-chair": "Move chair",
    "symptom": "Symptom",
    "note": "Note",
    "readiness": "Assess readiness",
    "wait-escort": "Waiting for escort",
    "release": "Release",
    "gate": "Pre-dose checklist",
    "decide": "Prescriber's decision",
    "leaving-check": "Checklist before leaving",
    "medicine": "Medicine given",
    "resolve-symptom": "Symptom gone",
    "scale": "Scale",
    "review-scale": "Review a scale",
    "adverse-event": "Serious adverse event",
    "alertness": "Alertness and oxygen",
    "oxygen-target": "SpO₂ scale for NEWS2",
    "postpone": "Postpone a set",
    "hand-over": "Take the chair over",
    "cover": "Ask for cover",
    "cover-taken": "Cover the chair",
    "cover-ended": "End the cover",
    "end-early": "Release before the window's end",
    "leave-early": "Left before the minimum",
    "breach": "Value outside limit while ready",
}


def rows_of(act: str, source: State) -> tuple[Transition, ...]:
    """The rows for an act from a state: none when it is not allowed, two when a condition decides."""
    return tuple(row for row in TRANSITIONS if row.act == act and row.source == source)


def target_of(act: str, source: State, holds: frozenset[When]) -> State | None:
    """Where the act leads from the state, given the conditions that hold; None when it is not allowed."""
    for row in rows_of(act, source):
        if row.when is When.ALWAYS or row.when in holds:
            return row.target
    return None


def sources_of(act: str) -> tuple[State, ...]:
    """The states from which an act may be done, in the table's order, each once."""
    return tuple(dict.fromkeys(row.source for row in TRANSITIONS if row.act == act))
