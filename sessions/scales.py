"""Scales as data: items, scores, bands, source and licence; and the one way in which all of them are scored.

Pure. What ships stands in ``sessions.shipped_scales``; others are plug-ins, see ``sessions.known_scales``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from clinic.refusals import Invalid
from sessions import record
from sessions.record import Entry


class Wording(StrEnum):
    """Whose words the items are."""

    PUBLISHED = "as published"
    PARAPHRASED = "paraphrased here"
    CLINIC = "the clinic's own"


class Counting(StrEnum):
    """How a result comes of the answers: their sum, or the one that was chosen."""

    SUM = "sum"
    ONE = "one"


@dataclass(frozen=True, slots=True)
class Choice:
    score: int
    words: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question. ``text`` stands until a clinic gives its own, where the wording is the clinic's.

    review_above: a score above it asks for a named clinician's review, in the words of ``review``.
    """

    code: str
    text: str
    choices: tuple[Choice, ...]
    review_above: int | None = None
    review: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """A span of totals, both ends in it."""

    lowest: int
    highest: int
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Scale:
    """One version of a scale. ``bands`` cover its whole range, or there are none.

    asked: what is asked before the items, such as the span of time they are about.
    """

    code: str
    name: str
    version: str
    counting: Counting
    items: tuple[Item, ...]
    bands: tuple[Band, ...]
    wording: Wording
    source: str
    licence: str
    asked: str = ""

    @property
    def lowest(self) -> int:
        return sum(min(choice.score for choice in item.choices) for item in self.items)

    @property
    def highest(self) -> int:
        return sum(max(choice.score for choice in item.choices) for item in self.items)


@dataclass(frozen=True, slots=True)
class Scored:
    """What answers come to. ``total`` and ``band`` are None while an item is open.

    words:  the band's, or those of the one choice; empty where the scale has none.
    review: why a named clinician has to look at it; empty when nobody has to.
    """

    total: int | None
    band: str | None
    words: str
    complete: bool
    review: tuple[str, ...]


def score(scale: Scale, answers: Mapping[str, int]) -> Scored:
    """Score answers, item code → score, in any order.

    A total is given only when every item is answered; a review is asked for even so.
    raises: Invalid for an item or a score that the scale does not have, and for no answer at all.
    """
    items = {item.code: item for item in scale.items}
    for code, given in answers.items():
        if code not in items:
            raise Invalid(f"{scale.name} has no item “{code}”; it has: {', '.join(items)}.", field="answers")
        allowed = [choice.score for choice in items[code].choices]
        if isinstance(given, bool) or given not in allowed:
            spoken = ", ".join(str(one) for one in allowed)
            raise Invalid(
                f"Item “{code}” of {scale.name} cannot be {given}; it takes: {spoken}.", field="answers"
            )
    if not answers:
        raise Invalid(f"{scale.name} has no answer yet.", field="answers")
    review = tuple(
        item.review
        for item in scale.items
        if item.review_above is not None and answers.get(item.code, item.review_above) > item.review_above
    )
    if len(answers) < len(items):
        return Scored(None, None, "", complete=False, review=review)
    total = sum(answers.values())
    band = next((band for band in scale.bands if band.lowest <= total <= band.highest), None)
    if scale.counting is Counting.ONE:
        words = next(choice.words for choice in scale.items[0].choices if choice.score == total)
    else:
        words = band.words if band else ""
    return Scored(total, band.code if band else None, words, complete=True, review=review)


def faults(scale: Scale) -> list[str]:
    """What is wrong with a row, in words; empty for one that can be used. A plug-in's row is looked at so."""
    found = [
        f"no {name}" for name in ("code", "name", "version", "source", "licence") if not getattr(scale, name)
    ]
    codes = [item.code for item in scale.items]
    if not codes or len(set(codes)) < len(codes):
        found.append("no items, or two with one code")
    if scale.counting is Counting.ONE and len(codes) != 1:
        found.append("one choice counts, so there can be one item only")
    for item in scale.items:
        scores = [choice.score for choice in item.choices]
        if not scores or len(set(scores)) < len(scores):
            found.append(f"item “{item.code}” has no choices, or two with one score")
        if (item.review_above is None) != (not item.review):
            found.append(f"item “{item.code}” asks for a review without saying why, or the other way round")
    if scale.bands and not found:
        edges = [scale.lowest, *(band.highest + 1 for band in scale.bands)]
        starts = [*(band.lowest for band in scale.bands), scale.highest + 1]
        if edges != starts:
            found.append(f"the bands do not cover {scale.lowest} to {scale.highest} without gap or overlap")
    return found


def settled(scale: Scale, answers: Mapping[str, int]) -> dict[str, Any]:
    """What an entry keeps beside scale and answers: as it was scored then, whatever a later version says."""
    scored = score(scale, answers)
    return {
        "name": scale.name,
        "version": scale.version,
        "total": scored.total,
        "band": scored.band,
        "words": scored.words,
        "complete": scored.complete,
        "review": list(scored.review),
    }


def spoken(score: int) -> str:
    """A score as people read it: with a true minus."""
    return str(score).replace("-", "−")


@dataclass(frozen=True, slots=True)
class Review:
    """A named clinician looked at a result."""

    at: datetime
    by_name: str
    text: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A scale as it was taken, and who looked at it. ``asks``: why somebody has to."""

    entry: UUID
    scale: str
    name: str
    version: str
    at: datetime
    by_name: str
    late: bool
    corrected: bool
    total: int | None
    words: str
    complete: bool
    answers: Mapping[str, int]
    asks: tuple[str, ...]
    reviews: tuple[Review, ...]

    @property
    def shown(self) -> str:
        """The result as people read it; a dash while an item is open."""
        return "–" if self.total is None else spoken(self.total)

    @property
    def awaits_review(self) -> bool:
        return bool(self.asks) and not self.reviews


def taken(entries: Iterable[Entry], known: Mapping[str, Scale]) -> list[Taken]:
    """The scales among a record's current entries, by time, each with its reviews.

    A review is of what stood there when it was written: an answer that was corrected after it asks anew.
    known: the rows by code, for an entry that does not hold its result yet (a corrected one).
    """
    held = list(entries)
    reviews = record.of_kind(held, "review-scale")
    return [
        _taken(entry, known, [one for one in reviews if _reviews(one, entry)])
        for entry in record.of_kind(held, "scale")
    ]


def _reviews(review: Entry, entry: Entry) -> bool:
    return str(review.details.get("of")) == str(entry.entry) and review.recorded_at >= entry.recorded_at


def _taken(entry: Entry, known: Mapping[str, Scale], reviews: list[Entry]) -> Taken:
    said = dict(entry.details)
    code = str(said["scale"])
    if "version" not in said:
        said |= settled(known[code], said["answers"])
    return Taken(
        entry=entry.entry,
        scale=code,
        name=said["name"],
        version=said["version"],
        at=entry.at,
        by_name=entry.by_name,
        late=entry.late,
        corrected=entry.version > 1,
        total=said["total"],
        words=said["words"],
        complete=said["complete"],
        answers=said["answers"],
        asks=tuple(said["review"]),
        reviews=tuple(Review(one.at, one.by_name, str(one.details.get("text", ""))) for one in reviews),
    )


def awaiting_review(entries: Iterable[Entry], known: Mapping[str, Scale]) -> tuple[str, ...]:
    """What release waits for, in words, each once: "PHQ-9 item 9 is above 0: a named clinician's review"."""
    asked = [
        f"{why}: a named clinician's review"
        for one in taken(entries, known)
        if one.awaits_review
        for why in one.asks
    ]
    return tuple(dict.fromkeys(asked))
