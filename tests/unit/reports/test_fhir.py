"""Rows as FHIR resources, without a database: readings, halves of one pressure, corrections, texts."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from reports.fhir import vital_signs
from reports.fhir.around import Around
from reports.fhir.parties import Clinic, Parties
from reports.fhir.values import period, resource, text
from reports.fhir.vital_signs import Elsewhere
from vitals.vital import FIELDS

AT = datetime(2026, 11, 23, 15, 5, tzinfo=UTC)
SESSION = {"session_id": UUID(int=1), "patient_id": UUID(int=2)}


def row(number, *, version=1, supersedes=None, received_min=0, superseded=False, **values):
    given = {name: values.pop(name, None) for name in FIELDS}
    return {
        "reading_id": UUID(int=number),
        "measured_at": AT,
        "received_at": AT + timedelta(minutes=received_min),
        **given,
        "source": "staff",
        "recorded_by": "Nurse",
        "recorder_id": UUID(int=9),
        "doubtful": None,
        "absent_values": None,
        "absent": None,
        "version": version,
        "supersedes": supersedes and UUID(int=supersedes),
        "superseded": superseded,
        "reason": "Mistyped" if version > 1 else "",
        **values,
    }


@pytest.fixture
def told():
    """Rows in, (newest Observations by the end of their id, older ones, provenance, where others are)."""
    around = Around(SESSION, Parties(Clinic(1, "Harbor")), frozenset({"readings"}))

    def tell(*rows):
        elsewhere = Elsewhere({}, {})
        made = list(vital_signs.resources(rows, around, elsewhere))
        newest, older, provenance = {}, [], []
        for one in made:
            if one.resource["resourceType"] == "Provenance":
                provenance.append(one.resource)
            elif one.newest:
                newest[one.resource["id"].removeprefix(f"{UUID(int=0)}"[:-2])] = one.resource
            else:
                older.append(one.resource)
        return newest, older, provenance, elsewhere

    return tell


def value(observation, part=None):
    held = observation if part is None else observation["component"][part]
    return held["valueQuantity"]["value"] if "valueQuantity" in held else None


def why(observation, part=None):
    held = observation if part is None else observation["component"][part]
    reason = held["dataAbsentReason"]
    return reason["coding"][0]["code"], reason.get("text")


def test_one_reading_is_one_observation_for_each_vital_and_one_for_both_pressures(told):
    newest, older, provenance, _ = told(
        row(16, systolic=142, diastolic=88, mean=106, spo2=97, temperature=36.8)
    )
    assert {name.split("-", 1)[1] for name in newest} == {"bp", "map", "spo2", "temp"}
    pressure = newest["10-bp"]
    assert (value(pressure, 0), value(pressure, 1)) == (142, 88)
    assert [part["code"]["coding"][0]["code"] for part in pressure["component"]] == ["8480-6", "8462-4"]
    assert {part["valueQuantity"]["code"] for part in pressure["component"]} == {"mm[Hg]"}
    assert value(newest["10-temp"]) == 36.8
    assert newest["10-temp"]["effectiveDateTime"] == "2026-11-23T15:05:00+00:00"
    assert [one["code"] for one in newest["10-spo2"]["code"]["coding"]] == ["59408-5", "2708-6"]
    assert not older
    assert not provenance


def test_halves_of_a_pressure_are_one_and_are_found_by_either(told):
    newest, _, _, elsewhere = told(row(16, systolic=151), row(17, diastolic=91, heart_rate=80))
    assert set(newest) == {"10-bp", "11-hr"}
    assert (value(newest["10-bp"], 0), value(newest["10-bp"], 1)) == (151, 91)
    assert len(newest["10-bp"]["identifier"]) == 2
    assert elsewhere.id_of(UUID(int=17), "diastolic") == f"{UUID(int=16)}-bp"
    assert elsewhere.id_of(UUID(int=17), "heart_rate") == f"{UUID(int=17)}-hr"


def test_halves_that_contradict_each_other_have_no_value_and_say_what_came(told):
    newest, _, _, _ = told(row(16, systolic=90), row(17, diastolic=95))
    pressure = newest["10-bp"]
    assert value(pressure, 0) is value(pressure, 1) is None
    assert why(pressure, 0) == ("error", "Systolic 90 is not 5 above diastolic 95")
    assert [one["text"] for one in pressure["note"]] == [
        "Systolic as received: 90 mmHg",
        "Diastolic as received: 95 mmHg",
    ]


def test_a_lonely_half_names_the_other_as_unknown(told):
    newest, _, _, _ = told(row(16, systolic=139))
    assert value(newest["10-bp"], 0) == 139
    assert why(newest["10-bp"], 1) == ("unknown", None)


def test_what_cannot_be_and_what_was_not_measured_say_why(told):
    newest, _, _, _ = told(
        row(
            16,
            doubtful='{"spo2": [0, "monitor reads 0: look at the patient and the sensor"]}',
            absent_values="temperature",
            absent='{"temperature": "patient declined"}',
        )
    )
    assert why(newest["10-spo2"]) == ("error", "monitor reads 0: look at the patient and the sensor")
    assert newest["10-spo2"]["note"][0]["text"] == "SpO₂ as received: 0 %"
    assert why(newest["10-temp"]) == ("not-performed", "patient declined")
    assert {one["status"] for one in newest.values()} == {"final"}


def test_a_limited_row_says_that_a_value_is_absent_without_the_words(told):
    limited = row(16, absent_values="temperature spo2")
    for left_out in ("absent", "reason", "recorded_by", "recorder_id"):
        del limited[left_out]
    newest, _, _, _ = told(limited)
    assert why(newest["10-temp"]) == why(newest["10-spo2"]) == ("not-performed", None)
    assert "performer" not in newest["10-temp"]


def test_a_correction_is_a_further_version_of_what_it_changes_alone(told):
    newest, older, provenance, elsewhere = told(
        row(16, superseded=True, systolic=241, diastolic=90, spo2=96),
        row(17, version=2, supersedes=16, received_min=3, systolic=141, diastolic=90, spo2=96),
    )
    assert set(newest) == {"10-bp", "10-spo2"}
    assert (newest["10-bp"]["status"], newest["10-bp"]["meta"]["versionId"]) == ("corrected", "2")
    assert (newest["10-spo2"]["status"], newest["10-spo2"]["meta"]["versionId"]) == ("final", "1")
    assert [(one["id"], one["status"], value(one, 0)) for one in older] == [
        (f"{UUID(int=16)}-bp", "final", 241)
    ]
    [said] = provenance
    assert said["target"][0]["reference"] == f"Observation/{UUID(int=16)}-bp/_history/2"
    assert said["entity"][0]["what"]["reference"] == f"Observation/{UUID(int=16)}-bp/_history/1"
    assert said["reason"][0]["text"] == "Mistyped"
    assert elsewhere.id_of(UUID(int=17), "spo2") == f"{UUID(int=16)}-spo2"


def test_a_value_that_was_taken_away_was_entered_in_error(told):
    newest, older, _, _ = told(
        row(16, superseded=True, heart_rate=60, spo2=98), row(17, version=2, supersedes=16, spo2=98)
    )
    assert newest["10-hr"]["status"] == "entered-in-error"
    assert value(newest["10-hr"]) is None
    assert [value(one) for one in older] == [60]


def test_versions_of_two_halves_follow_each_other_by_time(told):
    newest, older, _, _ = told(
        row(16, superseded=True, systolic=151),
        row(17, superseded=True, diastolic=19),
        row(18, version=2, supersedes=16, received_min=5, systolic=161),
        row(19, version=2, supersedes=17, received_min=2, diastolic=91),
    )
    versions = [*older, newest["10-bp"]]
    assert [(value(one, 0), value(one, 1)) for one in versions] == [(151, 19), (151, 91), (161, 91)]
    assert [one["meta"]["versionId"] for one in versions] == ["1", "2", "3"]


def test_texts_are_as_they_are_but_for_what_fhir_cannot_carry():
    assert text("  =1+1 <b> O’Brien 漢字\n\tnext ") == "=1+1 <b> O’Brien 漢字\n\tnext"
    assert text("88\u202f%\x0b\u2028x") == "88 %  x"
    assert text("a\x07b\ufffe") == "a\ufffdb\ufffd"
    assert text(" \u2003\x0c ") is text(None) is None


def test_nothing_empty_stands_in_a_resource():
    made = resource("Observation", 1, note=[], value_=0, class_="AMB", subject={}, performer=None)
    assert made == {
        "resourceType": "Observation",
        "id": "1",
        "meta": {"versionId": "1"},
        "value": 0,
        "class": "AMB",
    }


def test_an_end_before_its_start_is_left_out():
    assert period(AT, AT - timedelta(minutes=8)) == {"start": "2026-11-23T15:05:00+00:00"}
    assert period(AT, AT)["end"] == "2026-11-23T15:05:00+00:00"
