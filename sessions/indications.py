"""What the drug is given for, and whether its label covers that. Pure.

Source: only esketamine for depression is labelled; no ketamine formulation is approved for a psychiatric
disorder or for pain (clinical facts, sections 2 and 10). A person may set the mark otherwise.
"""

from enum import StrEnum

from sessions.protocol import Route


class Indication(StrEnum):
    DEPRESSION = "depression"
    ANXIETY = "anxiety"
    PTSD = "ptsd"
    PAIN_NEUROPATHIC = "pain-neuropathic"
    PAIN_OTHER = "pain-other"
    OTHER = "other"


class LabelUse(StrEnum):
    ON_LABEL = "on-label"
    OFF_LABEL = "off-label"


class Phase(StrEnum):
    INDUCTION = "induction"
    MAINTENANCE = "maintenance"


WORDS: dict[Indication, str] = {
    Indication.DEPRESSION: "Severe depression",
    Indication.ANXIETY: "Anxiety",
    Indication.PTSD: "PTSD",
    Indication.PAIN_NEUROPATHIC: "Chronic pain, neuropathic",
    Indication.PAIN_OTHER: "Chronic pain, other",
    Indication.OTHER: "Other",
}

# words by which free text is known, first match first
_KNOWN_BY: tuple[tuple[str, Indication], ...] = (
    ("neuropath", Indication.PAIN_NEUROPATHIC),
    ("crps", Indication.PAIN_NEUROPATHIC),
    ("pain", Indication.PAIN_OTHER),
    ("ptsd", Indication.PTSD),
    ("trauma", Indication.PTSD),
    ("depress", Indication.DEPRESSION),
    ("mdd", Indication.DEPRESSION),
    ("anxi", Indication.ANXIETY),
)


def indication_of(text: str) -> Indication:
    """The indication that free text names; OTHER when it names none that is known."""
    lower = text.lower()
    return next((known for word, known in _KNOWN_BY if word in lower), Indication.OTHER)


def label_use(route: Route, indication: Indication) -> LabelUse:
    """What the label says of this use, before a person decides otherwise."""
    covered = route is Route.NASAL and indication is Indication.DEPRESSION
    return LabelUse.ON_LABEL if covered else LabelUse.OFF_LABEL
