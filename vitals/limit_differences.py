"""What changes from one set of limits to another, row by row, in words. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from vitals.limit_checks import LABELS, READS, name_of
from vitals.limits import LimitRule, LimitSet, Priority, Unit, time_words
from vitals.vital import ABOUT, shown


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One column that differs, as words."""

    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that is new, gone or another one. ``before`` or ``after`` is None for the first two."""

    before: LimitRule | None
    after: LimitRule | None
    fields: tuple[FieldChange, ...] = ()

    @property
    def name(self) -> str:
        rule = self.after or self.before
        assert rule is not None, "one of the two is there"  # noqa: S101
        return name_of(rule)

    @property
    def what(self) -> str:
        return "added" if self.before is None else "removed" if self.after is None else "changed"

    @property
    def words(self) -> str:
        """ "BP-2 SBP changed: limit 165 → 160"."""
        if self.before is None:
            assert self.after is not None, "one of the two is there"  # noqa: S101
            return f"{self.name} added: {self.after.words()}, {self.after.priority}"
        if self.after is None:
            return f"{self.name} removed: {self.before.words()}, {self.before.priority}"
        told = "; ".join(f"{one.label.lower()} {one.before} → {one.after}" for one in self.fields)
        return f"{self.name} changed: {told}"


def differences(old: LimitSet, new: LimitSet) -> list[RowChange]:
    """Every row that differs: in the order of the new set, those that are gone at the end."""
    found = []
    for key, rule in new.named.items():
        before = old.named.get(key)
        if before is None:
            found.append(RowChange(None, rule))
        elif before != rule:
            found.append(RowChange(before, rule, tuple(_changed_fields(before, rule))))
    gone = (rule for key, rule in old.named.items() if key not in new.named)
    return found + [RowChange(rule, None) for rule in gone]


def _changed_fields(before: LimitRule, after: LimitRule) -> Iterable[FieldChange]:
    # what it does before where it comes from
    for one in sorted(fields(LimitRule), key=lambda column: column.name == "source"):
        if getattr(before, one.name) != getattr(after, one.name):
            yield FieldChange(
                one.name, LABELS[one.name], field_words(before, one.name), field_words(after, one.name)
            )


def field_words(rule: LimitRule, column: str) -> str:
    """One column of a row as people say it; "none" where it is empty."""
    value = getattr(rule, column)
    if value is None or value in ((), ""):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column.endswith("_s"):
        return time_words(value)
    if column in ("vital", "with_vital"):
        return ABOUT[value].short
    if column == "baseline_unit":
        return "per cent" if value is Unit.PERCENT else "the vital's own"
    if column == "symptoms":
        return ", ".join(code.replace("-", " ") for code in value)
    return shown(value) if isinstance(value, int | float) else str(value)


def counts(changes: Iterable[RowChange]) -> Mapping[str, int]:
    """How many rows are changed, added, removed; all three are there."""
    told = {"changed": 0, "added": 0, "removed": 0}
    for change in changes:
        told[change.what] += 1
    return told


def count_words(changes: Iterable[RowChange]) -> str:
    """ "2 rows changed, 1 added, none removed"."""
    told = counts(changes)
    if not any(told.values()):
        return "no row differs"
    first = f"{told['changed'] or 'no'} row{'s' if told['changed'] > 1 else ''} changed"
    return f"{first}, {told['added'] or 'none'} added, {told['removed'] or 'none'} removed"


def details_of(rule: LimitRule) -> list[str]:
    """How a row counts, beyond what it asks for: re-check, hysteresis, seconds; only what it uses."""
    said: list[str] = []
    if "readings" not in READS[rule.kind] or rule.priority is Priority.NOTE:
        return said
    if rule.readings > 1:
        said.append(f"re-check due after {time_words(rule.recheck_s)}")
        said.append(f"raised without it {time_words(rule.grace_s)} later")
        said.append(f"readings {time_words(rule.apart_s)} to {time_words(rule.within_s)} apart")
    if rule.inside_by:
        said.append(f"ends when inside by {shown(rule.inside_by)}")
    if rule.worse_by is not None:
        said.append(f"asks again when worse by {shown(rule.worse_by)}")
    return said
