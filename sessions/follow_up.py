"""After the session: which check-ins a patient is asked for at home, what is asked, what worries. Pure.

The rows are data and the clinic's to set. Nothing here scores or rates anybody: an answer either has a
mark that somebody should look at it, or it has none. Answers count as response over the course.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sessions.indications import Indication


class Kind(StrEnum):
    DAY_1 = "24h"
    DAY_3 = "day-3"
    DAY_7 = "day-7"


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One check-in: how long after the session's end it is due, and how long its link then lives."""

    kind: Kind
    words: str
    due_after: timedelta
    link_lives: timedelta
    source: str


_SAMPLING = "clinical facts 5.3, sampling plan: +24 h, day 3, day 7; life of the link the clinic's to set"

CHECK_INS: tuple[CheckIn, ...] = (
    CheckIn(Kind.DAY_1, "24 hours", timedelta(hours=24), timedelta(hours=48), _SAMPLING),
    CheckIn(Kind.DAY_3, "Day 3", timedelta(days=3), timedelta(hours=48), _SAMPLING),
    CheckIn(Kind.DAY_7, "Day 7", timedelta(days=7), timedelta(hours=48), _SAMPLING),
)
BY_KIND: dict[str, CheckIn] = {one.kind.value: one for one in CHECK_INS}

# Unanswered this long after it was due, a check-in is overdue and somebody looks. The clinic's to set.
OVERDUE_AFTER = timedelta(hours=24)


class Form(StrEnum):
    """How a question is answered."""

    SCALE = "0 to 10"
    YES_NO = "yes or no"
    CHOICES = "any of these"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several answers. ``worries``: somebody should look when it is chosen."""

    code: str
    text: str
    worries: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the questionnaire.

    low, high:        what the ends of a scale mean.
    kinds, only_for:  when and for whom it is asked; empty for always and for everybody.
    worry:            the words of a worry; empty where no answer is one.
    worries_on:       the answer of a yes-or-no question that is one.
    worries_at_most, worries_at_least: marks on a scale; None until the clinic has set them. None is shipped.
    """

    code: str
    form: Form
    text: str
    source: str
    help: str = ""
    low: str = ""
    high: str = ""
    choices: tuple[Choice, ...] = ()
    kinds: tuple[Kind, ...] = ()
    only_for: tuple[Indication, ...] = ()
    worry: str = ""
    worries_on: bool | None = None
    worries_at_most: int | None = None
    worries_at_least: int | None = None


SCALE_FROM, SCALE_TO = 0, 10
HARM = "harm"

_OWN = "the clinic's own plain scale; example, the clinic's to set"
_DRIVING = "US esketamine label: no driving until the next day after restful sleep"
_LABEL = "clinical facts 10: label warning on suicidal thoughts; asked plainly, no instrument is copied"
_EFFECTS = "common effects as charted in the session; which of them are marked is the clinic's to set"

QUESTIONS: tuple[Question, ...] = (
    Question(
        "mood",
        Form.SCALE,
        "How is your mood today?",
        _OWN,
        low="Very low",
        high="Very good",
        worry="low mood",
    ),
    Question(
        "pain",
        Form.SCALE,
        "How strong is your pain today?",
        _OWN,
        low="No pain",
        high="The worst you can think of",
        only_for=(Indication.PAIN_NEUROPATHIC, Indication.PAIN_OTHER),
        worry="strong pain",
    ),
    Question(
        "drove",
        Form.YES_NO,
        "After your visit, did you drive before you had slept a night?",
        _DRIVING,
        help="A car, a bicycle in traffic, or any machine.",
        kinds=(Kind.DAY_1,),
        worry="drove before sleeping",
        worries_on=True,
    ),
    Question("slept", Form.YES_NO, "Did you sleep last night?", _OWN),
    Question(
        "symptoms",
        Form.CHOICES,
        "Is any of this still there?",
        _EFFECTS,
        help="Choose all that apply, or none.",
        choices=(
            Choice("nausea", "Feeling sick"),
            Choice("vomiting", "Vomiting", worries=True),
            Choice("dizziness", "Dizziness"),
            Choice("headache", "Headache"),
            Choice("sedation", "Sleepiness in the day"),
            Choice("blurred-vision", "Blurred vision"),
            Choice("anxiety", "Anxiety"),
            Choice("dissociation", "Feeling unreal or far away", worries=True),
            Choice("fainting", "Fainting", worries=True),
            Choice("breathing", "Trouble breathing", worries=True),
        ),
        worry="still there",
    ),
    Question(
        HARM,
        Form.YES_NO,
        "Have you had thoughts of harming yourself?",
        _LABEL,
        worry="thoughts of harming oneself",
        worries_on=True,
    ),
)


