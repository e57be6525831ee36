"""The down-time sheet's lines and values: what is due on one line per moment, and room to write."""

from datetime import UTC, datetime, timedelta

import pytest

from screens.down_time import blanks_beside, lines_of, values_of
from sessions.protocol import Step
from tests.unit.vitals.live import live_panel
from vitals.panel import Latest

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
BP = ("systolic", "diastolic", "heart_rate")


def step(minute, *needs):
    at = START + timedelta(minutes=minute)
    return Step("Set", at, at, at, 15, needs)


def test_sets_of_one_moment_share_a_line_that_asks_for_what_any_of_them_needs():
    lines = lines_of([step(45, "spo2", "sedation"), step(45, *BP), step(60, "spo2", "sedation")])
    # BP, HR, RR, SpO2, sedation
    assert [line.cells for line in lines[:2]] == [
        [True, True, False, True, True],
        [False, False, False, True, True],
    ]
    assert lines[2].due_at is None


def test_an_empty_line_leaves_every_box_open():
    assert lines_of([])[0].cells == [True] * 5


@pytest.mark.parametrize(("due", "lines"), [(0, 14), (14, 14), (15, 15), (17, 17), (18, 17)])
def test_a_sheet_has_room_to_write_and_fits_its_half_page(due, lines):
    assert len(lines_of([step(minute, "spo2") for minute in range(due)])) == lines


def test_values_stand_with_their_time_and_unit():
    panel = live_panel()
    panel.values = {
        "systolic": Latest(118, START),
        "heart_rate": Latest(71.5, START + timedelta(minutes=2)),
    }
    assert [(value.name, value.words, value.at) for value in values_of(panel)] == [
        ("BP", "118/– mmHg", START),
        ("HR", "71.5 /min", START + timedelta(minutes=2)),
    ]


@pytest.mark.parametrize(("sheets", "blanks"), [(0, 2), (1, 1), (2, 2), (11, 1)])
def test_the_last_page_is_filled_with_blank_sheets(sheets, blanks):
    assert blanks_beside(sheets) == blanks
