"""Writes of the ground: patients. Each checks access, writes, and audits in one transaction."""

from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction

from clinic import audit
from clinic.access import Act, Principal, check
from clinic.models import Patient, Sex
from clinic.refusals import Conflict


def register_patient(
    *,
    by: Principal,
    mrn: str,
    given_name: str,
    family_name: str,
    birth_date: date,
    sex: Sex,
    weight_kg: Decimal | None,
    allergies: str = "",
) -> Patient:
    """Add a patient to the caller's clinic.

    raises: AccessDenied; Conflict when the clinic already has this record number.
    """
    check(by, Act.REGISTER_PATIENT)
    try:
        with transaction.atomic():
            patient = Patient.objects.create(
                clinic_id=by.clinic_id,
                mrn=mrn,
                given_name=given_name,
                family_name=family_name,
                birth_date=birth_date,
                sex=sex,
                weight_kg=weight_kg,
                allergies=allergies,
            )
            audit.record(
                [audit.Entry(by=by, act=Act.REGISTER_PATIENT, subject="patient", subject_id=str(patient.id))]
            )
    except IntegrityError as error:
        if "patient_mrn_once" in str(error):
            raise Conflict(f"Record number {mrn} is already taken in this clinic.", field="mrn") from error
        raise
    return patient
