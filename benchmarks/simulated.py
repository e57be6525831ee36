"""Simulated sessions against the flag engine: what a nurse charts, what a monitor streams, what was true.

Patients, physiology, artefacts and the log of what happened are ``vitals.simulator``'s, from seeds that
nothing else uses. Nothing here, and nothing there, was chosen with a limit in view. All minutes count from
the start of the dose.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from random import Random
from uuid import UUID

from sessions.protocol import DoseClock, ProtocolRules, Step, plan, window_end
from sessions.shipped import IV_KETAMINE, NASAL_ESKETAMINE
from sessions.states import State
from vitals import limits, rules
from vitals.limits import LimitSet
from vitals.measured import Measured
from vitals.panel import OpenSymptom, Panel
from vitals.replaying import Arrival, FlagStory, Replay, Standing
from vitals.simulator import population
from vitals.simulator.physiology import Event, Patient, Session
from vitals.simulator.population import EventKind, Route

START = datetime(2031, 3, 3, 14, 0, tzinfo=UTC)
EXAMPLE = LimitSet(1, limits.EXAMPLE_NAME, 1, "", "", limits.EXAMPLE_RULES)

CHECK_IN_MIN = -15.0
IV_MIN = 40.0
NASAL_DEVICES = (2, 3)
DEVICE_EVERY_MIN = 5.0
SESSION_NUMBERS = (1, 20)
STREAM_EVERY_S = 10.0
# a cuff cycle that failed is begun again so much later
CUFF_AGAIN_S = 60.0
# how long after a set is due a person measures it, and after a re-check is due
SET_DELAY_S = (15.0, 110.0)
RECHECK_DELAY_S = (5.0, 100.0)
SYMPTOM_DELAY_S = (30.0, 120.0)
TAKEN_AFTER = timedelta(seconds=60)

CUFF = frozenset({"systolic", "diastolic", "mean"})
STREAM = frozenset({"heart_rate", "respiratory_rate", "spo2"})
# what a nurse charts of the log; the other entries are seen in the values
FELT = {
    EventKind.NAUSEA: "nausea",
    EventKind.VOMITING: "vomiting",
    EventKind.HEADACHE: "headache",
}


class Way(StrEnum):
    """How values reach the record."""

    CHARTED = "charted"
    STREAMED = "streamed"


# which conditions show an event; any one of them is its flag
SHOWN_BY: dict[EventKind, frozenset[str]] = {
    EventKind.DESATURATION: frozenset({"spo2-low"}),
    EventKind.APNOEA: frozenset({"spo2-low", "rr-low", "rr-zero", "sedation-low"}),
    EventKind.VASOVAGAL: frozenset({"bp-low", "hr-low"}),
    EventKind.HYPERTENSIVE: frozenset({"bp-high"}),
    EventKind.DROP_OUT: frozenset({rules.SILENT_CONDITION}),
}
MEASURED_BY: dict[EventKind, frozenset[str]] = {
    EventKind.DESATURATION: frozenset({"spo2"}),
    EventKind.APNOEA: frozenset({"spo2", "respiratory_rate"}),
    EventKind.VASOVAGAL: frozenset({"systolic", "heart_rate"}),
    EventKind.HYPERTENSIVE: frozenset({"systolic"}),
}


def at_minute(minutes: float) -> datetime:
    """A minute of the session as a time, to the second, as a chart has it."""
    return START + timedelta(seconds=round(minutes * 60))


def minute_of(at: datetime) -> float:
    return (at - START).total_seconds() / 60


@dataclass(frozen=True, slots=True)
class Drawn:
    """One simulated session: its patient, its protocol, when its dose ends; and what was injected, if any."""

    number: int
    session: Session
    protocol: ProtocolRules
    dose_end_min: float
    injected: Event | None = None

    @property
    def is_uneventful(self) -> bool:
        """True when the simulator's log holds nothing but artefacts, which are not events."""
        return all(event.artefact for event in self.session.events)

    @property
    def ends_min(self) -> float:
        clock = DoseClock(at_minute(CHECK_IN_MIN), START, at_minute(self.dose_end_min))
        ends_at = window_end(self.protocol, clock)
        assert ends_at is not None, "the dose has begun"
        return minute_of(ends_at)

    def rng(self, purpose: str) -> Random:
        return Random(f"unseen/{self.session.seed}/{purpose}")


