"""What tests of exports share: a folder for their files, a session with a bit of everything, a whole run."""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection

from reports.exports import jobs
from reports.exports.asked import Asked
from reports.spreadsheets import FORMULA_STARTS
from tests import builders

# texts that a sheet, a reader of CSV or a maker of workbooks could take for something else
HOSTILE = (
    *(f"{start}1+1" for start in FORMULA_STARTS),
    "  =cmd|' /C calc'!A0",
    "-5",
    "<r><t>markup</t></r>",
    "_x0041_ is no A",
    'quoted "twice", with\nlines\r\nof both kinds',
    "\\N",
    "\\.",
    "NULL",
    "NA",
    "true",
    "'apostrophe",
    "＝SUM(1) · 患者 · 🩺",
)


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
    return zipfile.ZipFile(io.BytesIO(bytes_of(cast, row, at)))


def rows_of(zip_, table, *, delimiter=","):
    text = zip_.read(f"{table}.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


def many_readings(
    clinic_id: int, device_id: UUID, session_ids: Iterable[UUID], *, each: int, first_at: datetime
) -> None:
    """As many readings, a second apart from ``first_at`` on, for each session; made by the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO vitals_reading (clinic_id, id, session_id, measured_at, received_at, systolic,"
            " diastolic, mean, heart_rate, respiratory_rate, spo2, temperature, etco2, device_id)"
            " SELECT %s, gen_random_uuid(), s, %s + n * interval '1 second',"
            "   %s + n * interval '1 second' + interval '300 ms', 105 + n %% 45, 60 + n %% 30, 85 + n %% 20,"
            "   60 + n %% 39, 12 + n %% 8, 96 + n %% 4, 36 + (n %% 10) / 10.0, 33 + n %% 9, %s"
            " FROM unnest(%s::uuid[]) s CROSS JOIN generate_series(1, %s) n",
            [clinic_id, first_at, first_at, device_id, list(session_ids), each],
        )


def bytes_of(cast, row, at):
    """The file, checked against the hash that the job tells."""
    with jobs.fetch(by=cast.admin, export_id=row.pk, at=at).file as file:
        data = file.read()
    assert hashlib.sha256(data).hexdigest() == row.sha256
    return data
