"""One virtual patient in one treatment session: what the body does, and what a monitor shows of it.

Pure and seeded: numbers in, numbers out; no clock, no row, no network. The numbers stand in `population`.
The same session asked for the same minute gives the same answer, in any order and after any restart.

Minutes count from the first device (nasal) or the start of the infusion (IV); negative is before the dose.
Units as in `population`.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random

from vitals.simulator import population
from vitals.simulator.population import RESPONSES, EventKind, Route, Spread


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the event log: what was true from minute to minute."""

    kind: EventKind
    starts_at_min: float
    ends_at_min: float
    size: float = 0.0
    vital: str = ""
    ramp_min: float = 0.0  # for coming, and again for going

    @property
    def artefact(self) -> bool:
        """Whether the monitor erred and the body did not."""
        return population.EVENTS[self.kind].artefact

    def overlaps(self, other: "Event") -> bool:
        """Whether both are true at some minute."""
        return self.starts_at_min < other.ends_at_min and other.starts_at_min < self.ends_at_min

    def strength_at(self, minutes: float) -> float:
        """0 outside, 1 at full strength, between them while it comes and goes."""
        if not self.starts_at_min <= minutes < self.ends_at_min:
            return 0.0
        if self.ramp_min <= 0:
            return 1.0
        since, left = minutes - self.starts_at_min, self.ends_at_min - minutes
        return min(1.0, since / self.ramp_min, left / self.ramp_min)


@dataclass(frozen=True, slots=True)
class Patient:
    """What stays the same from session to session.

    Shifts are from the route's mean; leanings are standard normal.
    """

    route: Route
    age_y: int
    hypertensive: bool
    systolic_baseline: float
    diastolic_baseline: float
    systolic_peak_shift: float
    diastolic_peak_shift: float
    heart_rate_baseline: float
    heart_rate_peak_shift: float
    respiratory_rate: float
    spo2: float
    temperature: float
    sedation_leaning: float
    dissociation_leaning: float

    @classmethod
    def draw(
        cls, rng: Random, route: Route, *, age_y: int | None = None, hypertensive: bool | None = None
    ) -> "Patient":
        """A patient of the route's population, or of the age and history given."""
        response = RESPONSES[route]
        drawn_age_y = _draw_age_y(rng)
        age = drawn_age_y if age_y is None else age_y
        drawn_hypertensive = rng.random() < _hypertensive_share(age)
        baseline = _pair(rng, response.baseline_between_patients)
        peak = _pair(rng, response.peak_between_patients)
        return cls(
            route=route,
            age_y=age,
            hypertensive=drawn_hypertensive if hypertensive is None else hypertensive,
            systolic_baseline=response.systolic_baseline + baseline[0],
            diastolic_baseline=response.diastolic_baseline + baseline[1],
            systolic_peak_shift=peak[0],
            diastolic_peak_shift=peak[1],
            heart_rate_baseline=rng.gauss(*population.HEART_RATE_BASELINE),
            heart_rate_peak_shift=rng.gauss(0, population.HEART_RATE_PEAK_SPREAD[0]),
            respiratory_rate=rng.gauss(population.RESPIRATORY_RATE, population.RESPIRATORY_RATE_SPREAD[0]),
            spo2=rng.gauss(population.SPO2, population.SPO2_SPREAD[0]),
            temperature=rng.gauss(population.TEMPERATURE[0], population.TEMPERATURE[1]),
            sedation_leaning=rng.gauss(0, 1),
            dissociation_leaning=rng.gauss(0, 1),
        )

    @property
    def at_risk(self) -> bool:
        """Whether the pressure response is larger than usual."""
        return self.hypertensive or self.age_y >= population.OLDER_FROM_Y


