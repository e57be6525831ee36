"""The dose as a sum over what was charted: when it ran, how fast, how much by when. Pure.

Acts and corrections alike end here: the columns of a session are written from what ``dose_of`` says, so a
start moved by seven minutes moves all that hangs on it. We chart; we drive no pump.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from clinic.refusals import Invalid
from sessions.protocol import ProtocolRules, Route
from sessions.record import Entry

# entries that move the dose; the last four also end it where it still ran
KINDS = frozenset({"start", "dose", "pause", "resume", "stop", "transfer", "end-early", "leave-early"})
ENDING = frozenset({"stop", "transfer", "end-early", "leave-early"})
DEVICES_UNLESS_SAID = 2


@dataclass(frozen=True, slots=True)
class Flow:
    """A time in which the infusion ran at one rate; ``until_at`` is None while it runs."""

    from_at: datetime
    until_at: datetime | None
    mg_per_h: float


@dataclass(frozen=True, slots=True)
class Bolus:
    at: datetime
    mg: float


@dataclass(frozen=True, slots=True)
class Device:
    """One nasal device, in the order of use from 1; ``rest_until`` is when its rest ends."""

    number: int
    at: datetime
    lot: str
    expires_on: date | None
    rest_until: datetime


@dataclass(frozen=True, slots=True)
class Dose:
    """Everything about the dose of one session. mg, mg/mL, kg; None or empty before the first of it.

    ordered_mg:     what the infusion or the planned devices hold, without boluses.
    planned_end_at: when the infusion has run, as charted so far; pauses and rates have moved it.
    """

    route: Route
    device_mg: int
    ordered_mg: float | None = None
    concentration_mg_per_ml: float | None = None
    weight_kg: float | None = None
    started_at: datetime | None = None
    planned_end_at: datetime | None = None
    ended_at: datetime | None = None
    held_at: datetime | None = None
    paused_s: int = 0
    planned_devices: int | None = None
    flows: tuple[Flow, ...] = ()
    boluses: tuple[Bolus, ...] = ()
    devices: tuple[Device, ...] = ()

    @property
    def total_mg(self) -> float | None:
        """Ordered and boluses together: what the session will have been given when it has all run."""
        if self.ordered_mg is None:
            return None
        return self.ordered_mg + sum(bolus.mg for bolus in self.boluses)

    @property
    def mg_per_h(self) -> float | None:
        """The rate now; None while nothing runs."""
        return self.flows[-1].mg_per_h if self.flows and self.flows[-1].until_at is None else None

    @property
    def rest_until(self) -> datetime | None:
        """When the rest after the newest device ends."""
        return self.devices[-1].rest_until if self.devices else None

    def given_mg(self, at: datetime) -> float:
        """Milligrams given by ``at``: for an infusion a calculation from charted times, no pump's word."""
        if self.route is Route.NASAL:
            return float(self.device_mg * sum(1 for device in self.devices if device.at <= at))
        run = sum(_hours(flow, at) * flow.mg_per_h for flow in self.flows)
        infused = min(run, self.ordered_mg or 0.0)
        return infused + sum(bolus.mg for bolus in self.boluses if bolus.at <= at)

    def remaining_mg(self, at: datetime) -> float:
        """What was ordered and is not given by ``at``; after an early end, what was never given."""
        return max(0.0, (self.total_mg or 0.0) - self.given_mg(at))


def _hours(flow: Flow, at: datetime) -> float:
    until = min(at, flow.until_at) if flow.until_at else at
    return max(0.0, (until - flow.from_at).total_seconds()) / 3600


def dose_of(entries: Iterable[Entry], rules: ProtocolRules) -> Dose:
    """The dose that these entries add up to.

    entries: current ones (see ``record.current``), by time; those that move no dose are passed over.
    raises:  Invalid when they cannot follow each other, naming the one that does not fit.
    """
    sum_ = _Infusion(rules) if rules.route is Route.IV else _Devices(rules)
    for entry in entries:
        if entry.kind in KINDS:
            sum_.add(entry)
    return sum_.dose()


