"""One rule of the limits, changed for one patient: by a supervisor, with a reason and an end.

It holds at once in the patient's open session, and in later ones from their check-in, until it ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from clinic import audit
from clinic.access import Act, Principal, check
from clinic.models import Clinic, Patient
from clinic.refusals import Invalid, NotAllowed, NotFound
from sessions import queries as treatments
from sessions.services.signing import check_prescriber
from vitals import due, judging, limit_checks, ticking
from vitals.flag_changes import FlagChange
from vitals.limits import LEVELS, Direction, Kind, LimitRule, LimitSet, Priority, time_words
from vitals.models import LimitChange, Watch
from vitals.panel import PatientLimit, decode, encode
from vitals.services import flag_rows, readiness, storage
from vitals.services.announcing import Announcement, announce
from vitals.services.limit_sets import current_limit_set_id, limit_set
from vitals.services.plans import plan_of
from vitals.services.storage import WatchRow


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change as it is asked for: another limit, another distance from the baseline, or both, or off."""

    code: str
    vital: str
    threshold: float | None = None
    baseline_by: float | None = None
    off: bool = False


def change_limit(
    *,
    by: Principal,
    patient_id: UUID,
    wanted: Wanted,
    reason: str,
    until: datetime,
    at: datetime,
    protocol_code: str | None = None,
) -> LimitChange:
    """Change one rule for a patient from now until its end. An earlier change of the same rule ends now.

    protocol_code: whose limits are meant; without one those of the open session, else of the newest course.
    raises: AccessDenied; NotFound for another clinic's patient; Invalid naming field, value and rule;
            NotAllowed where the change asks for a prescriber's credential, or leaves something unwatched.
    """
    check(by, Act.CHANGE_PATIENT_LIMITS)
    with transaction.atomic():
        clinic, patient, watches = _locked(by, patient_id)
        limits = _limits_meant(by.clinic_id, patient, watches, protocol_code)
        rule = _rule_meant(limits, wanted)
        changed = _changed(rule, wanted)
        _check_reason_and_end(limits, reason, until, at)
        _check_sense(limits, rule, changed)
        if softens_at_once(rule, changed):
            check_prescriber(
                by,
                at.astimezone(clinic.zone).date(),
                f"{limit_checks.name_of(rule)} flags high at once: only a prescriber may switch it off or"
                " move it outward.",
            )
        held = _current(patient, at).filter(code=rule.code, vital=rule.vital or "")
        for earlier in held:
            _end(by, earlier, at, cause="replaced")
        row = LimitChange.objects.create(
            clinic_id=by.clinic_id,
            patient=patient,
            limit_set_id=limits.id,
            code=rule.code,
            vital=rule.vital or "",
            threshold=None if changed is None else changed.threshold,
            baseline_by=None if changed is None else changed.baseline_by,
            reason=reason.strip(),
            by_name=by.name,
            from_at=at,
            until_at=until,
        )
        _audited(
            by, row, watches, what="changed", before=rule.words(), after=changed.words() if changed else "off"
        )
        _follow(by, patient, watches, at)
    return row


def end_change(*, by: Principal, patient_id: UUID, change_id: UUID, at: datetime) -> LimitChange:
    """End a change before its time. raises: AccessDenied; NotFound; NotAllowed when it has ended already."""
    check(by, Act.CHANGE_PATIENT_LIMITS)
    with transaction.atomic():
        _, patient, watches = _locked(by, patient_id)
        row = LimitChange.objects.filter(patient=patient, pk=change_id).first()
        if row is None:
            raise NotFound
        if row.ended_at is not None or row.until_at <= at:
            raise NotAllowed("This change has ended already.", missing=["a change that holds now"])
        _end(by, row, at, cause="ended early")
        _follow(by, patient, watches, at)
    return row


def carried(patient_id: UUID, limits: LimitSet, since: datetime) -> list[PatientLimit]:
    """The patient's changes that hold in a session watched from ``since`` on, as its panel keeps them.

    Locks the patient until the end of the transaction: a change made meanwhile waits, then finds the session.
    """
    Patient.objects.select_for_update(no_key=True).filter(pk=patient_id).values_list("pk").first()
    rows = LimitChange.objects.filter(patient_id=patient_id, until_at__gt=since).filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=since)
    )
    return [_kept(row) for row in rows.order_by("from_at") if holds_in(row, limits)]


