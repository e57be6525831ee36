"""A due set put off by some minutes, with its reason and its owner: the plan with it, and what may be. Pure.

One due time moves, once, and with it when it becomes overdue; every other set stays where it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sessions.protocol import Step
from sessions.record import Entry, of_kind

MINUTE = timedelta(minutes=1)

# the set by its label and the time the protocol gave it → by how many minutes it was put off
Moves = Mapping[tuple[str, datetime], int]


@dataclass(frozen=True, slots=True)
class Postponement:
    """One set that somebody put off. ``due_at`` is the time the protocol gave it."""

    label: str
    due_at: datetime
    minutes: int
    by: str
    reason: str


def postponements(entries: Iterable[Entry]) -> list[Postponement]:
    """The sets put off, as the current entries say; of several for one set the first counts."""
    found: dict[tuple[str, datetime], Postponement] = {}
    for entry in of_kind(entries, "postpone"):
        said = entry.details
        one = Postponement(
            label=said["label"],
            due_at=datetime.fromisoformat(said["due_at"]),
            minutes=said["minutes"],
            by=entry.by_name,
            reason=said["reason"],
        )
        found.setdefault((one.label, one.due_at), one)
    return list(found.values())


def most_minutes(step: Step) -> int:
    """How far a set may be put off: a single one to its window's end, a repeated one to before the next."""
    if step.every_min is not None:
        return step.every_min - 1
    return max(0, (step.closes_at - step.due_at) // MINUTE)


def moved(steps: Sequence[Step], moves: Moves) -> list[Step]:
    """The plan with these sets put off, in order of time.

    A repeated set's window closes later by as much; a single one keeps its window, for the window is what the
    record asks for. A set is put off by no more than ``most_minutes``, whatever was charted.
    """
    if not moves:
        return list(steps)
    plan = [_put_off(step, moves.get((step.label, step.due_at), 0)) for step in steps]
    plan.sort(key=lambda step: (step.due_at, -len(step.needs)))
    return plan


def _put_off(step: Step, minutes: int) -> Step:
    by = max(0, min(minutes, most_minutes(step)))
    if not by:
        return step
    closes_at = step.closes_at if step.every_min is None else step.closes_at + by * MINUTE
    return replace(step, due_at=step.due_at + by * MINUTE, closes_at=closes_at, postponed_min=by)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a set cannot be put off, in words that name value and rule; ``field``: the one at fault, if any."""

    words: str
    field: str | None = None


def refusal(
    due: Step | None, minutes: int, *, at: datetime, asked: tuple[str, datetime] | None
) -> Refused | None:
    """Why the set that is due now or next cannot be put off by so many minutes; None when it can.

    due:   that set, as the plan has it now; its times in the clinic's zone, for they are shown.
    asked: label and time of the set that the caller saw, where the caller said so.
    """
    if due is None:
        return Refused("No set is due, so none can be postponed.")
    if asked is not None and asked not in {(due.label, due.due_at), (due.label, due.planned_at)}:
        return Refused(
            f"The set that is due is another one now: {due.label} of {due.due_at:%H:%M}.", "due_at"
        )
    if due.postponed_min:
        return Refused(
            f"{due.label} of {due.planned_at:%H:%M} was postponed by {due.postponed_min} min already; "
            "a set is postponed once."
        )
    most = most_minutes(due)
    if minutes > most:
        end = (
            f"its window ends {due.closes_at:%H:%M}" if due.every_min is None else "then the next one is due"
        )
        return Refused(
            f"{due.label} of {due.due_at:%H:%M} can be postponed by at most {most} min, "
            f"not {minutes}: {end}.",
            "minutes",
        )
    if due.due_at + minutes * MINUTE <= at:
        return Refused(
            f"{due.label} was due {due.due_at:%H:%M}: {minutes} min later is past. "
            "Chart the set, or why it could not be measured.",
            "minutes",
        )
    return None
