"""Which versions of a record count."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from sessions import record
from sessions.record import Entry

AT = datetime(2026, 11, 23, 15, 40, tzinfo=UTC)


def version(entry, number, *, minute=0, status="final", kind="note"):
    at = AT + timedelta(minutes=minute)
    return Entry(uuid4(), entry, number, status, kind, at, at, None, "Nurse", False, f"v{number}", {})


def test_the_newest_version_counts_whatever_the_order_it_came_in():
    entry = uuid4()
    first, second = version(entry, 1), version(entry, 2, status="amended")
    assert record.current([second, first]) == [second]


def test_what_was_entered_in_error_counts_no_more():
    entry = uuid4()
    assert record.current([version(entry, 1), version(entry, 2, status="entered-in-error")]) == []


def test_entries_stand_in_the_order_in_which_they_happened():
    later, earlier = version(uuid4(), 1, minute=5), version(uuid4(), 1, minute=1)
    assert record.current([later, earlier]) == [earlier, later]


def test_a_correction_of_the_time_moves_the_entry():
    moved, still = uuid4(), uuid4()
    rows = [version(moved, 1, minute=1), version(still, 1, minute=5), version(moved, 2, minute=9)]
    assert [entry.entry for entry in record.current(rows)] == [still, moved]


@given(st.permutations(range(6)))
def test_the_order_of_rows_never_matters(order):
    entries = [uuid4(), uuid4()]
    rows = [version(entries[n % 2], n // 2 + 1, minute=n) for n in range(6)]
    assert record.current([rows[n] for n in order]) == record.current(rows)


def test_kinds_are_picked_in_their_order():
    rows = [version(uuid4(), 1, kind=kind) for kind in ("note", "start", "dose")]
    assert [entry.kind for entry in record.of_kind(rows, "dose", "start")] == ["start", "dose"]