def holds_in(row: LimitChange, limits: LimitSet) -> bool:
    """True where the session's version has the very row that the supervisor read and changed."""
    key = row.code, row.vital
    read, own = limit_set(row.limit_set_id).named.get(key), limits.named.get(key)
    return read is not None and own is not None and replace(read, source="") == replace(own, source="")


# --- what is meant


def _locked(by: Principal, patient_id: UUID) -> tuple[Clinic, Patient, list[WatchRow]]:
    """The patient and the watch rows of the patient's open sessions, locked: changes come one by one."""
    patient = (
        Patient.objects.select_for_update(no_key=True).filter(clinic_id=by.clinic_id, pk=patient_id).first()
    )
    if patient is None:
        raise NotFound
    open_ids = Watch.objects.filter(is_open=True, session__patient=patient).values_list("pk", flat=True)
    rows = storage.lock_watch_rows(list(open_ids))
    return Clinic.objects.get(pk=by.clinic_id), patient, [row for row in rows.values() if row.is_open]


def _limits_meant(
    clinic_id: int, patient: Patient, watches: Iterable[WatchRow], protocol_code: str | None
) -> LimitSet:
    watch = next(iter(watches), None)
    if watch is not None and protocol_code is None:
        return limit_set(watch.limit_set_id)
    if protocol_code is None:
        course = next(iter(treatments.courses(clinic_id, patient.pk)), None)
        if course is None:
            raise Invalid("Which protocol? This patient has no course yet.", field="protocol")
        protocol_code = course.protocol_code
    try:
        return limit_set(current_limit_set_id(clinic_id, protocol_code))
    except LookupError:
        raise Invalid(f"There are no limits for “{protocol_code}”.", field="protocol") from None


def _rule_meant(limits: LimitSet, wanted: Wanted) -> LimitRule:
    rule = limits.named.get((wanted.code, wanted.vital))
    if rule is None or rule.kind is not Kind.VALUE:
        name = f"{wanted.code} {wanted.vital}".strip()
        raise Invalid(f"Version {limits.version} has no rule of values “{name}”.", field="code")
    if rule.priority not in LEVELS:
        raise Invalid(
            f"{limit_checks.name_of(rule)} is a note: it raises no flag, so there is nothing to change.",
            field="code",
        )
    return rule


def _changed(rule: LimitRule, wanted: Wanted) -> LimitRule | None:
    """The row as it will hold; None when it is switched off. raises: Invalid."""
    name = limit_checks.name_of(rule)
    if wanted.off:
        if wanted.threshold is not None or wanted.baseline_by is not None:
            raise Invalid("Either switched off or another limit, not both.", field="off")
        return None
    if wanted.threshold is None and wanted.baseline_by is None:
        raise Invalid(f"{name}: give another limit, or switch it off.", field="threshold")
    if wanted.threshold is not None and rule.threshold is None:
        raise Invalid(f"{name} has no fixed limit: change its distance from the baseline.", field="threshold")
    if wanted.baseline_by is not None and rule.baseline_by is None:
        raise Invalid(f"{name} is not relative to a baseline: change its limit.", field="baseline_by")
    changed = replace(
        rule,
        threshold=rule.threshold if wanted.threshold is None else wanted.threshold,
        baseline_by=rule.baseline_by if wanted.baseline_by is None else wanted.baseline_by,
    )
    if changed == rule:
        raise Invalid(f"{name} is {rule.words()} already.", field="threshold")
    fault = next(iter(limit_checks.row_faults(changed, rule.symptoms)), None)
    if fault is not None:
        raise Invalid(fault.words, field=fault.field)
    return changed


def _check_reason_and_end(limits: LimitSet, reason: str, until: datetime, at: datetime) -> None:
    if not reason.strip():
        raise Invalid("A change for one patient needs a reason.", field="reason")
    longest = next(iter(limits.of_kind[Kind.PATIENT_CHANGE]), None)
    if longest is None or longest.after_s is None:
        raise NotAllowed(
            f"Version {limits.version} of the limits allows no change for one patient.",
            missing=[f"a row about “{Kind.PATIENT_CHANGE}”"],
        )
    if until <= at:
        raise Invalid("The end lies in the past.", field="until")
    if until - at > timedelta(seconds=longest.after_s):
        whose = "" if limits.reviewed_by else " (an example, reviewed by nobody yet)"
        raise Invalid(
            f"A change lasts at most {time_words(longest.after_s)}: rule {longest.code}"
            f" v{limits.version}{whose}.",
            field="until",
        )


