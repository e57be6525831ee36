"""The words of a flag: what is shown large, and why it is there. Pure.

Made from the row that fired, the values and the baseline; a flag describes and never directs.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from vitals.limits import Kind, LimitRule, LimitSet
from vitals.panel import Confirming
from vitals.rules import Finding, Setting, open_symptoms
from vitals.vital import ABOUT, FIELDS, GROUP, Vital, shown

_ORDINAL = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}


def text_of(finding: Finding, values: Mapping[str, float], setting: Setting) -> str:
    """What is shown large: "BP 184/104, limit 180", "BP 168/96, +44 over baseline, limit +40"."""
    rule = finding.rule
    if rule.kind is Kind.MONITOR_ZERO:
        name = ABOUT[Vital(finding.zero_of)].short
        return f"Monitor reads {name} 0: look at the patient and the sensor"
    if rule.kind is Kind.SYMPTOM:
        words = finding.symptom.replace("-", " ").capitalize()
        if rule.severe_only:
            words = f"Severe {words.lower()}"
        return f"{words}{_company_words(rule, values)}"
    words = f"{_measured_words(rule, values)}{_company_words(rule, values)}"
    with_symptom = open_symptoms(rule, setting)
    if with_symptom:
        words += f" with {with_symptom[0].replace('-', ' ')}"
    return f"{words}, {_limit_words(finding, setting)}"


def _measured_words(rule: LimitRule, values: Mapping[str, float]) -> str:
    """The value as it is said: a pressure always as a pair."""
    vital = rule.vital or ""
    if GROUP[vital] == "bp":
        parts = (values.get(Vital.SYSTOLIC), values.get(Vital.DIASTOLIC))
        return "BP " + "/".join("–" if part is None else shown(part) for part in parts)
    return f"{ABOUT[Vital(vital)].short} {shown(values[vital])}"


def _company_words(rule: LimitRule, values: Mapping[str, float]) -> str:
    if rule.with_vital is None or rule.with_vital not in values:
        return ""
    return f" with {ABOUT[rule.with_vital].short} {shown(values[rule.with_vital])}"


def _limit_words(finding: Finding, setting: Setting) -> str:
    rule = finding.rule
    which = " diastolic" if rule.vital is Vital.DIASTOLIC else ""
    base = setting.baseline.get(rule.vital or "")
    if rule.baseline_by is None or base is None or finding.value is None or finding.limit is None:
        return f"limit{which} {shown(finding.limit or 0)}"
    over = "over" if finding.value >= base else "under"
    change, allowed = finding.value - base, finding.limit - base
    return f"{_signed(change)} {over} baseline{which}, limit {_signed(allowed)}"


def _signed(change: float) -> str:
    return f"{'+' if change >= 0 else '−'}{shown(round(abs(change), 1))}"


def why_of(
    finding: Finding,
    values: Mapping[str, float],
    setting: Setting,
    limits: LimitSet,
    how: str,
) -> str:
    """How a flag came to be: "second reading, 5 min apart, +44/+18 over baseline 124/78; rule BP-2 v1".

    how: what confirmed it, see ``confirmed_words``; empty for what flags at once.
    """
    parts = [part for part in (how, _baseline_words(finding.rule, values, setting)) if part]
    named = f"rule {finding.rule.code} v{limits.version}"
    return f"{', '.join(parts)}; {named}" if parts else named


def _baseline_words(rule: LimitRule, values: Mapping[str, float], setting: Setting) -> str:
    """How far the values are from what they were before the dose; empty where nobody knows."""
    if rule.vital is None:
        return ""
    names = [name for name in values if GROUP[name] == GROUP[rule.vital] and name in setting.baseline]
    if not names:
        return ""
    if GROUP[rule.vital] == "bp":
        names = [name for name in FIELDS if name in names and name != Vital.MEAN]
    changes = [values[name] - setting.baseline[name] for name in names]
    over = "over" if changes[0] >= 0 else "under"
    return (
        f"{'/'.join(map(_signed, changes))} {over} baseline "
        f"{'/'.join(shown(setting.baseline[name]) for name in names)}"
    )


def confirmed_words(count: int, apart: timedelta) -> str:
    """ "second reading, 5 min apart"."""
    return f"{_ORDINAL.get(count, str(count))} reading, {span_words(apart)} apart"


def pending_words(track: Confirming) -> str:
    """ "first reading of 2"."""
    return f"{_ORDINAL.get(track.count, str(track.count))} reading of {track.needs}, re-check due"


def not_rechecked_words(track: Confirming) -> str:
    """ "not re-checked within 7 min"."""
    return f"not re-checked within {span_words(track.unless_by - track.counted_at)}"


def span_words(span: timedelta) -> str:
    """A span in minutes, in seconds below two."""
    seconds = span.total_seconds()
    return f"{round(seconds)} s" if seconds < 120 else f"{shown(round(seconds / 60))} min"


def names_of(vitals: Sequence[str]) -> str:
    """ "HR, SpO₂"."""
    return ", ".join(ABOUT[Vital(name)].short for name in vitals)
