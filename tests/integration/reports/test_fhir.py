"""Exports in form fhir through their job: valid, the same values as the record, complete, and limited."""

import base64
import hashlib
import json
from collections import Counter
from datetime import datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from clinic.models import Membership, Patient
from clinic.refusals import Invalid
from clinic.tokens import principal_of_member
from reports.exports import jobs
from reports.exports.asked import Asked, FormName
from reports.exports.tables import CONTENTS
from reports.fhir.values import text
from sessions.models import Session
from tests import builders
from tests.export_stage import house, stored
from tests.fhir_stage import HOSTILE, correct, entry_of, infusion, minutes, nasal, problems, taken
from vitals import queries
from vitals.demo.seed import seed
from vitals.queries import ReadingView

__all__ = ["house", "stored"]

NEW_YORK = ZoneInfo("America/New_York")
SUFFIXES = {
    "mean": "map",
    "heart_rate": "hr",
    "respiratory_rate": "rr",
    "spo2": "spo2",
    "temperature": "temp",
    "etco2": "etco2",
    "sedation": "moaa-s",
}


def references(value):
    """Every reference in a resource."""
    if isinstance(value, dict):
        for name, held in value.items():
            if name == "reference":
                yield held
            else:
                yield from references(held)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def dangling(fhir):
    """References that lead nowhere in the export."""
    newest = {f"{type_}/{one['id']}" for type_, rows in fhir.newest.items() for one in rows}
    versions = {
        f"{one['resourceType']}/{one['id']}/_history/{one['meta']['versionId']}" for one in fhir.everything
    }
    return {
        found
        for resource in fhir.everything
        for found in references(resource)
        if found not in newest | versions and not found.startswith("#")
    }


def third_validator(fhir):
    """What a third validator, in Python and of R4B, finds wrong."""
    found = []
    for one in fhir.everything:
        try:
            get_fhir_model_class(one["resourceType"]).model_validate(one)
        except ValidationError as error:
            found.append(f"{one['resourceType']}/{one['id']}: {error}")
    return found


def quantities(observation):
    """What an Observation says: vital or code → value."""
    if "component" in observation:
        upper, lower = observation["component"]
        return {
            name: part["valueQuantity"]["value"]
            for name, part in (("systolic", upper), ("diastolic", lower))
            if "valueQuantity" in part
        }
    [name] = [name for name, suffix in SUFFIXES.items() if observation["id"].endswith(f"-{suffix}")]
    return {name: observation["valueQuantity"]["value"]} if "valueQuantity" in observation else {}


def measured(fhir, session):
    """(moment, vital, value) of a session's newest vital signs, as often as each stands there."""
    told: Counter[tuple[datetime, str, float]] = Counter()
    for one in fhir.newest["Observation"]:
        is_vital = one["id"].endswith(("-bp", *(f"-{suffix}" for suffix in SUFFIXES.values())))
        if is_vital and one["encounter"]["reference"] == f"Encounter/{session.id}":
            at = datetime.fromisoformat(one["effectiveDateTime"])
            told.update((at, name, value) for name, value in quantities(one).items())
    return told


def recorded(session):
    """The same as the record's own list has it."""
    views: list[ReadingView] = [one for one in queries.readings(session.id) if one.superseded_by is None]
    return Counter((view.measured_at, name, value) for view in views for name, value in view.values.items())


@pytest.fixture
def both(house, morning):
    """An infusion and a nasal session that hold everything, and their export."""
    iv, spray = infusion(house, morning), nasal(house, morning)
    return iv, spray, taken(house, morning)


def test_everything_is_valid_resolves_and_says_what_the_record_says(both, tmp_path):
    iv, spray, fhir = both
    assert problems(fhir, tmp_path) == []
    assert third_validator(fhir) == []
    assert dangling(fhir) == set()
    assert set(fhir.newest) == {
        "AdverseEvent",
        "AuditEvent",
        "DetectedIssue",
        "Device",
        "DocumentReference",
        "Encounter",
        "Location",
        "MedicationAdministration",
        "MedicationRequest",
        "Observation",
        "Organization",
        "Patient",
        "Practitioner",
        "Procedure",
        "Provenance",
        "QuestionnaireResponse",
    }
    for session in (iv, spray):
        assert measured(fhir, session) == recorded(session)
        assert sum(recorded(session).values()) > 15
    ids = Counter((one["resourceType"], one["id"], one["meta"]["versionId"]) for one in fhir.everything)
    assert max(ids.values()) == 1

    manifest = {(one["url"], one["type"]): one["count"] for one in fhir.manifest["output"]}
    assert manifest == {(f"{type_}.ndjson", type_): len(rows) for type_, rows in fhir.newest.items()}
    older = {one["type"]: one["count"] for one in fhir.manifest["history"]}
    assert older == {type_: len(rows) for type_, rows in fhir.older.items()}
    for one in fhir.manifest["files"]:
        assert hashlib.sha256(fhir.raw[one["name"]]).hexdigest() == one["sha256"]
    assert "history/Observation.ndjson: " in fhir.readme


