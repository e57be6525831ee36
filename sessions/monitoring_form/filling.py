"""Filling a version of the form from the facts; its gaps while the patient is still there; deviations. Pure.

Whether something was acceptable is answered by a person, never here; nor is a form ever submitted from here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sessions.monitoring_form import cells, pressures
from sessions.monitoring_form.cells import Cell, Origin
from sessions.monitoring_form.facts import FormFacts
from sessions.monitoring_form.fields import YES, Field, FilledBy, FormVersion, Kind, Override, Stage
from sessions.monitoring_form.fillers import FROM_RECORD
from sessions.states import State

LEFT_EARLY = "left before the minimum"
_STAGES = tuple(Stage)


def fill(version: FormVersion, facts: FormFacts) -> tuple[Cell, ...]:
    """Every cell of the form, in the version's order."""
    filled: dict[str, Cell] = {}
    for field in version.fields:
        filled[field.code] = _cell(version, field, facts, filled)
    return tuple(filled.values())


def signed_part(version: FormVersion, filled: Iterable[Cell]) -> str:
    """The digest of what a signature is given to: all cells but the signature."""
    unsigned = {field.code for field in version.fields if field.kind is not Kind.SIGNATURE}
    return cells.digest(version.code, (cell for cell in filled if cell.code in unsigned))


def _cell(version: FormVersion, field: Field, facts: FormFacts, so_far: Mapping[str, Cell]) -> Cell:
    if field.asked_when and so_far[field.asked_when].value != YES:
        return Cell(field.code, words="not asked", asked=False)
    said = facts.answer(field.code)
    if field.kind is Kind.SIGNATURE:
        return _signature(version, field, facts, so_far)
    found = FROM_RECORD[field.code](facts) if field.filled_by is FilledBy.RECORD else Cell(field.code)
    if said is not None and field.override is not Override.READING and field.is_answered:
        origin = Origin("answer", said.entry, said.at, f"answered by {said.by_name}")
        instead_of = found.words if found.value not in {None, said.value} else ""
        return Cell(field.code, said.value, str(said.value), (origin, *found.origins), instead_of=instead_of)
    if found.value is not None or not field.required:
        return Cell(field.code, found.value, found.words, found.origins)
    return Cell(field.code, origins=found.origins, missing=found.missing or _unanswered(field))


def _unanswered(field: Field) -> str:
    return field.label[:1].lower() + field.label[1:]


def _signature(version: FormVersion, field: Field, facts: FormFacts, so_far: Mapping[str, Cell]) -> Cell:
    """A signature holds for what it was given to: when a cell changed since, it is to be given again."""
    said = facts.answer(field.code)
    if said is None:
        return Cell(field.code, missing="signature of who watched")
    if said.digest != signed_part(version, so_far.values()):
        return Cell(field.code, missing=f"signature (something changed since {said.by_name} signed)")
    words = f"{said.by_name}, {cells.day_words(facts.day(said.at))}"
    return Cell(field.code, words, words, (Origin("answer", said.entry, said.at, "signed"),))


@dataclass(frozen=True, slots=True)
class Gap:
    """A cell that is empty and should not be. ``now``: it can be closed by now; else its time comes later."""

    code: str
    words: str
    now: bool


def gaps(version: FormVersion, filled: Iterable[Cell], facts: FormFacts, at: datetime) -> tuple[Gap, ...]:
    """What is missing, in the form's order."""
    reached = _STAGES.index(_stage(facts, at))
    stages = {field.code: _STAGES.index(field.stage) for field in version.fields}
    return tuple(
        Gap(cell.code, cell.missing, now=stages[cell.code] <= reached) for cell in filled if cell.missing
    )


def _stage(facts: FormFacts, at: datetime) -> Stage:
    """How far the session has come, by its state and the times its form hangs on."""
    if facts.ended_at is not None:
        return Stage.ENDED
    window_over = facts.window_ends_at is not None and at >= facts.window_ends_at
    if facts.state is State.READY or window_over:
        return Stage.LEAVING
    span = pressures.window(facts)
    if span is None:
        return Stage.CHECKED_IN
    return Stage.FORTY if at >= span[0] else Stage.DOSED


def gap_words(found: Iterable[Gap]) -> str:
    """The gaps that can be closed by now, as one line: "missing: 40-minute BP, lot number of device 2"."""
    names = [gap.words for gap in found if gap.now]
    return f"missing: {', '.join(names)}" if names else ""


def deviations(facts: FormFacts) -> tuple[str, ...]:
    """What the session's course departs in from the minimum, in words."""
    if facts.started_at is None or facts.ended_at is None:
        return ()
    minutes = facts.minute(facts.ended_at)
    of_minimum = f"{minutes} of at least {facts.total_min} minutes"
    if facts.outcome == LEFT_EARLY:
        reason = f": {facts.outcome_reason}" if facts.outcome_reason else ""
        return (f"Left before the minimum, after {of_minimum}{reason}",)
    if facts.state is State.TRANSFERRED:
        return (f"Transferred to other care, after {of_minimum}",)
    if minutes < facts.total_min:
        return (f"Watched for {of_minimum}",)
    return ()
