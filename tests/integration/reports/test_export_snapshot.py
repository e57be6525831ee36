"""One moment for all tables: what comes after the snapshot, what was open at it; a cancel in the middle."""

import dataclasses
from datetime import timedelta

import psycopg
import pytest

from reports.exports import jobs, taking
from reports.exports.asked import Asked, FormName
from reports.exports.forms import FORMS
from reports.models import Export
from tests import builders, processes
from tests.export_stage import house, rows_of, stored, unzipped

__all__ = ["house", "stored"]

# so little time that a piece of work ends after one part
AT_ONCE = 0.0


@pytest.fixture
def sessions(house, morning, monkeypatch):
    """Three sessions, in order of their keys; each is a part of its own."""
    monkeypatch.setattr(taking, "ROWS_OF_A_PART", 1)
    made = [builders.dosing(house.nurse, house.clinic, morning, chair=str(chair)) for chair in (1, 2, 3)]
    return sorted(made, key=lambda one: one.id)


def asked(cast, at):
    return jobs.ask(by=cast.admin, asked=Asked(contents=("sessions", "readings")), at=at)


def finished(cast, row, at):
    while jobs.work(row.pk, at=at):
        pass
    row.refresh_from_db()
    assert row.state == "done", row.trouble
    return unzipped(cast, row, at)


def insert(other, cast, session, at, systolic):
    other.execute(
        "INSERT INTO vitals_reading (clinic_id, id, session_id, measured_at, received_at, systolic,"
        " device_id) VALUES (%s, gen_random_uuid(), %s, %s, %s, %s, %s)",
        [cast.clinic.pk, session.id, at, at, systolic, cast.gateway.actor_id],
    )


def systolics(zip_):
    return {row["systolic"] for row in rows_of(zip_, "readings")}


def test_what_is_committed_after_the_snapshot_is_not_in_the_file(house, sessions, morning):
    at = morning + timedelta(minutes=30)
    with psycopg.connect(processes.database(), autocommit=True) as other:
        with other.transaction():
            # begun before the snapshot, committed after it
            insert(other, house, sessions[2], at, 151)
            row = asked(house, at)
            assert jobs.work(row.pk, at=at, for_s=AT_ONCE)
        insert(other, house, sessions[2], at + timedelta(seconds=1), 152)
    builders.act(house.nurse, sessions[2], "note", at + timedelta(minutes=1), text="too late")
    zip_ = finished(house, row, at)
    assert systolics(zip_) == {"124"}
    assert "too late" not in {one["text"] for one in rows_of(zip_, "entries")}
    assert row.tries == 2
    assert {"151", "152"} <= systolics(finished(house, asked(house, at), at))


def test_a_row_of_a_savepoint_open_at_the_snapshot_has_it_taken_anew(house, sessions, morning, caplog):
    """No snapshot lists a savepoint's number, so that alone would let the row in: the count does not."""
    at = morning + timedelta(minutes=30)
    with psycopg.connect(processes.database(), autocommit=True) as other, other.transaction():
        other.execute("SELECT pg_current_xact_id()")
        with other.transaction():
            insert(other, house, sessions[2], at, 151)
        row = asked(house, at)
        assert jobs.work(row.pk, at=at, for_s=AT_ONCE)
    zip_ = finished(house, row, at)
    assert "the snapshot is taken anew" in caplog.text
    # the second snapshot came after the commit: the row is in it, once
    assert [one["systolic"] for one in rows_of(zip_, "readings")].count("151") == 1
    assert row.rows == sum(
        len(rows_of(zip_, table)) for table in ("patients", "sessions", "entries", "readings")
    )


def test_a_cancel_between_two_parts_leaves_nothing(house, sessions, stored, morning):
    row = asked(house, morning)
    assert jobs.work(row.pk, at=morning, for_s=AT_ONCE)
    assert list((stored / "work" / str(row.pk)).glob("readings.*"))
    jobs.cancel(by=house.admin, export_id=row.pk, at=morning)
    assert not jobs.work(row.pk, at=morning)
    jobs.remove_expired(at=morning)
    assert_nothing_of(row, stored)


@pytest.mark.parametrize("name", [FormName.CSV, FormName.XLSX, FormName.PARQUET])
def test_a_cancel_while_it_is_written_writes_nothing_more(
    house, sessions, stored, morning, monkeypatch, name
):
    form = FORMS[name]

    def write(taken, out, done):
        def cancelled(rows):
            if Export.objects.get(pk=row.pk).goes_on:
                jobs.cancel(by=house.admin, export_id=row.pk, at=morning)
            done(rows)

        form.write(taken, out, cancelled)

    monkeypatch.setitem(FORMS, name, dataclasses.replace(form, write=write))
    row = jobs.ask(by=house.admin, asked=Asked(contents=("readings",), form=name), at=morning)
    assert not jobs.work(row.pk, at=morning)
    assert_nothing_of(row, stored)


def assert_nothing_of(row, stored):
    row.refresh_from_db()
    assert (row.state, row.file, row.written, row.secret) == ("cancelled", "", 0, "")
    assert not (stored / "work" / str(row.pk)).exists()
    assert not [path for path in (stored / "files").rglob("*") if path.is_file()]
