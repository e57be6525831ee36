"""Schedules of exports: made once a span by the owner's authority of then, and left in their stores."""

import hashlib
import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from moto.server import ThreadedMotoServer

from clinic import stores as naming
from clinic.access import Role
from clinic.models import AuditEvent, Membership, User
from clinic.refusals import AccessDenied, Invalid, NotAllowed, NotFound
from reports.exports import jobs, schedules
from reports.exports.asked import Asked, Filters
from reports.models import Export, ExportRun, ExportSchedule
from tests import builders
from tests.export_stage import house, rows_of, session_of, stored

__all__ = ["house", "stored"]

# 06:00 in New York of the Monday after the week of 23 November 2026, and of the one after
FIRST_DUE = datetime(2026, 11, 30, 11, tzinfo=UTC)
WEEK = timedelta(days=7)


def add_stores(settings, text):
    named = naming.parsed(text)
    settings.EXPORT_STORES = tuple(named)
    settings.STORAGES = {**settings.STORAGES, **{naming.alias(name): one for name, one in named.items()}}


@pytest.fixture
def archive(house, settings, stored):
    """A store that is a folder."""
    folder = stored / "archive"
    folder.mkdir()
    add_stores(settings, f"archive={folder}")
    return folder


def scheduled(cast, at, *, by=None, **how):
    asked = how.pop("asked", Asked(contents=("sessions",)))
    wanted = {"name": "Board", "every": "week", "at_hour": 6, "store": "archive", **how}
    return schedules.new(by=by or cast.admin, asked=asked, at=at, **wanted)


def made(at):
    """One look of the task: what is due is asked for, worked off, and left in its store."""
    for export_id in schedules.make_due(at=at):
        while jobs.work(export_id, at=at):
            pass
    for run_id in schedules.to_leave(at=at):
        schedules.leave(run_id, at=at)


def file_of(run):
    """The export that a run made."""
    assert run.export is not None
    return run.export


def test_a_week_is_made_at_its_hour_once_and_left_whole_in_the_folder(house, archive, morning):
    session = session_of(house, morning)
    row = scheduled(house, morning)
    made(FIRST_DUE - timedelta(minutes=1))
    assert not ExportRun.objects.exists()
    assert schedules.next_at(row, at=morning) == FIRST_DUE
    for _ in range(3):
        made(FIRST_DUE)
    run = ExportRun.objects.get()
    assert (run.first, run.last) == (date(2026, 11, 23), date(2026, 11, 29))
    assert run.stored_at == FIRST_DUE
    assert run.stored_as.startswith(f"harbor-{house.clinic.pk}/board_2026-11-23_2026-11-29_csv_")
    [kept] = [path for path in archive.rglob("*") if path.is_file()]
    assert str(kept.relative_to(archive)) == run.stored_as
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == file_of(run).sha256
    assert kept.stat().st_mode & 0o777 == 0o640
    assert [row["session_id"] for row in rows_of(zipfile.ZipFile(kept), "sessions")] == [str(session.id)]
    asked = jobs.asked_of(file_of(run))
    assert (asked.filters.from_day, asked.filters.until_day) == (run.first, run.last)
    acts = set(AuditEvent.objects.values_list("act", flat=True))
    assert {"schedule-export", "export", "leave-export"} <= acts
    made(FIRST_DUE + WEEK)
    assert ExportRun.objects.latest("last").trouble == "No session fits these filters."
    assert Export.objects.count() == 1


def test_the_span_in_which_it_was_set_up_is_its_first_also_an_instant_after_its_hour(house, archive, morning):
    session_of(house, morning)
    row = scheduled(house, FIRST_DUE + timedelta(seconds=1))
    made(FIRST_DUE + timedelta(minutes=1))
    assert not ExportRun.objects.exists()
    assert schedules.next_at(row, at=FIRST_DUE + timedelta(minutes=1)) == FIRST_DUE + WEEK


def test_a_month_in_another_zone_ends_where_its_month_ends_across_summer_time(house, archive):
    """Meadow is in Berlin: March 2027 has the change to summer time in it."""
    admin = builders.member(house.other_clinic, "meadow-admin", "admin")
    nurse = builders.member(house.other_clinic, "meadow-nurse")
    last_evening = datetime(2027, 3, 31, 21, 30, tzinfo=UTC)  # 23:30 in Berlin
    session = builders.checked_in(nurse, house.other_clinic, last_evening)
    builders.checked_in(nurse, house.other_clinic, last_evening + timedelta(hours=1), chair="2")
    scheduled(house, last_evening - timedelta(days=20), by=admin, every="month", at_hour=0)
    made(datetime(2027, 3, 31, 21, 59, tzinfo=UTC))
    assert not ExportRun.objects.exists()
    made(datetime(2027, 3, 31, 22, 0, tzinfo=UTC))
    run = ExportRun.objects.get()
    assert (run.first, run.last) == (date(2027, 3, 1), date(2027, 3, 31))
    assert file_of(run).session_ids == [session.id]
    made(datetime(2027, 4, 30, 22, 0, tzinfo=UTC))
    assert ExportRun.objects.latest("last").last == date(2027, 4, 30)