def test_the_validators_find_what_is_wrong(house, morning, tmp_path):
    builders.dosing(house.nurse, house.clinic, morning)
    fhir = taken(house, morning, contents=("sessions", "readings"))
    [pressure] = fhir.observations("bp")
    wrong = [
        {**pressure, "status": "no-such-status"},
        {name: held for name, held in pressure.items() if name != "code"},
        {name: held for name, held in pressure.items() if name != "category"},
        {**pressure, "surprise": True},
        {**pressure, "issued": "2026-11-23T15:00:00"},
    ]
    fhir.raw["Observation.ndjson"] = b"\n".join(json.dumps(one).encode() for one in wrong)
    fhir.newest["Observation"] = wrong
    found = problems(fhir, tmp_path)
    assert {one["line"] for one in found} == {1, 2, 3, 4, 5}
    assert {one["validator"] for one in found} == {"medplum", "fhir"}


def test_corrections_leave_the_newest_version_and_the_older_one_beside_it(both):
    iv, _, fhir = both
    corrected = {one["id"]: one for one in fhir.newest["Observation"] if one["status"] == "corrected"}
    [pressure] = corrected.values()
    assert quantities(pressure) == {"systolic": 141, "diastolic": 90}
    [before] = [one for one in fhir.older["Observation"] if one["id"] == pressure["id"]]
    assert (quantities(before)["systolic"], before["status"]) == (241, "final")
    [withdrawn] = [one for one in fhir.newest["Observation"] if one["status"] == "entered-in-error"]
    assert withdrawn["id"].endswith("-hr")
    assert quantities(withdrawn) == {}
    scale = entry_of(iv, "scale")
    assert fhir.one("QuestionnaireResponse", scale)["status"] == "amended"
    assert fhir.one("Observation", f"{scale}-total")["valueQuantity"]["value"] == 10
    why = {one["target"][0]["reference"]: one["reason"][0]["text"] for one in fhir.newest["Provenance"]}
    assert why[f"QuestionnaireResponse/{scale}/_history/2"] == "Typed wrong"
    assert why[f"Observation/{pressure['id']}/_history/2"] == text(HOSTILE)


def test_the_dose_is_told_as_it_was_ordered_and_as_it_was_given(both):
    iv, spray, fhir = both
    start = entry_of(iv, "start")
    [ordered] = fhir.one("MedicationRequest", start)["dosageInstruction"]
    assert ordered["doseAndRate"][0]["doseQuantity"]["value"] == 35
    given = fhir.one("MedicationAdministration", start)
    # 8 min at 52.5 mg/h, then 40 mg/h for 3 and, after a pause, for 12: 7 + 10 mg; the bolus stands by itself
    assert given["dosage"]["dose"]["value"] == 17
    assert given["status"] == "stopped"
    assert given["effectivePeriod"]["end"] == (iv.dose_started_at + minutes(25)).isoformat()
    parts = [
        one
        for one in fhir.newest["MedicationAdministration"]
        if {"reference": f"MedicationAdministration/{start}"} in one["partOf"]
    ]
    assert sorted(one["category"]["text"] for one in parts) == ["Bolus", "New rate of the infusion"]
    devices = [
        (one["contained"][0]["batch"]["lotNumber"], one["dosage"]["dose"]["value"])
        for one in fhir.newest["MedicationAdministration"]
        if one["context"]["reference"] == f"Encounter/{spray.id}"
    ]
    assert devices == [("A1001", 28), ("A1002", 28)]


def test_harm_flags_forms_and_answers_from_home(both):
    iv, spray, fhir = both
    [event] = fhir.newest["AdverseEvent"]
    assert event["event"]["text"] == text(HOSTILE)
    assert event["outcome"]["coding"][0]["code"] == "resolvedWithSequelae"
    assert event["suspectEntity"] == [
        {"instance": {"reference": f"MedicationAdministration/{entry_of(iv, 'start')}"}}
    ]
    assert "<script>" not in event["text"]["div"]
    nausea = fhir.one("Observation", entry_of(iv, "symptom"))
    assert (nausea["code"]["text"], nausea["valueCodeableConcept"]["text"]) == ("Nausea", "moderate")
    assert nausea["effectiveDateTime"] == (iv.dose_started_at + minutes(10)).isoformat()

    flags = {str(view.flag.id): view.flag for view in queries.flags(iv.clinic_id)}
    assert {one["id"] for one in fhir.newest["DetectedIssue"]} == set(flags)
    low = [one for one in fhir.newest["DetectedIssue"] if "SpO₂ 84" in one["code"]["text"]]
    assert {one["severity"] for one in low} == {"high"}
    assert all(one["evidence"] for one in low)

    first, last = sorted(fhir.newest["DocumentReference"], key=lambda one: one["date"])
    assert (first["status"], last["status"]) == ("superseded", "current")
    cells = json.loads(base64.b64decode(last["content"][0]["attachment"]["data"]))
    assert {cell["code"] for cell in cells} >= {"patient-last-name"}
    home = [
        one
        for one in fhir.newest["QuestionnaireResponse"]
        if one["encounter"]["reference"] == f"Encounter/{spray.id}"
    ]
    [answers] = [one["item"][0]["item"] for one in home]
    assert {item["linkId"]: item["answer"][0] for item in answers}["mood"] == {"valueInteger": 7}


