"""The one table of limits, as rows, and what a set of rows is. Pure.

The rows below are an **example** set: every screen says so until a clinic's reviewer has signed it. They
are what a new clinic's version 1 is filled from; what is judged is always the rows in the database.
A row names its source; "example" says that the figure is this product's proposal for the clinic to review.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from vitals.vital import GROUP, Vital


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


class Kind(StrEnum):
    """What a row compares a value with. Only absolute rows ship until baselines are charted."""

    ABSOLUTE = "absolute"
    ABOVE_BASELINE_MMHG = "above baseline, mmHg"
    ABOVE_BASELINE_PERCENT = "above baseline, %"
    BELOW_BASELINE_MMHG = "below baseline, mmHg"
    WITH_SYMPTOM = "with symptom"


class Confirm(StrEnum):
    """How many measurements a row asks for before it flags."""

    AT_ONCE = "at once"
    NEXT_DISTINCT = "next distinct measurement"


@dataclass(frozen=True, slots=True)
class LimitRule:
    """One row: ``vital`` at or beyond ``threshold`` in ``direction`` gives ``priority``."""

    code: str
    vital: Vital
    direction: Direction
    priority: Priority
    threshold: float
    source: str
    kind: Kind = Kind.ABSOLUTE
    confirm: Confirm = Confirm.AT_ONCE

    @property
    def condition(self) -> str:
        """What its flag is about; systolic and diastolic share one."""
        return f"{GROUP[self.vital]}-{self.direction}"

    def is_met(self, value: float) -> bool:
        """True when the value is at the threshold or beyond."""
        return value >= self.threshold if self.direction is Direction.HIGH else value <= self.threshold


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
    def strongest_first(self) -> dict[str, tuple[LimitRule, ...]]:
        """Rows per vital, the highest priority first, of one priority the farthest threshold first."""
        rows: dict[str, list[LimitRule]] = {}
        for rule in self.rules:
            rows.setdefault(rule.vital, []).append(rule)
        for own in rows.values():
            own.sort(key=lambda rule: (-RANK[rule.priority], -_severity(rule)))
        return {name: tuple(own) for name, own in rows.items()}

    @cached_property
    def quiet(self) -> dict[str, tuple[float, float]]:
        """Per vital, the open span in which no row of medium or high is met: most values stop here."""
        return {
            vital.value: (
                self._edge(vital, Direction.LOW, float("-inf")),
                self._edge(vital, Direction.HIGH, float("inf")),
            )
            for vital in Vital
        }

    def _edge(self, vital: Vital, direction: Direction, none: float) -> float:
        """The threshold nearest to the middle at which a flag of medium or higher begins."""
        edges = [
            rule.threshold
            for rule in self.rules
            if rule.vital is vital and rule.direction is direction and RANK[rule.priority] >= 2
        ]
        if not edges:
            return none
        return min(edges) if direction is Direction.HIGH else max(edges)


def _severity(rule: LimitRule) -> float:
    return rule.threshold if rule.direction is Direction.HIGH else -rule.threshold


def conditions_of(vitals: Iterable[str]) -> frozenset[str]:
    """Every condition that values of these vitals can bear on."""
    return frozenset(
        f"{group}-{direction}" for group in {GROUP[name] for name in vitals} for direction in Direction
    )


EXAMPLE_NAME = "Example limits"

_CANADA = "Canadian clinic, 203 patients: counted treatment-emergent hypertension at 165/100; example"
_LABEL = "US esketamine label, blood pressure table: SBP 180, DBP 110; example"
_CRISIS = "AHA/ACC 2025 severe range 180/120 and one clinic's 200/120 once; example"
_NEWS2 = "Royal College of Physicians, NEWS2, 2017: edge of a band; example"
_TRIAL = "Esketamine trials: SpO2 below 93 % on consecutive checks; example"
_MOAAS = "MOAA/S (Chernik 1990): 4 is common after dosing, 3 needs loud or repeated name; example"
_OWN = "example; the clinic's to set"

V, D, P, C = Vital, Direction, Priority, Confirm
EXAMPLE_RULES: tuple[LimitRule, ...] = (
    LimitRule("BP-1", V.SYSTOLIC, D.HIGH, P.NOTE, 150, _OWN),
    LimitRule("BP-1", V.DIASTOLIC, D.HIGH, P.NOTE, 95, _OWN),
    LimitRule("BP-2", V.SYSTOLIC, D.HIGH, P.MEDIUM, 165, _CANADA, confirm=C.NEXT_DISTINCT),
    LimitRule("BP-2", V.DIASTOLIC, D.HIGH, P.MEDIUM, 100, _CANADA, confirm=C.NEXT_DISTINCT),
    LimitRule("BP-3", V.SYSTOLIC, D.HIGH, P.HIGH, 180, _LABEL, confirm=C.NEXT_DISTINCT),
    LimitRule("BP-3", V.DIASTOLIC, D.HIGH, P.HIGH, 110, _LABEL, confirm=C.NEXT_DISTINCT),
    LimitRule("BP-4", V.SYSTOLIC, D.HIGH, P.HIGH, 200, _CRISIS),
    LimitRule("BP-4", V.DIASTOLIC, D.HIGH, P.HIGH, 120, _CRISIS),
    LimitRule("BP-5", V.SYSTOLIC, D.LOW, P.NOTE, 100, _NEWS2),
    LimitRule("BP-6", V.SYSTOLIC, D.LOW, P.HIGH, 80, _OWN),
    LimitRule("HR-1", V.HEART_RATE, D.HIGH, P.NOTE, 101, _OWN),
    LimitRule("HR-2", V.HEART_RATE, D.HIGH, P.MEDIUM, 120, _OWN, confirm=C.NEXT_DISTINCT),
    LimitRule("HR-3", V.HEART_RATE, D.HIGH, P.HIGH, 131, _NEWS2),
    LimitRule("HR-4", V.HEART_RATE, D.LOW, P.NOTE, 50, _NEWS2),
    LimitRule("HR-5", V.HEART_RATE, D.LOW, P.MEDIUM, 45, _OWN, confirm=C.NEXT_DISTINCT),
    LimitRule("HR-6", V.HEART_RATE, D.LOW, P.HIGH, 40, _NEWS2),
    LimitRule("RR-1", V.RESPIRATORY_RATE, D.HIGH, P.NOTE, 21, _NEWS2),
    LimitRule("RR-2", V.RESPIRATORY_RATE, D.HIGH, P.HIGH, 25, _NEWS2, confirm=C.NEXT_DISTINCT),
    LimitRule("RR-3", V.RESPIRATORY_RATE, D.HIGH, P.HIGH, 30, _OWN),
    LimitRule("RR-4", V.RESPIRATORY_RATE, D.LOW, P.NOTE, 11, _NEWS2),
    LimitRule("RR-5", V.RESPIRATORY_RATE, D.LOW, P.HIGH, 8, _NEWS2, confirm=C.NEXT_DISTINCT),
    LimitRule("RR-6", V.RESPIRATORY_RATE, D.LOW, P.HIGH, 6, _OWN),
    LimitRule("OX-1", V.SPO2, D.LOW, P.NOTE, 95, _NEWS2),
    LimitRule("OX-2", V.SPO2, D.LOW, P.MEDIUM, 93, _TRIAL, confirm=C.NEXT_DISTINCT),
    LimitRule("OX-3", V.SPO2, D.LOW, P.HIGH, 91, _NEWS2, confirm=C.NEXT_DISTINCT),
    LimitRule("OX-4", V.SPO2, D.LOW, P.HIGH, 88, _OWN),
    LimitRule("SED-1", V.SEDATION, D.LOW, P.NOTE, 4, _MOAAS),
    LimitRule("SED-2", V.SEDATION, D.LOW, P.MEDIUM, 3, _MOAAS),
    LimitRule("SED-3", V.SEDATION, D.LOW, P.HIGH, 2, _MOAAS),
    LimitRule("T-1", V.TEMPERATURE, D.HIGH, P.NOTE, 38.1, _NEWS2),
    LimitRule("T-2", V.TEMPERATURE, D.LOW, P.NOTE, 35.5, _OWN),
)
