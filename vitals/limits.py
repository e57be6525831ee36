"""The one table of limits, as rows, and what a set of rows is. Pure.

The rows below are an **example** set: every screen says so until a clinic's reviewer has signed one. They are
what a new clinic's version 1 is filled from; what is judged is always the rows in the database.
A row names its source; "example" says that the figure is this product's proposal for the clinic to review.

A row of values asks for everything it names at once: a threshold, a distance from the patient's own baseline,
a symptom, another vital. ``readings`` says how many distinct measurements in a row must meet rows of its
priority.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from vitals.vital import ABOUT, GROUP, Vital, shown

# spans are kept for so many baselines at once
QUIET_KEPT = 4096
DAY_S = 86_400


class Direction(StrEnum):
    HIGH = "high"
    LOW = "low"


class Priority(StrEnum):
    """A note is drawn and counted; low, medium and high are flags."""

    NOTE = "note"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


RANK: dict[Priority, int] = {Priority.NOTE: 0, Priority.LOW: 1, Priority.MEDIUM: 2, Priority.HIGH: 3}
# what a measurement can raise, the lower one first
LEVELS = (Priority.MEDIUM, Priority.HIGH)


class Kind(StrEnum):
    """What a row is about."""

    VALUE = "value"
    SYMPTOM = "symptom"
    MONITOR_ZERO = "monitor reads 0"
    MONITOR_SILENT = "monitor silent"
    NO_BASELINE = "no baseline"
    OVERDUE = "set overdue"
    WINDOW_MISSED = "window missed"
    UNDRAWN = "drawn by no board"
    ESCALATION = "escalation"
    PATIENT_CHANGE = "change for one patient"


class Unit(StrEnum):
    """In what a distance from the baseline is measured: the vital's own unit, or per cent of the baseline."""

    OWN = "own"
    PERCENT = "%"


class Audience(StrEnum):
    """Who is told of a flag. Webhooks are told every time."""

    NURSE = "nurse"  # of the chair's session
    ON_DUTY = "supervisor on duty"  # the prescriber on site by today's opening; else all supervisors
    SUPERVISORS = "all supervisors"


