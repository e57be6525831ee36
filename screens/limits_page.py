"""The page of one version of the limits: its rows by what they watch, beside those in use; their fields."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from vitals.limit_checks import AFTER, COUNTED, LABELS, PRIORITIES, READS, SPANS, WITH, name_of
from vitals.limit_differences import RowChange, details_of
from vitals.limits import Audience, Direction, Kind, LimitRule, LimitSet, Unit
from vitals.vital import ABOUT, Vital, shown

# groups in the order a set is charted in; a vital's rows stand under its own name
GROUPS: tuple[tuple[str, str], ...] = (
    ("bp-high", "Blood pressure, high"),
    ("bp-low", "Blood pressure, low"),
    ("hr", "Heart rate"),
    ("rr", "Respiratory rate"),
    ("spo2", "SpO₂"),
    ("sedation", "Sedation (MOAA/S)"),
    ("temperature", "Temperature"),
    ("etco2", "EtCO₂"),
    ("symptoms", "Symptoms"),
    ("machinery", "Monitor and baseline"),
    ("due", "Sets that are due"),
    ("asking", "When nobody takes a flag"),
    ("own", "Changes for one patient"),
)
_GROUP_OF_KIND = {
    Kind.SYMPTOM: "symptoms",
    Kind.MONITOR_ZERO: "machinery",
    Kind.MONITOR_SILENT: "machinery",
    Kind.NO_BASELINE: "machinery",
    Kind.OVERDUE: "due",
    Kind.WINDOW_MISSED: "due",
    Kind.UNDRAWN: "asking",
    Kind.ESCALATION: "asking",
    Kind.PATIENT_CHANGE: "own",
}
_UNITS = dict.fromkeys(("apart_s", "within_s", "recheck_s", "grace_s", "delay_s", "after_s"), "seconds")
_WHOLE = ("readings", *_UNITS)
_CHOICES: dict[str, type] = {
    "direction": Direction,
    "with_direction": Direction,
    "audience": Audience,
}
# columns that hold something in every row; the others may be empty
_ALWAYS = ("readings", "apart_s", "within_s", "recheck_s", "grace_s", "delay_s", "inside_by")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a row's form. ``choices``: value and words of a select; empty for what is typed."""

    column: str
    label: str
    value: str
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    is_number: bool = False
    is_yes_no: bool = False
    is_list: bool = False
    empties: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the page shows it. ``was``: the row in use where it differs, None where it is the same."""

    rule: LimitRule
    name: str
    number: int
    words: str
    flags: str
    details: Sequence[str]
    what: str
    was: str
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    rows: Sequence[Row]


def groups_of(
    rules: LimitSet, changes: Iterable[RowChange], symptoms: Sequence[str], *, editing: bool
) -> list[Group]:
    """All rows by what they watch, with those that are gone.

    symptoms: the codes that can be charted; editing: with the fields of each row's form.
    """
    changed = {change.name: change for change in changes}
    gone = [
        change.before for change in changed.values() if change.after is None and change.before is not None
    ]
    rows: dict[str, list[Row]] = {}
    for number, rule in enumerate([*rules.rules, *gone]):
        is_gone = number >= len(rules.rules)
        made = _row(rule, number, changed.get(name_of(rule)), symptoms, editing=editing and not is_gone)
        rows.setdefault(_group(rule), []).append(made)
    return [Group(title, rows[code]) for code, title in GROUPS if code in rows]


def _group(rule: LimitRule) -> str:
    if rule.kind is not Kind.VALUE or rule.vital is None:
        return _GROUP_OF_KIND[rule.kind]
    group = ABOUT[rule.vital].group
    return f"{group}-{rule.direction}" if group == "bp" else group


def _row(
    rule: LimitRule, number: int, change: RowChange | None, symptoms: Sequence[str], *, editing: bool
) -> Row:
    was = ""
    if change is not None and change.before is not None and change.after is not None:
        was = "; ".join(
            "another source" if one.field == "source" else f"{one.label.lower()} {one.before}"
            for one in change.fields
        )
    return Row(
        rule=rule,
        name=name_of(rule),
        number=number,
        words=rule.words(),
        flags=rule.confirm_words(),
        details=details_of(rule),
        what=change.what if change else "",
        was=was,
        fields=fields_of(rule, symptoms) if editing else (),
    )


def fields_of(rule: LimitRule, symptoms: Sequence[str], *, new: bool = False) -> list[Field]:
    """The fields of a row's form: what its kind reads, its priority and its source.

    new: with its code, and its vital where it has one, which name a row and so stay in one that is there.
    """
    read = [name for name in READS[rule.kind] if new or name != "vital"]
    # what it asks for, then how much it matters, then how it is counted
    asks = [name for name in read if name not in COUNTED and name not in WITH]
    then = [name for name in read if name in COUNTED or name in WITH]
    columns = (*(("code",) if new else ()), *asks, "priority", *then, "source")
    return [_field(rule, name, symptoms) for name in columns]


def _field(rule: LimitRule, column: str, symptoms: Sequence[str]) -> Field:
    value: Any = getattr(rule, column)
    label = LABELS[column]
    if column == "priority":
        allowed = tuple((one.value, one.value) for one in PRIORITIES[rule.kind])
        return Field(column, label, value, choices=allowed)
    if column in ("vital", "with_vital"):
        vitals = tuple((vital.value, ABOUT[vital].label) for vital in Vital)
        none = (("", "nothing else"),) if column == "with_vital" else ()
        return Field(column, label, value or "", choices=(*none, *vitals), empties=column == "with_vital")
    if column == "baseline_unit":
        return Field(
            column,
            label,
            value,
            choices=((Unit.OWN.value, "the vital's own"), (Unit.PERCENT.value, "per cent")),
        )
    if column in _CHOICES:
        empties = column == "with_direction"
        none = (("", "–"),) if empties else ()
        words = tuple((one.value, one.value) for one in _CHOICES[column])  # type: ignore[attr-defined]
        return Field(column, label, value or "", choices=(*none, *words), empties=empties)
    if column == "severe_only":
        return Field(column, label, "yes" if value else "", is_yes_no=True)
    if column == "symptoms":
        return Field(
            column,
            label,
            ", ".join(value),
            f"with commas between; of: {', '.join(symptoms)}",
            is_list=True,
            wide=True,
        )
    if column in ("code", "source"):
        return Field(column, label, value, wide=column == "source")
    text = "" if value is None else shown(value)
    return Field(column, label, text, _unit(rule, column), is_number=True, empties=column not in _ALWAYS)


def _unit(rule: LimitRule, column: str) -> str:
    if column in _UNITS:
        lowest, highest = AFTER[rule.kind] if column == "after_s" else SPANS[column]
        return f"{_UNITS[column]}, {shown(lowest)} to {highest}"
    vital = rule.with_vital if column == "with_threshold" else rule.vital
    return ABOUT[vital].shown_unit if vital and column not in _WHOLE else ""


def blank_rows(symptoms: Sequence[str]) -> list[tuple[Kind, list[Field]]]:
    """An empty form for each kind of row that can be added."""
    return [
        (kind, fields_of(LimitRule("", PRIORITIES[kind][-1], "", kind=kind), symptoms, new=True))
        for kind in Kind
    ]