def _misfit(entry: Entry, words: str) -> Invalid:
    return Invalid(f"“{entry.kind}” at {entry.at.isoformat()} {words}.", field="at")


@dataclass
class _Sum(ABC):
    """What both routes share: a start, then other entries, then an end."""

    rules: ProtocolRules
    started_at: datetime | None = None
    ended_at: datetime | None = None

    def add(self, entry: Entry) -> None:
        if entry.kind == "start":
            if self.started_at is not None:
                raise _misfit(entry, f"is a second start; the first was at {self.started_at.isoformat()}")
            self.started_at = entry.at
            self.start(entry)
        elif entry.kind in ENDING:
            self.end(entry)
        elif self.started_at is None:
            # a hold before the dose is resumed too; a bolus or device without a start cannot be
            if entry.kind == "dose":
                raise _misfit(entry, "is before the start of the dose")
        elif self.ended_at is not None:
            raise _misfit(entry, f"is after the end of the dose at {self.ended_at.isoformat()}")
        else:
            self.go_on(entry)

    def end(self, entry: Entry) -> None:
        if self.started_at is None:
            if entry.kind == "stop":
                raise _misfit(entry, "is before the start of the dose")
        elif self.ended_at is None:
            self.close(entry.at)
            self.ended_at = entry.at
        elif entry.kind == "stop":
            raise _misfit(entry, f"is after the end of the dose at {self.ended_at.isoformat()}")

    @abstractmethod
    def start(self, entry: Entry) -> None:
        """The first entry of the dose."""

    @abstractmethod
    def go_on(self, entry: Entry) -> None:
        """Any other entry between start and end."""

    @abstractmethod
    def close(self, at: datetime) -> None:
        """The dose ends at ``at``: what is still open closes."""

    @abstractmethod
    def dose(self) -> Dose:
        """The sum so far."""


