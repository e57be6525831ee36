"""One session in every form that leaves the house: API, page, PDF, CSV, workbook, Parquet and FHIR agree.

The API is the measure, for it is what the screens show; every other form is read back as its reader would.
"""

import csv
import html
import io
import json
import re
import zipfile
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pyarrow.parquet as pq
import pypdf
import pytest
from django.test import Client

from clinic.models import User
from reports.exports.asked import FormName
from tests import form_stage, report_stage
from tests.export_stage import bytes_of, exported, house, stored
from vitals.vital import FIELDS

__all__ = ["house", "stored"]

SUFFIXES = {
    "mean": "map", "heart_rate": "hr", "respiratory_rate": "rr", "spo2": "spo2", "temperature": "temp",
    "etco2": "etco2", "sedation": "moaa-s",
}  # fmt: skip


class Api:
    """What the API tells of a session, in plain values."""

    def __init__(self, cast, session):
        self.client = Client()
        self.client.force_login(User.objects.get(pk=cast.nurse.user_id))
        self.path = f"/api/v1/sessions/{session.id}/"
        self.session = self.client.get(self.path).json()
        self.readings = self._all(f"{self.path}readings/")
        self.flags = self._all(f"/api/v1/flags/?session={session.id}")
        self.report = self.client.get(f"{self.path}report/").json()["content"]

    def _all(self, path):
        told = self.client.get(path).json()
        assert told["next"] is None
        return told["results"]

    @property
    def values(self):
        """(reading, vital) → value, of every version."""
        return {
            (one["id"], name): one[name] for one in self.readings for name in FIELDS if one[name] is not None
        }

    @property
    def newest(self):
        """(moment, vital) → value, of what counts."""
        return {
            (moment(one["measured_at"]), name): one[name]
            for one in self.readings
            for name in FIELDS
            if one[name] is not None and one["superseded_by"] is None
        }


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def number(value):
    """A number as any of the forms has it; None for nothing."""
    return None if value in {None, ""} else float(value)


class Tables:
    """An export's tables in one form: name → rows by column, each value as that form's reader gets it."""

    def __init__(self, form, data):
        self.form = form
        self.of = {
            FormName.CSV: self._csv,
            FormName.XLSX: self._xlsx,
            FormName.PARQUET: self._parquet,
        }[form](data)

    def _csv(self, data):
        zip_ = zipfile.ZipFile(io.BytesIO(data))
        return {
            name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(zip_.read(name).decode())))
            for name in zip_.namelist()
            if name.endswith(".csv")
        }

    def _xlsx(self, data):
        found = {}
        for sheet in openpyxl.load_workbook(io.BytesIO(data)):
            head, *rows = sheet.iter_rows(values_only=True)
            found[sheet.title] = [dict(zip(head, row, strict=True)) for row in rows] if rows else []
        return found

    def _parquet(self, data):
        zip_ = zipfile.ZipFile(io.BytesIO(data))
        return {
            name.removesuffix(".parquet"): pq.read_table(io.BytesIO(zip_.read(name))).to_pylist()
            for name in zip_.namelist()
            if name.endswith(".parquet")
        }

    def rows(self, table, session):
        return [row for row in self.of[table] if str(row["session_id"]) == str(session.id)]

    def at(self, value):
        """A moment of this form, in UTC."""
        if value in {None, ""}:
            return None
        return value.astimezone(UTC) if isinstance(value, datetime) else moment(value)


@pytest.fixture
def ward(house, morning):
    """An infusion with a correction, doubts, flags, a symptom and a scale; and a nasal session."""
    form_stage.complete_data(house)
    return house, report_stage.infused(house, morning), form_stage.released(house, morning)


@pytest.mark.parametrize("form", [FormName.CSV, FormName.XLSX, FormName.PARQUET])
def test_tables_say_what_the_api_says(ward, morning, form):
    cast, *sessions = ward
    tables = Tables(form, bytes_of(cast, exported(cast, morning, form=form), morning))
    for session in sessions:
        api = Api(cast, session)
        readings = tables.rows("readings", session)
        told = {
            (str(row["reading_id"]), name): number(row[name])
            for row in readings
            for name in FIELDS
            if number(row[name]) is not None
        }
        assert told == api.values
        assert len(told) > 15
        assert {str(row["reading_id"]): tables.at(row["measured_at"]) for row in readings} == {
            one["id"]: moment(one["measured_at"]) for one in api.readings
        }
        doubtful = {str(r["reading_id"]): json.loads(r["doubtful"] or "{}") for r in readings}
        # each row's own doubts; the API also tells of halves that contradict each other
        for one in api.readings:
            assert set(doubtful[one["id"]]) <= set(one["doubtful"]), one

        assert {flag_of_row(tables, row) for row in tables.rows("flags", session)} == {
            flag_of_api(one) for one in api.flags
        }
        [row] = tables.rows("sessions", session)
        dose = api.session["dose"]
        assert number(row["dose_mg"]) == dose["planned_mg"]
        assert number(row["devices_given"]) == dose["devices_given"]
        for name in ("dose_started_at", "dose_ended_at", "window_ends_at", "ended_at"):
            assert tables.at(row[name]) == moment(api.session[name]), name
        for code, column, content in (
            ("scales", "total", "total"),
            ("symptoms", "severity", "severity"),
        ):
            entries = [r for r in tables.rows(code, session) if r.get("kind", "symptom") == "symptom"]
            said = [row[column] for row in report_rows(api.report, code)]
            counted = [str(one[content] if one[content] is not None else "") for one in entries]
            assert sorted(re.sub(r"\.0$", "", one) for one in counted) == sorted(said), code