def test_after_down_time_the_newest_span_is_made_and_the_others_are_told_of(house, archive, morning):
    session_of(house, morning + 3 * WEEK)
    scheduled(house, morning)
    made(FIRST_DUE + 3 * WEEK + timedelta(days=2))
    run = ExportRun.objects.get()
    assert (run.last, run.passed_over) == (date(2026, 12, 20), 3)
    assert run.stored_as


def test_no_span_has_two_runs(house, archive, morning):
    session_of(house, morning)
    row = scheduled(house, morning)
    made(FIRST_DUE)
    run = ExportRun.objects.get()
    with pytest.raises(IntegrityError, match="export_run_once_a_span"), transaction.atomic():
        ExportRun.objects.create(schedule=row, first=run.first, last=run.last, made_at=FIRST_DUE)


@pytest.mark.parametrize("lost", ["role", "membership", "account"])
def test_an_owner_who_may_no_longer_export_stops_it_with_a_reason_and_no_export(
    house, archive, morning, lost
):
    session_of(house, morning)
    row = scheduled(house, morning)
    if lost == "role":
        Membership.objects.filter(user_id=house.admin.user_id).update(role="nurse")
    elif lost == "membership":
        Membership.objects.filter(user_id=house.admin.user_id).update(ended_at=morning)
    else:
        User.objects.filter(pk=house.admin.user_id).update(is_active=False)
    made(FIRST_DUE)
    row.refresh_from_db()
    assert row.ended_at == FIRST_DUE
    assert "may no longer export here" in row.stopped
    assert not Export.objects.exists()
    assert AuditEvent.objects.get(act="stop-export-schedule").role == Role.SYSTEM
    made(FIRST_DUE + WEEK)
    assert not ExportRun.objects.exists()


def test_authority_lost_between_making_and_leaving_leaves_nothing(house, archive, morning):
    session_of(house, morning)
    row = scheduled(house, morning)
    [export_id] = schedules.make_due(at=FIRST_DUE)
    while jobs.work(export_id, at=FIRST_DUE):
        pass
    Membership.objects.filter(user_id=house.admin.user_id).update(role="auditor")
    [run_id] = schedules.to_leave(at=FIRST_DUE)
    schedules.leave(run_id, at=FIRST_DUE)
    row.refresh_from_db()
    assert row.stopped
    assert not [path for path in archive.rglob("*") if path.is_file()]
    assert "may no longer export" in ExportRun.objects.get().trouble
    assert schedules.to_leave(at=FIRST_DUE + WEEK) == []


def test_a_store_that_is_away_is_tried_again_with_longer_waits_and_given_up_in_words(house, archive, morning):
    session_of(house, morning)
    scheduled(house, morning)
    archive.rmdir()
    made(FIRST_DUE)
    run = ExportRun.objects.get()
    assert run.trouble == "FileNotFoundError: the folder is not there: is it mounted?"
    assert not archive.exists()
    waits, at = [], FIRST_DUE
    while run.next_try_at is not None:
        waits.append(run.next_try_at - at)
        assert schedules.to_leave(at=run.next_try_at - timedelta(seconds=1)) == []
        at = run.next_try_at
        schedules.leave(run.pk, at=at)
        run.refresh_from_db()
    assert waits == schedules.BACKOFF
    assert at < file_of(run).expires_at
    # once it is back, a run that still waits is left
    ExportRun.objects.update(next_try_at=at)
    archive.mkdir()
    schedules.leave(run.pk, at=at)
    run.refresh_from_db()
    assert run.stored_as
    assert run.trouble == ""


