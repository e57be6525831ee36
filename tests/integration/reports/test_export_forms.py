"""The forms that spreadsheets and statisticians read: typed, whole, safe, and the same values in each."""

import io
import json
from datetime import date, datetime, timedelta

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl.utils.escape import unescape

from clinic.refusals import Invalid
from reports.exports import forms, jobs
from reports.exports.asked import Asked, FormName
from reports.exports.forms import xlsx_form
from reports.exports.tables import TABLES
from tests import builders
from tests.export_stage import (
    HOSTILE,
    bytes_of,
    exported,
    house,
    many_readings,
    session_of,
    stored,
    unzipped,
)

__all__ = ["house", "stored"]


def workbook(cast, row, at):
    return openpyxl.load_workbook(io.BytesIO(bytes_of(cast, row, at)))


def table_of(sheet):
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def parquet(zip_, table):
    return pq.read_table(io.BytesIO(zip_.read(f"{table}.parquet")))


def noted(cast, at, texts):
    """A session in which each text was noted, and is its patient's name once."""
    session = session_of(cast, at)
    for number, text in enumerate(texts):
        builders.act(cast.nurse, session, "note", at + timedelta(minutes=10, seconds=number), text=text)
    return session


class TestWorkbook:
    def test_there_is_a_sheet_for_each_table_and_every_value_has_its_type(self, house, morning):
        session = session_of(house, morning)
        row = exported(house, morning, form=FormName.XLSX)
        book = workbook(house, row, morning)
        assert book.sheetnames == ["About", "Dictionary", *(table.name for table in TABLES)]
        assert all(len(name) <= 31 for name in book.sheetnames)
        sheet = book["readings"]
        assert sheet.freeze_panes == "A2"
        quick = openpyxl.load_workbook(io.BytesIO(bytes_of(house, row, morning)), read_only=True)
        # a reader that trusts the sheet's own word about its size sees all of it
        assert (quick["readings"].max_row, quick["readings"].max_column) == (4, sheet.max_column)
        quick.close()
        rows = table_of(sheet)
        assert [row["systolic"] for row in rows] == [124, 142, None]
        assert rows[2]["temperature"] == 36.8
        assert rows[1]["measured_at"] == "2026-11-23T15:05:00.000000Z"
        assert rows[1]["measured_at_local"] == datetime(2026, 11, 23, 10, 5)  # noqa: DTZ001  # as Excel has it
        assert rows[1]["session_id"] == str(session.id)
        assert rows[1]["superseded"] is False
        [patient] = table_of(book["patients"])
        assert patient["birth_date"] == datetime(1980, 1, 1)  # noqa: DTZ001
        about = " ".join(str(cell.value) for cell in book["About"]["A"] if cell.value)
        assert "readings: one version of one reading" in about
        assert "[cut]" in about
        told = {(row["table"], row["column"]) for row in table_of(book["Dictionary"])}
        assert ("readings", "systolic") in told

    def test_a_text_is_a_cell_of_text_whatever_it_holds(self, house, morning):
        noted(house, morning, HOSTILE)
        book = workbook(house, exported(house, morning, form=FormName.XLSX), morning)
        notes = [
            cell
            for kind, cell in zip(*columns(book["entries"], "kind", "text"), strict=True)
            if kind.value == "note"
        ]
        # as Excel does, by ECMA-376: openpyxl leaves escaped control characters as they stand
        assert [unescape(cell.value) for cell in notes] == [
            "=1+1 is no sum",
            *(text.strip() for text in HOSTILE),
        ]
        for sheet in book:
            for row in sheet.iter_rows(min_row=2):
                assert all(cell.data_type != "f" for cell in row)
        assert {cell.data_type for cell in notes} == {"s"}
        assert {cell.number_format for cell in notes} == {"@"}

    def test_what_does_not_fit_into_one_sheet_goes_on_in_another_with_its_own_head(
        self, house, morning, monkeypatch
    ):
        monkeypatch.setattr(xlsx_form, "MOST_ROWS", 6)
        session = session_of(house, morning)
        many_readings(
            house.clinic.pk,
            house.gateway.actor_id,
            [session.id],
            each=9,
            first_at=morning + timedelta(hours=1),
        )
        book = workbook(house, exported(house, morning, form=FormName.XLSX, contents=("readings",)), morning)
        assert book.sheetnames == ["About", "Dictionary", "readings 1", "readings 2", "readings 3"]
        sheets = [table_of(book[f"readings {number}"]) for number in (1, 2, 3)]
        assert [len(rows) for rows in sheets] == [5, 5, 2]
        told = [row["reading_id"] for rows in sheets for row in rows]
        assert len(set(told)) == 12
        times = [row["measured_at"] for rows in sheets for row in rows]
        assert times == sorted(times)

    def test_the_same_taking_gives_the_same_bytes(self, house, morning):
        session_of(house, morning)
        first, second = (
            bytes_of(
                house, exported(house, morning, form=FormName.XLSX, contents=("readings", "flags")), morning
            )
            for _ in range(2)
        )
        assert first == second


