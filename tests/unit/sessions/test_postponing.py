"""A set put off: it alone moves, never earlier, never onto the next one, never out of a window of its own."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.postponing import most_minutes, moved, postponements, refusal
from sessions.protocol import DoseClock, plan
from sessions.record import Entry
from sessions.shipped import IV_KETAMINE, NASAL_ESKETAMINE

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def after_start(minutes):
    return START + timedelta(minutes=minutes)


def steps_of(rules, *, dose_min=40, waiting_at=None):
    clock = DoseClock(after_start(-10), START, after_start(dose_min), waiting_at)
    return plan(rules, clock, until=after_start(240))


def step(steps, label, minute):
    return next(one for one in steps if one.label == label and one.due_at == after_start(minute))


def put_off(steps, label, minute, by):
    return moved(steps, {(label, after_start(minute)): by})


def entry(
    due_min=10, minutes=5, *, at_min=8, label="Set during infusion", by="Nurse A", reason="In the bathroom"
):
    id_ = uuid4()
    return Entry(
        id=id_,
        entry=id_,
        version=1,
        status="final",
        kind="postpone",
        at=after_start(at_min),
        recorded_at=after_start(at_min),
        by_id=None,
        by_name=by,
        late=False,
        text="",
        details={
            "label": label,
            "due_at": after_start(due_min).isoformat(),
            "minutes": minutes,
            "reason": reason,
        },
    )


class TestThePlan:
    def test_a_repeated_set_moves_with_the_end_of_its_window(self):
        plan_ = put_off(steps_of(IV_KETAMINE), "Set during infusion", 10, 5)
        one = step(plan_, "Set during infusion", 15)
        assert (one.opens_at, one.closes_at) == (after_start(5), after_start(20))
        assert (one.planned_at, one.postponed_min) == (after_start(10), 5)

    def test_the_40_minute_pressure_keeps_its_window(self):
        plan_ = put_off(steps_of(NASAL_ESKETAMINE, dose_min=5), "40-minute BP", 40, 5)
        one = step(plan_, "40-minute BP", 45)
        assert (one.opens_at, one.closes_at) == (after_start(35), after_start(50))

    @pytest.mark.parametrize(("by", "due_min"), [(9, 49), (10, 50), (11, 50), (15, 50)])
    def test_the_40_minute_pressure_never_moves_beyond_it(self, by, due_min):
        plan_ = put_off(steps_of(NASAL_ESKETAMINE, dose_min=5), "40-minute BP", 40, by)
        assert [one.due_at for one in plan_ if one.label == "40-minute BP"] == [after_start(due_min)]

    def test_a_set_named_at_another_time_moves_nothing(self):
        steps = steps_of(IV_KETAMINE)
        assert put_off(steps, "Set during infusion", 11, 5) == steps
        assert put_off(steps, "Set after infusion", 10, 5) == steps

    def test_a_set_while_waiting_can_be_put_off_too(self):
        steps = steps_of(IV_KETAMINE, waiting_at=after_start(125))
        plan_ = put_off(steps, "Set while waiting for the escort", 155, 5)
        assert step(plan_, "Set while waiting for the escort", 160).postponed_min == 5

    @given(data=st.data(), minutes=st.lists(st.integers(-20, 60), max_size=6))
    def test_whatever_is_charted_the_plan_stays_one(self, data, minutes):
        """Never earlier than planned, never two due at once for one step, unaffected steps unchanged."""
        rules, dose_min = data.draw(st.sampled_from([(IV_KETAMINE, 40), (NASAL_ESKETAMINE, 5)]))
        steps = steps_of(
            rules, dose_min=dose_min, waiting_at=data.draw(st.sampled_from([None, after_start(130)]))
        )
        chosen = [data.draw(st.sampled_from(steps)) for _ in minutes]
        moves = {(one.label, one.due_at): by for one, by in zip(chosen, minutes, strict=True)}
        after = moved(steps, moves)
        assert len(after) == len(steps)
        assert [one.due_at for one in after] == sorted(one.due_at for one in after)
        by_name = {(one.label, one.planned_at): one for one in after}
        for before in steps:
            now = by_name[before.label, before.due_at]
            assert now.due_at >= before.due_at
            assert (now.opens_at, now.needs, now.every_min) == (
                before.opens_at,
                before.needs,
                before.every_min,
            )
            if moves.get((before.label, before.due_at), 0) <= 0:
                assert now == before
            if before.every_min is None:
                assert now.due_at <= before.closes_at == now.closes_at
        for label in {one.label for one in after}:
            due = [one.due_at for one in after if one.label == label]
            assert len(set(due)) == len(due)

    @given(st.permutations([(10, 5), (20, 3), (30, 9)]))
    def test_the_order_of_charting_does_not_matter(self, order):
        steps = steps_of(IV_KETAMINE)
        one_by_one = {("Set during infusion", after_start(due)): by for due, by in order}
        assert moved(steps, one_by_one) == moved(steps, dict(sorted(one_by_one.items())))


class TestTheRecord:
    def test_a_postponement_is_what_its_entry_says(self):
        [one] = postponements([entry()])
        assert (one.label, one.due_at, one.minutes) == ("Set during infusion", after_start(10), 5)
        assert (one.by, one.reason) == ("Nurse A", "In the bathroom")

    def test_of_two_for_one_set_the_first_counts(self):
        found = postponements([entry(minutes=5), entry(minutes=9), entry(due_min=20, minutes=3)])
        assert [(one.due_at, one.minutes) for one in found] == [(after_start(10), 5), (after_start(20), 3)]

    def test_other_entries_put_nothing_off(self):
        assert postponements([SimpleNamespace(kind="note")]) == []  # type: ignore[list-item]


class TestRefusals:
    def due(self, minute=10, rules=IV_KETAMINE, label="Set during infusion", **how):
        return step(steps_of(rules, **how), label, minute)

    def test_five_minutes_before_it_is_due_nothing_is_in_the_way(self):
        assert refusal(self.due(), 5, at=after_start(8), asked=None) is None

    def test_without_a_due_set_there_is_nothing_to_put_off(self):
        refused = refusal(None, 5, at=START, asked=None)
        assert refused is not None
        assert refused.words == "No set is due, so none can be postponed."

    def test_a_set_is_put_off_once(self):
        [one] = [s for s in put_off(steps_of(IV_KETAMINE), "Set during infusion", 10, 5) if s.postponed_min]
        refused = refusal(one, 5, at=after_start(12), asked=None)
        assert refused is not None
        assert refused.words == (
            "Set during infusion of 15:10 was postponed by 5 min already; a set is postponed once."
        )

    @pytest.mark.parametrize(("minutes", "refused"), [(9, False), (10, True)])
    def test_not_onto_the_next_one(self, minutes, refused):
        found = refusal(self.due(), minutes, at=after_start(8), asked=None)
        assert (found is not None) is refused
        if found:
            assert (found.field, "at most 9 min, not 10" in found.words) == ("minutes", True)

    @pytest.mark.parametrize(("minutes", "refused"), [(10, False), (11, True)])
    def test_the_40_minute_pressure_not_beyond_its_window(self, minutes, refused):
        due = self.due(40, NASAL_ESKETAMINE, "40-minute BP", dose_min=5)
        found = refusal(due, minutes, at=after_start(38), asked=None)
        assert (found is not None) is refused
        if found:
            assert "its window ends 15:50" in found.words

    @pytest.mark.parametrize(("at_min", "refused"), [(14.9, False), (15, True), (30, True)])
    def test_not_to_a_time_that_is_past(self, at_min, refused):
        assert (refusal(self.due(), 5, at=after_start(at_min), asked=None) is not None) is refused

    def test_not_another_set_than_the_one_that_was_seen(self):
        seen = ("Set during infusion", START)
        found = refusal(self.due(), 5, at=after_start(8), asked=seen)
        assert found is not None
        assert (found.field, "another one now" in found.words) == ("due_at", True)
        asked = ("Set during infusion", after_start(10))
        assert refusal(self.due(), 5, at=after_start(8), asked=asked) is None


def test_how_far_each_kind_may_be_put_off():
    iv, nasal = steps_of(IV_KETAMINE), steps_of(NASAL_ESKETAMINE, dose_min=5)
    assert most_minutes(step(iv, "Set during infusion", 10)) == 9
    assert most_minutes(step(iv, "Set after infusion", 55)) == 14
    assert most_minutes(step(nasal, "40-minute BP", 40)) == 10
    assert most_minutes(step(iv, "Pre-dose set", 0)) == 20