def test_a_worker_that_died_while_leaving_is_followed_by_another_that_overwrites(house, archive, morning):
    session_of(house, morning)
    scheduled(house, morning)
    made(FIRST_DUE)
    run = ExportRun.objects.get()
    kept = archive / run.stored_as
    ExportRun.objects.update(stored_as="", stored_at=None, next_try_at=FIRST_DUE)
    kept.write_bytes(b"half")
    (kept.parent / f"{kept.name}.part").write_bytes(b"x" * 10_000_000)
    schedules.leave(run.pk, at=FIRST_DUE)
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == file_of(run).sha256
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def test_while_one_worker_is_at_it_no_other_is(house, archive, morning):
    session_of(house, morning)
    scheduled(house, morning)
    [export_id] = schedules.make_due(at=FIRST_DUE)
    while jobs.work(export_id, at=FIRST_DUE):
        pass
    run = ExportRun.objects.get()
    ExportRun.objects.update(next_try_at=FIRST_DUE + schedules.HELD_FOR, tries=1)
    schedules.leave(run.pk, at=FIRST_DUE + timedelta(minutes=5))
    run.refresh_from_db()
    assert (run.tries, run.stored_as) == (1, "")
    schedules.leave(run.pk, at=FIRST_DUE + schedules.HELD_FOR)
    run.refresh_from_db()
    assert run.stored_as


def test_a_real_s3_server_takes_the_file_byte_for_byte(house, settings, stored, morning, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        add_stores(settings, f"archive=s3://exports/vigil?endpoint={endpoint}&region=us-east-1")
        session_of(house, morning)
        scheduled(house, morning)
        made(FIRST_DUE)
        run = ExportRun.objects.get()
        assert run.trouble.startswith("NoSuchBucket"), "there is no bucket yet"
        client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
        client.create_bucket(Bucket="exports")
        made(run.next_try_at)
        run.refresh_from_db()
        assert run.trouble == ""
        body = client.get_object(Bucket="exports", Key=f"vigil/{run.stored_as}")["Body"].read()
        assert hashlib.sha256(body).hexdigest() == file_of(run).sha256
        assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None
    finally:
        server.stop()


def test_who_may_and_what_is_refused_by_name(house, archive, morning):
    row = scheduled(house, morning)
    for by in (house.nurse, house.supervisor, house.auditor):
        with pytest.raises(AccessDenied):
            scheduled(house, morning, by=by, name="Other")
        with pytest.raises(AccessDenied):
            schedules.end(by=by, schedule_id=row.pk, at=morning)
    assert schedules.listed(house.auditor) == [row]
    with pytest.raises(NotFound):
        schedules.end(by=house.outsider, schedule_id=row.pk, at=morning)
    assert schedules.listed(builders.member(house.other_clinic, "other-admin", "admin")) == []
    days = Asked(filters=Filters(from_day=morning.date()))
    wrong: dict[str, tuple[dict[str, Any], ...]] = {
        "name": ({"name": "  "}, {"name": "Board"}, {"name": "x" * 81}),
        "every": ({"name": "B", "every": "day"},),
        "at_hour": ({"name": "B", "at_hour": 24},),
        "store": ({"name": "B", "store": "nowhere"},),
        "from_day": ({"name": "B", "asked": days},),
        "route": ({"name": "B", "asked": Asked(filters=Filters(route="oral"))},),
    }
    for field, tries in wrong.items():
        for how in tries:
            with pytest.raises(Invalid) as refused:
                scheduled(house, morning, **how)
            assert refused.value.field == field, how
    schedules.end(by=house.admin, schedule_id=row.pk, at=morning)
    with pytest.raises(NotAllowed):
        schedules.end(by=house.admin, schedule_id=row.pk, at=morning)
    assert scheduled(house, morning).name == "Board", "the name of one that ended is free"
    made(FIRST_DUE)
    assert not ExportRun.objects.filter(schedule=row).exists()


def test_over_the_api_it_is_set_up_listed_with_what_became_of_it_and_ended(house, archive, morning):
    session_of(house, morning)
    client = Client()
    client.force_login(User.objects.get(pk=house.admin.user_id))

    def post(path, **body):
        answer = client.post(f"/api/v1/exports/schedules/{path}", body, content_type="application/json")
        return answer.status_code, answer.json()

    wanted = {"name": "Board", "every": "week", "at_hour": 6, "store": "archive"}
    code, told = post("", **wanted, asked={"contents": ["sessions"], "disclosure": "limited"})
    assert (code, told["asked"]["disclosure"], told["runs"]) == (201, "limited", [])
    assert post("", **wanted)[1]["field"] == "name"
    assert post("", **{**wanted, "at_hour": 24})[0] == 422
    # set up when the test ran: its first span is taken for the one of the session
    ExportSchedule.objects.update(last_until=date(2026, 11, 22))
    made(FIRST_DUE)
    [row] = client.get("/api/v1/exports/schedules/").json()["results"]
    assert row["runs"][0]["first"] == "2026-11-23"
    assert row["runs"][0]["says"] == f"Left as {row['runs'][0]['stored_as']}"
    assert post(f"{row['id']}/end/")[1]["ended_by"] == house.admin.name
    assert post(f"{row['id']}/end/")[0] == 409
