"""The page of exports and the file behind its button: who sees what, and what is answered as unknown."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.test import Client

from clinic import clock
from clinic.models import AuditEvent, Membership, User
from reports.exports import jobs
from reports.exports.asked import Asked, Filters, FormName
from reports.models import Export
from screens import status
from tests import builders
from tests.export_stage import exported, house, session_of, stored

__all__ = ["house", "stored"]
ROLES = ("nurse", "supervisor", "admin", "auditor")


def browser(principal):
    client = Client()
    client.force_login(User.objects.get(pk=principal.user_id))
    return client


@pytest.fixture
def done(house, morning):
    """An export whose file can be fetched now."""
    session_of(house, morning)
    row = exported(house, morning)
    Export.objects.filter(pk=row.pk).update(expires_at=clock.now() + timedelta(days=1))
    row.refresh_from_db()
    return row


def file_of(row_id):
    return f"/exports/{row_id}/file/"


def answered(client, path):
    answer = client.get(path)
    return answer.status_code, answer.headers["Content-Type"], b"".join(answer)


def test_pages_file_and_calls_are_open_to_the_roles_of_the_table(house, done):
    got = {}
    for role in ROLES:
        client = browser(getattr(house, role))
        calls = [
            client.get("/exports/"),
            client.get(file_of(done.pk)),
            client.get("/api/v1/exports/"),
            client.get(f"/api/v1/exports/{done.pk}/file/"),
            client.post("/api/v1/exports/count/", {}, content_type="application/json"),
            client.get("/api/v1/exports/schedules/"),
        ]
        got[role] = [answer.status_code for answer in calls]
        for answer in calls:
            answer.close()
    assert got == {
        "nurse": [403, 403, 403, 403, 403, 403],
        "supervisor": [403, 403, 403, 403, 403, 403],
        "admin": [200, 200, 200, 200, 200, 200],
        "auditor": [200, 403, 200, 403, 403, 200],
    }


def test_the_file_comes_whole_under_its_name_and_each_fetching_is_audited(house, done):
    answer = browser(house.admin).get(file_of(done.pk))
    assert len(b"".join(answer)) == done.size
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{done.file.partition("/")[2]}"'
    assert answer.headers["Cache-Control"] == "no-store"
    [event] = AuditEvent.objects.filter(act="fetch-export")
    assert (event.subject_id, event.details["sha256"]) == (str(done.pk), done.sha256)


def test_another_clinics_an_expired_and_an_unknown_one_are_answered_byte_for_byte_alike(house, done):
    other = browser(builders.member(house.other_clinic, "other-admin", "admin"))
    ours = browser(house.admin)
    unknown = answered(ours, file_of(uuid4()))
    assert unknown[0] == 404
    assert answered(other, file_of(done.pk)) == unknown
    Export.objects.update(expires_at=clock.now())
    assert answered(ours, file_of(done.pk)) == unknown
    Export.objects.update(expires_at=clock.now() + timedelta(days=1))
    storages["exports"].delete(done.file)
    assert answered(ours, file_of(done.pk)) == unknown


@pytest.mark.parametrize("now", ["nurse", "auditor"])
def test_authority_lost_between_asking_and_fetching_keeps_the_file(house, done, now):
    client = browser(house.admin)
    Membership.objects.filter(user_id=house.admin.user_id).update(role=now)
    assert client.get(file_of(done.pk)).status_code == 403
    assert not AuditEvent.objects.filter(act="fetch-export").exists()


def test_one_that_is_not_done_says_so(house, morning):
    session_of(house, morning)
    row = jobs.ask(by=house.admin, asked=Asked(), at=morning)
    answer = browser(house.admin).get(file_of(row.pk))
    assert answer.status_code == 409
    assert "The export is waiting: there is no file." in answer.content.decode()


def test_what_has_expired_goes_with_its_folder_and_what_goes_on_stays(house, done, morning):
    waiting = jobs.ask(by=house.admin, asked=Asked(), at=morning)
    folders = [Path(settings.EXPORT_WORK_DIR) / str(pk) for pk in (done.pk, waiting.pk)]
    for folder in folders:
        folder.mkdir(parents=True)
    assert jobs.remove_expired(at=done.expires_at - timedelta(seconds=1)) == 0
    assert [folder.exists() for folder in folders] == [False, True]
    assert storages["exports"].exists(done.file)
    assert jobs.remove_expired(at=done.expires_at) == 1
    assert not storages["exports"].exists(done.file)
    assert jobs.remove_expired(at=done.expires_at) == 0
    page = browser(house.admin).get("/exports/").content.decode()
    assert page.count("data-export=") == 2


def test_it_is_counted_as_it_would_be_chosen_and_looked_at_without_a_patient(house, morning):
    session_of(house, morning)
    client = browser(house.admin)

    def count(**body):
        answer = client.post("/api/v1/exports/count/", body, content_type="application/json")
        return answer.status_code, answer.json()

    day = morning.date()
    assert count() == (200, {"sessions": 1})
    assert count(filters={"from_day": str(day), "until_day": str(day), "route": "iv"}) == (
        200,
        {"sessions": 1},
    )
    assert count(filters={"from_day": str(day + timedelta(days=1))}) == (200, {"sessions": 0})
    looks = AuditEvent.objects.filter(act="look", subject="export")
    assert {(event.subject_id, event.session_id) for event in looks} == {("count", None)}
    for body, field in (
        ({"filters": {"route": "oral"}}, "route"),
        ({"filters": {"staff": str(house.outsider.user_id)}}, "staff"),
        ({"filters": {"from_day": "2026-02-02", "until_day": "2026-02-01"}}, "until_day"),
    ):
        status_code, told = count(**body)
        assert (status_code, told["field"]) == (422, field), body


def test_a_form_that_is_not_here_is_refused_by_name_and_offered_to_nobody(house, morning, monkeypatch):
    session_of(house, morning)
    monkeypatch.setattr("reports.exports.forms.find_spec", lambda name: None)
    body = {"form": "parquet"}
    answer = browser(house.admin).post("/api/v1/exports/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["field"]) == (422, "form")
    page = browser(house.admin).get("/exports/").content.decode()
    for name in FormName:
        [box] = re.findall(rf'<input type="radio" name="form" value="{name}"[^>]*>', page)
        assert ("disabled" in box) is (name is FormName.PARQUET)


def test_a_share_of_the_form_by_its_address_leaves_out_what_is_not_known(house, morning):
    page = browser(house.admin).get("/exports/?route=iv&flags=purple&from_day=2026-11-31").content.decode()
    assert "The address says no known from_day or flags; it is left out." in page
    assert '<option value="iv" selected>' in page


def test_what_was_asked_stands_there_in_words(house, morning):
    session_of(house, morning)
    filters = Filters(from_day=morning.date(), until_day=morning.date(), route="iv", flags="none")
    asked = Asked(filters=filters, contents=("sessions", "readings"))
    jobs.ask(by=house.admin, asked=asked, at=morning)
    page = browser(house.auditor).get("/exports/").content.decode()
    assert "1 session: 23 Nov 2026, IV, without a flag" in page
    assert "Sessions and readings" in page
    assert "Asked for by Admin, Mon 23 Nov 10:00" in page


def test_the_status_page_shows_exports_that_nobody_makes_and_those_that_failed(house, morning, monkeypatch):
    session_of(house, morning)
    row = jobs.ask(by=house.admin, asked=Asked(), at=morning)

    def part(seconds):
        monkeypatch.setattr(clock, "now", lambda: morning + timedelta(seconds=seconds))
        return next(one for one in status.parts_of() if one.name == "Exports")

    assert part(100).works
    assert not part(130).works
    assert "worker of exports does not run" in part(130).meaning
    while jobs.work(row.pk, at=morning):
        pass
    assert part(130).works
    assert status.counts_of(house.clinic.pk).failed_exports == 0
    Export.objects.update(state="failed")
    assert status.counts_of(house.clinic.pk).failed_exports == 1
    assert status.counts_of(house.other_clinic.pk).failed_exports == 0
