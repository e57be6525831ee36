"""The gate before the dose: what people answered, what is on record, and whether a prescriber decided. Pure.

Nothing here blocks but one thing: a pressure above the protocol's value that no prescriber decided on. All
else that is open is written into the start, so that nothing passes in silence.

Sources: a pressure above 140 systolic or 90 diastolic is a decision point and no ban (US label of esketamine
nasal spray); the figures themselves are the protocol's row.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from clinic import credentials
from clinic.credentials import Standing
from sessions import record
from sessions.checklist import Answer, Item, ItemState, Kind, Phase, answers, asked, states_of
from sessions.protocol import DoseRules, Seen
from sessions.record import Entry


class Choice(StrEnum):
    """What a prescriber may decide before the dose."""

    GO_AHEAD = "go-ahead"
    WAIT = "wait"
    CANCEL = "cancel"


CHOICE_WORDS = {Choice.GO_AHEAD: "Go ahead", Choice.WAIT: "Wait", Choice.CANCEL: "Cancel"}


@dataclass(frozen=True, slots=True)
class Pressure:
    """A pressure before the dose, mmHg, at the time of its later half."""

    systolic: float
    diastolic: float
    at: datetime

    @property
    def words(self) -> str:
        return f"{self.systolic:g}/{self.diastolic:g}"

    def is_above(self, dose: DoseRules) -> bool:
        """True when either half is above the value from which a prescriber decides."""
        return self.systolic > dose.decide_above_systolic or self.diastolic > dose.decide_above_diastolic

    def as_details(self) -> dict[str, Any]:
        """As a decision keeps it, to say later which pressure it saw."""
        return {"systolic": self.systolic, "diastolic": self.diastolic, "at": self.at.isoformat()}


def pressure_in(values: Mapping[str, Seen]) -> Pressure | None:
    """The pressure among the newest values; None unless both halves are there."""
    systolic, diastolic = values.get("systolic"), values.get("diastolic")
    if systolic is None or diastolic is None:
        return None
    return Pressure(systolic.value, diastolic.value, max(systolic.at, diastolic.at))


@dataclass(frozen=True, slots=True)
class Decision:
    """The newest decision. ``holds``: it saw the pressure as it stands now."""

    choice: Choice
    by_name: str
    at: datetime
    reason: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A credential that bears on this session, and whose it is."""

    holder: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class GateFacts:
    """What is on record, gathered as plain values.

    before_dose:  the newest value of each vital before the dose, by its name.
    day:          the answers at the opening of the day; None when the day was not opened.
    credentials:  by kind, those that count: licence and ACLS of the nurse, DEA and REMS of any member.
    on:           the day of the session, in the clinic's zone.
    """

    on: date
    nurse: str = ""
    before_dose: Mapping[str, Seen] = field(default_factory=dict)
    day: Mapping[str, Answer] | None = None
    credentials: Mapping[str, tuple[Held, ...]] = field(default_factory=dict)
    consent_signed_on: date | None = None
    enrolled_on: date | None = None

    @property
    def pressure(self) -> Pressure | None:
        return pressure_in(self.before_dose)


@dataclass(frozen=True, slots=True)
class GateState:
    """The gate as it stands: each row with its answer, the pressure, and what was decided."""

    items: tuple[ItemState, ...]
    pressure: Pressure | None
    is_above: bool
    limit_words: str
    decision: Decision | None

    @property
    def undecided(self) -> str:
        """Why a start would pass over a prescriber, in words; empty when it would not."""
        holding = self.decision if self.decision and self.decision.holds else None
        if holding is not None and holding.choice is not Choice.GO_AHEAD:
            return f"A prescriber decided to {holding.choice} at the pressure as it stands."
        if self.is_above and holding is None and self.pressure is not None:
            return f"Blood pressure {self.pressure.words} before the dose is above {self.limit_words}."
        return ""


def gate_state(
    items: Iterable[Item], entries: Iterable[Entry], facts: GateFacts, dose: DoseRules
) -> GateState:
    """The gate's rows with their answers, from the charted entries and from what is on record.

    entries: those that count, in order of time: see ``record.current``.
    """
    entries = list(entries)
    decision = decision_of(entries, facts.pressure)
    given = answers(record.of_kind(entries, "gate"), "answers")
    states = tuple(
        _on_record(state, facts, dose, decision) if state.item.kind is Kind.ON_RECORD else state
        for state in states_of(asked(items, Phase.BEFORE_DOSE), given)
    )
    pressure = facts.pressure
    return GateState(
        items=states,
        pressure=pressure,
        is_above=pressure is not None and pressure.is_above(dose),
        limit_words=_limit(dose),
        decision=decision,
    )


