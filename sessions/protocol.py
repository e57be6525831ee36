"""The protocol's sums: the window, the plan of due sets, what is still missing before an end.

Pure: numbers, times and dataclasses in, the same out. A protocol is a versioned row; what is here reads it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sessions.checklist import Item
from sessions.states import State


class Route(StrEnum):
    IV = "iv"
    NASAL = "nasal"


class Anchor(StrEnum):
    """What a step's time is counted from."""

    CHECK_IN = "check-in"
    DOSE_START = "dose start"
    DOSE_END = "dose end"
    RELEASE = "earliest release"
    WAITING = "waiting for escort"


@dataclass(frozen=True, slots=True)
class StepRule:
    """A row of a protocol's schedule.

    first_min:  minutes from the anchor to the first set.
    every_min:  minutes between repeats; None for a single set.
    until:      the anchor that ends the repeats (the next phase begins there); None for a single set.
    needs:      names of the vitals each of its sets must hold.
    opens_min, closes_min: how long before and after its time a set still fills the step.
    """

    label: str
    anchor: Anchor
    first_min: int
    needs: tuple[str, ...]
    opens_min: int
    closes_min: int
    every_min: int | None = None
    until: Anchor | None = None


@dataclass(frozen=True, slots=True)
class DoseRules:
    """What a protocol says of giving the dose. Minutes, mg, mmHg.

    decide_above_…: a pre-dose pressure above either is decided and signed by a prescriber.
    most_mg_per_kg: within most_mg_per_kg_within_min; more of it asks for a reason, as do an infusion shorter
                    than shortest_infusion_min and a weight older than weight_good_for_days.
    device_rest_min: minutes of rest after each nasal device of device_mg.
    """

    decide_above_systolic: int
    decide_above_diastolic: int
    most_mg_per_kg: float
    most_mg_per_kg_within_min: int
    shortest_infusion_min: int
    weight_good_for_days: int
    device_mg: int
    device_rest_min: int


@dataclass(frozen=True, slots=True)
class ProtocolRules:
    """What a protocol row says, as plain values. Minutes throughout."""

    code: str
    version: int
    route: Route
    total_min: int
    post_min: int
    planned_dose_min: int
    steps: tuple[StepRule, ...]
    items: tuple[Item, ...]
    dose: DoseRules


@dataclass(frozen=True, slots=True)
class DoseClock:
    """The times every check hangs on. ``ended_at`` may be a forecast until the end is charted.

    waited: earlier times of waiting for the escort that a breach ended: see ``sessions.waiting``.
    """

    checked_in_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    waiting_at: datetime | None = None
    waited: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One set that is due, with the window in which a measurement fills it.

    postponed_min: by how much ``due_at`` lies after the protocol's time: see ``sessions.postponing``.
    """

    label: str
    due_at: datetime
    opens_at: datetime
    closes_at: datetime
    every_min: int | None
    needs: tuple[str, ...]
    postponed_min: int = 0

    @property
    def planned_at(self) -> datetime:
        """The time the protocol gave it."""
        return self.due_at - timedelta(minutes=self.postponed_min)


def window_end(rules: ProtocolRules, clock: DoseClock) -> datetime | None:
    """The earliest release: the later of the two clocks; None before the first dose.

    source: total from the first device or infusion start, post from the last device or infusion end.
    """
    if clock.started_at is None:
        return None
    from_start = clock.started_at + timedelta(minutes=rules.total_min)
    if clock.ended_at is None:
        return from_start
    return max(from_start, clock.ended_at + timedelta(minutes=rules.post_min))


def plan(rules: ProtocolRules, clock: DoseClock, *, until: datetime) -> list[Step]:
    """Every due set from check-in up to ``until``, in order of time.

    Repeats go on beyond the window's end for as long as the patient is there, so the caller says how far.
    One set may answer several steps: see ``next_step``.
    """
    anchors = {
        Anchor.CHECK_IN: clock.checked_in_at,
        Anchor.DOSE_START: clock.started_at,
        Anchor.DOSE_END: clock.ended_at if clock.started_at else None,
        Anchor.RELEASE: window_end(rules, clock),
        Anchor.WAITING: clock.waiting_at,
    }
    steps: list[Step] = []
    for row in rules.steps:
        found = _steps_of(row, anchors, until)
        if row.until is Anchor.WAITING:
            found = [step for step in found if not _rests(step, clock.waited)]
        steps.extend(found)
        if row.anchor is Anchor.WAITING:
            for from_at, to_at in clock.waited:
                steps.extend(_steps_of(row, {Anchor.WAITING: from_at}, to_at))
    steps.sort(key=lambda step: (step.due_at, -len(step.needs)))
    return steps


def _rests(step: Step, waited: Sequence[tuple[datetime, datetime]]) -> bool:
    """True for a set that the waiting's own sets stood in for."""
    return any(from_at < step.due_at <= to_at for from_at, to_at in waited)


