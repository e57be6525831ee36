"""A look at the patient (consciousness, air or oxygen), and a prescriber's word on which SpO2 scale holds."""

from clinic.refusals import Invalid, NotAllowed
from sessions import alertness as rooms
from sessions.alertness import LOW_TARGET_SCALE, USUAL_SCALE, Consciousness
from sessions.models import Session
from sessions.services import signing
from sessions.services.changes.doing import NOTHING, Change, Doing
from sessions.services.gate import day_of


def alertness(session: Session, doing: Doing) -> Change:
    """Chart how the patient is, and what they breathe. The clinic's switch is kept as it stands now.

    Both are asked for at once: a score needs both, and "not said" must never be read as room air.
    """
    for name, asked in (
        ("consciousness", "how is the patient?"),
        ("oxygen_l_min", "how much oxygen? 0 is room air"),
    ):
        if doing.details.get(name) is None:
            raise Invalid(f"{name} is needed: {asked}.", field=name)
    seen = Consciousness(doing.words("consciousness"))
    # a correction says what was seen anew, never how it counted on that day
    doing.kept.setdefault("dissociation_counts", session.clinic.dissociation_counts_as_confusion)
    oxygen = rooms.oxygen_words(float(doing.details["oxygen_l_min"]))
    return f"{rooms.WORDS[seen]}, {oxygen}", NOTHING


def oxygen_target(session: Session, doing: Doing) -> Change:
    """A prescriber signs which SpO2 scale holds for this session from now on. Scale 2 is for 88 to 92 %.

    raises: NotAllowed without the credential, or for what holds already; Invalid without a reason.
    """
    signing.check_prescriber(
        doing.by, day_of(session, doing.recorded_at), "The SpO₂ scale is signed by a prescriber."
    )
    reason = doing.reason()
    scale = int(doing.details["spo2_scale"])
    held = rooms.target_at(rooms.targets(doing.entries), doing.at)
    if scale == (held.scale if held else USUAL_SCALE):
        raise NotAllowed(f"SpO₂ scale {scale} holds already.", missing=["a scale that is another"])
    doing.kept["meaning"] = "SpO2 scale of NEWS2"
    what = "target 88–92 %, NEWS2 on SpO₂ scale 2" if scale == LOW_TARGET_SCALE else "NEWS2 on SpO₂ scale 1"
    return f"{doing.by.name} prescribed: {what}. {reason}", NOTHING