def flag_of_row(tables, row):
    return (
        str(row["flag_id"]),
        row["condition"],
        row["priority"],
        row["state"],
        row["text"],
        number(row["value"]),
        tables.at(row["opened_at"]),
        tables.at(row["resolved_at"]),
    )


def flag_of_api(one):
    return (
        one["id"],
        one["condition"],
        one["priority"],
        one["state"],
        one["text"],
        number(one["value"]),
        moment(one["opened_at"]),
        moment(one["resolved_at"]) if one["resolved_at"] else None,
    )


def report_rows(report, code):
    """The rows of a report's table, by column; none where the report has no such part."""
    for part in report["parts"]:
        for table in part["tables"]:
            if table["code"] == code:
                heads = [column["code"] for column in table["columns"]]
                return [dict(zip(heads, row["cells"], strict=True)) for row in table["rows"]]
    return []


def test_fhir_says_what_the_api_says(ward, morning):
    cast, *sessions = ward
    zip_ = zipfile.ZipFile(io.BytesIO(bytes_of(cast, exported(cast, morning, form=FormName.FHIR), morning)))

    def resources(type_, session):
        rows = map(json.loads, zip_.read(f"{type_}.ndjson").decode().splitlines())
        reference = {"reference": f"Encounter/{session.id}"}
        return [row for row in rows if reference in (row.get("encounter"), row.get("context"))]

    issues = [json.loads(line) for line in zip_.read("DetectedIssue.ndjson").decode().splitlines()]
    for session in sessions:
        api = Api(cast, session)
        told: dict[tuple[datetime, str], float] = {}
        for one in resources("Observation", session):
            told |= {
                (moment(one["effectiveDateTime"]), name): value for name, value in vital_signs(one).items()
            }
        assert told == api.newest
        ids = {one["id"] for one in api.flags}
        assert {one["id"]: one["code"]["text"] for one in issues if one["id"] in ids} == {
            one["id"]: one["text"] for one in api.flags
        }
        given = [
            one["dosage"]["dose"]["value"]
            for one in resources("MedicationAdministration", session)
            if is_of_the_order(one)
        ]
        dose = api.session["dose"]
        assert sum(given) == dose["calculated_mg"]
        assert given


def is_of_the_order(one):
    """The drug of the session as a whole: no part of it, and no other medicine."""
    drug = one.get("medicationCodeableConcept") or one["contained"][0]["code"]
    return not any("MedicationAdministration" in of["reference"] for of in one.get("partOf", ())) and (
        "ketamine" in json.dumps(drug).lower()
    )


def vital_signs(one):
    if "component" in one:
        return {
            name: part["valueQuantity"]["value"]
            for name, part in zip(("systolic", "diastolic"), one["component"], strict=True)
            if "valueQuantity" in part
        }
    return {
        name: one["valueQuantity"]["value"]
        for name, suffix in SUFFIXES.items()
        if one["id"].endswith(f"-{suffix}") and "valueQuantity" in one
    }


def test_page_and_pdf_say_what_the_api_says(ward, morning):
    """The report's own tests hold its page, PDF and JSON against each other; here they meet the record."""
    cast, *sessions = ward
    zip_ = zipfile.ZipFile(io.BytesIO(bytes_of(cast, exported(cast, morning, form=FormName.PDF), morning)))
    listed = {
        row["session_id"]: row for row in csv.DictReader(io.StringIO(zip_.read("reports.csv").decode()))
    }
    for session in sessions:
        api = Api(cast, session)
        page = api.client.get(f"/sessions/{session.id}/report/").content.decode()
        bundled = zip_.read(listed[str(session.id)]["file"])
        assert bundled == api.client.get(f"/sessions/{session.id}/report.pdf").content
        texts = [
            squeezed(html.unescape(re.sub(r"<[^>]+>", " ", page))),
            squeezed("".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(bundled)).pages)),
        ]
        zone = ZoneInfo(cast.clinic.time_zone)
        rows = report_rows(api.report, "vitals")
        for one in api.readings:
            clock = f"{moment(one['measured_at']).astimezone(zone):%H:%M}"
            cells = [word for row in rows if row["at"] == clock for word in row.values()]
            for name, words in shown(one).items():
                assert words in cells, (clock, name)
        wanted = [word for row in rows for word in row.values()]
        wanted += [one["text"] for one in api.flags] + [f"{api.session['dose']['weight_kg'] or ''}"]
        for text in texts:
            assert [word for word in wanted if squeezed(word) not in text] == []


def shown(reading):
    """The cells of a reading in the report's table: a pressure is one."""
    upper, lower = reading["systolic"], reading["diastolic"]
    cells = {
        name: f"{reading[name]:g}"
        for name in FIELDS
        if name not in {"systolic", "diastolic", "mean"} and reading[name] is not None
    }
    return {**cells, "bp": f"{upper:g}/{lower:g}"} if upper is not None and lower is not None else cells


def squeezed(text):
    return re.sub(r"[\s\u00ad]", "", text)