@dataclass(frozen=True, slots=True)
class Session:
    """One treatment of one patient: fixed once drawn, so any minute can be asked for at any time."""

    patient: Patient
    seed: int
    number: int
    systolic_baseline: float
    diastolic_baseline: float
    systolic_peak: float
    diastolic_peak: float
    heart_rate_baseline: float
    heart_rate_peak: float
    sedation_rank: float  # 0 falls asleep first, 1 never
    dissociation_rank: float
    events: tuple[Event, ...]

    @classmethod
    def draw(cls, patient: Patient, rng: Random, *, number: int = 1) -> "Session":
        """The patient's `number`-th session (1 is the first), its peaks, leanings and event log."""
        response = RESPONSES[patient.route]
        baseline = _pair(rng, response.baseline_between_sessions)
        systolic_baseline = patient.systolic_baseline + baseline[0]
        diastolic_baseline = patient.diastolic_baseline + baseline[1]
        if response.pre_dose_cap is not None:
            systolic_baseline = min(systolic_baseline, response.pre_dose_cap[0])
            diastolic_baseline = min(diastolic_baseline, response.pre_dose_cap[1])
        peak = _pair(rng, response.peak_between_sessions)
        faded = _faded(1 - response.pressure_fading, number)
        factor = population.AT_RISK_FACTOR if patient.at_risk else Spread(1.0, 1.0)
        return cls(
            patient=patient,
            seed=rng.getrandbits(48),
            number=number,
            systolic_baseline=systolic_baseline,
            diastolic_baseline=diastolic_baseline,
            systolic_peak=faded
            * (factor.systolic * response.systolic_peak + patient.systolic_peak_shift + peak[0]),
            diastolic_peak=faded
            * (factor.diastolic * response.diastolic_peak + patient.diastolic_peak_shift + peak[1]),
            heart_rate_baseline=patient.heart_rate_baseline
            + rng.gauss(0, population.HEART_RATE_BETWEEN_SESSIONS),
            heart_rate_peak=response.heart_rate_peak
            + patient.heart_rate_peak_shift
            + rng.gauss(0, population.HEART_RATE_PEAK_SPREAD[1]),
            sedation_rank=_rank(rng, patient.sedation_leaning, population.SEDATION_LEANING),
            dissociation_rank=_rank(rng, patient.dissociation_leaning, population.DISSOCIATION_LEANING),
            events=tuple(sorted(_draw_events(rng), key=lambda event: event.starts_at_min)),
        )

    def with_scene(self, event: Event) -> "Session":
        """The same session with one more entry in its event log, and no artefact that would hide it."""
        kept = [other for other in self.events if not (other.artefact and other.overlaps(event))]
        return replace(self, events=(*kept, event))

    def systolic_at(self, minutes: float) -> float:
        """The expected systolic pressure, mmHg: no event, no noise."""
        return self.systolic_baseline + self._pressure_share_at(minutes) * self.systolic_peak

    def diastolic_at(self, minutes: float) -> float:
        """The expected diastolic pressure, mmHg: no event, no noise."""
        return self.diastolic_baseline + self._pressure_share_at(minutes) * self.diastolic_peak

    def vitals_at(self, minutes: float, *, artefacts: bool = True) -> dict[str, float]:
        """All that would be read at this minute, by field name, rounded as monitors show it.

        artefacts: False gives what a careful person measures by hand.
        returns: systolic, diastolic, mean, heart_rate, respiratory_rate, spo2, temperature. A vital that the
            monitor fails to measure is absent; one that it wrongly reads as nothing is 0.
        """
        return self._measure(
            minutes,
            [*self._stream_at(minutes), *self._cuff_at(minutes), *self._temperature_at(minutes)],
            artefacts,
        )

    def stream_at(self, minutes: float) -> dict[str, float]:
        """What the monitor shows without a cuff cycle: heart_rate, respiratory_rate, spo2."""
        return self._measure(minutes, self._stream_at(minutes), artefacts=True)

    def cuff_at(self, minutes: float) -> dict[str, float]:
        """The outcome of a cuff cycle: systolic, diastolic, mean; empty when the cycle failed."""
        return self._measure(minutes, self._cuff_at(minutes), artefacts=True)

    def temperature_at(self, minutes: float) -> dict[str, float]:
        """What a thermometer read by the monitor shows; empty during a drop-out."""
        return self._measure(minutes, self._temperature_at(minutes), artefacts=True)

    def sedation_at(self, minutes: float) -> int:
        """MOAA/S, 5 awake to 0 no response."""
        response = RESPONSES[self.patient.route]
        share = response.sedated_share.at(minutes) * _faded(response.sedated_plateau, self.number)
        if self._strength_of(EventKind.APNOEA, minutes) > 0:
            return population.APNOEA_SEDATION
        if self.sedation_rank >= share:
            return 5
        return next(
            score for score, depth in population.SEDATION_DEPTHS if self.sedation_rank < depth * share
        )

    def dissociation_at(self, minutes: float) -> int:
        """CADSS total, 0 none; above 4 counts as dissociation in the published shares."""
        response = RESPONSES[self.patient.route]
        height = response.dissociation_shape.at(minutes) * _faded(response.dissociation_plateau, self.number)
        if height <= 0:
            return 0
        if self.patient.route is Route.IV:
            points = height * _skewed_peak(self.dissociation_rank)
        elif self.dissociation_rank < height:
            points = 5 - population.CADSS_NASAL_EXCESS * math.log(max(self.dissociation_rank, 1e-9) / height)
        else:
            points = 4 * (1 - self.dissociation_rank) / (1 - height)
        return min(population.CADSS_MAX, int(points))

    def _stream_at(self, minutes: float) -> list[tuple[str, float]]:
        """The streamed vitals, unrounded, with the real events in them."""
        rise = RESPONSES[self.patient.route].heart_rate_shape.at(minutes) * self.heart_rate_peak
        heart_rate = (
            self.heart_rate_baseline + rise + self._drift("heart_rate", minutes, *population.HEART_RATE_DRIFT)
        )
        respiratory_rate = self.patient.respiratory_rate + self._drift(
            "respiratory_rate", minutes, *population.RESPIRATORY_RATE_SPREAD[1:]
        )
        spo2 = self.patient.spo2 + self._drift("spo2", minutes, *population.SPO2_SPREAD[1:])
        for event in self.events:
            strength = event.strength_at(minutes)
            match event.kind:
                case EventKind.DESATURATION:
                    spo2 += strength * (event.size - spo2)
                case EventKind.APNOEA:
                    spo2 += strength * (event.size - spo2)
                    respiratory_rate *= 1 - strength
                case EventKind.VASOVAGAL:
                    heart_rate += strength * (_vasovagal_heart_rate(event.size) - heart_rate)
                case EventKind.HYPERTENSIVE:
                    heart_rate += strength * population.HYPERTENSIVE_SHARES[1] * event.size
                case _:
                    pass
        return [("heart_rate", heart_rate), ("respiratory_rate", respiratory_rate), ("spo2", spo2)]

    def _cuff_at(self, minutes: float) -> list[tuple[str, float]]:
        """One cuff cycle's pressures, unrounded, with the real events in them."""
        rng = self._rng("cuff", round(minutes * 60))
        noise = _pair(rng, population.CUFF_NOISE)
        systolic = self.systolic_at(minutes) + noise[0]
        diastolic = self.diastolic_at(minutes) + noise[1]
        for event in self.events:
            strength = event.strength_at(minutes)
            match event.kind:
                case EventKind.VASOVAGAL:
                    systolic += strength * (event.size - systolic)
                    diastolic += strength * (population.VASOVAGAL_DIASTOLIC * event.size - diastolic)
                case EventKind.HYPERTENSIVE:
                    systolic += strength * event.size
                    diastolic += strength * population.HYPERTENSIVE_SHARES[0] * event.size
                case _:
                    pass
        return [
            ("systolic", systolic),
            ("diastolic", min(diastolic, systolic - population.LEAST_PULSE_PRESSURE)),
        ]

    def _pressure_share_at(self, minutes: float) -> float:
        """Share of the peak rise."""
        return RESPONSES[self.patient.route].pressure_shape.at(minutes)

    def _temperature_at(self, minutes: float) -> list[tuple[str, float]]:
        """The temperature a thermometer would show, unrounded."""
        noise = self._rng("temperature", round(minutes * 60)).gauss(0, population.TEMPERATURE[2])
        return [("temperature", self.patient.temperature + noise)]

    def _measure(self, minutes: float, vitals: list[tuple[str, float]], artefacts: bool) -> dict[str, float]:
        """Round as a monitor does, after the artefacts of this minute."""
        shown = {name: _bounded(name, value) for name, value in vitals}
        if "systolic" in shown:
            shown["mean"] = shown["diastolic"] + (shown["systolic"] - shown["diastolic"]) / 3
        for event in self.events if artefacts else ():
            if event.artefact and event.strength_at(minutes) > 0:
                shown = _disturbed(shown, event)
        return {name: round(value, 1 if name == "temperature" else 0) for name, value in shown.items()}

    def _strength_of(self, kind: EventKind, minutes: float) -> float:
        return max((event.strength_at(minutes) for event in self.events if event.kind is kind), default=0.0)

    def _rng(self, name: str, knot: int) -> Random:
        """A generator of its own for one quantity at one instant, so that no order of asking matters."""
        return Random(f"{self.seed}:{name}:{knot}")

    def _drift(self, name: str, minutes: float, slow_sd: float, quick_sd: float) -> float:
        """Wandering about the mean: a slow and a quick one, each normal with its SD at every minute."""
        slow = self._wander(f"{name}/slow", minutes / population.SLOW_KNOT_MIN)
        quick = self._wander(f"{name}/quick", minutes / population.QUICK_KNOT_MIN)
        return slow_sd * slow + quick_sd * quick

    def _wander(self, name: str, position: float) -> float:
        """Standard normal draws at whole positions, blended between them without losing variance."""
        knot = math.floor(position)
        share = position - knot
        left, right = _knot(self.seed, name, knot), _knot(self.seed, name, knot + 1)
        return ((1 - share) * left + share * right) / math.hypot(1 - share, share)


