"""Writes of the ground: patients, credentials, the clinic's own data.

Each checks access, writes, and audits in one transaction.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from clinic import audit, queries
from clinic.access import Act, Principal, check
from clinic.credentials import day_words
from clinic.models import Clinic, Credential, CredentialKind, Patient, Sex
from clinic.refusals import AccessDenied, Conflict, Invalid, NotFound

# what is known of a patient beside the name, and may change
BACKGROUND = frozenset(
    {
        "weight_kg",
        "weighed_on",
        "allergies",
        "middle_initial",
        "address",
        "phone",
        "email",
        "rems_enrolled_on",
    }
)


def register_patient(
    *,
    by: Principal,
    on: date,
    mrn: str,
    given_name: str,
    family_name: str,
    birth_date: date,
    sex: Sex,
    **background: Any,
) -> Patient:
    """Add a patient to the caller's clinic. ``on``: the day there; ``background``: see ``BACKGROUND``.

    raises: AccessDenied; Invalid; Conflict when the clinic already has this record number.
    """
    check(by, Act.REGISTER_PATIENT)
    known = _weighed(background, on)
    try:
        with transaction.atomic():
            patient = Patient.objects.create(
                clinic_id=by.clinic_id,
                mrn=mrn,
                given_name=given_name,
                family_name=family_name,
                birth_date=birth_date,
                sex=sex,
                **known,
            )
            audit.record(
                [audit.Entry(by=by, act=Act.REGISTER_PATIENT, subject="patient", subject_id=str(patient.id))]
            )
    except IntegrityError as error:
        if "patient_mrn_once" in str(error):
            raise Conflict(f"Record number {mrn} is already taken in this clinic.", field="mrn") from error
        raise
    return patient


def change_patient(*, by: Principal, patient_id: UUID, on: date, changes: Mapping[str, Any]) -> Patient:
    """Change what is known of a patient. The audit names the fields that changed, and no values.

    on: the day in the clinic; a new weight without a day was taken then.
    raises: AccessDenied; NotFound; Invalid for a day that has not come.
    """
    check(by, Act.CHANGE_PATIENT)
    with transaction.atomic():
        patient = Patient.objects.select_for_update().filter(clinic_id=by.clinic_id, id=patient_id).first()
        if patient is None:
            raise NotFound
        changed = _write(patient, _weighed(changes, on))
        if changed:
            audit.record(
                [
                    audit.Entry(
                        by=by,
                        act=Act.CHANGE_PATIENT,
                        subject="patient",
                        subject_id=str(patient.id),
                        details={"changed": changed},
                    )
                ]
            )
    return patient


def _weighed(given: Mapping[str, Any], on: date) -> dict[str, Any]:
    """The fields with the day of a weight. raises: Invalid for a day that has not come."""
    known = {name: value for name, value in given.items() if name in BACKGROUND}
    if known.get("weight_kg") is not None:
        known.setdefault("weighed_on", on)
    for name in ("weighed_on", "rems_enrolled_on"):
        day = known.get(name)
        if day is not None and day > on:
            raise Invalid(
                f"{name} {day.isoformat()} has not come yet: today is {on.isoformat()}.", field=name
            )
    return known


def _write(row: Patient | Clinic, values: Mapping[str, Any]) -> list[str]:
    """Write what differs. Returns the names of the fields that changed."""
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save(update_fields=changed)
    return changed


def renew_credential(
    *, by: Principal, user_id: UUID, kind: CredentialKind, expires_on: date, number: str | None = None
) -> Credential:
    """Enter or renew a member's credential; a number that is not given stays.

    raises: AccessDenied, also for one's own: another member looks at the paper; NotFound for a stranger.
    """
    check(by, Act.MANAGE_STAFF)
    member = queries.member(by.clinic_id, user_id)
    if user_id == by.user_id:
        raise AccessDenied("Nobody enters a credential of their own: another member looks at the paper.")
    with transaction.atomic():
        held = Credential.objects.select_for_update().filter(user_id=user_id, kind=kind).first()
        before = held.expires_on if held else None
        row = held or Credential(user_id=user_id, kind=kind)
        row.expires_on = expires_on
        row.number = row.number if number is None else number
        row.save()
        audit.record(
            [
                audit.Entry(
                    by=by,
                    act=Act.MANAGE_STAFF,
                    subject="credential",
                    subject_id=str(member.user_id),
                    details={
                        "kind": CredentialKind(kind).value,
                        "until": day_words(expires_on),
                        "before": day_words(before) if before else None,
                    },
                )
            ]
        )
    return row


def change_clinic(*, by: Principal, changes: Mapping[str, Any]) -> Clinic:
    """Change the clinic's own data. The audit names the fields. raises: AccessDenied."""
    check(by, Act.MANAGE_STAFF)
    with transaction.atomic():
        clinic = Clinic.objects.select_for_update().get(pk=by.clinic_id)
        changed = _write(clinic, changes)
        if changed:
            audit.record(
                [
                    audit.Entry(
                        by=by,
                        act=Act.MANAGE_STAFF,
                        subject="clinic",
                        subject_id=str(clinic.pk),
                        details={"changed": changed},
                    )
                ]
            )
    return clinic


def change_scoring(*, by: Principal, dissociation_counts: bool, reason: str) -> Clinic:
    """Say whether expected dissociation counts as new confusion from now on; the audit keeps both and why.

    raises: AccessDenied; Invalid without a reason.
    """
    check(by, Act.MANAGE_SCORING)
    if not reason.strip():
        raise Invalid("A change of how scores count needs a reason.", field="reason")
    with transaction.atomic():
        clinic = Clinic.objects.select_for_update().get(pk=by.clinic_id)
        before = clinic.dissociation_counts_as_confusion
        if _write(clinic, {"dissociation_counts_as_confusion": dissociation_counts}):
            audit.record(
                [
                    audit.Entry(
                        by=by,
                        act=Act.MANAGE_SCORING,
                        subject="clinic",
                        subject_id=str(clinic.pk),
                        details={
                            "dissociation_counts_as_confusion": dissociation_counts,
                            "before": before,
                            "reason": reason.strip(),
                        },
                    )
                ]
            )
    return clinic
