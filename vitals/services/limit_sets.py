"""Limit sets: the example rows a clinic begins with, and any version as plain values."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import Q

from clinic.models import Clinic
from sessions import queries as treatments
from vitals import limits, models
from vitals.vital import Vital

# a row of the table and a rule have the same names
COLUMNS = tuple(field.name for field in fields(limits.LimitRule))
FIGURES = ("threshold", "baseline_by", "with_threshold", "inside_by", "worse_by")
_WORDS = {
    "priority": limits.Priority,
    "kind": limits.Kind,
    "vital": Vital,
    "direction": limits.Direction,
    "baseline_unit": limits.Unit,
    "with_vital": Vital,
    "with_direction": limits.Direction,
    "audience": limits.Audience,
}


def install_limits(clinic: Clinic) -> None:
    """Give a new clinic version 1 of the example limits for each protocol. Again changes nothing."""
    for protocol in treatments.current_protocols(clinic.pk):
        # in one transaction: the database takes rows of version 1 in that which made it, and never again
        with transaction.atomic():
            row, made = models.LimitSet.objects.get_or_create(
                clinic=clinic,
                protocol_code=protocol.code,
                version=1,
                defaults={"name": limits.EXAMPLE_NAME},
            )
            if made:
                write_rules(row, limits.EXAMPLE_RULES)


def write_rules(row: models.LimitSet, rules: Iterable[limits.LimitRule], *, first: int = 0) -> None:
    """Store rows of a set in their order, from the position ``first`` on."""
    models.LimitRule.objects.bulk_create(
        models.LimitRule(limit_set=row, position=position, **columns_of(rule))
        for position, rule in enumerate(rules, start=first)
    )


def columns_of(rule: limits.LimitRule) -> dict[str, Any]:
    """A row as the table's columns hold it."""
    return (
        {name: getattr(rule, name) for name in COLUMNS}
        | {name: getattr(rule, name) or "" for name in _WORDS}
        | {"symptoms": list(rule.symptoms)}
    )


def rule_of(values: Mapping[str, Any]) -> limits.LimitRule:
    """A row from its columns by name, as words or as what they stand for; those left out keep their defaults.

    raises: ValueError for a word that the table of its column does not know.
    """
    told = dict(values)
    for name, words in _WORDS.items():
        if name in told:
            told[name] = words(told[name]) if told[name] else None
    if "symptoms" in told:
        told["symptoms"] = tuple(told["symptoms"])
    return limits.LimitRule(**told)


def current_limit_set_id(clinic_id: int, protocol_code: str) -> int:
    """The newest signed version of the clinic's limits for a protocol, else the example it began with.

    raises: LookupError when there is none.
    """
    sets = models.LimitSet.objects.filter(clinic_id=clinic_id, protocol_code=protocol_code)
    in_use = sets.filter(Q(version=1) | Q(reviewed_on__isnull=False))
    row = in_use.order_by("-version").values_list("pk", flat=True).first()
    if row is None:
        raise LookupError(f"clinic {clinic_id} has no limit set for {protocol_code}")
    return row


@lru_cache(maxsize=1024)
def limit_set(limit_set_id: int) -> limits.LimitSet:
    """A set in use as plain values. It is never edited, so each is read once per process."""
    return read_limit_set(limit_set_id)


def read_limit_set(limit_set_id: int) -> limits.LimitSet:
    """A limit set as it stands now, a draft too."""
    row = models.LimitSet.objects.prefetch_related("rules").get(pk=limit_set_id)
    return limits.LimitSet(
        id=row.pk,
        name=row.name,
        version=row.version,
        reviewed_by=row.reviewed_by,
        reviewed_on=row.reviewed_on.isoformat() if row.reviewed_on else "",
        rules=tuple(_rule(rule) for rule in row.rules.order_by("position")),
    )


def _rule(row: models.LimitRule) -> limits.LimitRule:
    values = {name: getattr(row, name) for name in COLUMNS}
    for name in FIGURES:
        values[name] = None if values[name] is None else float(values[name])
    return rule_of(values)