def draw(name: str, number: int) -> Drawn:
    """The ``number``-th session of a named series: every other one nasal."""
    rng = Random(f"unseen/{name}/{number}")
    route = Route.NASAL if number % 2 else Route.IV
    patient = Patient.draw(rng, route)
    session = Session.draw(patient, rng, number=rng.randint(*SESSION_NUMBERS))
    if route is Route.IV:
        return Drawn(number, session, IV_KETAMINE, IV_MIN)
    devices = rng.choice(NASAL_DEVICES)
    return Drawn(number, session, NASAL_ESKETAMINE, (devices - 1) * DEVICE_EVERY_MIN)


def inject(drawn: Drawn, kind: EventKind) -> Drawn:
    """The same session with one event of this kind, drawn from the simulator's own row of it."""
    row = population.EVENTS[kind]
    rng = drawn.rng(f"inject/{kind}")
    starts_min, lasts_min = rng.uniform(*row.starts_min), rng.uniform(*row.lasts_min)
    if row.artefact:
        # before the dose the monitor may not have been heard twice
        starts_min = max(starts_min, 0.0)
    starts_min = min(starts_min, drawn.ends_min - lasts_min)
    event = Event(
        kind,
        starts_min,
        starts_min + lasts_min,
        rng.uniform(*row.size),
        ramp_min=0.0 if row.artefact else population.RAMP_SHARE * lasts_min,
    )
    session = drawn.session.with_scene(event)
    return Drawn(drawn.number, session, drawn.protocol, drawn.dose_end_min, event)


@dataclass(slots=True)
class Watched:
    """What became of one session: its flags, and all that was measured and found, by minute."""

    drawn: Drawn
    way: Way
    replay: Replay

    @property
    def flags(self) -> list[FlagStory]:
        return self.replay.flags


def watch(drawn: Drawn, way: Way, limit_set: LimitSet = EXAMPLE) -> Watched:
    """Run one session from check-in to the end of its window."""
    return _Chair(drawn, way, limit_set).run()


class _Chair:
    """A chair with a nurse, and where it streams a monitor; they look at the panel, as the board shows it."""

    def __init__(self, drawn: Drawn, way: Way, limit_set: LimitSet) -> None:
        self._drawn = drawn
        self._way = way
        self._standings = list(_standings(drawn))
        opening = self._standings.pop(0)
        self._replay = Replay(
            UUID(int=drawn.number),
            drawn.protocol.route,
            opening,
            limit_set,
            _plan_of(drawn),
            taken_after=TAKEN_AFTER,
        )
        self._stream_at = at_minute(CHECK_IN_MIN) if way is Way.STREAMED else None
        self._cuff_from = opening.at
        self._visited_to = opening.at

    @property
    def _panel(self) -> Panel:
        return self._replay.panel

    def run(self) -> Watched:
        while self._standings:
            at, act = min(self._next(), key=lambda one: one[0])
            act(at)
        return Watched(self._drawn, self._way, self._replay)

    def _next(self) -> Iterator[tuple[datetime, Callable[[datetime], None]]]:
        """What anybody does next, earliest wins; what the rules do meanwhile may bring something nearer."""
        yield self._standings[0].at, self._stand
        if (alert_at := self._replay.next_at()) is not None:
            yield alert_at, self._replay.until
        if self._stream_at is not None:
            yield self._stream_at, self._stream
        if (visit_at := self._visit_at()) is not None:
            yield visit_at, self._visit
        if (cuff_at := self._cuff_at()) is not None:
            yield cuff_at, self._cuff

    def _stand(self, at: datetime) -> None:
        self._replay.stand(self._standings.pop(0))

    # --- the monitor

    def _stream(self, at: datetime) -> None:
        self._read(at, self._drawn.session.stream_at(minute_of(at)), from_device=True)
        self._stream_at = at + timedelta(seconds=STREAM_EVERY_S)

    def _cuff_at(self) -> datetime | None:
        """The monitor's cuff begins when a pressure is due, by the plan or to be checked again."""
        if self._way is Way.CHARTED:
            return None
        due = self._panel.due
        times = [due.at] if due is not None and CUFF & set(due.missing) else []
        times += [one.at for one in self._panel.rechecks if not one.with_set and CUFF & set(one.vitals)]
        return max(min(times), self._cuff_from) if times else None

    def _cuff(self, at: datetime) -> None:
        self._read(at, self._drawn.session.cuff_at(minute_of(at)), from_device=True)
        self._cuff_from = at + timedelta(seconds=CUFF_AGAIN_S)

    # --- the nurse

    def _visit_at(self) -> datetime | None:
        times = [at for at, _ in self._tasks()]
        return max(min(times), self._visited_to) if times else None

    def _tasks(self) -> Iterator[tuple[datetime, frozenset[str]]]:
        """When the nurse goes, and what she measures then; a monitor leaves her what only a person can."""
        machine = CUFF | STREAM if self._way is Way.STREAMED else frozenset[str]()
        due = self._panel.due
        if due is not None and (by_hand := frozenset(due.missing) - machine):
            yield due.at + self._delay("set", due.at, SET_DELAY_S), by_hand
        for one in self._panel.rechecks:
            if not one.with_set and (by_hand := frozenset(one.vitals) - machine):
                yield one.at + self._delay(one.condition, one.at, RECHECK_DELAY_S), by_hand

    def _delay(self, what: str, due_at: datetime, bounds: tuple[float, float]) -> timedelta:
        return timedelta(seconds=round(self._drawn.rng(f"{what}/{due_at}").uniform(*bounds)))

    def _visit(self, at: datetime) -> None:
        wanted = {name for visit_at, names in self._tasks() if visit_at <= at for name in names}
        minutes = minute_of(at)
        by_hand = self._drawn.session.vitals_at(minutes, artefacts=False)
        values = {name: value for name, value in by_hand.items() if name in wanted}
        if "sedation" in wanted:
            values["sedation"] = float(self._drawn.session.sedation_at(minutes))
        self._read(at, values, from_device=False)
        self._visited_to = at + timedelta(seconds=1)

    def _read(self, at: datetime, values: dict[str, float], *, from_device: bool) -> None:
        if values:
            self._replay.read(Arrival(Measured(None, at, values), at, from_device))
        else:
            self._replay.until(at)


