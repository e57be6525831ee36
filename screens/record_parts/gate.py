"""The record page's part on the gate before the dose: what is on record, what is asked, what was decided."""

import json
from dataclasses import dataclass
from datetime import datetime

from clinic.access import Act, Principal, may
from screens.record_parts.checklists import Row, rows
from sessions import queries as treatments
from sessions import states
from sessions.checklist import ItemState, Kind
from sessions.gate import CHOICE_WORDS, GateState
from sessions.models import Session
from sessions.services import gate as gates
from sessions.services import signing
from sessions.states import State
from vitals import queries
from vitals.services.readiness import evidence


@dataclass(frozen=True, slots=True)
class GatePart:
    """answers, decides: this person may do so now.

    none_of_them: the body that answers "no" to each caution nobody has answered; empty when all are.
    """

    state: GateState
    on_record: list[ItemState]
    confirmed: list[Row]
    cautions: list[Row]
    open_count: int
    decision_words: str
    choices: list[tuple[str, str]]
    answers: bool
    decides: bool
    is_over: bool
    none_of_them: str


def part(row: Session, by: Principal, at: datetime) -> GatePart:
    watched = queries.panel_of(row)
    seen = evidence(watched[0] if watched else None, row, at)
    state = gates.state(row, seen, at=at, entries=treatments.entries(row.id))
    stands = State(row.state)
    decision = state.decision
    return GatePart(
        state=state,
        on_record=[one for one in state.items if one.item.kind is Kind.ON_RECORD],
        confirmed=rows(state.items, Kind.CONFIRM, "answers"),
        cautions=rows(state.items, Kind.CAUTION, "answers"),
        open_count=sum(one.is_open for one in state.items),
        decision_words=CHOICE_WORDS[decision.choice] if decision else "",
        choices=[(choice.value, words) for choice, words in CHOICE_WORDS.items()],
        answers=may(by, Act.GATE) and bool(states.rows_of("gate", stands)),
        decides=may(by, Act.DECIDE)
        and bool(states.rows_of("decide", stands))
        and signing.is_prescriber(by, gates.day_of(row, at)),
        is_over=row.dose_started_at is not None,
        none_of_them=_none_of(state),
    )


def _none_of(state: GateState) -> str:
    unanswered = [one.item.code for one in state.items if one.item.kind is Kind.CAUTION and one.given is None]
    return json.dumps({"answers": dict.fromkeys(unanswered, "no")}) if unanswered else ""
