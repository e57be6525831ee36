"""What was seen, said or given at the chair: notes, symptoms from onset to gone, medicines per order."""

from datetime import datetime

from clinic.refusals import Invalid, NotAllowed, NotFound
from sessions import symptoms
from sessions.models import Session
from sessions.services import wording
from sessions.services.changes.doing import NOTHING, Change, Doing


def note(session: Session, doing: Doing) -> Change:
    text = doing.words("text")
    if not text:
        raise Invalid("text is empty: a note needs words.", field="text")
    return text, NOTHING


def symptom(session: Session, doing: Doing) -> Change:
    """Chart a symptom, or go on with the one that is open: stronger, weaker, or something was done."""
    code = doing.words("code")
    if not code:
        raise Invalid("code is needed: which symptom?", field="code")
    onset = doing.words("onset_at")
    if onset and datetime.fromisoformat(onset) > doing.at:
        raise Invalid(
            f"onset_at {onset} is after {doing.at.isoformat()}, when it was charted.", field="onset_at"
        )
    if code == symptoms.NONE and any(doing.words(name) for name in ("severity", "onset_at", "action")):
        raise Invalid("“No symptoms” has no severity, onset or action.", field="code")
    words = symptoms.words_of(code, wording.chips(session.clinic_id))
    said = [words, *(doing.words(name) for name in ("severity", "action") if doing.words(name))]
    return ", ".join(said), NOTHING


def resolve_symptom(session: Session, doing: Doing) -> Change:
    """A symptom is gone. raises: NotFound for none of this session; NotAllowed for one that is gone."""
    of = doing.words("of")
    named = [one for one in symptoms.episodes(doing.entries) if of in {str(entry) for entry in one.entries}]
    if not named:
        raise NotFound
    episode = named[0]
    words = symptoms.words_of(episode.code, wording.chips(session.clinic_id))
    if not episode.is_open:
        raise NotAllowed(f"{words} is charted as gone already.", missing=["a symptom that goes on"])
    if doing.at < episode.onset_at:
        raise Invalid(
            f"at {doing.at.isoformat()} is before the onset at {episode.onset_at.isoformat()}.", field="at"
        )
    action = doing.words("action")
    return f"{words} gone, {action}" if action else f"{words} gone", NOTHING


def medicine(session: Session, doing: Doing) -> Change:
    """A medicine was given, as somebody ordered it. Nothing is looked up and nothing suggested."""
    for name in ("name", "dose_text", "route", "ordered_by"):
        if not doing.words(name):
            raise Invalid(
                f"{name} is needed: a medicine given has name, dose, route and who ordered it.", field=name
            )
    words = f"{doing.words('name')} {doing.words('dose_text')}, {doing.words('route')}"
    words = f"Given per order: {words}, ordered by {doing.words('ordered_by')}"
    indication = doing.words("indication")
    return f"{words}, for {indication}" if indication else words, NOTHING