def asked(kind: str, indication: str) -> tuple[Question, ...]:
    """The questions of one check-in, for what the patient is treated for."""
    return tuple(
        question
        for question in QUESTIONS
        if (not question.kinds or kind in question.kinds)
        and (not question.only_for or indication in question.only_for)
    )


@dataclass(frozen=True, slots=True)
class Given:
    """A filled form: what it says, and per question why something cannot be taken."""

    answers: Mapping[str, Any]
    errors: Mapping[str, str]


def read(form: Mapping[str, Sequence[str]], questions: Iterable[Question]) -> Given:
    """Read a form's fields, each a list of texts. What was not asked is not read."""
    answers: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for question in questions:
        texts = form.get(question.code, ())
        if question.form is Form.CHOICES:
            known = [choice.code for choice in question.choices]
            answers[question.code] = [code for code in known if code in texts]
        elif len(texts) == 1 and (answer := _one(question, texts[0])) is not None:
            answers[question.code] = answer
        else:
            errors[question.code] = "Please choose one answer."
    return Given(answers, errors)


def _one(question: Question, text: str) -> int | bool | None:
    if question.form is Form.YES_NO:
        return {"yes": True, "no": False}.get(text)
    known = {str(number): number for number in range(SCALE_FROM, SCALE_TO + 1)}
    return known.get(text)


def worries(answers: Mapping[str, Any], questions: Iterable[Question] = QUESTIONS) -> tuple[str, ...]:
    """What of these answers somebody should look at, in words; thoughts of self-harm first."""
    found: list[str] = []
    for question in questions:
        if question.code not in answers:
            continue
        words = _worry(question, answers[question.code])
        if question.code == HARM:
            found[:0] = words
        else:
            found += words
    return tuple(found)


def _worry(question: Question, answer: Any) -> list[str]:
    if question.form is Form.CHOICES:
        return [
            f"{question.worry}: {choice.text.lower()}"
            for choice in question.choices
            if choice.worries and choice.code in answer
        ]
    if question.form is Form.YES_NO:
        return [question.worry] if answer is question.worries_on else []
    low, high = question.worries_at_most, question.worries_at_least
    met = (low is not None and answer <= low) or (high is not None and answer >= high)
    return [f"{question.worry}: {answer} of {SCALE_TO}"] if met else []


def in_words(answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Question and answer as staff read them, in the order asked."""
    return [
        (question.text, _answer_words(question, answers[question.code]))
        for question in QUESTIONS
        if question.code in answers
    ]


def _answer_words(question: Question, answer: Any) -> str:
    if question.form is Form.CHOICES:
        chosen = [choice.text for choice in question.choices if choice.code in answer]
        return ", ".join(chosen) or "None of these"
    if question.form is Form.YES_NO:
        return "Yes" if answer else "No"
    return f"{answer} of {SCALE_TO} ({SCALE_FROM} {question.low.lower()}, {SCALE_TO} {question.high.lower()})"


def due(ended_at: datetime, *, known_at: datetime) -> list[tuple[CheckIn, datetime]]:
    """The check-ins of a session that ended, each with when it is due.

    known_at: when the end was charted. A check-in whose link would be dead by then is history: entering a
    session of last month asks nobody how they slept.
    """
    planned = [(one, ended_at + one.due_after) for one in CHECK_INS]
    return [(one, due_at) for one, due_at in planned if due_at + one.link_lives > known_at]


class Standing(StrEnum):
    """How a check-in stands, in the order in which staff look at them."""

    WORRYING = "worrying answer"
    OVERDUE = "no answer"
    UNREACHED = "not sent"
    WAITING = "waiting"
    PLANNED = "planned"
    ANSWERED = "answered"
    REVIEWED = "reviewed"


NEEDS_SOMEONE = frozenset({Standing.WORRYING, Standing.OVERDUE, Standing.UNREACHED})


def standing(
    *,
    due_at: datetime,
    sent_at: datetime | None,
    trouble: str,
    answered_at: datetime | None,
    worries: Sequence[str],
    reviewed_at: datetime | None,
    at: datetime,
) -> Standing:
    """How one check-in stands at a moment. An answer that came after a review is a new thing to look at."""
    if reviewed_at is not None and (answered_at is None or answered_at <= reviewed_at):
        return Standing.REVIEWED
    if answered_at is not None:
        return Standing.WORRYING if worries else Standing.ANSWERED
    if at >= due_at + OVERDUE_AFTER:
        return Standing.OVERDUE
    if trouble and sent_at is None:
        return Standing.UNREACHED
    return Standing.PLANNED if sent_at is None else Standing.WAITING
