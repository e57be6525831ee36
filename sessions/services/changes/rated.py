"""Scales as they are taken, and a clinician's review of what they ask to be looked at."""

from clinic.refusals import Invalid, NotAllowed, NotFound
from sessions import known_scales, scales
from sessions.models import Session
from sessions.services import signing
from sessions.services.changes.doing import NOTHING, Change, Doing
from sessions.services.gate import day_of


def scale(session: Session, doing: Doing) -> Change:
    """Score the answers; the entry keeps version, total and band as they were then."""
    known = known_scales.scales()
    code = doing.words("scale")
    if code not in known:
        raise Invalid(f"Scale “{code}” is not known; these are: {', '.join(known)}.", field="scale")
    row = known[code]
    doing.kept.update(scales.settled(row, doing.details.get("answers", {})))
    return words_of(row, doing.kept["total"], doing.kept["words"]), NOTHING


def words_of(row: scales.Scale, total: int | None, words: str) -> str:
    """A result on the timeline: "PHQ-9: 18 of 27, moderately severe"."""
    if total is None:
        return f"{row.name}, not complete"
    said = f"{row.name}: {scales.spoken(total)}"
    if row.counting is scales.Counting.SUM:
        said += f" of {row.highest}"
    return f"{said}, {words[0].lower()}{words[1:]}" if words else said


def review_scale(session: Session, doing: Doing) -> Change:
    """A named clinician has looked. Only a prescriber whose credential is in date may say so.

    raises: NotFound for what is no scale of this session; NotAllowed without the credential; Invalid without
    words.
    """
    if not signing.is_prescriber(doing.by, day_of(session, doing.recorded_at)):
        raise NotAllowed(
            "A review is signed by a prescriber.",
            missing=["the signature of a prescriber whose credential is in date"],
        )
    known = known_scales.scales()
    taken = [one for one in scales.taken(doing.entries, known) if str(one.entry) == doing.words("of")]
    if not taken:
        raise NotFound
    text = doing.words("text")
    if not text:
        raise Invalid("text is empty: a review says what was found or done.", field="text")
    return f"{taken[0].name} reviewed by {doing.by.name}: {text}", NOTHING
