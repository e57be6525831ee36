"""What was seen or said at the chair: notes and symptoms."""

from clinic.refusals import Invalid
from sessions.models import Session
from sessions.services.changes.doing import NOTHING, Change, Doing


def note(session: Session, doing: Doing) -> Change:
    text = doing.words("text")
    if not text:
        raise Invalid("text is empty: a note needs words.", field="text")
    return text, NOTHING


def symptom(session: Session, doing: Doing) -> Change:
    code = doing.words("code")
    if not code:
        raise Invalid("code is needed: which symptom?", field="code")
    severity = doing.words("severity")
    words = "No symptoms" if code == "none" else code.replace("-", " ").capitalize()
    return f"{words}, {severity}" if severity else words, NOTHING
