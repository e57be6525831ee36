"""What a limited and an aggregate export do not say, and that what they say is right."""

import io
import zipfile
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from statistics import mean
from uuid import UUID
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from clinic.models import Patient
from reports.exports.asked import FormName
from reports.exports.rendering import Disclosure
from reports.exports.tables import TABLES
from sessions.models import Session
from tests import builders
from tests.export_stage import bytes_of, exported, house, rows_of, stored, unzipped

__all__ = ["house", "stored"]

NEW_YORK = ZoneInfo("America/New_York")
# ten in the morning there, before the clocks went back and after
BEFORE, AFTER = datetime(2026, 10, 20, 14, tzinfo=UTC), datetime(2026, 11, 23, 15, tzinfo=UTC)
ASKED_AT = datetime(2027, 3, 1, tzinfo=UTC)
CANARIES = {
    "mrn": "MR-CANARY-77",
    "given_name": "Xanthippe",
    "family_name": "Quillfeather",
    "address": "77 Canary Row",
    "phone": "555-0177-88",
    "email": "canary@quill.example",
    "allergies": "canaryseed",
}
WRITTEN = ("canary in a note", "canary in an action", "canary of a medicine", "canary in a reason")
STAFF = ("Zebulonstaff", "Zebulonbox")


def limited(cast, form=FormName.CSV):
    return exported(cast, ASKED_AT, form=form, disclosure=Disclosure.LIMITED)


def everything(data):
    """All that can be read out of a file: the packed parts unpacked, and the bytes as they are."""
    texts = [data]
    if zipfile.is_zipfile(io.BytesIO(data)):
        zip_ = zipfile.ZipFile(io.BytesIO(data))
        texts += [everything(zip_.read(name)) for name in zip_.namelist()]
    elif data.startswith(b"PAR1"):
        table = pq.read_table(io.BytesIO(data))
        texts.append(repr((table.schema.metadata, table.to_pylist())).encode())
    return b"\n".join(texts)


@pytest.mark.parametrize("form", [FormName.CSV, FormName.XLSX, FormName.PARQUET])
def test_a_limited_export_names_nobody(house, form):
    nurse = builders.member(house.clinic, "zebulonstaff")
    box = builders.device(house.clinic, "Zebulonbox")
    session = builders.dosing(nurse, house.clinic, AFTER)
    Patient.objects.filter(pk=session.patient_id).update(**CANARIES)
    at = AFTER + timedelta(minutes=5)
    note, action, medicine, reason = WRITTEN
    builders.record(
        builders.incoming(box, session, at, spo2=97), builders.incoming(nurse, session, at, systolic=205)
    )
    builders.act(nurse, session, "note", at, text=note)
    builders.act(nurse, session, "symptom", at, code="nausea", severity="mild", action=action)
    builders.act(
        nurse, session, "medicine", at, name=medicine, dose_text="4 mg", route="iv", ordered_by=STAFF[0]
    )
    builders.act(nurse, session, "pause", at, reason=reason)
    keys = [str(key) for key in (session.pk, session.patient_id, nurse.user_id, box.actor_id)]
    told = everything(bytes_of(house, limited(house, form), ASKED_AT)).lower()
    for canary in (*CANARIES.values(), *WRITTEN, *STAFF, *keys, "1980-01-01"):
        assert canary.lower().encode() not in told, canary
    # and the same search finds them where they may be
    whole = everything(bytes_of(house, exported(house, ASKED_AT, form=form), ASKED_AT)).lower()
    for canary in (*CANARIES.values(), *WRITTEN, *STAFF, *keys[:2]):
        assert canary.lower().encode() in whole, canary


def several(cast):
    """Six patients, one twice; each session begins at a minute of its own: {minute: (patient, began)}."""
    found = {}
    for number in range(6):
        at = (BEFORE if number % 2 else AFTER) + timedelta(minutes=number)
        session = builders.dosing(cast.nurse, cast.clinic, at, chair=str(number + 1))
        found[number] = (session.patient_id, at)
        first_patient = found[0][0]
    again = builders.dosing(cast.nurse, cast.clinic, BEFORE + timedelta(minutes=6), chair="7")
    Session.objects.filter(pk=again.pk).update(patient_id=first_patient)
    found[6] = (first_patient, BEFORE + timedelta(minutes=6))
    return found


def moment(text):
    return datetime.fromisoformat(text)


def test_each_patient_is_moved_by_days_of_its_own_and_times_of_day_stay(house):
    known = several(house)
    zip_ = unzipped(house, limited(house), ASKED_AT)
    moved = defaultdict(set)
    patients = defaultdict(set)
    rows = rows_of(zip_, "sessions")
    assert len(rows) == len(known)
    of_session = {}
    for row in rows:
        local = moment(row["dose_started_at_local"])
        patient, began_at = known[local.minute]
        moved[patient].add(local - began_at.astimezone(NEW_YORK).replace(tzinfo=None))
        patients[patient].add(row["patient_id"])
        of_session[row["session_id"]] = patient
        # both times of one moment agree, also where the clocks went forward or back in between
        utc = moment(row["dose_started_at"])
        assert utc.astimezone(NEW_YORK).replace(tzinfo=None) == local
    assert all(len(keys) == 1 for keys in patients.values())
    # one distance for each patient, of whole days and no more than half a year; that six patients have
    # the same by chance happens once in 365 to the fifth
    distances = {patient: distance for patient, (distance,) in moved.items()}
    assert all(
        distance % timedelta(days=1) == timedelta(0) and abs(distance) <= timedelta(days=182)
        for distance in distances.values()
    )
    assert len(set(distances.values())) > 1
    # readings move with their session: the baseline lies five minutes before the dose
    starts = {row["session_id"]: moment(row["dose_started_at_local"]) for row in rows}
    readings = rows_of(zip_, "readings")
    assert len(readings) == len(known)
    for row in readings:
        assert moment(row["measured_at_local"]) == starts[row["session_id"]] - timedelta(minutes=5)


