"""The checklists of a session as the API's words: each row with its answer, and how the gate stands."""

from collections.abc import Iterable, Sequence
from typing import Any

from sessions.checklist import ItemState, Kind, open_codes
from sessions.gate import GateState
from sessions.models import Session
from sessions.record import Entry
from sessions.services.changes.leaving import leaving_states


def checklists(row: Session, before_dose: GateState, entries: Sequence[Entry]) -> dict[str, Any]:
    """Both checklists of the session's protocol; the screens ask nothing that does not stand here."""
    leaving = leaving_states(row, entries)
    pressure, decision = before_dose.pressure, before_dose.decision
    return {
        "before_dose": {
            "items": _items(before_dose.items),
            "open": list(open_codes(before_dose.items)),
            "pressure": pressure.as_details() if pressure else None,
            "is_above": before_dose.is_above,
            "limit": before_dose.limit_words,
            "undecided": before_dose.undecided or None,
            "decision": {
                "decision": decision.choice.value,
                "by": decision.by_name,
                "at": decision.at,
                "reason": decision.reason,
                "holds": decision.holds,
            }
            if decision
            else None,
        },
        "before_leaving": {"items": _items(leaving), "open": list(open_codes(leaving))},
    }


def _items(states: Iterable[ItemState]) -> list[dict[str, Any]]:
    return [
        {
            "code": state.item.code,
            "text": state.item.text,
            "kind": state.item.kind.value,
            "source": state.item.source,
            "answered_here": state.item.kind is not Kind.ON_RECORD,
            "answer": state.given.answer.value if state.given else None,
            "by": state.given.by_name if state.given else None,
            "at": state.given.at if state.given else None,
            "late": state.given.late if state.given else False,
            "note": state.given.note if state.given else "",
            "words": state.words,
            "is_open": state.is_open,
        }
        for state in states
    ]
