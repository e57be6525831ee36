"""The one writer of tables: what a cell becomes, and that a long table comes in pieces."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from reports import csv_table

NEW_YORK = ZoneInfo("America/New_York")


def read(head, rows, **how):
    text = b"".join(csv_table.chunks(head, rows, **how)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("  +1", "'  +1"),
        ("\t@x", "'\t@x"),
        ("＝1", "'＝1"),
        (-5, "-5"),
        (Decimal("-0.50"), "-0.50"),
        (None, ""),
        (True, "yes"),
        (False, "no"),
        ({"b": "=1", "a": 1}, '{"a": 1, "b": "=1"}'),
        (["ä"], '["ä"]'),
        ('a "quoted", word', 'a "quoted", word'),
    ],
)
def test_what_a_cell_becomes(value, cell):
    assert read(["one"], [[value]]) == [["one"], [cell]]


def test_both_hours_of_an_autumn_night_are_told_apart():
    before, after = (datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (5, 6))
    assert csv_table.times(before, NEW_YORK) == ("2026-11-01T05:30:00+00:00", "2026-11-01 01:30:00")
    assert csv_table.times(after, NEW_YORK) == ("2026-11-01T06:30:00+00:00", "2026-11-01 01:30:00")
    assert csv_table.times(None, NEW_YORK) == ("", "")


def test_a_long_table_comes_in_pieces_and_its_rows_are_asked_for_as_it_is_written():
    asked = []

    def rows():
        for number in range(1200):
            asked.append(number)
            yield [number]

    pieces = csv_table.chunks(["number"], rows())
    next(pieces)
    assert len(asked) == csv_table.ROWS_AT_A_TIME
    rest = b"".join(pieces).decode()
    assert rest.splitlines()[-1] == "1199"
    assert len(asked) == 1200


def test_a_byte_order_mark_stands_first_when_it_is_asked_for():
    assert b"".join(csv_table.chunks(["ä"], [], bom=True)) == b"\xef\xbb\xbf\xc3\xa4\r\n"
    assert b"".join(csv_table.chunks(["ä"], [])) == b"\xc3\xa4\r\n"
