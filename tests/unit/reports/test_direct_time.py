"""Which minutes at the chair the record proves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from reports import direct_time
from reports.direct_time import LATE, MOVED, Taken
from sessions.record import Entry

START = datetime(2026, 11, 23, 15, 0, 20, tzinfo=UTC)
NURSE = UUID(int=1)


def entry(minute=0.0, kind="symptom", *, by="Ada", **columns):
    at = START + timedelta(minutes=minute)
    id_ = uuid4()
    return replace(
        Entry(id_, id_, 1, "final", kind, at, at, NURSE, by, late=False, text="", details={}), **columns
    )


def taken(minute=0.0, *, by="Ada", **columns):
    at = START + timedelta(minutes=minute)
    return replace(Taken(uuid4(), None, at, at, by, by_staff=True, late=False), **columns)


def minutes(*entries):
    return direct_time.minutes(direct_time.of_entries(entries))


def test_a_minute_counts_once_however_much_is_charted_in_it():
    assert minutes(entry(0), entry(0.5), entry(0.2, "medicine")) == 1


def test_what_lies_between_two_entries_does_not_count():
    assert minutes(entry(0), entry(2)) == 2


def test_minutes_are_those_of_the_clock():
    # 15:00:20 and 40 seconds later
    assert minutes(entry(0), entry(39 / 60)) == 1
    assert minutes(entry(0), entry(40 / 60)) == 2


def test_notes_plans_and_what_the_rules_charted_prove_nobody_at_the_chair():
    kinds = ("note", "hand-over", "postpone", "review-scale", "breach", "gap", "adverse-event")
    assert [direct_time.of_entries([entry(kind=kind)]) for kind in kinds] == [[]] * len(kinds)
    assert direct_time.of_entries([entry(by_id=None)]) == []


def test_what_was_charted_late_is_shown_and_does_not_count():
    [found] = direct_time.of_entries([entry(late=True)])
    assert found.why_not == LATE
    assert direct_time.minutes([found]) == 0


def test_what_was_entered_in_error_is_not_there():
    first = entry()
    error = replace(first, id=uuid4(), version=2, status="entered-in-error")
    assert direct_time.of_entries([error, first]) == []


def test_whoever_charted_first_was_there_and_not_who_corrected_it():
    first = entry()
    corrected = replace(first, id=uuid4(), version=2, status="amended", by_name="Bo")
    [found] = direct_time.of_entries([corrected, first])
    assert (found.by_name, found.why_not) == ("Ada", "")


def test_an_entry_moved_to_another_time_does_not_count():
    first = entry()
    moved = replace(first, id=uuid4(), version=2, status="amended", at=START + timedelta(minutes=5))
    [found] = direct_time.of_entries([moved, first])
    assert (found.at, found.why_not) == (moved.at, MOVED)


def test_sets_of_staff_count_and_those_of_monitors_do_not():
    first = taken()
    corrected = taken(supersedes=first.id, by="Bo")
    found = direct_time.of_readings([first, corrected, taken(1, by_staff=False), taken(2, late=True)])
    assert [(one.by_name, one.why_not) for one in found] == [("Ada", ""), ("Ada", LATE)]


def test_minutes_of_each_person_may_overlap():
    found = direct_time.of_entries([entry(0), entry(0, by="Bo"), entry(3, by="Bo")])
    assert direct_time.by_person(found) == {"Ada": 1, "Bo": 2}
    assert direct_time.minutes(found) == 2


def test_minutes_are_never_rounded_up():
    assert direct_time.whole_minutes(START, START + timedelta(minutes=2, seconds=59)) == 2
    assert direct_time.whole_minutes(START, None) is None
