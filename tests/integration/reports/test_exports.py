"""Exports through their job: chosen, taken in one snapshot, written, fetched, and gone."""

import hashlib
import json
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from clinic.refusals import Invalid
from reports.exports import jobs
from reports.exports.asked import Asked, Filters
from reports.exports.rendering import Disclosure
from reports.exports.tables import TABLES
from tests import builders
from tests.export_stage import exported, house, rows_of, session_of, stored, unzipped

__all__ = ["house", "stored"]


def test_every_table_leaves_with_its_hash_and_every_column_with_its_meaning(house, morning):
    session = session_of(house, morning)
    zip_ = unzipped(house, exported(house, morning), morning)
    manifest = json.loads(zip_.read("manifest.json"))
    assert {one["name"] for one in manifest["files"]} == {
        *(f"{table.name}.csv" for table in TABLES),
        "dictionary.csv",
        "README.txt",
    }
    for one in manifest["files"]:
        data = zip_.read(one["name"])
        assert (len(data), hashlib.sha256(data).hexdigest()) == (one["size"], one["sha256"])
    told = {(row["table"], row["column"]) for row in rows_of(zip_, "dictionary")}
    for table in TABLES:
        head = zip_.read(f"{table.name}.csv").decode().splitlines()[0].split(",")
        assert {(table.name, name) for name in head} <= told
        assert manifest["rows"][table.name] == len(rows_of(zip_, table.name))
    [row] = rows_of(zip_, "sessions")
    assert UUID(row["session_id"]) == session.id
    assert row["dose_mg"] == "35"
    readings = rows_of(zip_, "readings")
    assert [one["systolic"] for one in readings] == ["124", "142", ""]
    assert readings[2]["temperature"] == "36.8"
    assert readings[1]["measured_at"] == "2026-11-23T15:05:00.000000Z"
    assert readings[1]["measured_at_local"] == "2026-11-23 10:05:00"
    assert [one["text"] for one in rows_of(zip_, "entries") if one["kind"] == "note"] == ["'=1+1 is no sum"]
    assert [one["code"] for one in rows_of(zip_, "symptoms")] == ["nausea"]
    assert rows_of(zip_, "audit")


def test_filters_choose_by_day_route_flags_and_staff(house, morning):
    first = session_of(house, morning)
    later = session_of(house, morning + timedelta(days=1), chair="2")
    builders.record(builders.incoming(house.nurse, later, morning + timedelta(days=1, minutes=12), spo2=84))

    def chosen(**filters):
        return jobs.ask(by=house.admin, asked=Asked(filters=Filters(**filters)), at=morning).session_ids

    assert set(chosen()) == {first.id, later.id}
    day = morning.date()
    assert chosen(from_day=day, until_day=day) == [first.id]
    assert chosen(from_day=day + timedelta(days=1)) == [later.id]
    assert chosen(flags="high") == [later.id]
    assert chosen(flags="none") == [first.id]
    assert set(chosen(staff=str(house.nurse.user_id))) == {first.id, later.id}
    with pytest.raises(Invalid, match="No session fits"):
        chosen(route="nasal")
    for wrong, field in (({"route": "oral"}, "route"), ({"staff": str(house.outsider.user_id)}, "staff")):
        with pytest.raises(Invalid) as refused:
            chosen(**wrong)
        assert refused.value.field == field


def test_limited_leaves_without_names_by_days_and_keys_of_its_own(house, morning):
    session = session_of(house, morning)
    asked = {"disclosure": Disclosure.LIMITED, "contents": ("sessions", "readings", "symptoms")}
    zips = [unzipped(house, exported(house, morning, **asked), morning) for _ in range(2)]
    keys = set()
    for zip_ in zips:
        text = b"".join(zip_.read(name) for name in zip_.namelist() if name.endswith(".csv"))
        for secret in (str(session.id), session.patient.family_name, session.patient.mrn, "no sum"):
            assert secret.encode() not in text
        [row] = rows_of(zip_, "sessions")
        keys.add(row["session_id"])
        assert row["dose_started_at_local"].endswith(" 10:00:00")
        moved = datetime.fromisoformat(row["dose_started_at_local"]).date() - morning.date()
        assert -182 <= moved.days <= 182
        assert [one["systolic"] for one in rows_of(zip_, "readings")] == ["124", "142", ""]
    assert len(keys) == 2


def test_aggregate_hides_counts_under_five_patients(house, morning):
    session_of(house, morning)
    zip_ = unzipped(house, exported(house, morning, disclosure=Disclosure.AGGREGATE), morning)
    [row] = rows_of(zip_, "sessions_by_month")
    assert (row["month"], row["sessions"], row["patients"]) == ("2026-11", "", "")
