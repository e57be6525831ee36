"""The body of a call with readings, read strictly; each reading is refused by itself and by name."""

import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.refusals import Invalid
from vitals.doors import parse
from vitals.vital import FIELDS

WHOLE = {"measured_at": "2026-11-23T10:40:00-05:00", "systolic": 142, "diastolic": 88}


def one(**changed):
    bodies, single = parse.read(json.dumps({**WHOLE, **changed}).encode())
    assert single
    return bodies[0]


def test_a_reading_is_taken_with_its_moment_and_values():
    measured = parse.measured(one(spo2=97.04, absent={"temperature": "no probe"}))
    assert measured.measured_at == datetime(2026, 11, 23, 15, 40, tzinfo=UTC)
    assert measured.values == {"systolic": 142, "diastolic": 88, "spo2": 97}
    assert measured.absent == {"temperature": "no probe"}


def test_null_is_not_measured_and_not_zero():
    assert parse.measured(one(heart_rate=None)).values == {"systolic": 142, "diastolic": 88}
    assert parse.measured(one(heart_rate=0)).values["heart_rate"] == 0


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"pulse": 70}, "pulse", "There is no field “pulse”"),
        ({"measured_at": "2026-11-23T10:40:00"}, "measured_at", "is not a time with a zone"),
        ({"measured_at": 1700000000}, "measured_at", "is not a time with a zone"),
        ({"measured_at": None}, "measured_at", "is not a time with a zone"),
        ({"id": "seven"}, "id", "id 'seven' is not a UUID"),
        ({"session": 7}, "session", "is not a UUID"),
        ({"systolic": "142"}, "systolic", "Systolic '142' is not a number"),
        ({"systolic": True}, "systolic", "Systolic True is not a number"),
        ({"absent": {"pulse": "no signal"}}, "absent", "“pulse”, which is not a vital"),
        ({"absent": {"spo2": ""}}, "absent", "absent"),
        ({"absent": {"spo2": "a\x00b"}}, "absent", "NUL"),
        ({"chair": "a\x00b"}, "chair", "NUL"),
        ({"systolic": None, "diastolic": None}, "readings", "At least one vital is needed"),
    ],
)
def test_a_refusal_names_the_field_the_value_and_the_rule(changed, field, words):
    unread = one(**changed)
    assert isinstance(unread.refusal, Invalid)
    assert unread.refusal.field == field
    assert words in unread.refusal.message
    assert json.loads(unread.raw) == {**WHOLE, **changed}


def test_a_time_is_needed():
    [unread], _ = parse.read(b'{"systolic": 120}')
    assert isinstance(unread, parse.Unread)
    assert (unread.refusal.field, unread.refusal.message) == ("measured_at", "measured_at is needed.")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "0x10", "1_000"])
def test_what_is_no_number_of_json_passes_no_parser(number):
    body = f'{{"measured_at": "2026-11-23T10:40:00Z", "systolic": {number}}}'.encode()
    for call in (body, b'{"readings": [' + body + b"]}"):
        [unread], _ = parse.read(call)
        assert isinstance(unread, parse.Unread)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"142",
        b"\xff\xfe",
        b'{"readings": []}',
        b'{"readings": 5}',
        b'{"readings": [], "more": 1}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"readings": ' + b"[" * 100_000,
        b'{"readings": [{}], "\xff": 1}',
    ],
)
def test_what_is_no_call_with_readings_is_refused_as_a_whole(body):
    [unread], single = parse.read(body)
    assert single
    assert isinstance(unread, parse.Unread)
    assert isinstance(unread.refusal, parse.Malformed)
    assert unread.raw == body


def test_one_bad_reading_leaves_the_others():
    body = {"readings": [WHOLE, {**WHOLE, "pulse": 70}, WHOLE]}
    bodies, single = parse.read(json.dumps(body).encode())
    assert not single
    assert [isinstance(each, parse.Unread) for each in bodies] == [False, True, False]


def test_a_thousand_readings_are_a_call_and_one_more_is_too_many():
    def call(readings):
        return json.dumps({"readings": [WHOLE] * readings}).encode()

    assert len(parse.read(call(1000))[0]) == 1000
    with pytest.raises(parse.TooLarge):
        parse.read(call(1001))


@pytest.mark.parametrize("content_type", ["text/plain", "", "application/jsonp", "multipart/form-data"])
def test_another_content_type_is_refused_by_the_head(content_type):
    with pytest.raises(parse.NotJson):
        parse.check_head(content_type, 10)


def test_the_head_refuses_more_than_a_mebibyte():
    parse.check_head("application/json; charset=utf-8", 1_048_576)
    with pytest.raises(parse.TooLarge):
        parse.check_head("application/json", 1_048_577)


@given(st.sampled_from(FIELDS), st.floats(allow_nan=True, allow_infinity=True))
def test_a_number_is_read_as_it_is_or_refused(name, number):
    body = json.dumps({"measured_at": WHOLE["measured_at"], name: number}).encode()
    [read], _ = parse.read(body)
    if isinstance(read, parse.Unread):
        assert number in {float("inf"), float("-inf")} or number != number
        return
    assert isinstance(read, parse.ReadingBody)
    assert parse.measured(read).values[name] == pytest.approx(number, abs=0.0501)
    # what is refused is kept, so it must go back into JSON whatever its size
    json.dumps(parse.measured(read).values)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_parser(body):
    with contextlib.suppress(parse.TooLarge):
        parse.read(body)
