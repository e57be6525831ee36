"""The versions of the form that ship, as rows.

source of every row: the table of clinical facts 1.6. MIRRORED rows stand in the mirrored copy of 11/2021;
NOT_SEEN ones are told by a vendor, a transcript or common knowledge and are to be checked against the current
form before the first clinical use, as is the date from which it is in force: the REMS was revised for
respiratory depression and the oximeter by 31 December 2024 (FDA's page of the REMS).
"""

from datetime import date

from sessions.monitoring_form.fields import Certainty, Field, FilledBy, FormVersion, Kind, Override, Stage
from sessions.monitoring_form.pressures import AT_FORTY

MIRROR = "mirrored copy and instructions of the form, 11/2021"
TRANSCRIPT = "overview of the form by its maker, transcript"
VENDOR = "mapping of the form by a record vendor, 2025"
KNOWN = "not seen: known from its structure only"
CRITERIA = "not seen: the standard FDA criteria of seriousness"

PATIENT, MEDICINES = "Patient", "Other medicines taken"
PROVIDER, SETTING = "Who watched", "Healthcare setting"
SESSION, DURATION = "Treatment session", "Duration of monitoring"
VITALS, OXIMETRY = "Vital signs and blood pressure", "Pulse oximetry"
SEDATION, DISSOCIATION = "Sedation", "Dissociation"
BREATHING, EVENT, SIGNED = "Respiratory depression", "Serious adverse event", "Signature"

RECORD, PERSON = FilledBy.RECORD, FilledBy.PERSON
ANY_VALUE, NOT_SEEN = Override.VALUE, Certainty.NOT_SEEN


def _patient(code: str, label: str, kind: Kind = Kind.TEXT, *, required: bool = True) -> Field:
    return Field(code, PATIENT, label, kind, RECORD, MIRROR, Stage.CHECKED_IN, required)


def _medicine(code: str, label: str) -> Field:
    return Field(code, MEDICINES, label, Kind.YES_NO, RECORD, MIRROR, Stage.DOSED, override=ANY_VALUE)


def _provider(code: str, label: str) -> Field:
    return Field(code, PROVIDER, label, Kind.TEXT, RECORD, MIRROR, Stage.CHECKED_IN, override=ANY_VALUE)


def _setting(code: str, label: str, *, required: bool = True) -> Field:
    return Field(code, SETTING, label, Kind.TEXT, RECORD, MIRROR, Stage.CHECKED_IN, required)


def _pressure(code: str, label: str, stage: Stage, override: Override = Override.NONE) -> Field:
    return Field(code, VITALS, label, Kind.BP, RECORD, MIRROR, stage, override=override)


def _acceptable(code: str, label: str, stage: Stage) -> Field:
    return Field(code, VITALS, label, Kind.YES_NO, PERSON, MIRROR, stage)


def _effect(name: str, section: str, filled_by: FilledBy, *, seen: bool = False) -> tuple[Field, ...]:
    """The four fields of an effect; beyond whether it was experienced, none of them was seen."""
    override = ANY_VALUE if filled_by is RECORD else Override.NONE
    effect = section.lower()

    def row(code: str, label: str, kind: Kind, asked_when: str) -> Field:
        certainty = Certainty.MIRRORED if seen and code == name else NOT_SEEN
        source = MIRROR if seen and code == name else KNOWN
        return Field(
            code,
            section,
            label,
            kind,
            filled_by,
            source,
            Stage.LEAVING,
            override=override,
            certainty=certainty,
            asked_when=asked_when,
        )

    return (
        row(name, f"{section} experienced", Kind.YES_NO, ""),
        row(f"{name}-onset", f"Onset of {effect}, minutes after the first device", Kind.NUMBER, name),
        row(f"{name}-resolved", f"{section} resolved before leaving", Kind.YES_NO, name),
        row(
            f"{name}-resolution",
            f"Resolution of {effect}, minutes after the first device",
            Kind.NUMBER,
            f"{name}-resolved",
        ),
    )


def _event(code: str, label: str, filled_by: FilledBy, kind: Kind, source: str) -> Field:
    return Field(
        code,
        EVENT,
        label,
        kind,
        filled_by,
        source,
        Stage.LEAVING,
        override=ANY_VALUE if filled_by is RECORD else Override.NONE,
        certainty=NOT_SEEN,
        asked_when="serious-event" if code != "serious-event" else "",
    )


