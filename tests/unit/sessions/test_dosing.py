"""The dose as a sum over what was charted: infusions minute by minute, devices one by one."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.refusals import Invalid
from sessions import dosing, record
from sessions.record import Entry
from sessions.shipped import IV_KETAMINE, NASAL_ESKETAMINE

START = datetime(2026, 11, 23, 15, 40, tzinfo=UTC)


def after(minutes):
    return START + timedelta(minutes=minutes)


def charted(minute, kind, **details):
    id_ = uuid4()
    at = after(minute)
    return Entry(id_, id_, 1, "final", kind, at, at, None, "Nurse", False, "", details)


def infusion(*entries, mg=40, **details):
    start = charted(
        0, "start", **{"dose_mg": mg, "duration_min": 40, "concentration_mg_per_ml": 2, **details}
    )
    return dosing.dose_of([start, *entries], IV_KETAMINE)


def devices(*entries, planned=3):
    start = charted(0, "start", planned_devices=planned, lot="A1", expires_on="2027-05-31")
    return dosing.dose_of([start, *entries], NASAL_ESKETAMINE)


class TestInfusion:
    """40 mg over 40 min: a milligram a minute."""

    @pytest.mark.parametrize(("minute", "mg"), [(-5, 0), (0, 0), (10, 10), (40, 40), (90, 40)])
    def test_runs_evenly_to_its_end(self, minute, mg):
        dose = infusion()
        assert dose.given_mg(after(minute)) == pytest.approx(mg)
        assert dose.remaining_mg(after(minute)) == pytest.approx(40 - mg)
        assert dose.planned_end_at == after(40)

    def test_nothing_runs_in_a_pause_and_the_end_moves_on(self):
        dose = infusion(charted(10, "pause"), charted(25, "resume"))
        assert dose.given_mg(after(20)) == pytest.approx(10)
        assert dose.given_mg(after(30)) == pytest.approx(15)
        assert (dose.planned_end_at, dose.paused_s, dose.held_at) == (after(55), 900, None)

    def test_a_pause_that_goes_on_is_held(self):
        dose = infusion(charted(10, "pause"))
        assert (dose.held_at, dose.mg_per_h) == (after(10), None)

    def test_a_rate_change_moves_the_end_and_not_the_dose(self):
        dose = infusion(charted(20, "dose", rate_ml_per_h=15))  # 30 mg/h: 20 mg left take 40 min
        assert dose.planned_end_at == after(60)
        assert dose.given_mg(after(40)) == pytest.approx(30)
        assert dose.given_mg(after(60)) == pytest.approx(40)
        assert dose.total_mg == 40

    def test_a_rate_set_in_a_pause_holds_from_the_resume(self):
        dose = infusion(charted(20, "pause"), charted(22, "dose", rate_mg_per_h=30), charted(30, "resume"))
        assert dose.given_mg(after(30)) == pytest.approx(20)
        assert dose.given_mg(after(40)) == pytest.approx(25)
        assert dose.planned_end_at == after(70)

    def test_a_rate_in_millilitres_needs_a_strength(self):
        with pytest.raises(Invalid, match="concentration"):
            infusion(charted(20, "dose", rate_ml_per_h=15), concentration_mg_per_ml=None)

    def test_a_bolus_comes_on_top_at_its_time(self):
        dose = infusion(charted(10, "dose", bolus_mg=5))
        assert dose.given_mg(after(9)) == pytest.approx(9)
        assert dose.given_mg(after(10)) == pytest.approx(15)
        assert (dose.total_mg, dose.planned_end_at) == (45, after(40))

    def test_a_stop_ends_it_with_the_rest_never_given(self):
        dose = infusion(charted(25, "stop"))
        assert dose.given_mg(after(90)) == pytest.approx(25)
        assert dose.remaining_mg(after(90)) == pytest.approx(15)
        assert dose.ended_at == after(25)

    def test_a_stop_in_a_pause_counts_nothing_of_the_pause(self):
        dose = infusion(charted(10, "pause"), charted(25, "stop"))
        assert dose.given_mg(after(90)) == pytest.approx(10)
        assert dose.held_at is None

    def test_a_line_check_moves_nothing(self):
        assert infusion(charted(10, "dose", check="flush")) == infusion()

    @pytest.mark.parametrize(
        "entries",
        [
            [charted(50, "stop"), charted(55, "pause")],
            [charted(50, "stop"), charted(55, "dose", bolus_mg=5)],
            [charted(50, "stop"), charted(55, "stop")],
            [charted(-5, "dose", bolus_mg=5)],
            [charted(-5, "stop")],
            [charted(5, "start", dose_mg=40)],
        ],
    )
    def test_what_cannot_follow_is_refused_by_name(self, entries):
        start = charted(0, "start", dose_mg=40, duration_min=40)
        with pytest.raises(Invalid) as refused:
            dosing.dose_of(record.current([start, *entries]), IV_KETAMINE)
        assert refused.value.field == "at"

    def test_a_hold_resumed_before_the_dose_is_no_part_of_it(self):
        before = [charted(-8, "hold"), charted(-4, "resume")]
        start = charted(0, "start", dose_mg=40, duration_min=40)
        assert dosing.dose_of([*before, start], IV_KETAMINE).paused_s == 0

    @given(
        cuts=st.lists(st.integers(1, 39), min_size=0, max_size=6, unique=True),
        rates=st.lists(st.sampled_from([30, 45, 60, 90]), min_size=6, max_size=6),
        at=st.integers(0, 240),
    )
    def test_given_and_remaining_are_always_the_whole(self, cuts, rates, at):
        changes = [
            charted(minute, "dose", rate_mg_per_h=rate)
            for minute, rate in zip(sorted(cuts), rates, strict=False)
        ]
        dose = infusion(*changes)
        assert dose.given_mg(after(at)) + dose.remaining_mg(after(at)) == pytest.approx(40)
        assert dose.given_mg(dose.planned_end_at) == pytest.approx(40)
        assert dose.given_mg(after(at)) <= dose.given_mg(after(at + 1)) + 1e-9

    @given(shift=st.integers(-600, 600), pause=st.integers(1, 20), length=st.integers(1, 30))
    def test_moved_as_a_whole_it_is_the_same_dose(self, shift, pause, length):
        def at(minute):
            entries = [
                charted(minute, "start", dose_mg=40, duration_min=40),
                charted(minute + pause, "pause"),
                charted(minute + pause + length, "resume"),
            ]
            return dosing.dose_of(entries, IV_KETAMINE)

        moved, still = at(shift), at(0)
        assert moved.planned_end_at - still.planned_end_at == timedelta(minutes=shift)
        assert moved.given_mg(after(shift + 30)) == pytest.approx(still.given_mg(after(30)))


class TestDevices:
    """28 mg a device, five minutes of rest after each: its US label."""

    def test_three_devices_are_84_mg_and_the_last_ends_the_dose(self):
        dose = devices(charted(5, "dose", lot="A2"), charted(10, "dose", lot="A3"))
        assert dose.ended_at == after(10)
        assert [device.lot for device in dose.devices] == ["A1", "A2", "A3"]
        assert dose.devices[0].expires_on == date(2027, 5, 31)
        assert [dose.given_mg(after(minute)) for minute in (0, 4, 5, 10)] == [28, 28, 56, 84]

    def test_a_rest_of_five_minutes_follows_each(self):
        assert devices().rest_until == after(5)
        assert devices(charted(6, "dose")).rest_until == after(11)

    def test_stopped_early_the_rest_is_never_given(self):
        dose = devices(charted(7, "stop"))
        assert (dose.ended_at, dose.given_mg(after(60)), dose.remaining_mg(after(60))) == (after(7), 28, 56)

    def test_numbers_follow_time_whatever_the_order_of_charting(self):
        late, early = charted(10, "dose", lot="C"), charted(5, "dose", lot="B")
        start = charted(0, "start", planned_devices=3, lot="A")
        dose = dosing.dose_of(record.current([start, late, early]), NASAL_ESKETAMINE)
        assert [(device.number, device.lot) for device in dose.devices] == [(1, "A"), (2, "B"), (3, "C")]


def test_before_anything_is_charted_there_is_no_dose():
    dose = dosing.dose_of([], IV_KETAMINE)
    assert (dose.started_at, dose.total_mg, dose.given_mg(START), dose.remaining_mg(START)) == (
        None,
        None,
        0,
        0,
    )