@dataclass(frozen=True, slots=True)
class LimitRule:
    """One row. What is None or empty is not asked for.

    code:          what flags name; with the vital it is unique in its set.
    threshold:     in the vital's unit; met at it or beyond it in ``direction``.
    baseline_by:   at least so far beyond this patient's baseline, in ``baseline_unit``.
    symptoms:      any of these is open; severe_only: as severe.
    with_vital:    another vital at ``with_threshold`` or beyond it in ``with_direction``.
    readings:      distinct measurements in a row: each ``apart_s`` to ``within_s`` after the one before.
    recheck_s:     when the next measurement is due, from the first; ``grace_s`` later, without one, it flags.
    delay_s:       a monitor's streamed values must have met it for so long before it counts at all.
    inside_by:     how far inside the newest value must lie before the flag steps down or ends.
    worse_by:      how far beyond the value that was taken it asks for attention again.
    after_s:       rows about time: how long after the set was due, the monitor was heard, the flag began to
                   ask; of a change for one patient, how long it lasts at most.
    audience:      of an escalation.
    """

    code: str
    priority: Priority
    source: str
    kind: Kind = Kind.VALUE
    vital: Vital | None = None
    direction: Direction | None = None
    threshold: float | None = None
    baseline_by: float | None = None
    baseline_unit: Unit = Unit.OWN
    symptoms: tuple[str, ...] = ()
    severe_only: bool = False
    with_vital: Vital | None = None
    with_direction: Direction | None = None
    with_threshold: float | None = None
    readings: int = 1
    apart_s: int = 60
    within_s: int = 1200
    recheck_s: int = 60
    grace_s: int = 120
    delay_s: int = 0
    inside_by: float = 0
    worse_by: float | None = None
    after_s: int | None = None
    audience: Audience | None = None

    @property
    def condition(self) -> str:
        """What its flag is about; systolic and diastolic share one."""
        assert self.vital is not None, "of rows of values"  # noqa: S101
        return f"{GROUP[self.vital]}-{self.direction}"

    @property
    def is_plain(self) -> bool:
        """True for a row that asks for a threshold and nothing else."""
        return self.baseline_by is None and not self.symptoms and self.with_vital is None

    @property
    def level(self) -> int:
        return RANK[self.priority]

    def limit_for(self, baseline: Mapping[str, float]) -> float | None:
        """The value at which this patient meets the row; None while it asks for a baseline there is not."""
        if self.baseline_by is None:
            return self.threshold
        base = baseline.get(self.vital or "")
        if base is None:
            return None
        by = self.baseline_by if self.baseline_unit is Unit.OWN else base * self.baseline_by / 100
        beyond = round(base + by if self.direction is Direction.HIGH else base - by, 1)
        if self.threshold is None:
            return beyond
        # both are asked for, so the farther one decides
        return (
            max(beyond, self.threshold) if self.direction is Direction.HIGH else min(beyond, self.threshold)
        )

    def words(self) -> str:
        """The row in words, for tables: "SBP ≥ 165", "SBP ≥ baseline + 30 % and ≥ 150"."""
        parts: list[str] = []
        if self.vital is not None:
            parts.append(_value_words(self))
        if self.with_vital is not None and self.with_threshold is not None:
            sign = "≥" if self.with_direction is Direction.HIGH else "≤"
            parts.append(f"{ABOUT[self.with_vital].short} {sign} {shown(self.with_threshold)}")
        if self.symptoms:
            names = " or ".join(code.replace("-", " ") for code in self.symptoms)
            parts.append(f"severe {names}" if self.severe_only else names)
        if not parts:
            parts.append(self.kind.value)
        words = " with ".join(parts)
        if self.after_s is not None:
            how = "for at most" if self.kind is Kind.PATIENT_CHANGE else "after"
            words += f" {how} {time_words(self.after_s)}"
        return words if self.audience is None else f"{words} → {self.audience}"

    def confirm_words(self) -> str:
        """How many measurements it asks for, in words."""
        if self.kind is not Kind.VALUE:
            return "at once" if self.after_s is None else ""
        if self.priority is Priority.NOTE:
            return "drawn and counted"
        words = "at once" if self.readings == 1 else f"{self.readings} readings in a row"
        return f"{words}, streamed for {self.delay_s} s" if self.delay_s else words


def _value_words(rule: LimitRule) -> str:
    sign = "≥" if rule.direction is Direction.HIGH else "≤"
    name = ABOUT[Vital(rule.vital or "")].short
    if rule.baseline_by is None:
        return f"{name} {sign} {shown(rule.threshold or 0)}"
    plus = "+" if rule.direction is Direction.HIGH else "−"
    unit = " %" if rule.baseline_unit is Unit.PERCENT else ""
    words = f"{name} {sign} baseline {plus} {shown(rule.baseline_by)}{unit}"
    return words if rule.threshold is None else f"{words} and {sign} {shown(rule.threshold)}"


def time_words(seconds: int) -> str:
    """A span as people say it: "90 s", "5 min", "28 days"."""
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 2 * DAY_S:
        return f"{shown(seconds / 60)} min"
    return f"{shown(round(seconds / DAY_S, 1))} days"


