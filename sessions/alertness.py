"""Consciousness and oxygen as somebody saw them, and which SpO2 scale a prescriber ordered. Pure.

No reading carries these two, so they are charted by a person, any time, as a look at the patient. What was
seen is charted as it was; how it counts in a score is worked out from it (``vitals.news2``). Nothing here is
derived from the sedation score (MOAA/S): that says how much it takes to rouse somebody, this says how they
are once roused, and a patient may be wide awake and confused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sessions import record
from sessions.record import Entry


class Consciousness(StrEnum):
    """ACVPU, and one more that ketamine needs: dissociated as expected from the dose.

    Whether that one counts as new confusion is the clinic's switch.
    """

    ALERT = "A"
    DISSOCIATED = "D"
    CONFUSED = "C"
    VOICE = "V"
    PAIN = "P"
    UNRESPONSIVE = "U"


WORDS: dict[Consciousness, str] = {
    Consciousness.ALERT: "Alert",
    Consciousness.DISSOCIATED: "Dissociated, as expected",
    Consciousness.CONFUSED: "New confusion",
    Consciousness.VOICE: "Responds to voice",
    Consciousness.PAIN: "Responds to pain",
    Consciousness.UNRESPONSIVE: "Unresponsive",
}

# what a flow meter shows at most; 0 is room air
MOST_OXYGEN_L_MIN = 60
USUAL_SCALE, LOW_TARGET_SCALE = 1, 2


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a patient.

    oxygen_l_min:        0 is room air.
    dissociation_counts: the clinic's switch as it stood when this was charted: a later change of it leaves
                         what was charted before as it was.
    """

    entry: UUID
    at: datetime
    consciousness: Consciousness
    oxygen_l_min: float
    dissociation_counts: bool
    by_name: str
    late: bool

    @property
    def on_oxygen(self) -> bool:
        return self.oxygen_l_min > 0


@dataclass(frozen=True, slots=True)
class Target:
    """Which SpO2 scale holds from a moment on, as a prescriber signed it: 2 is for a target of 88 to 92 %."""

    from_at: datetime
    scale: int
    reason: str
    by_name: str


def looks(entries: Iterable[Entry]) -> list[Look]:
    """The looks among a record's current entries, by time."""
    return [
        Look(
            entry=entry.entry,
            at=entry.at,
            consciousness=Consciousness(str(entry.details["consciousness"])),
            oxygen_l_min=float(entry.details["oxygen_l_min"]),
            dissociation_counts=bool(entry.details.get("dissociation_counts", False)),
            by_name=entry.by_name,
            late=entry.late,
        )
        for entry in record.of_kind(entries, "alertness")
    ]


def targets(entries: Iterable[Entry]) -> list[Target]:
    """What prescribers signed in this session, by time."""
    return [
        Target(
            from_at=entry.at,
            scale=int(entry.details["spo2_scale"]),
            reason=str(entry.details.get("reason", "")),
            by_name=entry.by_name,
        )
        for entry in record.of_kind(entries, "oxygen-target")
    ]


def target_at(signed: Iterable[Target], at: datetime) -> Target | None:
    """What holds at a moment: the newest that was signed for it; None while nobody signed anything."""
    held = [one for one in signed if one.from_at <= at]
    return held[-1] if held else None


def oxygen_words(l_min: float) -> str:
    """Air or oxygen in words: "room air", "oxygen 2 L/min"."""
    return f"oxygen {l_min:g} L/min" if l_min > 0 else "room air"


# MOAA/S scores that go together with each answer to a voice or a touch. Alert, dissociated and confused
# people answer; how quickly does not tell these three apart. Source: the wordings of both scales side by
# side: MOAA/S 5 and 4 answer a normal voice, 3 a loud one, 2 and 1 prodding or a painful squeeze, 0 nothing.
GOES_WITH: dict[Consciousness, frozenset[int]] = {
    Consciousness.ALERT: frozenset({5, 4}),
    Consciousness.DISSOCIATED: frozenset({5, 4, 3}),
    Consciousness.CONFUSED: frozenset({5, 4, 3}),
    Consciousness.VOICE: frozenset({4, 3}),
    Consciousness.PAIN: frozenset({2, 1}),
    Consciousness.UNRESPONSIVE: frozenset({0}),
}


def beside_sedation(consciousness: Consciousness, moaas: float) -> str:
    """What to say where consciousness and sedation, charted together, tell different stories; else empty.

    A remark for whoever reads both: neither is changed, and the score takes consciousness as charted.
    """
    if int(moaas) in GOES_WITH[consciousness]:
        return ""
    return (
        f"Sedation was charted as {moaas:g} of 5 and consciousness as “{WORDS[consciousness].lower()}”: "
        "look again. The score takes consciousness as charted."
    )