def columns(sheet, *names):
    heads = [cell.value for cell in sheet[1]]
    return [[row[heads.index(name)] for row in sheet.iter_rows(min_row=2)] for name in names]


class TestParquet:
    def test_every_column_has_its_type_its_unit_and_its_meaning(self, house, morning):
        session = session_of(house, morning)
        zip_ = unzipped(house, exported(house, morning, form=FormName.PARQUET), morning)
        assert set(zip_.namelist()) == {
            *(f"{table.name}.parquet" for table in TABLES),
            "dictionary.json",
            "README.txt",
            "manifest.json",
        }
        readings = parquet(zip_, "readings")
        assert readings.num_rows == 3
        schema = readings.schema
        assert schema.field("measured_at").type == pa.timestamp("us", tz="UTC")
        assert schema.field("measured_at_local").type == pa.timestamp("us")
        assert schema.field("systolic").type == pa.float64()
        assert schema.field("version").type == pa.int64()
        assert schema.field("superseded").type == pa.bool_()
        assert schema.field("session_id").type == pa.string()
        assert schema.field("systolic").metadata == {b"meaning": b"Systolic", b"unit": b"mm[Hg]"}
        rows = readings.to_pylist()
        assert rows[1]["session_id"] == str(session.id)
        assert [row["systolic"] for row in rows] == [124, 142, None]
        assert rows[1]["measured_at"] == morning + timedelta(minutes=5)
        [patient] = parquet(zip_, "patients").to_pylist()
        assert patient["birth_date"] == date(1980, 1, 1)
        assert parquet(zip_, "adverse_events").num_rows == 0
        told = {(row["table"], row["column"]) for row in json.loads(zip_.read("dictionary.json"))}
        assert ("readings", "systolic") in told

    def test_texts_come_whole(self, house, morning):
        noted(house, morning, HOSTILE)
        zip_ = unzipped(house, exported(house, morning, form=FormName.PARQUET), morning)
        notes = [row["text"] for row in parquet(zip_, "entries").to_pylist() if row["kind"] == "note"]
        assert notes == ["=1+1 is no sum", *(text.strip() for text in HOSTILE)]

    def test_without_its_package_it_is_refused_when_it_is_asked_for(self, house, morning, monkeypatch):
        session_of(house, morning)
        assert [name for name in FormName if forms.why_not(name)] == []
        monkeypatch.setattr(forms, "find_spec", lambda name: None)
        assert [name for name in FormName if forms.why_not(name)] == [FormName.PARQUET]
        with pytest.raises(Invalid, match="needs the package pyarrow") as refused:
            jobs.ask(by=house.admin, asked=Asked(form=FormName.PARQUET), at=morning)
        assert refused.value.field == "form"