@dataclass(frozen=True)
class LimitSet:
    """A version of a clinic's rows."""

    id: int
    name: str
    version: int
    reviewed_by: str
    reviewed_on: str
    rules: tuple[LimitRule, ...] = field(repr=False)

    @cached_property
    def of_kind(self) -> dict[Kind, tuple[LimitRule, ...]]:
        """The rows of each kind, in the set's order; every kind is there."""
        return {kind: tuple(rule for rule in self.rules if rule.kind is kind) for kind in Kind}

    @cached_property
    def of_condition(self) -> dict[str, tuple[LimitRule, ...]]:
        """The rows of values of each condition that can raise a flag, the highest priority first."""
        rows: dict[str, list[LimitRule]] = {}
        for rule in self.of_kind[Kind.VALUE]:
            if rule.priority in LEVELS:
                rows.setdefault(rule.condition, []).append(rule)
        return {
            condition: tuple(sorted(own, key=lambda rule: (-rule.level, rule.readings)))
            for condition, own in rows.items()
        }

    @cached_property
    def in_company(self) -> tuple[LimitRule, ...]:
        """The rows of values that ask for another vital too."""
        return tuple(
            rule for rules in self.of_condition.values() for rule in rules if rule.with_vital is not None
        )

    @cached_property
    def named(self) -> dict[tuple[str, str], LimitRule]:
        """Each row by code and vital; the vital is empty where it has none."""
        return {(rule.code, rule.vital or ""): rule for rule in self.rules}

    def quiet(self, baseline: Mapping[str, float]) -> dict[str, tuple[float, float]]:
        """Per vital, the open span in which no row of medium or high can be met: most values stop here."""
        key = tuple(sorted(baseline.items()))
        found = self._quiet.get(key)
        if found is None:
            if len(self._quiet) >= QUIET_KEPT:
                self._quiet.clear()
            found = self._quiet[key] = {
                vital.value: (
                    max(self._edges(vital, Direction.LOW, baseline), default=float("-inf")),
                    min(self._edges(vital, Direction.HIGH, baseline), default=float("inf")),
                )
                for vital in Vital
            }
        return found

    @cached_property
    def _quiet(self) -> dict[tuple[tuple[str, float], ...], dict[str, tuple[float, float]]]:
        return {}

    def _edges(self, vital: Vital, direction: Direction, baseline: Mapping[str, float]) -> Iterable[float]:
        for rules in self.of_condition.values():
            for rule in rules:
                if rule.vital is vital and rule.direction is direction:
                    limit = rule.limit_for(baseline)
                    if limit is not None:
                        yield limit

    def bearing_on(self, vitals: Iterable[str]) -> frozenset[str]:
        """Every condition that new values of these vitals can change: their own, and those that ask
        for them.
        """
        names = frozenset(vitals)
        found = self._bearing.get(names)
        if found is None:
            found = self._bearing[names] = conditions_of(names) | {
                condition
                for condition, rules in self.of_condition.items()
                if any(rule.with_vital in names for rule in rules)
            }
        return found

    @cached_property
    def _bearing(self) -> dict[frozenset[str], frozenset[str]]:
        return {}


def conditions_of(vitals: Iterable[str]) -> frozenset[str]:
    """Every condition that values of these vitals can bear on."""
    return frozenset(
        f"{group}-{direction}" for group in {GROUP[name] for name in vitals} for direction in Direction
    )


EXAMPLE_NAME = "Example limits"

_CANADA = "Canadian clinic, 203 patients: counted treatment-emergent hypertension at 165/100; example"
_LABEL = "US esketamine label, blood pressure table: SBP 180, DBP 110; example"
_RISE = "US esketamine label, blood pressure table: a rise of 40 systolic, 25 diastolic; example"
_CRISIS = "AHA/ACC 2025 severe range 180/120 and one clinic's 200/120 once; example"
_SIGNS = "US esketamine label: symptoms of hypertensive crisis or encephalopathy; example"
_NEWS2 = "Royal College of Physicians, NEWS2, 2017: edge of a band; example"
_TRIAL = "Esketamine trials: SpO2 below 93 % on consecutive checks; example"
_MOAAS = "MOAA/S (Chernik 1990): 4 is common after dosing, 3 needs loud or repeated name; example"
_OWN = "example; the clinic's to set"
_ASKED = "targets of this product for unanswered flags, 60 s and 120 s; example, the clinic's to set"

# the row "BP high … with chest pain, breathlessness, severe headache, visual change or neurological sign"
CRISIS_SIGNS = ("chest-pain", "breathlessness", "severe-headache", "blurred-vision", "neurological-sign")
# the row "Symptom" of high priority
SERIOUS = ("chest-pain", "breathlessness", "neurological-sign", "seizure", "unresponsive")

V, D, P, K = Vital, Direction, Priority, Kind


