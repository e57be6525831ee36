"""The packs there are, and what each is made of. Pure.

A pack is what leaves the house for one purpose: one zip, with a manifest of hashes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    FORMS = "forms"
    DRUGS = "drugs"
    TIME = "time"
    INCIDENT = "incident"


@dataclass(frozen=True, slots=True)
class About:
    """longest_days: the longest period that is packed while somebody waits; None for one of a session."""

    title: str
    purpose: str
    longest_days: int | None


ABOUT: dict[Kind, About] = {
    Kind.FORMS: About(
        "Monitoring forms",
        "Shows, session by session, which REMS patient monitoring form was filed when and how, with every"
        " form as it stands now.",
        92,
    ),
    Kind.DRUGS: About(
        "Controlled-drug reconciliation",
        "Accounts for every vial and kit of these premises: what was there, came, was given, wasted and"
        " adjusted, and what is left, for signing.",
        400,
    ),
    Kind.TIME: About(
        "Time proof",
        "Shows how long each session was watched, and who charted what at the chair, when. It proposes no"
        " billing code.",
        92,
    ),
    Kind.INCIDENT: About(
        "Incident pack",
        "All that is known of one session, for whoever looks into a serious event: the report, every reading"
        " and entry in every version, refused messages, flags and the audit.",
        None,
    ),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a pack.

    about:  what it is, in words; files with the same words are told of once.
    chunks: its bytes, made when they are asked for, once.
    """

    name: str
    about: str
    chunks: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that is to be written.

    stem:   the file's name without its end: kind, days or id, and no person's name.
    covers: the days or the session, for the manifest.
    as_of:  when the newest of what it holds was charted; the files in the zip are dated so.
    counts: what the audit keeps of it.
    notes:  what its reader must know, for the README.
    """

    kind: Kind
    stem: str
    covers: Mapping[str, str]
    as_of: datetime
    parts: Iterable[Part]
    counts: Mapping[str, int]
    notes: tuple[str, ...] = field(default=())
