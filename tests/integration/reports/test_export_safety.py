"""Hostile texts through the real tables, as each reader's country wants them; and what a reader gets back."""

import io
import itertools
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from clinic.models import Patient
from reports.exports.asked import FormName, Locale
from reports.exports.rendering import DayStyle
from reports.spreadsheets import FORMULA_STARTS, disarmed
from sessions.models import SessionEvent
from tests import builders
from tests.export_stage import HOSTILE, bytes_of, exported, house, rows_of, session_of, stored, unzipped

__all__ = ["house", "stored"]

# a database keeps neither of these, and the doors strip the ends of what is typed
TYPED = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)
HOSTILE_TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    TYPED,
    st.builds("".join, st.tuples(st.sampled_from([" ", "", "\t"]), st.sampled_from(FORMULA_STARTS), TYPED)),
)
LOCALES = (
    Locale(),
    Locale(separator=";", decimal_mark=",", days=DayStyle.EUROPEAN, bom=True),
    Locale(separator="\t", days=DayStyle.AMERICAN),
)


@pytest.fixture
def session(house, morning):
    return session_of(house, morning)


SECONDS = itertools.count(1)


def typed(cast, session, morning, texts):
    """Type texts where people do: a patient's name, a note, what was done about a symptom."""
    name, note, action = texts
    at = morning + timedelta(hours=1, seconds=next(SECONDS))
    Patient.objects.filter(pk=session.patient_id).update(family_name=name)
    builders.act(cast.nurse, session, "note", at, text=note)
    builders.act(cast.nurse, session, "symptom", at, code="nausea", severity="mild", action=action)


def stored_texts(session):
    """The same as the database has them, each sorted."""
    entries = SessionEvent.objects.filter(session_id=session.pk)
    return {
        "family_name": [Patient.objects.get(pk=session.patient_id).family_name],
        "text": sorted(one.text for one in entries.filter(kind="note")),
        "action": sorted(one.details.get("action", "") for one in entries.filter(kind="symptom")),
    }


def told_texts(rows):
    """The same columns of an export, by ``rows``: a table's name to its rows."""
    return {
        "family_name": [row["family_name"] or "" for row in rows("patients")],
        "text": sorted(row["text"] or "" for row in rows("entries") if row["kind"] == "note"),
        "action": sorted(row["action"] or "" for row in rows("symptoms")),
    }


CONTENTS = ("sessions", "symptoms")


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(texts=st.tuples(HOSTILE_TEXTS, HOSTILE_TEXTS, HOSTILE_TEXTS), locale=st.sampled_from(LOCALES))
def test_a_text_comes_back_as_it_was_and_is_never_a_formula(house, session, morning, texts, locale):
    typed(house, session, morning, texts)
    kept = stored_texts(session)
    zip_ = unzipped(house, exported(house, morning, contents=CONTENTS, locale=locale), morning)
    told = told_texts(lambda table: rows_of(zip_, table, delimiter=locale.separator))
    assert told == {name: sorted(map(disarmed, texts)) for name, texts in kept.items()}
    assert not [
        text for texts in told.values() for text in texts if text.lstrip(" ").startswith(FORMULA_STARTS)
    ]

    data = bytes_of(house, exported(house, morning, contents=CONTENTS, form=FormName.XLSX), morning)
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert told_texts(lambda table: unescaped(book[table])) == kept
    assert not [cell for sheet in book for row in sheet for cell in row if cell.data_type == "f"]


def unescaped(sheet):
    """A sheet's rows with the escapes of ECMA-376 resolved, as Excel does and openpyxl does not."""
    head, *rows = sheet.iter_rows(values_only=True)
    return [
        {
            name: unescape(value) if isinstance(value, str) else value
            for name, value in zip(head, row, strict=True)
        }
        for row in rows
    ]


def test_a_country_has_its_own_separator_mark_of_decimals_and_days(house, session, morning):
    european = Locale(separator=";", decimal_mark=",", days=DayStyle.EUROPEAN, bom=True)
    zip_ = unzipped(house, exported(house, morning, locale=european), morning)
    assert all(
        zip_.read(name).startswith(b"\xef\xbb\xbf") for name in zip_.namelist() if name.endswith(".csv")
    )
    readings = rows_of(zip_, "readings", delimiter=";")
    assert [row["temperature"] for row in readings] == ["", "", "36,8"]
    assert [row["systolic"] for row in readings] == ["124", "142", ""]
    assert readings[1]["measured_at_local"] == "23.11.2026 10:05:00"
    # what a program reads is the same in every country
    assert readings[1]["measured_at"] == "2026-11-23T15:05:00.000000Z"
    [patient] = rows_of(zip_, "patients", delimiter=";")
    assert patient["birth_date"] == "01.01.1980"

    american = Locale(separator="\t", days=DayStyle.AMERICAN)
    zip_ = unzipped(house, exported(house, morning, locale=american), morning)
    readings = rows_of(zip_, "readings", delimiter="\t")
    assert readings[1]["measured_at_local"] == "11/23/2026 10:05:00"
    assert readings[2]["temperature"] == "36.8"


def test_a_negative_number_stays_one_and_a_text_that_looks_like_one_is_disarmed(house, session, morning):
    builders.act(house.nurse, session, "note", morning + timedelta(minutes=8), text="-5")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO vitals_reading (clinic_id, id, session_id, measured_at, received_at, temperature,"
            " device_id) VALUES (%s, gen_random_uuid(), %s, %s, %s, -5, %s)",
            [house.clinic.pk, session.pk, morning, morning, house.gateway.actor_id],
        )
    zip_ = unzipped(house, exported(house, morning), morning)
    assert "-5" in [row["temperature"] for row in rows_of(zip_, "readings")]
    assert "'-5" in [row["text"] for row in rows_of(zip_, "entries")]
    data = bytes_of(house, exported(house, morning, form=FormName.XLSX), morning)
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert -5 in [row["temperature"] for row in unescaped(book["readings"])]
    assert "-5" in [row["text"] for row in unescaped(book["entries"])]