def decision_of(entries: Iterable[Entry], pressure: Pressure | None) -> Decision | None:
    """The newest decision; it holds only for the pressure that it saw, value and time."""
    decided = record.of_kind(entries, "decide")
    if not decided:
        return None
    newest = decided[-1]
    saw = newest.details.get("pressure")
    return Decision(
        choice=Choice(newest.details["decision"]),
        by_name=newest.by_name,
        at=newest.at,
        reason=str(newest.details.get("reason", "")),
        holds=saw == (pressure.as_details() if pressure else None),
    )


def _limit(dose: DoseRules) -> str:
    return f"{dose.decide_above_systolic}/{dose.decide_above_diastolic}"


Finding = tuple[bool, str]


def _on_record(state: ItemState, facts: GateFacts, dose: DoseRules, decision: Decision | None) -> ItemState:
    if state.item.code == "pre-dose-bp":
        met, words = _pressure(facts, dose, decision)
    elif state.item.code in _ANSWERED_BY:
        met, words = _ANSWERED_BY[state.item.code](facts)
    else:
        met, words = False, "nothing on record answers this"
    return replace(state, is_met=met, words=words)


def _pressure(facts: GateFacts, dose: DoseRules, decision: Decision | None) -> Finding:
    pressure = facts.pressure
    if pressure is None:
        return False, "not taken yet"
    if not pressure.is_above(dose):
        return True, f"{pressure.words} mmHg"
    above = f"{pressure.words} mmHg, above {_limit(dose)}"
    if decision is not None and decision.holds:
        return decision.choice is Choice.GO_AHEAD, f"{above}; {decision.by_name} decided: {decision.choice}"
    return False, f"{above}: a prescriber decides"


def _taken(vital: str, unit: str) -> Callable[[GateFacts], Finding]:
    def find(facts: GateFacts) -> Finding:
        seen = facts.before_dose.get(vital)
        return (False, "not taken yet") if seen is None else (True, f"{seen.value:g}{unit}")

    return find


def _opened_with(name: str) -> Callable[[GateFacts], Finding]:
    def find(facts: GateFacts) -> Finding:
        if facts.day is None:
            return False, "the day is not opened yet"
        answer = facts.day.get(name)
        if answer is Answer.YES:
            return True, "as the day was opened"
        return False, "answered “no” when the day was opened" if answer is Answer.NO else "not answered today"

    return find


def _in_date(kind: str, of: Callable[[GateFacts], str]) -> Callable[[GateFacts], Finding]:
    """The credential of this kind that lasts longest must be in date on the day of the session."""

    def find(facts: GateFacts) -> Finding:
        held = max(facts.credentials.get(kind, ()), key=lambda one: one.expires_on, default=None)
        if held is None:
            return False, f"none on file {of(facts)}"
        met = credentials.standing(held.expires_on, facts.on) is not Standing.OUT
        return met, f"{held.holder}, {credentials.words(held.expires_on, facts.on)}"

    return find


def _signed(facts: GateFacts) -> Finding:
    signed_on = facts.consent_signed_on
    if signed_on is None:
        return False, "none in the course"
    return signed_on <= facts.on, f"signed {credentials.day_words(signed_on)}"


def _enrolled(facts: GateFacts) -> Finding:
    enrolled_on = facts.enrolled_on
    if enrolled_on is None:
        return False, "no date of enrolment"
    return enrolled_on <= facts.on, f"enrolled {credentials.day_words(enrolled_on)}"


def _of_nurse(facts: GateFacts) -> str:
    return f"for {facts.nurse}" if facts.nurse else "for the nurse"


def _of_anybody(_: GateFacts) -> str:
    return "in this clinic"


_ANSWERED_BY: dict[str, Callable[[GateFacts], Finding]] = {
    "pre-dose-spo2": _taken("spo2", " %"),
    "pre-dose-sedation": _taken("sedation", " of 5"),
    "prescriber-on-site": _opened_with("prescriber_on_site"),
    "oximeter": _opened_with("oximeter"),
    "licence": _in_date("licence", _of_nurse),
    "acls": _in_date("acls", _of_nurse),
    "dea": _in_date("dea", _of_anybody),
    "rems": _in_date("rems", _of_anybody),
    "consent": _signed,
    "enrolment": _enrolled,
}
