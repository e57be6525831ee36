"""Versions of a clinic's limits: a draft is begun, changed, discarded or signed; what is in use stays.

A session under way keeps the version it began with, so signing changes nothing at any chair.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from clinic import audit
from clinic.access import Act, Principal, check
from clinic.models import Clinic
from clinic.refusals import Conflict, Invalid, NotAllowed, NotFound
from sessions import symptoms
from sessions.services import wording
from sessions.services.signing import check_signature
from vitals import limit_checks, limits, models
from vitals.limit_checks import MUST_WATCH, WATCHED
from vitals.limit_differences import RowChange, counts, differences
from vitals.services.limit_sets import (
    columns_of,
    current_limit_set_id,
    limit_set,
    read_limit_set,
    rule_of,
    write_rules,
)

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Edits:
    """What one call changes of a draft; all of it or nothing.

    change: rows by code and vital, with the columns that change. add: whole rows, columns left out keep their
            defaults. remove: code and vital (empty where the row has none).
    not_watched: a reason by the codes of ``limit_checks.MUST_WATCH``; an empty one takes it away.
    """

    name: str | None = None
    change: Sequence[Mapping[str, Any]] = ()
    add: Sequence[Mapping[str, Any]] = ()
    remove: Sequence[Key] = ()
    not_watched: Mapping[str, str] = field(default_factory=dict)


def new_draft(*, by: Principal, based_on: int, name: str, at: datetime) -> models.LimitSet:
    """Begin a draft with all rows of a version, in use or not.

    raises: AccessDenied; NotFound for another clinic's version.
    """
    check(by, Act.DRAFT_LIMITS)
    with transaction.atomic():
        # one at a time: two drafts begun at once get two numbers
        Clinic.objects.select_for_update(no_key=True).get(pk=by.clinic_id)
        base = _own(by, based_on)
        held = models.LimitSet.objects.filter(clinic_id=by.clinic_id, protocol_code=base.protocol_code)
        version = (held.aggregate(last=Max("version"))["last"] or 0) + 1
        row = models.LimitSet.objects.create(
            clinic_id=by.clinic_id,
            protocol_code=base.protocol_code,
            version=version,
            name=name.strip() or f"Limits {version}",
            based_on=base,
            made_by=by.name,
            made_at=at,
            not_watched=base.not_watched,
        )
        write_rules(row, read_limit_set(base.pk).rules)
        _audited(by, Act.DRAFT_LIMITS, row, what="begun", based_on=base.version)
    return row


def change_draft(
    *, by: Principal, limit_set_id: int, edits: Edits, seen: int | None = None
) -> models.LimitSet:
    """Change rows of a draft.

    seen:   the revision that was on the screen; None does not ask.
    raises: AccessDenied; NotFound; NotAllowed for a version that is no draft; Conflict when somebody changed
            it since; Invalid naming the row's field and the rule it breaks.
    """
    check(by, Act.DRAFT_LIMITS)
    with transaction.atomic():
        row = _draft(by, limit_set_id)
        _check_seen(row, seen)
        before = read_limit_set(row.pk)
        rules = _edited(before, edits, known_symptoms(by.clinic_id))
        _rewrite(row, before, rules)
        if edits.name is not None:
            row.name = edits.name.strip() or row.name
        row.not_watched = _reasons(row.not_watched, edits.not_watched)
        row.revision += 1
        row.save()
        told = differences(before, read_limit_set(row.pk))
        _audited(by, Act.DRAFT_LIMITS, row, what="changed", rows=[one.words for one in told])
    return row


def discard_draft(*, by: Principal, limit_set_id: int) -> None:
    """Throw a draft away.

    raises: AccessDenied; NotFound; NotAllowed when it is no draft, or another version was begun from it.
    """
    check(by, Act.DRAFT_LIMITS)
    with transaction.atomic():
        row = _draft(by, limit_set_id)
        resting = models.LimitSet.objects.filter(based_on=row).order_by("version").first()
        if resting is not None:
            raise NotAllowed(f"Version {resting.version} was begun from this draft, so it stays.")
        _audited(by, Act.DRAFT_LIMITS, row, what="discarded")
        row.delete()


def sign_draft(
    *, by: Principal, limit_set_id: int, signature: str, seen: int, at: datetime
) -> models.LimitSet:
    """Sign a draft: from now on sessions begin with it. Those under way keep theirs.

    seen:   the revision that was read.
    raises: AccessDenied; NotFound; NotAllowed for what is no draft, is older than the version in use or has
            faults (``missing`` names them); Conflict when it was changed since it was read; Invalid for
            somebody else's name.
    """
    check(by, Act.SIGN_LIMITS)
    if not signature.strip():
        raise Invalid("Type your name: limits are signed by the one who reviewed them.", field="signature")
    check_signature(by, signature)
    with transaction.atomic():
        clinic = Clinic.objects.select_for_update(no_key=True).get(pk=by.clinic_id)
        row = _draft(by, limit_set_id)
        _check_seen(row, seen)
        in_use = limit_set(current_limit_set_id(by.clinic_id, row.protocol_code))
        if in_use.version > row.version:
            raise NotAllowed(
                f"Version {in_use.version} was signed since this draft was begun, and stays in use:"
                " begin a new draft.",
                missing=[f"a draft begun after version {in_use.version}"],
            )
        drafted = read_limit_set(row.pk)
        faults = faults_of(by.clinic_id, drafted, row.not_watched)
        if faults:
            raise NotAllowed("The draft cannot be signed yet.", missing=[fault.told for fault in faults])
        changes = differences(in_use, drafted)
        row.reviewed_by = by.name
        row.reviewed_on = at.astimezone(clinic.zone).date()
        row.save()
        _audited(
            by,
            Act.SIGN_LIMITS,
            row,
            in_use_before=in_use.version,
            **counts(changes),
            rows=[change.words for change in changes],
            not_watched=row.not_watched,
        )
    return row


def faults_of(
    clinic_id: int, drafted: limits.LimitSet, not_watched: Mapping[str, str]
) -> list[limit_checks.Fault]:
    """All that stands in the way of a signature; empty when there is nothing."""
    known = known_symptoms(clinic_id)
    of_rows = [fault for rule in drafted.rules for fault in limit_checks.row_faults(rule, known)]
    return [*of_rows, *limit_checks.set_faults(drafted.rules, not_watched)]


def changes_of(clinic_id: int, protocol_code: str, drafted: limits.LimitSet) -> list[RowChange]:
    """How a version differs from the one in use."""
    return differences(limit_set(current_limit_set_id(clinic_id, protocol_code)), drafted)


# --- the draft itself


def _own(by: Principal, limit_set_id: int) -> models.LimitSet:
    row = models.LimitSet.objects.filter(clinic_id=by.clinic_id, pk=limit_set_id).first()
    if row is None:
        raise NotFound
    return row


def is_draft(row: models.LimitSet) -> bool:
    """True for a version that nobody signed and that no session can have."""
    return row.version > 1 and row.reviewed_on is None


def _draft(by: Principal, limit_set_id: int) -> models.LimitSet:
    """The draft, locked until the end of the transaction."""
    row = models.LimitSet.objects.select_for_update().filter(clinic_id=by.clinic_id, pk=limit_set_id).first()
    if row is None:
        raise NotFound
    if not is_draft(row):
        whose = f"signed by {row.reviewed_by}" if row.reviewed_by else "the shipped example"
        raise NotAllowed(
            f"Version {row.version} is {whose} and is never changed: begin a draft from it.",
            missing=["a draft"],
        )
    return row


def _check_seen(row: models.LimitSet, seen: int | None) -> None:
    if seen is not None and seen != row.revision:
        raise Conflict("Somebody changed this draft since you loaded it: load it again and look.")


def known_symptoms(clinic_id: int) -> frozenset[str]:
    """Every code that can be charted here; a hidden chip's too, for it may come back."""
    return frozenset(chip.code for chip in (*symptoms.SHIPPED, *wording.chips(clinic_id)))


