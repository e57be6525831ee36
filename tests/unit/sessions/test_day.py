"""The day as sums over its entries: what is still asked, what was answered with no, what is left open."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from sessions.day import CLOSING, OPENING, DayEntry, Kind, Point, day_state, fault_in, found, kept_answers

MORNING = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
CODES = ["prescriber_on_site", "oximeter", "clocks", "monitors", "drug_count"]


def answers(**changed):
    said = {code: {"answer": "yes"} for code in CODES}
    said["prescriber_on_site"]["who"] = "7d1a"
    return {**said, **changed}


def opened(hours=0, by="Supervisor", **changed):
    return DayEntry(Kind.OPEN, MORNING + timedelta(hours=hours), by, answers(**changed))


def closed(hours):
    return DayEntry(Kind.CLOSE, MORNING + timedelta(hours=hours), "Nurse", {"left": {}, "reason": ""})


class TestStanding:
    def test_before_the_first_opening_five_things_are_to_be_checked(self):
        state = day_state([], [])
        assert state.words == "not opened"
        assert [question.code for question in state.to_check] == CODES

    def test_an_opening_answers_all(self):
        state = day_state([opened()], [])
        assert (state.words, state.to_check, state.not_as_wished) == ("open", (), ())

    def test_a_no_stays_with_its_reason(self):
        state = day_state([opened(oximeter={"answer": "no", "reason": "Battery on its way"})], [])
        assert [(one.code, reason) for one, reason in state.not_as_wished] == [
            ("oximeter", "Battery on its way")
        ]

    def test_the_newest_opening_counts_and_the_order_of_rows_does_not(self):
        rows = [
            opened(0, oximeter={"answer": "no", "reason": "x"}),
            opened(1, by="Nurse"),
            closed(9),
        ]
        for order in permutations(rows):
            state = day_state(order, [])
            assert state.words == "closed"
            assert state.not_as_wished == ()
            assert state.opened is not None
            assert state.opened.by_name == "Nurse"

    def test_a_day_opened_anew_is_not_closed(self):
        assert day_state([opened(0), closed(9), opened(10)], []).words == "open"

    def test_points_stand_in_the_order_of_the_checks(self):
        points = [
            Point("forms", "Due 30 Nov"),
            Point("open_sessions", "Chair 1"),
            Point("forms", "Due 29 Nov"),
        ]
        state = day_state([], points)
        assert [point.text for point in state.points] == ["Chair 1", "Due 30 Nov", "Due 29 Nov"]


class TestAnswers:
    def test_all_with_a_name_open_a_day(self):
        assert fault_in(answers()) is None

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"oximeter": {}}, "items.oximeter.answer"),
            ({"oximeter": {"answer": "maybe"}}, "items.oximeter.answer"),
            ({"oximeter": {"answer": "no"}}, "items.oximeter.reason"),
            ({"oximeter": {"answer": "no", "reason": "  "}}, "items.oximeter.reason"),
            ({"prescriber_on_site": {"answer": "yes"}}, "items.prescriber_on_site.who"),
            ({"coffee": {"answer": "yes"}}, "items.coffee"),
        ],
    )
    def test_a_fault_is_named_by_its_field(self, changed, field):
        fault = fault_in(answers(**changed))
        assert fault is not None
        assert fault.field == field

    def test_no_prescriber_needs_a_reason_and_no_name(self):
        said = answers(prescriber_on_site={"answer": "no", "reason": "On the way", "who": ""})
        assert fault_in(said) is None
        assert kept_answers(said)["prescriber_on_site"] == {"answer": "no", "reason": "On the way"}

    def test_only_what_bears_on_an_answer_is_kept(self):
        said = answers(oximeter={"answer": "yes", "reason": "left over", "who": "x"})
        assert kept_answers(said)["oximeter"] == {"answer": "yes"}
        assert kept_answers(said)["prescriber_on_site"] == {"answer": "yes", "who": "7d1a"}


class TestChecks:
    def test_each_says_none_one_and_several(self):
        words = {one.check.code: one.words for one in found([])}
        assert words["open_sessions"] == "All sessions are ended"
        two = found([Point("open_sessions", "a"), Point("open_sessions", "b"), Point("flags", "c")])
        assert [one.words for one in two[:2]] == ["2 sessions not ended", "1 flag that nobody has taken"]

    def test_every_row_has_a_code_of_its_own_and_a_source(self):
        for rows in (OPENING, CLOSING):
            assert len({row.code for row in rows}) == len(rows)
            assert all(row.source for row in rows)
