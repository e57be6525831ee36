"""What tests of exports share: a folder for their files, a session with a bit of everything, a whole run."""

import csv
import hashlib
import io
import zipfile
from datetime import timedelta

import pytest

from reports.exports import jobs
from reports.exports.asked import Asked
from tests import builders


@pytest.fixture
def stored(settings, tmp_path):
    """Exports lie in this test's own folder."""
    settings.EXPORT_WORK_DIR = str(tmp_path / "work")
    settings.STORAGES = {
        **settings.STORAGES,
        "exports": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "files")},
        },
    }
    return tmp_path


@pytest.fixture
def house(committed_db, stored):
    return builders.cast()


def session_of(cast, at, chair="1"):
    session = builders.dosing(cast.nurse, cast.clinic, at, chair=chair)
    builders.record(
        builders.incoming(
            cast.nurse, session, at + timedelta(minutes=5), systolic=142, diastolic=88, spo2=97
        ),
        builders.incoming(cast.monitor, session, at + timedelta(minutes=9), heart_rate=92, temperature=36.8),
    )
    builders.act(cast.nurse, session, "note", at + timedelta(minutes=6), text="=1+1 is no sum")
    builders.act(cast.nurse, session, "symptom", at + timedelta(minutes=7), code="nausea", severity="mild")
    return session


def exported(cast, at, **asked):
    row = jobs.ask(by=cast.admin, asked=Asked(**asked), at=at)
    while jobs.work(row.pk, at=at):
        pass
    row.refresh_from_db()
    assert row.state == "done", row.trouble
    return row


def unzipped(cast, row, at):
    with jobs.fetch(by=cast.admin, export_id=row.pk, at=at).file as file:
        data = file.read()
    assert hashlib.sha256(data).hexdigest() == row.sha256
    return zipfile.ZipFile(io.BytesIO(data))


def rows_of(zip_, table, *, delimiter=","):
    text = zip_.read(f"{table}.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))