def _edited(before: limits.LimitSet, edits: Edits, known: frozenset[str]) -> dict[Key, limits.LimitRule]:
    """The rows after the edits, by code and vital, each looked at. raises: Invalid."""
    rules = dict(before.named)
    for code, vital in edits.remove:
        if rules.pop((code, vital), None) is None:
            raise Invalid(f"There is no row {f'{code} {vital}'.strip()} here.", field="remove")
    for number, columns in enumerate(edits.change):
        key = columns["code"], columns.get("vital") or ""
        held = rules.get(key)
        if held is None:
            raise Invalid(f"There is no row {' '.join(key).strip()} here.", field=f"change.{number}.code")
        rules[key] = _checked(asdict(held) | dict(columns), known, f"change.{number}")
    for number, columns in enumerate(edits.add):
        rule = _checked(columns, known, f"add.{number}")
        key = rule.code, rule.vital or ""
        if key in rules:
            raise Invalid(
                f"{limit_checks.name_of(rule)} is there already: change it, or give another code.",
                field=f"add.{number}.code",
            )
        rules[key] = rule
    return rules


def _checked(columns: Mapping[str, Any], known: frozenset[str], where: str) -> limits.LimitRule:
    rule = rule_of(columns)
    fault = next(iter(limit_checks.row_faults(rule, known)), None)
    if fault is not None:
        raise Invalid(fault.words, field=f"{where}.{fault.field}")
    return rule


def _rewrite(row: models.LimitSet, before: limits.LimitSet, rules: Mapping[Key, limits.LimitRule]) -> None:
    """Bring the table's rows to these, touching only those that differ."""
    for key, held in before.named.items():
        stored = models.LimitRule.objects.filter(limit_set=row, code=key[0], vital=key[1])
        if key not in rules:
            stored.delete()
        elif rules[key] != held:
            stored.update(**columns_of(rules[key]))
    new = [rule for key, rule in rules.items() if key not in before.named]
    if new:
        last = models.LimitRule.objects.filter(limit_set=row).aggregate(last=Max("position"))["last"]
        write_rules(row, new, first=0 if last is None else last + 1)


def _reasons(held: Mapping[str, str], told: Mapping[str, str]) -> dict[str, str]:
    for code in told:
        if code not in WATCHED:
            names = ", ".join(one.code for one in MUST_WATCH)
            raise Invalid(f"“{code}” is not one of: {names}.", field=f"not_watched.{code}")
    merged = dict(held) | {code: reason.strip() for code, reason in told.items()}
    return {code: reason for code, reason in merged.items() if reason}


def _audited(by: Principal, act: Act, row: models.LimitSet, **details: object) -> None:
    entry = audit.Entry(
        by=by,
        act=act,
        subject="limit-set",
        subject_id=str(row.pk),
        details={"protocol": row.protocol_code, "version": row.version, **details},
    )
    audit.record([entry])
