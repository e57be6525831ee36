"""What is answered and decided before the dose."""

from collections.abc import Mapping
from typing import Any

from clinic.refusals import Invalid
from sessions import queries
from sessions.checklist import Answer, Item, Kind, Phase, answer_of, asked
from sessions.gate import CHOICE_WORDS, Choice, pressure_in
from sessions.models import Session
from sessions.services import signing
from sessions.services.changes.doing import NOTHING, Change, Doing

ANSWER_WORDS = {Answer.YES: "yes", Answer.NO: "no", Answer.NOT_ASSESSED: "not assessed"}
# an entry's words name this many answers; all of them stand in its particulars
NAMED = 3


def gate(session: Session, doing: Doing) -> Change:
    items = asked(queries.rules_of(session.protocol_id).items, Phase.BEFORE_DOSE)
    given: Mapping[str, Any] = doing.details.get("answers") or {}
    by_code = {item.code: item for item in items}
    if not given:
        raise Invalid("answers is empty: which item was answered?", field="answers")
    for code in (*given, *(doing.details.get("notes") or {})):
        item = by_code.get(code)
        if item is None:
            raise Invalid(
                f"“{code}” is not an item of this protocol's checklist before the dose.", field="answers"
            )
        if item.kind is Kind.ON_RECORD:
            raise Invalid(
                f"“{code}” is not answered here: {item.text.lower()} is read from the record.",
                field="answers",
            )
    return f"Before the dose: {answer_words(by_code, given)}", NOTHING


def answer_words(by_code: Mapping[str, Item], given: Mapping[str, Any]) -> str:
    """Answers in a line: "Identity checked: name and birth date, yes"; the first few, then how many more."""
    words = [
        f"{by_code[code].text if code in by_code else code}, {ANSWER_WORDS[answer_of(answer)]}"
        for code, answer in given.items()
    ]
    more = f" and {len(words) - NAMED} more" if len(words) > NAMED else ""
    return "; ".join(words[:NAMED]) + more


def decide(session: Session, doing: Doing) -> Change:
    signed_on = doing.recorded_at.astimezone(session.clinic.zone).date()
    signing.check_prescriber(doing.by, signed_on, "This decision is signed by a prescriber.")
    reason = doing.reason()
    pressure = pressure_in(doing.evidence.before_dose)
    # it holds for the pressure it saw
    doing.kept["pressure"] = pressure.as_details() if pressure else None
    doing.kept["meaning"] = "decision before the dose"
    choice = CHOICE_WORDS[Choice(doing.words("decision"))].lower()
    at = f" at {pressure.words}" if pressure else ""
    return f"{doing.by.name} decided{at}: {choice}. {reason}", NOTHING
