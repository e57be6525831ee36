"""A serious adverse event, as it is charted: why it is serious, what happened, how it ended, who was told."""

from clinic.refusals import Invalid
from sessions import adverse_events
from sessions.models import Session
from sessions.services.changes.doing import NOTHING, Change, Doing


def adverse_event(session: Session, doing: Doing) -> Change:
    """The timeline says which criteria; the narrative stays among the particulars.

    raises: Invalid naming what is missing or not known.
    """
    criteria = list(doing.details.get("criteria", ()))
    known = adverse_events.CRITERION_WORDS
    if not criteria:
        raise Invalid(f"criteria is empty: at least one of {', '.join(known)}.", field="criteria")
    if strange := [code for code in criteria if code not in known]:
        raise Invalid(f"criteria “{strange[0]}” is not one of {', '.join(known)}.", field="criteria")
    if not doing.words("narrative"):
        raise Invalid("narrative is empty: what happened, in order?", field="narrative")
    if doing.words("outcome") not in adverse_events.OUTCOME_WORDS:
        raise Invalid(f"outcome is one of {', '.join(adverse_events.OUTCOME_WORDS)}.", field="outcome")
    if not doing.details.get("told"):
        raise Invalid("told is empty: who was told?", field="told")
    why = "; ".join(known[code].lower() for code in criteria)
    return f"Serious adverse event: {why}", NOTHING
