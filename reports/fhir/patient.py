"""Patient, and what is known of the patient outside any session. Pure."""

from collections.abc import Iterator

from reports.fhir import codes
from reports.fhir.parties import Clinic
from reports.fhir.values import (
    Json,
    Row,
    Told,
    concept,
    day,
    key,
    parts,
    quantity,
    reference,
    resource,
    text,
)


def resources(row: Row, clinic: Clinic) -> Iterator[Told]:
    """The patient of a row of ``patients``; a limited one has sex and age alone."""
    yield Told(_patient(row, clinic))
    if row.get("weight_kg") is not None and row.get("weighed_on") is not None:
        yield Told(_weight(row))
    if "birth_date" not in row and row.get("age_years") is not None:
        yield Told(_age(row))


def _patient(row: Row, clinic: Clinic) -> Json:
    identifiers = key(row["patient_id"])
    if mrn := text(row.get("mrn")):
        identifiers.append(parts(type=codes.RECORD_NUMBER, value=mrn, assigner=clinic.reference))
    return resource(
        "Patient",
        row["patient_id"],
        identifier=identifiers,
        name=_name(row),
        telecom=[
            {"system": system, "value": value}
            for system in ("phone", "email")
            if (value := text(row.get(system)))
        ],
        gender=row["sex"],
        birthDate=day(row.get("birth_date")),
        address=[{"text": words}] if (words := text(row.get("address"))) else [],
        managingOrganization=clinic.reference,
    )


def _name(row: Row) -> list[Json]:
    given = [words for name in ("given_name", "middle_initial") if (words := text(row.get(name)))]
    name = parts(family=text(row.get("family_name")), given=given)
    return [name] if name else []


def _weight(row: Row) -> Json:
    return resource(
        "Observation",
        f"{row['patient_id']}-weight",
        meta={"profile": [f"{codes.PROFILES}bodyweight"]},
        status="final",
        category=codes.VITAL_SIGNS,
        code=codes.BODY_WEIGHT,
        subject=reference("Patient", row["patient_id"]),
        effectiveDateTime=day(row["weighed_on"]),
        valueQuantity=quantity(row["weight_kg"], "kg"),
    )


def _age(row: Row) -> Json:
    return resource(
        "Observation",
        f"{row['patient_id']}-age",
        status="final",
        code=concept("Age at the first of these sessions; 90 stands for 90 and above"),
        subject=reference("Patient", row["patient_id"]),
        valueQuantity=quantity(row["age_years"], "a"),
    )