def _check_sense(limits: LimitSet, rule: LimitRule, changed: LimitRule | None) -> None:
    """A change leaves no rule that could never speak, and nothing unwatched."""
    others = [one for one in limits.rules if one is not rule]
    if changed is None:
        lost = [
            one
            for one in limit_checks.MUST_WATCH
            if one.is_watched(limits.rules) and not one.is_watched(others)
        ]
        if lost:
            raise NotAllowed(
                f"{limit_checks.name_of(rule)} is the last rule that watches {lost[0].words}: it stays.",
                missing=["another rule that watches it"],
            )
        return
    before = set(limit_checks.order_faults(limits.rules))
    after = limit_checks.order_faults([changed if one is rule else one for one in limits.rules])
    new = next((fault for fault in after if fault not in before), None)
    if new is not None:
        field = "threshold" if changed.threshold != rule.threshold else "baseline_by"
        raise Invalid(new.told, field=field)


def softens_at_once(rule: LimitRule, changed: LimitRule | None) -> bool:
    """True when a row that flags high at once would speak later for this patient, or never."""
    if rule.priority is not Priority.HIGH or rule.readings > 1:
        return False
    if changed is None:
        return True
    moved = (changed.threshold or 0) - (rule.threshold or 0)
    outward = moved > 0 if rule.direction is Direction.HIGH else moved < 0
    return outward or (changed.baseline_by or 0) > (rule.baseline_by or 0)


# --- what follows


def _current(patient: Patient, at: datetime) -> QuerySet[LimitChange]:
    return LimitChange.objects.filter(patient=patient, until_at__gt=at, ended_at__isnull=True)


def _end(by: Principal, row: LimitChange, at: datetime, *, cause: str) -> None:
    row.ended_at, row.ended_by = at, by.name
    row.save(update_fields=["ended_at", "ended_by"])
    _audited(by, row, (), what=cause)


def _kept(row: LimitChange) -> PatientLimit:
    return PatientLimit(
        id=row.pk,
        code=row.code,
        vital=row.vital,
        threshold=None if row.threshold is None else float(row.threshold),
        baseline_by=None if row.baseline_by is None else float(row.baseline_by),
        from_at=row.from_at,
        until_at=min(row.until_at, row.ended_at) if row.ended_at is not None else row.until_at,
    )


def _follow(by: Principal, patient: Patient, watches: Iterable[WatchRow], at: datetime) -> None:
    """Bring the open sessions to the patient's changes as they stand now: values are judged again."""
    for watch in watches:
        panel = decode(watch.panel)
        limits = limit_set(watch.limit_set_id)
        over = {one.id for one in panel.patient_limits if one.is_over}
        panel.patient_limits = carried(patient.pk, limits, panel.checked_in_at or at)
        for one in panel.patient_limits:
            one.is_over = one.id in over or one.until_at <= at
        changes: list[FlagChange] = []
        breach = judging.reassess(panel, limits, at, changes)
        if breach and readiness.take_back(watch.clinic_id, panel, at, words=breach):
            due.replan(panel, plan_of(watch.protocol_id, panel), limits, at, changes)
        panel.version += 1
        told = [replace(one, cause="limits changed") if one.resolved else one for one in changes]
        flag_rows.write_changes({watch.session_id: watch}, {watch.session_id: told}, raised_at=at)
        alert_at = ticking.next_alert_at(panel, limits)
        storage.write_watch_rows([(watch.session_id, alert_at, encode(panel))])
        announce([Announcement(watch.clinic_id, watch.session_id, changes=told)])


def _audited(by: Principal, row: LimitChange, watches: Iterable[WatchRow], **details: str) -> None:
    sessions = [watch.session_id for watch in watches]
    entry = audit.Entry(
        by=by,
        act=Act.CHANGE_PATIENT_LIMITS,
        subject="patient",
        subject_id=str(row.patient_id),
        session_id=sessions[0] if sessions else None,
        details={
            "change": str(row.pk),
            "rule": f"{row.code} {row.vital}".strip(),
            "reason": row.reason,
            "until": row.until_at.isoformat(),
            **details,
        },
    )
    audit.record([entry])