def _plan_of(drawn: Drawn) -> Callable[[Panel], Sequence[Step]]:
    """The protocol's plan for this session, worked out once per dose clock."""
    known: dict[DoseClock, list[Step]] = {}
    until = at_minute(drawn.ends_min)

    def planned(panel: Panel) -> Sequence[Step]:
        ends_at = panel.dose_ended_at or panel.planned_end_at
        clock = DoseClock(panel.checked_in_at, panel.dose_started_at, ends_at)
        if clock not in known:
            known[clock] = plan(drawn.protocol, clock, until=until)
        return known[clock]

    return planned


def _standings(drawn: Drawn) -> Iterator[Standing]:
    """The session from check-in to the end of its window, with the symptoms that are charted in between."""
    checked_in_at, ends_at = at_minute(CHECK_IN_MIN), at_minute(drawn.ends_min)
    dose_ends_at = at_minute(drawn.dose_end_min)
    felt = list(_felt(drawn))
    moments = {checked_in_at, START, dose_ends_at, ends_at}
    moments |= {at for _, since, until in felt for at in (since, until) if checked_in_at < at < ends_at}
    for at in sorted(moments):
        begun, ended = at >= START, at >= dose_ends_at
        state = State.MONITORING if ended else State.DOSING if begun else State.CHECKED_IN
        yield Standing(
            at,
            State.RELEASED if at == ends_at else state,
            checked_in_at,
            dose_started_at=START if begun else None,
            planned_end_at=dose_ends_at if begun else None,
            dose_ended_at=dose_ends_at if ended else None,
            symptoms=tuple(
                OpenSymptom(code, severe=False, at=since)
                for code, since, until in felt
                if since <= at < until
            ),
        )


def _felt(drawn: Drawn) -> Iterator[tuple[str, datetime, datetime]]:
    """Symptom, when it is charted, when it is charted as gone: each by a person, a little later."""
    rng = drawn.rng("felt")
    for event in drawn.session.events:
        if event.kind in FELT:
            since, until = (
                at_minute(minutes + rng.uniform(*SYMPTOM_DELAY_S) / 60)
                for minutes in (event.starts_at_min, event.ends_at_min)
            )
            yield FELT[event.kind], since, until
