"""The codes that are used, and where each comes from. What has no source here is told in words alone. Pure.

Sources: clinical facts, section 8.1 where it says that a code was read (V, V2), and FHIR R4's own code
systems. Not coded, since nobody confirmed them: EtCO2 (two LOINC codes are in use for it), the nasal route in
SNOMED CT, ingredients in RxNorm, pain, C-SSRS, PCL-5, RASS, Aldrete; CADSS-6 and MOAA/S have no code.
"""

from typing import Any

from reports.fhir.values import TERMINOLOGY, Json, coding, concept
from vitals.vital import ABOUT, Vital

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
PROFILES = "http://hl7.org/fhir/StructureDefinition/"

VITAL_SIGNS = [concept(None, coding(f"{TERMINOLOGY}observation-category", "vital-signs", "Vital Signs"))]
SURVEY = [concept(None, coding(f"{TERMINOLOGY}observation-category", "survey", "Survey"))]
EXAM = [concept(None, coding(f"{TERMINOLOGY}observation-category", "exam", "Exam"))]


def _vital(vital: Vital, *others: Json) -> Json:
    about = ABOUT[vital]
    return concept(about.label, coding(LOINC, about.loinc), *others)


# source: hl7.org/fhir/R4/bp.html; SpO2: R4's profile oxygensat asks for 2708-6, US Core for both
BLOOD_PRESSURE = concept("Blood pressure", coding(LOINC, "85354-9"))
VITAL_CODES: dict[Vital, Json] = {
    **{
        vital: _vital(vital)
        for vital in (
            Vital.SYSTOLIC,
            Vital.DIASTOLIC,
            Vital.MEAN,
            Vital.HEART_RATE,
            Vital.RESPIRATORY_RATE,
            Vital.TEMPERATURE,
        )
    },
    Vital.SPO2: _vital(Vital.SPO2, coding(LOINC, "2708-6")),
    Vital.ETCO2: concept("End-tidal carbon dioxide (EtCO₂)"),
    Vital.SEDATION: concept("Sedation (MOAA/S)"),
}
# source: the vital signs table of R4
PROFILE_OF = {
    Vital.HEART_RATE: "heartrate",
    Vital.RESPIRATORY_RATE: "resprate",
    Vital.SPO2: "oxygensat",
    Vital.TEMPERATURE: "bodytemp",
}
BODY_WEIGHT = concept("Body weight", coding(LOINC, "29463-7"))
OXYGEN_FLOW = concept("Inhaled oxygen flow", coding(LOINC, "3151-8"))

SCALE_TOTALS: dict[str, list[Json]] = {
    "phq-9": [coding(LOINC, "44261-6")],
    "gad-7": [coding(LOINC, "70274-6")],
}

AMBULATORY = coding(f"{TERMINOLOGY}v3-ActCode", "AMB", "ambulatory")
RECORD_NUMBER = concept("Medical record number", coding(f"{TERMINOLOGY}v2-0203", "MR"))
DRUGS: dict[str | None, Json] = {
    "iv": concept("Ketamine, infusion"),
    "nasal": concept("Esketamine, nasal spray", coding(RXNORM, "2201623")),
}
ROUTES: dict[str | None, Json] = {
    "iv": concept("Intravenous", coding(SNOMED, "47625008")),
    "nasal": concept("Nasal"),
}
SERIOUS = coding(f"{TERMINOLOGY}adverse-event-seriousness", "serious", "Serious")
OUTCOMES = {
    "resolved": "resolved",
    "recovering": "recovering",
    "ongoing": "ongoing",
    "resolved-with-sequelae": "resolvedWithSequelae",
    "fatal": "fatal",
    "unknown": "unknown",
}
# an act on a patient's record, of R4's audit-event-type
PATIENT_RECORD = coding("http://dicom.nema.org/resources/ontology/DCM", "110110", "Patient Record")


def outcome(ours: str | None) -> Json | None:
    """How an adverse event ended."""
    return (
        None if ours is None else concept(None, coding(f"{TERMINOLOGY}adverse-event-outcome", OUTCOMES[ours]))
    )


def why_absent(code: str, words: object = None) -> dict[str, Any]:
    """A reason why there is no value. code: of R4's data-absent-reason."""
    return concept(words, coding(f"{TERMINOLOGY}data-absent-reason", code))
