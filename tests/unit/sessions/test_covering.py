"""Cover asked, given and ended, as a sum over entries."""

from dataclasses import replace
from uuid import UUID

from sessions import record
from sessions.covering import cover
from tests.unit.sessions.entries import at, entry

NURSE, COLLEAGUE = UUID(int=1), UUID(int=2)


def by(kind, minute, who, **details):
    names = {NURSE: "Nurse", COLLEAGUE: "Colleague"}
    return replace(entry(kind, minute, **details), by_id=who, by_name=names[who])


def test_nothing_asked_is_no_cover():
    assert cover([by("note", 1, NURSE)]) is None


def test_asked_with_who_when_and_why():
    held = cover([by("cover", 3, NURSE, reason="break")])
    assert held is not None
    assert (held.asked_at, held.asked_by, held.asked_by_id, held.reason) == (at(3), "Nurse", NURSE, "break")
    assert held.taken_by is None


def test_taken_by_a_colleague():
    held = cover([by("cover", 3, NURSE), by("cover-taken", 5, COLLEAGUE)])
    assert held is not None
    assert (held.asked_by, held.taken_by, held.taken_by_id, held.taken_at) == (
        "Nurse",
        "Colleague",
        COLLEAGUE,
        at(5),
    )


def test_ends_with_back_and_may_be_asked_again():
    entries = [by("cover", 3, NURSE), by("cover-taken", 5, COLLEAGUE), by("cover-ended", 9, NURSE)]
    assert cover(entries) is None
    again = cover([*entries, by("cover", 12, NURSE)])
    assert again is not None
    assert (again.asked_at, again.taken_by) == (at(12), None)


def test_ends_when_another_nurse_takes_the_chair_over():
    assert cover([by("cover", 3, NURSE), by("hand-over", 6, COLLEAGUE)]) is None


def test_what_was_entered_in_error_counts_nothing():
    asked = by("cover", 3, NURSE)
    taken_back = replace(asked, id=UUID(int=9), version=2, status=record.ENTERED_IN_ERROR)
    assert cover(record.current([asked, taken_back])) is None