FORM_2024_12 = FormVersion(
    code="2024-12",
    effective_from=date(2024, 12, 31),
    fields=(
        _patient("patient-first-name", "First name"),
        _patient("patient-middle-initial", "Middle initial", required=False),
        _patient("patient-last-name", "Last name"),
        _patient("patient-birth-date", "Birth date", Kind.DATE),
        _patient("patient-sex", "Sex"),
        Field(
            "first-treatment",
            PATIENT,
            "First treatment",
            Kind.YES_NO,
            RECORD,
            TRANSCRIPT,
            Stage.DOSED,
            override=ANY_VALUE,
            certainty=NOT_SEEN,
        ),
        Field(
            "enrolled",
            PATIENT,
            "Enrolled in the REMS",
            Kind.YES_NO,
            RECORD,
            TRANSCRIPT,
            Stage.DOSED,
            override=ANY_VALUE,
            certainty=NOT_SEEN,
            asked_when="first-treatment",
        ),
        _medicine("benzodiazepines", "Benzodiazepines"),
        _medicine("sedative-hypnotics", "Sedative hypnotics other than benzodiazepines"),
        _medicine("psychostimulants", "Psychostimulants"),
        _medicine("maois", "MAO inhibitors"),
        Field(
            "opioids",
            MEDICINES,
            "Opioids",
            Kind.YES_NO,
            RECORD,
            VENDOR,
            Stage.DOSED,
            override=ANY_VALUE,
            certainty=NOT_SEEN,
        ),
        Field(
            "other-medicines",
            MEDICINES,
            "Other medicines that may cause dissociation or slow breathing",
            Kind.YES_NO,
            PERSON,
            VENDOR,
            Stage.DOSED,
            required=False,
            certainty=NOT_SEEN,
        ),
        _provider("provider-first-name", "First name of who watched"),
        _provider("provider-last-name", "Last name of who watched"),
        _provider("provider-telephone", "Telephone"),
        _provider("provider-email", "E-mail"),
        _setting("setting-name", "Name of the setting"),
        _setting("setting-address-1", "Address"),
        _setting("setting-address-2", "Address, second line", required=False),
        _setting("setting-city", "City"),
        _setting("setting-state", "State"),
        _setting("setting-zip", "ZIP code"),
        Field("treatment-date", SESSION, "Treatment date", Kind.DATE, RECORD, MIRROR, Stage.DOSED),
        Field("dose-mg", SESSION, "Dose, mg", Kind.MG, RECORD, MIRROR, Stage.DOSED),
        Field("lot-numbers", SESSION, "Lot numbers", Kind.TEXT, RECORD, MIRROR, Stage.DOSED),
        Field(
            "total-minutes",
            DURATION,
            "Total minutes from the first device to the completion of monitoring",
            Kind.NUMBER,
            RECORD,
            MIRROR,
            Stage.ENDED,
        ),
        Field(
            "ready-without-minimum",
            DURATION,
            "Minutes at which the patient would have been ready to leave without a minimum",
            Kind.NUMBER,
            PERSON,
            "asked in 11/2021; may have gone since",
            Stage.LEAVING,
            required=False,
            certainty=NOT_SEEN,
        ),
        _pressure("bp-before", "Blood pressure before administration", Stage.DOSED),
        _acceptable("acceptable-before", "Vital signs acceptable before administration", Stage.DOSED),
        _pressure(AT_FORTY, "Blood pressure at 40 minutes", Stage.FORTY, Override.READING),
        _pressure("bp-completion", "Blood pressure before completion", Stage.LEAVING),
        _acceptable("acceptable-completion", "Vital signs acceptable before completion", Stage.LEAVING),
        Field(
            "oximetry-checks",
            OXIMETRY,
            "Pulse oximetry checks",
            Kind.NUMBER,
            RECORD,
            VENDOR,
            Stage.FORTY,
            certainty=NOT_SEEN,
        ),
        *_effect("sedation", SEDATION, RECORD, seen=True),
        *_effect("dissociation", DISSOCIATION, RECORD),
        *_effect("respiratory-depression", BREATHING, PERSON),
        _event("serious-event", "Serious adverse event experienced", RECORD, Kind.YES_NO, VENDOR),
        _event("serious-event-description", "What happened", RECORD, Kind.TEXT, VENDOR),
        _event("serious-event-category", "Category of seriousness", RECORD, Kind.TEXT, CRITERIA),
        _event("serious-event-treated", "Medical intervention needed", PERSON, Kind.YES_NO, CRITERIA),
        Field(
            "signature",
            SIGNED,
            "Signature of who watched, and date",
            Kind.SIGNATURE,
            PERSON,
            KNOWN,
            Stage.ENDED,
            certainty=NOT_SEEN,
        ),
    ),
)

VERSIONS = (FORM_2024_12,)