def _twice_bp(code: str, vital: Vital, priority: Priority, source: str, **more: float | Unit) -> LimitRule:
    return LimitRule(
        code,
        priority,
        source,
        vital=vital,
        direction=D.HIGH,
        readings=2,
        recheck_s=300,
        worse_by=10,
        **more,  # type: ignore[arg-type]
    )


def _bp(code: str, vital: Vital, priority: Priority, threshold: float, source: str) -> LimitRule:
    return LimitRule(code, priority, source, vital=vital, direction=D.HIGH, threshold=threshold, worse_by=10)


def _low_bp(code: str, priority: Priority, threshold: float, source: str = _OWN, **more: object) -> LimitRule:
    return LimitRule(
        code,
        priority,
        source,
        vital=V.SYSTOLIC,
        direction=D.LOW,
        threshold=threshold,
        recheck_s=300,
        worse_by=10,
        **more,  # type: ignore[arg-type]
    )


def _one(
    code: str,
    vital: Vital,
    direction: Direction,
    priority: Priority,
    threshold: float,
    source: str = _NEWS2,
    *,
    readings: int = 1,
) -> LimitRule:
    inside, worse = {V.SPO2: (1, 2), V.HEART_RATE: (3, 15), V.RESPIRATORY_RATE: (1, None)}.get(
        vital, (0, None)
    )
    return LimitRule(
        code,
        priority,
        source,
        vital=vital,
        direction=direction,
        threshold=threshold,
        readings=readings,
        inside_by=inside,
        worse_by=worse,
    )