@lru_cache(maxsize=4096)
def _knot(seed: int, name: str, knot: int) -> float:
    """The draw at one knot of a session's wandering; asked for again and again by a monitor's stream."""
    return Random(f"{seed}:{name}:{knot}").gauss(0, 1)


def _pair(rng: Random, spread: Spread) -> tuple[float, float]:
    """A systolic and a diastolic deviation, normal, correlated."""
    first, second = rng.gauss(0, 1), rng.gauss(0, 1)
    correlation = population.PRESSURE_CORRELATION
    together = correlation * first + math.sqrt(1 - correlation**2) * second
    return spread.systolic * first, spread.diastolic * together


def _draw_age_y(rng: Random) -> int:
    """An adult's age in years."""
    if rng.random() < population.OLDER_SHARE:
        return rng.randint(population.OLDER_FROM_Y, population.OLDEST_Y)
    return min(
        population.OLDER_FROM_Y - 1, max(population.YOUNGEST_Y, round(rng.gauss(*population.YOUNGER_AGE_Y)))
    )


def _hypertensive_share(age_y: int) -> float:
    older = age_y >= population.OLDER_FROM_Y
    return population.HYPERTENSIVE_SHARE_OLDER if older else population.HYPERTENSIVE_SHARE


def _faded(plateau: float, number: int) -> float:
    """The factor of the `number`-th session: 1 at the first, `plateau` once the induction is over."""
    done = min(number - 1, population.FADING_SESSIONS) / population.FADING_SESSIONS
    return 1 - (1 - plateau) * done


