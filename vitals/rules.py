"""From values to findings: which rows of a clinic's limits a moment meets. Pure.

``findings`` asks what the values of one moment show, and has the same answer in whatever order readings
arrive. What that does to a live session is ``vitals.judging``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache

from vitals.limits import Direction, Kind, LimitRule, LimitSet, Priority
from vitals.panel import Baseline, OpenSymptom, PatientLimit
from vitals.vital import Vital

# Measured this long before we received it, a value is history whatever the newest held is.
LATE_AFTER = timedelta(minutes=30)

OVERDUE_CONDITION = "overdue"
CALL_CONDITION = "patient-call"
SILENT_CONDITION = "monitor-silent"
NO_BASELINE_CONDITION = "no-baseline"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a moment's values are seen against.

    baseline: vital → its value before the dose; empty before the dose, or without one.
    symptoms: code → whether it is severe, of those charted and not gone.
    """

    baseline: Mapping[str, float] = field(default_factory=dict)
    symptoms: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A row that a moment's values meet. ``limit`` is the value at which this patient meets it.

    A symptom's finding has no value and no limit; a monitor's zero names the vital it is about.
    """

    condition: str
    rule: LimitRule
    value: float | None = None
    limit: float | None = None
    symptom: str = ""
    zero_of: str = ""

    @property
    def vital(self) -> str:
        return self.zero_of or self.rule.vital or ""

    @property
    def asks_for(self) -> tuple[str, ...]:
        """The vitals it rests on."""
        return (self.vital, self.rule.with_vital) if self.rule.with_vital else (self.vital,)

    @property
    def priority(self) -> Priority:
        return self.rule.priority

    @property
    def beyond(self) -> float:
        """How far the value lies beyond the limit, in its unit."""
        return 0 if self.value is None or self.limit is None else abs(self.value - self.limit)

    @property
    def strength(self) -> tuple[int, float, str, str]:
        """Order among findings of one condition by several vitals: priority, then how far beyond.

        The last keys make the answer independent of the order of rows; the database orders findings alike.
        """
        return self.rule.level, self.beyond, self.vital, self.rule.code


def met(rule: LimitRule, values: Mapping[str, float], setting: Setting) -> float | None:
    """The limit that the values meet, by this row of values; None when they do not."""
    value = values.get(rule.vital or "")
    limit = rule.limit_for(setting.baseline)
    if value is None or limit is None or not _reaches(value, limit, rule.direction):
        return None
    if rule.symptoms and not open_symptoms(rule, setting):
        return None
    return limit if _has_company(rule, values) else None


def open_symptoms(rule: LimitRule, setting: Setting) -> list[str]:
    """The symptoms of the row that are open, and severe where it asks for that."""
    return [
        code
        for code in rule.symptoms
        if code in setting.symptoms and (setting.symptoms[code] or not rule.severe_only)
    ]


def _has_company(rule: LimitRule, values: Mapping[str, float]) -> bool:
    """True when the other vital that the row asks for is beyond its threshold, or it asks for none."""
    if rule.with_vital is None or rule.with_threshold is None:
        return True
    other = values.get(rule.with_vital)
    return other is not None and _reaches(other, rule.with_threshold, rule.with_direction)


def _reaches(value: float, limit: float, direction: Direction | None) -> bool:
    return value >= limit if direction is Direction.HIGH else value <= limit


def all_met(condition: str, values: Mapping[str, float], limits: LimitSet, setting: Setting) -> list[Finding]:
    """Every row of a condition, medium or high, that the values meet; empty when inside."""
    found = []
    for rule in limits.of_condition.get(condition, ()):
        limit = met(rule, values, setting)
        if limit is not None:
            found.append(Finding(condition, rule, values[rule.vital or ""], limit))
    return found


def strongest(found: Iterable[Finding]) -> Finding | None:
    """The finding that names a flag; None when there is none.

    Of the rows that one vital meets, the highest priority; of those what flags at once, then a plain limit
    before one from the baseline, then the farthest limit. Between vitals, see ``Finding.strength``.
    """
    by_vital: dict[str, Finding] = {}
    for one in found:
        held = by_vital.get(one.vital)
        if held is None or _telling(one) > _telling(held):
            by_vital[one.vital] = one
    return max(by_vital.values(), key=lambda one: one.strength, default=None)


def _telling(one: Finding) -> tuple[int, bool, bool, float]:
    rule = one.rule
    return rule.level, rule.readings == 1, rule.baseline_by is None, -one.beyond


def outside(values: Mapping[str, float], limits: LimitSet, setting: Setting) -> list[str]:
    """The vitals whose value may meet a row of medium or high: the quick question, asked of every reading."""
    quiet = limits.quiet(setting.baseline)
    names = []
    for name, value in values.items():
        low, high = quiet[name]
        if not low < value < high:
            names.append(name)
    return names


def findings(values: Mapping[str, float], limits: LimitSet, setting: Setting) -> dict[str, Finding]:
    """Per condition, the strongest row of medium or high that these values meet; empty when inside.

    values: plausible ones in the vital's unit, of one moment or the newest of each vital.
    """
    names = outside(values, limits, setting)
    if not names:
        return {}
    found: dict[str, Finding] = {}
    for condition in limits.bearing_on(names):
        best = strongest(all_met(condition, values, limits, setting))
        if best is not None:
            found[condition] = best
    return found


def company_wanted(values: Mapping[str, float], limits: LimitSet, setting: Setting) -> set[str]:
    """The vitals that would make one of these values meet a row that asks for two, and that are not here."""
    wanted: set[str] = set()
    for rule in limits.in_company:
        value, other = values.get(rule.vital or ""), values.get(rule.with_vital or "")
        limit = rule.limit_for(setting.baseline)
        if limit is None or (value is None) == (other is None):
            continue
        if value is None and _has_company(rule, values):
            wanted.add(rule.vital or "")
        elif value is not None and _reaches(value, limit, rule.direction):
            wanted.add(rule.with_vital or "")
    return wanted


def with_company(
    values: Mapping[str, float], moment: Iterable[Mapping[str, float]], limits: LimitSet
) -> Mapping[str, float]:
    """The values of one row, with those that rows of its moment add for what asks for two vitals.

    Of two that could be added it is the one nearer to being met, so the order of the rows does not matter.
    """
    joined = dict(values)
    for rule in limits.in_company:
        name = rule.with_vital
        if name is None or name in values or rule.vital not in values:
            continue
        others = [row[name] for row in moment if name in row]
        if others:
            joined[name] = max(others) if rule.with_direction is Direction.HIGH else min(others)
    return joined


def symptom_findings(values: Mapping[str, float], limits: LimitSet, setting: Setting) -> dict[str, Finding]:
    """Per symptom that is open and that a row names: the strongest such row."""
    found: dict[str, Finding] = {}
    for rule in limits.of_kind[Kind.SYMPTOM]:
        if not _has_company(rule, values):
            continue
        for code in open_symptoms(rule, setting):
            condition = f"symptom-{code}"
            one = Finding(condition, rule, symptom=code)
            held = found.get(condition)
            if held is None or one.strength > held.strength:
                found[condition] = one
    return found


def is_symptom(condition: str) -> bool:
    return condition.startswith("symptom-")


# --- what the values are seen against


def setting_at(
    moment: datetime,
    *,
    baseline: Baseline | None,
    dose_started_at: datetime | None,
    symptoms: Iterable[OpenSymptom] = (),
) -> Setting:
    """The setting of values measured at a moment. Before the dose there is no baseline to be above."""
    after_dose = dose_started_at is not None and moment > dose_started_at
    return Setting(
        baseline=baseline_values(baseline) if after_dose else {},
        symptoms={one.code: one.severe for one in symptoms if one.at <= moment},
    )


def baseline_values(baseline: Baseline | None) -> Mapping[str, float]:
    if baseline is None:
        return {}
    named = {
        Vital.SYSTOLIC.value: baseline.systolic,
        Vital.DIASTOLIC.value: baseline.diastolic,
        Vital.HEART_RATE.value: baseline.heart_rate,
        Vital.SPO2.value: baseline.spo2,
    }
    return {name: float(value) for name, value in named.items() if value is not None}


def limits_at(moment: datetime, limits: LimitSet, changes: Iterable[PatientLimit]) -> LimitSet:
    """The set as it stood for this patient at a moment: rules changed for them, or switched off."""
    active = tuple(
        (one.code, one.vital, one.threshold, one.baseline_by)
        for one in changes
        if one.from_at <= moment < one.until_at
    )
    return _changed(_Same(limits), active) if active else limits


class _Same:
    """A limit set as a cache key: by identity, for comparing all its rows costs more than judging."""

    __slots__ = ("limits",)

    def __init__(self, limits: LimitSet) -> None:
        self.limits = limits

    def __hash__(self) -> int:
        return id(self.limits)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.limits is self.limits


@lru_cache(maxsize=1024)
def _changed(same: _Same, changes: tuple[tuple[str, str, float | None, float | None], ...]) -> LimitSet:
    by_name = {(code, vital): (threshold, by) for code, vital, threshold, by in changes}
    rules = []
    for rule in same.limits.rules:
        change = by_name.get((rule.code, rule.vital or ""))
        if change is None:
            rules.append(rule)
        elif change != (None, None):
            rules.append(replace(rule, threshold=change[0], baseline_by=change[1]))
    return replace(same.limits, rules=tuple(rules))


def band(limits: LimitSet) -> dict[str, tuple[float | None, float | None]]:
    """Per vital, the nearest plain thresholds of medium or high, low and high: what charts shade between."""
    return {
        vital.value: (
            max(_plain(limits, vital, Direction.LOW), default=None),
            min(_plain(limits, vital, Direction.HIGH), default=None),
        )
        for vital in Vital
    }


def _plain(limits: LimitSet, vital: Vital, direction: Direction) -> list[float]:
    return [
        rule.threshold
        for rules in limits.of_condition.values()
        for rule in rules
        if rule.vital is vital
        and rule.direction is direction
        and rule.is_plain
        and rule.threshold is not None
    ]
