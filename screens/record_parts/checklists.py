"""Rows of a checklist with the buttons that answer them, for the record page's gate and readiness."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sessions.checklist import Answer, ItemState, Kind

ANSWERS = ((Answer.YES, "Yes"), (Answer.NO, "No"), (Answer.NOT_ASSESSED, "Not assessed"))
ANSWER_WORDS = dict(ANSWERS)


@dataclass(frozen=True, slots=True)
class Button:
    """One of a row's three answers: its words, what a tap sends, and whether it is the answer given."""

    words: str
    body: str
    pressed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the page draws it."""

    state: ItemState
    buttons: tuple[Button, ...]
    answer_words: str


def rows(states: Iterable[ItemState], kind: Kind, name: str) -> list[Row]:
    """The rows of one kind; ``name`` is where the act's body holds their answers."""
    return [_row(state, name) for state in states if state.item.kind is kind]


def _row(state: ItemState, name: str) -> Row:
    given = state.given.answer if state.given else None
    return Row(
        state,
        tuple(
            Button(words, json.dumps({name: {state.item.code: answer.value}}), answer is given)
            for answer, words in ANSWERS
        ),
        ANSWER_WORDS[given] if given else "",
    )