def _steps_of(row: StepRule, anchors: Mapping[Anchor, datetime | None], until: datetime) -> list[Step]:
    start = anchors[row.anchor]
    if start is None:
        return []
    last = until
    if row.until is not None and (ends := anchors[row.until]) is not None:
        last = min(until, ends)
    due_at = start + timedelta(minutes=row.first_min)
    steps: list[Step] = []
    while due_at <= last:
        steps.append(
            Step(
                label=row.label,
                due_at=due_at,
                opens_at=due_at - timedelta(minutes=row.opens_min),
                closes_at=due_at + timedelta(minutes=row.closes_min),
                every_min=row.every_min,
                needs=row.needs,
            )
        )
        if row.every_min is None:
            break
        due_at += timedelta(minutes=row.every_min)
    return steps


def next_step(
    steps: Sequence[Step], answered_at: Mapping[str, datetime], *, rings_from: datetime | None
) -> tuple[Step, tuple[str, ...]] | None:
    """The first step that still lacks a vital, and the vitals it lacks; None when nothing is planned.

    answered_at: per vital, when it was last measured or charted as "could not measure".
    A set answers every step that had opened by then, so one set after a missed one is enough, and the
    answer does not depend on the order in which readings arrived.
    Steps due before ``rings_from`` were history when they were entered; they are never rung.
    """
    for step in steps:
        if rings_from is not None and step.due_at < rings_from:
            continue
        missing = tuple(
            vital for vital in step.needs if (at := answered_at.get(vital)) is None or at < step.opens_at
        )
        if missing:
            return step, missing
    return None


class StepState(StrEnum):
    MET = "met"
    MISSED = "missed"
    DUE = "due"
    WAITING = "waiting"


def state_of(step: Step, measured: Mapping[str, Sequence[datetime]], at: datetime) -> StepState:
    """How a step stands: each vital it needs must have been measured inside its window."""
    met = all(
        any(step.opens_at <= moment <= step.closes_at for moment in measured.get(vital, ()))
        for vital in step.needs
    )
    if met:
        return StepState.MET
    if at > step.closes_at:
        return StepState.MISSED
    return StepState.DUE if at >= step.due_at else StepState.WAITING


@dataclass(frozen=True, slots=True)
class Seen:
    """One value that was measured, in its vital's unit, and when."""

    value: float
    at: datetime


@dataclass(frozen=True, slots=True)
class ReadinessEvidence:
    """What stands above this app and bears on start and release, gathered there as plain values.

    unacknowledged_high: open flags of high priority that nobody took.
    before_dose: the newest value of each vital measured before the dose began, by the vital's name.
    latest:      the newest value of each vital.
    """

    unacknowledged_high: int
    before_dose: Mapping[str, Seen] = field(default_factory=dict)
    latest: Mapping[str, Seen] = field(default_factory=dict)


def missing_before_release(
    *,
    state: State,
    at: datetime,
    window_ends_at: datetime | None,
    dose_ended_at: datetime | None,
    evidence: ReadinessEvidence,
) -> tuple[str, ...]:
    """What stands between this session and a release, in words a nurse can act on; empty when nothing.

    A set that could not be taken does not stand in the way: it is a missed step that the record shows, and
    whoever assesses readiness decides.
    window_ends_at: in the clinic's zone, for it is shown.
    """
    missing: list[str] = []
    if dose_ended_at is None:
        missing.append("end of dose not charted")
    if window_ends_at is not None and at < window_ends_at:
        missing.append(f"earliest release {window_ends_at:%H:%M}")
    if state is not State.READY:
        missing.append("readiness not assessed")
    if evidence.unacknowledged_high:
        missing.append("a flag of high priority that nobody has taken")
    return tuple(missing)


def is_early(at: datetime, window_ends_at: datetime | None) -> bool:
    """True while the window has not ended, so that an end now is an early end."""
    return window_ends_at is not None and at < window_ends_at


def early_end_act(route: Route) -> str:
    """IV may be released early over a prescriber's signature; nasal under REMS "left before the minimum"."""
    return "end-early" if route is Route.IV else "leave-early"