def keys_of(zip_):
    """{table: its rows}, and every key in them."""
    rows = {table.name: rows_of(zip_, table.name) for table in TABLES}
    keys = {
        value
        for table in rows.values()
        for row in table
        for name, value in row.items()
        if value and (name.endswith("_id") or name in {"of_entry", "supersedes"})
    }
    return rows, keys


def test_keys_join_the_tables_of_one_export_and_no_two_exports(house):
    session = builders.dosing(house.nurse, house.clinic, AFTER)
    at = AFTER + timedelta(minutes=5)
    wrong, *_ = builders.record(builders.incoming(house.nurse, session, at, systolic=205, diastolic=90))
    builders.record(builders.incoming(house.nurse, session, at + timedelta(minutes=2), spo2=80))
    builders.correct(house.nurse, wrong.id, at + timedelta(minutes=1), systolic=150)
    builders.act(house.nurse, session, "symptom", at, code="nausea", severity="mild")
    rows, keys = keys_of(unzipped(house, limited(house), ASKED_AT))
    told = {
        table: {row["session_id"] for row in found} for table, found in rows.items() if table != "patients"
    }
    assert all(ids <= told["sessions"] for ids in told.values())
    assert {row["patient_id"] for row in rows["sessions"]} == {row["patient_id"] for row in rows["patients"]}
    readings = {row["reading_id"] for row in rows["readings"]}
    assert {row["supersedes"] for row in rows["readings"] if row["supersedes"]} <= readings
    assert rows["findings"]
    assert {row["reading_id"] for row in rows["findings"]} <= readings
    assert {row["flag_id"] for row in rows["findings"]} <= {row["flag_id"] for row in rows["flags"]}
    assert {row["entry_id"] for row in rows["symptoms"]} <= {row["entry_id"] for row in rows["entries"]}
    assert all(UUID(key).hex for key in keys)

    _, others = keys_of(unzipped(house, limited(house), ASKED_AT))
    assert not keys & others
    _, real = keys_of(unzipped(house, exported(house, ASKED_AT), ASKED_AT))
    assert not keys & real


def test_nothing_is_left_that_leads_back(house):
    builders.dosing(house.nurse, house.clinic, AFTER)
    assert limited(house).secret == ""


def test_sums_are_right_and_small_groups_are_empty(house):
    """Five patients in November, one of them twice; four in October."""
    began = [AFTER + timedelta(minutes=number) for number in range(6)]
    few = [BEFORE + timedelta(minutes=number) for number in range(4)]
    rows = [
        builders.dosing(house.nurse, house.clinic, at, chair=str(chair))
        for chair, at in enumerate([*began, *few], 1)
    ]
    Session.objects.filter(pk=rows[5].pk).update(patient_id=rows[0].patient_id)
    doses = [35, 40, 42.5, 52.5, 60, 20]
    for row, dose in zip(rows, doses, strict=False):
        Session.objects.filter(pk=row.pk).update(dose_mg=dose)
    for row, began_at in zip(rows, [*began, *few], strict=True):
        if row.pk == rows[5].pk:
            continue
        at = began_at + timedelta(minutes=10)
        builders.act(house.nurse, row, "symptom", at, code="nausea", severity="mild")
        builders.record(builders.incoming(house.nurse, row, at, spo2=80))
    zip_ = unzipped(house, exported(house, ASKED_AT, disclosure=Disclosure.AGGREGATE), ASKED_AT)
    by_month = {row["month"]: row for row in rows_of(zip_, "sessions_by_month")}
    assert set(by_month) == {"2026-10", "2026-11"}
    november = by_month["2026-11"]
    assert (november["sessions"], november["patients"]) == ("6", "5")
    assert float(november["dose_mg"]) == round(mean(doses), 1)
    hidden = by_month["2026-10"]
    assert {hidden[name] for name in ("sessions", "patients", "watched_min", "dose_mg")} == {""}
    symptoms = {(row["month"], row["code"]): row["sessions"] for row in rows_of(zip_, "symptoms_by_month")}
    assert symptoms == {("2026-11", "nausea"): "5", ("2026-10", "nausea"): ""}
    flags = [row for row in rows_of(zip_, "flags_by_month") if row["priority"] == "high"]
    assert {(row["month"], row["sessions"], row["flags"]) for row in flags} == {
        ("2026-11", "5", "5"),
        ("2026-10", "", ""),
    }
    # no table of single rows is in it
    assert "sessions.csv" not in zip_.namelist()