def _rank(rng: Random, leaning: float, share: float) -> float:
    """Place in the population, even between 0 and 1; `share` of its variance is the patient's leaning."""
    score = math.sqrt(share) * leaning + math.sqrt(1 - share) * rng.gauss(0, 1)
    return 0.5 * (1 + math.erf(score / math.sqrt(2)))


def _skewed_peak(rank: float) -> float:
    """The IV session's peak CADSS, points: zero for some, exponential for the rest, with mean CADSS_PEAK."""
    some = 1 - population.CADSS_NONE_SHARE
    if rank >= some:
        return 0.0
    return -(population.CADSS_PEAK / some) * math.log(max(rank, 1e-9) / some)


def _vasovagal_heart_rate(systolic: float) -> float:
    """The slow pulse that goes with a vasovagal pressure: 38 /min at the lowest, 48 at the highest."""
    low, high = population.EVENTS[EventKind.VASOVAGAL].size
    slowest, fastest = population.VASOVAGAL_HEART_RATE
    return slowest + (systolic - low) / (high - low) * (fastest - slowest)


def _draw_events(rng: Random) -> Iterator[Event]:
    """The session's event log, kind by kind."""
    for kind, row in population.EVENTS.items():
        for _ in range(_poisson(rng, row.mean_per_session)):
            starts_at_min, lasts_min = rng.uniform(*row.starts_min), rng.uniform(*row.lasts_min)
            yield Event(
                kind=kind,
                starts_at_min=starts_at_min,
                ends_at_min=starts_at_min + lasts_min,
                size=rng.uniform(*row.size),
                vital=rng.choice(row.vitals) if row.vitals else "",
                ramp_min=0.0 if row.artefact else population.RAMP_SHARE * lasts_min,
            )


def _poisson(rng: Random, mean: float) -> int:
    """A count with this mean (Knuth's method; fine for small means)."""
    count, product, limit = 0, rng.random(), math.exp(-mean)
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def _bounded(name: str, value: float) -> float:
    low, high = population.BOUNDS[name]
    return min(high, max(low, value))


def _disturbed(shown: dict[str, float], event: Event) -> dict[str, float]:
    """What an artefact makes of the values of one moment."""
    match event.kind:
        case EventKind.DROP_OUT:
            return {}
        case EventKind.CUFF_FAILURE:
            return {name: value for name, value in shown.items() if name not in population.CUFF_VITALS}
        case EventKind.ZERO if event.vital in shown:
            return {**shown, event.vital: 0.0}
        case EventKind.MOTION if event.vital in shown:
            return {**shown, event.vital: shown[event.vital] + event.size}
        case _:
            return shown
