"""Exports by real workers: killed while they read and while they write, two at once. The file is right.

The times of the job are shortened by the workers' settings. What would be over too soon is held up from
outside, by a lock of the database.
"""

import csv
import io
import zipfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from django.db import connection

from clinic.clock import now
from reports.exports import jobs
from reports.exports.asked import Asked
from reports.models import Export
from tests import builders, processes
from tests.export_stage import bytes_of, house, many_readings, stored
from tests.processes import beat, exporter, running

__all__ = ["house", "stored"]

pytestmark = pytest.mark.faults

SESSIONS = 8
MB_AT_MOST = 300


@pytest.fixture
def workers(house, stored):
    """(two workers, not started; beat runs): over the test's database, its folder, and an empty broker."""
    environment = processes.environment(EXPORT_DIR=str(stored), JOB_LEASE_S="4", JOB_OFFER_EVERY_S="1")
    broker: Any = redis.Redis.from_url(processes.redis_apart())
    broker.flushdb()
    pair = [exporter(environment, stored, name) for name in ("first", "second")]
    with running(beat(environment, stored)):
        try:
            yield pair
        finally:
            for part in pair:
                part.stop()
    broker.flushdb()


def wait_for(condition, *, what):
    return processes.wait_for(condition, what=what, within_s=6 * processes.WITHIN_S, every_s=0.01)


def asked_for(cast, *, readings, contents):
    """An export that waits, of so many readings of two days ago; and its sessions in order of their keys."""
    at = now() - timedelta(days=2)
    ids = sorted(
        builders.dosing(cast.nurse, cast.clinic, at, chair=str(chair)).id for chair in range(1, SESSIONS + 1)
    )
    many_readings(
        cast.clinic.pk,
        cast.gateway.actor_id,
        ids,
        each=readings // SESSIONS,
        first_at=at + timedelta(hours=1),
    )
    return jobs.ask(by=cast.admin, asked=Asked(contents=contents), at=now()), ids


@contextmanager
def held(statement, *values):
    """Hold what the statement locks, in a transaction of its own."""
    with psycopg.connect(processes.database()) as other:
        other.execute(statement, values)
        yield


def readings_held():
    return held("LOCK TABLE vitals_reading IN ACCESS EXCLUSIVE MODE")


def job_held(row):
    return held("SELECT 1 FROM reports_export WHERE id = %s FOR UPDATE", row.pk)


def parts_of(stored, row):
    """The finished parts of the readings: which file, and when it was written."""
    found = sorted((stored / "work" / str(row.pk)).glob("readings.*.csv"))
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in found}


def fresh(row):
    return Export.objects.get(pk=row.pk)


def done(row):
    wait_for(lambda: not fresh(row).goes_on, what="the end of the export")
    found = fresh(row)
    assert found.state == "done", found.trouble
    return found


COMPARED = "reading_id", "session_id", "measured_at", "systolic", "temperature", "etco2"


def in_the_file(cast, row):
    zip_ = zipfile.ZipFile(io.BytesIO(bytes_of(cast, row, now())))
    with zip_.open("readings.csv") as file:
        rows = csv.DictReader(io.TextIOWrapper(file, "utf-8", newline=""))
        return [tuple(line[name] for name in COMPARED) for line in rows]


def in_the_database(received_before):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id::text, session_id::text,"
            " to_char(measured_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
            " coalesce(trim_scale(systolic)::text, ''), coalesce(trim_scale(temperature)::text, ''),"
            " coalesce(trim_scale(etco2)::text, '') FROM vitals_reading WHERE received_at < %s"
            " ORDER BY session_id, measured_at, id",
            [received_before],
        )
        return cursor.fetchall()


def peak_mb(part):
    lines = Path(f"/proc/{part.process.pid}/status").read_text().splitlines()
    [line] = [line for line in lines if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def test_a_worker_that_is_killed_while_it_reads(house, stored, workers):
    row, ids = asked_for(house, readings=200_000, contents=("readings",))
    first, second = workers
    first.start()
    wait_for(lambda: parts_of(stored, row), what="the first part")
    with readings_held():
        first.kill()
        finished = parts_of(stored, row)
    plan = fresh(row)
    assert plan.rows == 200_000 + SESSIONS
    assert 0 < len(finished) < 4
    # in time for every part that is still to be read, and too late for the snapshot
    late_from = now()
    many_readings(house.clinic.pk, house.gateway.actor_id, ids, each=5, first_at=late_from)
    with readings_held():
        second.start()
        wait_for(lambda: fresh(row).tries == 2, what="the second worker")
        assert parts_of(stored, row) == finished
    read = wait_for(lambda: len(parts := parts_of(stored, row)) == 4 and parts, what="all parts")
    assert {name: read[name] for name in finished} == finished
    ended = done(row)
    assert (ended.read, ended.written, ended.taken_at) == (plan.rows, plan.rows, plan.taken_at)
    told = in_the_file(house, ended)
    assert len(set(told)) == len(told) == plan.rows
    assert told == in_the_database(late_from)
    assert peak_mb(second) <= MB_AT_MOST
    assert not (stored / "work" / str(row.pk)).exists()


def test_a_worker_that_is_killed_while_it_writes(house, stored, workers):
    row, _ = asked_for(house, readings=120_000, contents=("sessions", "readings"))
    first, second = workers
    first.start()
    wait_for(lambda: fresh(row).written, what="the first rows written")
    with job_held(row):
        # one of its tables is written, and the next step waits for the row that we hold
        assert len(list((stored / "work" / str(row.pk)).glob("writing-*/out.zip"))) == 1
        first.kill()
    dead = fresh(row)
    assert dead.state == "running"
    assert 0 < dead.written < dead.rows
    assert dead.read == dead.rows
    second.start()
    ended = done(row)
    assert (ended.tries, ended.written, ended.taken_at) == (2, dead.rows, dead.taken_at)
    assert in_the_file(house, ended) == in_the_database(now())
    assert len(list((stored / "files").rglob("*.zip"))) == 1


def test_two_workers_at_once_make_one_file(house, stored, workers):
    row, _ = asked_for(house, readings=40_000, contents=("sessions", "readings"))
    with job_held(row):
        for part in workers:
            part.start()
        wait_for(lambda: claiming() == 2, what="both workers, asking for the job at once")
    ended = done(row)
    assert ended.tries == 1
    assert in_the_file(house, ended) == in_the_database(now())
    assert len(list((stored / "files").rglob("*.zip"))) == 1


def claiming():
    """How many wait for the row of a job to write their lease into it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND query LIKE 'UPDATE \"reports_export\"%%'"
        )
        return cursor.fetchone()[0]