EXAMPLE_RULES: tuple[LimitRule, ...] = (
    _bp("BP-1", V.SYSTOLIC, P.NOTE, 150, _OWN),
    _bp("BP-1", V.DIASTOLIC, P.NOTE, 95, _OWN),
    LimitRule(
        "BP-0",
        P.NOTE,
        _OWN,
        vital=V.SYSTOLIC,
        direction=D.HIGH,
        baseline_by=20,
        baseline_unit=Unit.PERCENT,
    ),
    _twice_bp("BP-2", V.SYSTOLIC, P.MEDIUM, _CANADA, threshold=165),
    _twice_bp("BP-2", V.DIASTOLIC, P.MEDIUM, _CANADA, threshold=100),
    _twice_bp("BP-3", V.SYSTOLIC, P.MEDIUM, _RISE, baseline_by=40),
    _twice_bp("BP-3", V.DIASTOLIC, P.MEDIUM, _RISE, baseline_by=25),
    _twice_bp("BP-4", V.SYSTOLIC, P.MEDIUM, _OWN, baseline_by=30, baseline_unit=Unit.PERCENT, threshold=150),
    _twice_bp("BP-5", V.SYSTOLIC, P.HIGH, _LABEL, threshold=180),
    _twice_bp("BP-5", V.DIASTOLIC, P.HIGH, _LABEL, threshold=110),
    _bp("BP-6", V.SYSTOLIC, P.HIGH, 200, _CRISIS),
    _bp("BP-6", V.DIASTOLIC, P.HIGH, 120, _CRISIS),
    LimitRule(
        "BP-7",
        P.HIGH,
        _SIGNS,
        vital=V.SYSTOLIC,
        direction=D.HIGH,
        threshold=180,
        symptoms=CRISIS_SIGNS,
        worse_by=10,
    ),
    LimitRule(
        "BP-7",
        P.HIGH,
        _SIGNS,
        vital=V.DIASTOLIC,
        direction=D.HIGH,
        threshold=110,
        symptoms=CRISIS_SIGNS,
        worse_by=10,
    ),
    _low_bp("BP-8", P.NOTE, 100, _NEWS2),
    _low_bp("BP-9", P.MEDIUM, 90, baseline_by=10, readings=2),
    _low_bp("BP-10", P.MEDIUM, 100, symptoms=("dizzy", "fainting"), readings=2),
    _low_bp("BP-11", P.HIGH, 80),
    _low_bp("BP-12", P.HIGH, 90, with_vital=V.HEART_RATE, with_direction=D.LOW, with_threshold=50),
    _one("HR-1", V.HEART_RATE, D.HIGH, P.NOTE, 101, _OWN),
    _one("HR-2", V.HEART_RATE, D.HIGH, P.MEDIUM, 120, _OWN, readings=2),
    _one("HR-3", V.HEART_RATE, D.HIGH, P.HIGH, 131),
    _one("HR-4", V.HEART_RATE, D.LOW, P.NOTE, 50),
    _one("HR-5", V.HEART_RATE, D.LOW, P.MEDIUM, 45, _OWN, readings=2),
    _one("HR-6", V.HEART_RATE, D.LOW, P.HIGH, 40),
    _one("RR-1", V.RESPIRATORY_RATE, D.HIGH, P.NOTE, 21),
    _one("RR-2", V.RESPIRATORY_RATE, D.HIGH, P.HIGH, 25, readings=2),
    _one("RR-3", V.RESPIRATORY_RATE, D.HIGH, P.HIGH, 30, _OWN),
    _one("RR-4", V.RESPIRATORY_RATE, D.LOW, P.NOTE, 11),
    _one("RR-5", V.RESPIRATORY_RATE, D.LOW, P.HIGH, 8, readings=2),
    _one("RR-6", V.RESPIRATORY_RATE, D.LOW, P.HIGH, 6, _OWN),
    _one("OX-1", V.SPO2, D.LOW, P.NOTE, 95),
    _one("OX-2", V.SPO2, D.LOW, P.MEDIUM, 93, _TRIAL, readings=2),
    _one("OX-3", V.SPO2, D.LOW, P.HIGH, 91, readings=2),
    _one("OX-4", V.SPO2, D.LOW, P.HIGH, 88, _OWN),
    _one("SED-1", V.SEDATION, D.LOW, P.NOTE, 4, _MOAAS),
    _one("SED-2", V.SEDATION, D.LOW, P.MEDIUM, 3, _MOAAS),
    _one("SED-3", V.SEDATION, D.LOW, P.HIGH, 2, _MOAAS),
    _one("T-1", V.TEMPERATURE, D.HIGH, P.NOTE, 38.1),
    _one("T-2", V.TEMPERATURE, D.LOW, P.NOTE, 35.5, _OWN),
    LimitRule(
        "SYM-1",
        P.MEDIUM,
        _OWN,
        kind=K.SYMPTOM,
        symptoms=("vomiting",),
        with_vital=V.SEDATION,
        with_direction=D.LOW,
        with_threshold=4,
    ),
    LimitRule("SYM-2", P.MEDIUM, _OWN, kind=K.SYMPTOM, symptoms=("distress",), severe_only=True),
    LimitRule("SYM-3", P.HIGH, _SIGNS, kind=K.SYMPTOM, symptoms=SERIOUS),
    LimitRule("MON-0", P.MEDIUM, "a monitor that lost its sensor sends 0; example", kind=K.MONITOR_ZERO),
    LimitRule("MON-1", P.MEDIUM, _OWN, kind=K.MONITOR_SILENT, after_s=60),
    LimitRule("BASE", P.MEDIUM, _OWN, kind=K.NO_BASELINE),
    LimitRule("DUE-1", P.LOW, _OWN, kind=K.OVERDUE, after_s=300),
    # or one interval of the set's own, whichever is less
    LimitRule("DUE-2", P.MEDIUM, _OWN, kind=K.OVERDUE, after_s=900),
    LimitRule("DUE-3", P.MEDIUM, _OWN, kind=K.WINDOW_MISSED),
    LimitRule("ASK-0", P.HIGH, _ASKED, kind=K.UNDRAWN, after_s=5),
    LimitRule("ASK-1", P.HIGH, _ASKED, kind=K.ESCALATION, after_s=60, audience=Audience.ON_DUTY),
    LimitRule("ASK-2", P.HIGH, _ASKED, kind=K.ESCALATION, after_s=120, audience=Audience.SUPERVISORS),
    LimitRule("OWN-1", P.NOTE, _OWN, kind=K.PATIENT_CHANGE, after_s=28 * DAY_S),
)
