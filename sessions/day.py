"""The day of a clinic: what is looked at when it opens, what may be left when it closes, how it stands. Pure.

Asked once a day, not once a patient. The rows here are where a clinic begins. Nothing is passed in silence:
what is not as it should be is kept with its reason, and shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class Kind(StrEnum):
    OPEN = "open"
    CLOSE = "close"


class Answer(StrEnum):
    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Question:
    """A row of the opening: its stable code, what is asked, where the question comes from.

    asks_who: its "yes" names a member of staff.
    """

    code: str
    text: str
    source: str
    asks_who: bool = False


POLICY = "the clinic's to set"
PRESCRIBER_ON_SITE = "prescriber_on_site"
OPENING: tuple[Question, ...] = (
    Question(
        PRESCRIBER_ON_SITE,
        "A prescriber is on site",
        "REMS, outpatient settings: on site during administration and monitoring; other routes, " + POLICY,
        asks_who=True,
    ),
    Question(
        "oximeter",
        "A pulse oximeter is on site and works",
        "REMS, outpatient settings: a pulse oximeter on site; other routes, " + POLICY,
    ),
    Question("clocks", "Monitors and tablets show the clinic's time", POLICY),
    Question("monitors", "Each monitor gave a test reading", POLICY),
    Question("drug_count", "Controlled drugs are counted", POLICY),
)


@dataclass(frozen=True, slots=True)
class Check:
    """A row of the closing: what is counted under its code, in words for none, for one and for several."""

    code: str
    none: str
    one: str
    many: str
    source: str

    def words(self, count: int) -> str:
        return f"{count} {self.one if count == 1 else self.many}" if count else self.none


CLOSING: tuple[Check, ...] = (
    Check("open_sessions", "All sessions are ended", "session not ended", "sessions not ended", POLICY),
    Check(
        "flags", "Every flag is taken", "flag that nobody has taken", "flags that nobody has taken", POLICY
    ),
    Check(
        "late_flags",
        "Every late flag is reviewed",
        "late flag not reviewed",
        "late flags not reviewed",
        POLICY,
    ),
    Check(
        "reviews",
        "Every scale that asks for it is reviewed",
        "scale not reviewed",
        "scales not reviewed",
        POLICY,
    ),
    Check(
        "ledger",
        "Drawn drugs add up",
        "session whose drug does not add up",
        "sessions whose drug does not add up",
        "drawn = given + wasted, within 0.1 mL; " + POLICY,
    ),
    Check(
        "counts",
        "Every count agrees with the register",
        "count that differs from the register",
        "counts that differ from the register",
        POLICY,
    ),
    Check(
        "unwitnessed",
        "Every waste is witnessed",
        "waste without a witness",
        "wastes without a witness",
        POLICY,
    ),
    Check(
        "forms",
        "Every monitoring form is filed",
        "monitoring form not filed",
        "monitoring forms not filed",
        "REMS: within 7 days of the session",
    ),
    Check(
        "follow_ups",
        "Worrying answers are reviewed",
        "worrying answer not reviewed",
        "worrying answers not reviewed",
        POLICY,
    ),
)


@dataclass(frozen=True, slots=True)
class Point:
    """One thing left open, under the code of its check; ``session_id`` where it belongs to one."""

    code: str
    text: str
    session_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DayEntry:
    """The day was opened or closed once, with what was answered or found."""

    kind: Kind
    at: datetime
    by_name: str
    items: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DayState:
    """How the day stands.

    opened, closed: the newest of each; ``closed`` is None once the day was opened anew.
    to_check:       what no opening has answered yet: all of it before the first.
    not_as_wished:  of the newest opening, what was not answered with "yes", each with its reason.
    points:         what is left open now, in the order of the checks.
    """

    opened: DayEntry | None
    closed: DayEntry | None
    to_check: tuple[Question, ...]
    not_as_wished: tuple[tuple[Question, str], ...]
    points: tuple[Point, ...]

    @property
    def words(self) -> str:
        if self.opened is None:
            return "not opened"
        return "open" if self.closed is None else "closed"


def day_state(entries: Iterable[DayEntry], points: Iterable[Point]) -> DayState:
    """How a day stands by its entries and by what was found left open.

    entries: of one day, in any order.
    """
    by_time = sorted(entries, key=lambda entry: entry.at)
    opened = next((entry for entry in reversed(by_time) if entry.kind is Kind.OPEN), None)
    last = by_time[-1] if by_time else None
    answers = opened.items if opened else {}
    return DayState(
        opened=opened,
        closed=last if last is not None and last.kind is Kind.CLOSE else None,
        to_check=tuple(question for question in OPENING if question.code not in answers),
        not_as_wished=tuple(
            (question, answers[question.code].get("reason", ""))
            for question in OPENING
            if answers.get(question.code, {}).get("answer") == Answer.NO
        ),
        points=tuple(in_order(points)),
    )


def in_order(points: Iterable[Point]) -> list[Point]:
    """By the order of the checks; those of one check as they came."""
    place = {check.code: position for position, check in enumerate(CLOSING)}
    return sorted(points, key=lambda point: place[point.code])


@dataclass(frozen=True, slots=True)
class Found:
    """A check with what it found."""

    check: Check
    points: Sequence[Point]

    @property
    def words(self) -> str:
        return self.check.words(len(self.points))


def found(points: Iterable[Point]) -> list[Found]:
    """Every check with its points, also those that have none."""
    held = list(points)
    return [Found(check, [point for point in held if point.code == check.code]) for check in CLOSING]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an opening's answers: the field, and words that name the rule."""

    field: str
    words: str


def fault_in(answers: Mapping[str, Mapping[str, Any]]) -> Fault | None:
    """The first thing that keeps these answers from opening a day; None when nothing does.

    Each question is answered; a "no" says why; the prescriber is named.
    """
    known = {question.code for question in OPENING}
    for code in sorted(answers.keys() - known):
        return Fault(
            f"items.{code}", f"There is no question “{code}”; there are: {', '.join(sorted(known))}."
        )
    for question in OPENING:
        said = answers.get(question.code, {})
        answer = said.get("answer")
        if answer not in set(Answer):
            return Fault(f"items.{question.code}.answer", f"“{question.text}” needs an answer: yes or no.")
        if answer == Answer.NO and not str(said.get("reason") or "").strip():
            return Fault(
                f"items.{question.code}.reason", f"“{question.text}”: no. Say why; the day opens with it."
            )
        if answer == Answer.YES and question.asks_who and not said.get("who"):
            return Fault(f"items.{question.code}.who", f"“{question.text}” needs a name: who is it?")
    return None


def kept_answers(answers: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """The answers as the entry keeps them: only what bears on each, and nothing empty."""
    kept: dict[str, dict[str, str]] = {}
    for question in OPENING:
        said = answers[question.code]
        names: Sequence[str] = (
            ("reason",) if said["answer"] == Answer.NO else ("who",) if question.asks_who else ()
        )
        kept[question.code] = {"answer": str(said["answer"])} | {
            name: str(said[name]).strip() for name in names
        }
    return kept