def test_texts_and_times_arrive_whole(both):
    iv, _, fhir = both
    patient = fhir.one("Patient", iv.patient_id)
    assert patient["name"] == [{"family": text(f"N{HOSTILE[:60]}"), "given": ["Zoë", "Q"]}]
    moments = [
        one[name]
        for one in fhir.everything
        for name in ("effectiveDateTime", "issued", "recorded", "date", "authored")
        if "T" in one.get(name, "")
    ]
    assert len(moments) > 100
    assert all(datetime.fromisoformat(moment).utcoffset() == timedelta(0) for moment in moments)


def test_limited_is_valid_names_nobody_and_moves_every_day(house, morning, tmp_path):
    iv = infusion(house, morning, words="Mrs Lindqvist of Elm Street", medicine="Ondansetron")
    spray = nasal(house, morning)
    fhir = taken(house, morning, disclosure="limited")
    assert problems(fhir, tmp_path) == []
    assert dangling(fhir) == set()
    everything = json.dumps(fhir.everything, ensure_ascii=False)
    patients = Patient.objects.filter(pk__in=[iv.patient_id, spray.patient_id])
    secrets = {
        "Lindqvist",
        "Elm Street",
        "Zoë",
        "617 555 0123",
        "zoe@example.org",
        "Nguyen",
        "Nurse",
        "declined",
        "Dizzy",
        "1980-01-01",
        f"{morning:%Y-%m-%d}T",
        *(str(session.id) for session in (iv, spray)),
        *(str(one.pk) for one in patients),
        *(one.mrn for one in patients),
        *(str(one.id) for one in queries.readings(iv.id)),
    }
    assert {secret for secret in secrets if secret in everything} == set()
    assert "Practitioner" not in fhir.newest
    ages = fhir.observations("age")
    assert {one["valueQuantity"]["value"] for one in ages} == {46}
    # the same values at the same times of the clinic's day
    [encounter] = [one for one in fhir.newest["Encounter"] if one["status"] == "in-progress"]
    assert by_time_of_day(fhir, encounter["id"]) == by_time_of_day(taken(house, morning), iv.id)


def by_time_of_day(fhir, session_id):
    """(time on the clinic's clock, what was measured) of a session's pressures and saturations, in order."""
    return sorted(
        (
            datetime.fromisoformat(one["effectiveDateTime"]).astimezone(NEW_YORK).time(),
            *quantities(one).items(),
        )
        for one in fhir.newest["Observation"]
        if one.get("encounter", {}).get("reference") == f"Encounter/{session_id}"
        and one["id"].endswith(("-bp", "-spo2"))
    )


def test_only_what_was_asked_for_is_told_and_nothing_refers_to_more(house, morning):
    infusion(house, morning)
    fhir = taken(house, morning, contents=("sessions", "flags"))
    assert dangling(fhir) == set()
    assert "DetectedIssue" in fhir.newest
    assert not {"AuditEvent", "MedicationAdministration", "AdverseEvent"} & set(fhir.newest)
    assert not fhir.observations("bp")
    with pytest.raises(Invalid, match="sessions") as refused:
        jobs.ask(by=house.admin, asked=Asked(form=FormName.FHIR, contents=("readings",)), at=morning)
    assert refused.value.field == "contents"


def test_an_adverse_event_entered_in_error_does_not_count_and_is_kept(house, morning):
    iv = infusion(house, morning)
    correct(house.nurse, iv, "adverse-event", morning + minutes(30), in_error=True, reason="Other patient")
    fhir = taken(house, morning)
    assert "AdverseEvent" not in fhir.newest
    assert [one["meta"]["versionId"] for one in fhir.older["AdverseEvent"]] == ["1", "2"]
    assert dangling(fhir) == set()


def test_the_same_export_gives_the_same_resources(both, house, morning):
    *_, fhir = both
    again = taken(house, morning)
    clinical = set(fhir.newest) - {"AuditEvent"}
    assert {name: fhir.newest[name] for name in clinical} == {name: again.newest[name] for name in clinical}


def test_a_clinic_of_simulated_sessions_is_valid(committed_db, stored, morning, tmp_path, monkeypatch):
    monkeypatch.setenv("DEMO_FOLDER", str(tmp_path))
    clinic = seed(morning).clinic
    sessions = list(Session.objects.filter(clinic=clinic))
    assert len(sessions) >= 20
    admin = principal_of_member(Membership.objects.get(clinic=clinic, role="admin"))
    # looks and acts are thousands and alike; they are validated above
    contents = tuple(content for content in CONTENTS if content != "audit")
    fhir = taken(SimpleNamespace(admin=admin), morning, contents=contents)
    assert problems(fhir, tmp_path) == []
    assert third_validator(fhir) == []
    assert dangling(fhir) == set()
    for session in sessions:
        assert measured(fhir, session) == recorded(session)