@dataclass
class _Infusion(_Sum):
    ordered_mg: float | None = None
    concentration: float | None = None
    weight_kg: float | None = None
    rate: float = 0.0
    planned_end_at: datetime | None = None
    held_at: datetime | None = None
    paused_s: float = 0.0
    flows: list[Flow] = field(default_factory=list)
    boluses: list[Bolus] = field(default_factory=list)

    def start(self, entry: Entry) -> None:
        details = entry.details
        minutes = int(details.get("duration_min") or self.rules.planned_dose_min)
        self.ordered_mg = float(details["dose_mg"])
        self.concentration = _number(details, "concentration_mg_per_ml")
        self.weight_kg = _number(details, "weight_kg")
        self.rate = self.ordered_mg * 60 / minutes
        self.planned_end_at = entry.at + timedelta(minutes=minutes)
        self.flows.append(Flow(entry.at, None, self.rate))

    def go_on(self, entry: Entry) -> None:
        if entry.kind == "pause":
            if self.held_at is None:
                self._close_flow(entry.at)
                self.held_at = entry.at
        elif entry.kind == "resume":
            self._resume(entry.at)
        elif (rate := self._new_rate(entry)) is not None:
            self._change_rate(entry.at, rate)
        elif (bolus := _number(entry.details, "bolus_mg")) is not None:
            self.boluses.append(Bolus(entry.at, bolus))

    def _new_rate(self, entry: Entry) -> float | None:
        """The rate that a rate change sets, in mg/h; None for an entry that changes none."""
        mg_per_h = _number(entry.details, "rate_mg_per_h")
        ml_per_h = _number(entry.details, "rate_ml_per_h")
        if ml_per_h is not None and self.concentration is None:
            raise Invalid(
                "A rate in mL/h needs the concentration in the start of the dose.", field="rate_ml_per_h"
            )
        if ml_per_h is not None and self.concentration is not None:
            return ml_per_h * self.concentration
        return mg_per_h

    def _change_rate(self, at: datetime, rate: float) -> None:
        remaining = (self.ordered_mg or 0.0) - self._infused(at)
        self.rate = rate
        if self.held_at is None:
            self._close_flow(at)
            self.flows.append(Flow(at, None, rate))
        # in a pause the rest begins where the pause did: its end moves the plan by the whole of it
        self.planned_end_at = (self.held_at or at) + timedelta(hours=max(0.0, remaining) / rate)

    def _infused(self, at: datetime) -> float:
        run = sum(_hours(flow, at) * flow.mg_per_h for flow in self.flows)
        return min(run, self.ordered_mg or 0.0)

    def _close_flow(self, at: datetime) -> None:
        if self.flows and self.flows[-1].until_at is None:
            last = self.flows[-1]
            self.flows[-1] = Flow(last.from_at, at, last.mg_per_h)

    def _resume(self, at: datetime) -> None:
        if self.held_at is None:
            return
        self._count_pause(at)
        self.flows.append(Flow(at, None, self.rate))

    def _count_pause(self, at: datetime) -> None:
        """Nothing ran in the pause that ends now, and the planned end moves on by it."""
        if self.held_at is None or self.planned_end_at is None:
            return
        pause = at - self.held_at
        self.paused_s += pause.total_seconds()
        self.planned_end_at += pause
        self.held_at = None

    def close(self, at: datetime) -> None:
        self._count_pause(at)
        self._close_flow(at)

    def dose(self) -> Dose:
        return Dose(
            route=Route.IV,
            device_mg=self.rules.dose.device_mg,
            ordered_mg=self.ordered_mg,
            concentration_mg_per_ml=self.concentration,
            weight_kg=self.weight_kg,
            started_at=self.started_at,
            planned_end_at=self.planned_end_at,
            ended_at=self.ended_at,
            held_at=self.held_at,
            paused_s=round(self.paused_s),
            flows=tuple(self.flows),
            boluses=tuple(self.boluses),
        )


@dataclass
class _Devices(_Sum):
    planned: int = 0
    held_at: datetime | None = None
    used: list[Device] = field(default_factory=list)

    def start(self, entry: Entry) -> None:
        self.planned = int(entry.details.get("planned_devices") or DEVICES_UNLESS_SAID)
        self._use(entry)

    def go_on(self, entry: Entry) -> None:
        if entry.kind == "pause":
            self.held_at = entry.at
        elif entry.kind == "resume":
            self.held_at = None
        elif "check" not in entry.details:
            self._use(entry)

    def _use(self, entry: Entry) -> None:
        rest = timedelta(minutes=self.rules.dose.device_rest_min)
        expires_on = entry.details.get("expires_on")
        self.used.append(
            Device(
                number=len(self.used) + 1,
                at=entry.at,
                lot=str(entry.details.get("lot") or ""),
                expires_on=date.fromisoformat(expires_on) if expires_on else None,
                rest_until=entry.at + rest,
            )
        )
        if len(self.used) >= self.planned:
            self.ended_at = entry.at

    def close(self, at: datetime) -> None:
        self.held_at = None

    def dose(self) -> Dose:
        rules = self.rules.dose
        planned_end = None
        if self.started_at is not None:
            planned_end = self.started_at + timedelta(minutes=rules.device_rest_min * (self.planned - 1))
        return Dose(
            route=Route.NASAL,
            device_mg=rules.device_mg,
            ordered_mg=float(rules.device_mg * self.planned) if self.started_at else None,
            started_at=self.started_at,
            planned_end_at=planned_end,
            ended_at=self.ended_at,
            held_at=self.held_at,
            planned_devices=self.planned if self.started_at else None,
            devices=tuple(self.used),
        )


def _number(details: Mapping[str, Any], name: str) -> float | None:
    value = details.get(name)
    return None if value is None else float(Decimal(str(value)))
