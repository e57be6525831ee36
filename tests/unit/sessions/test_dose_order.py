"""The arithmetic of an infusion and its guard rails; figures typed from their sources."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.refusals import Invalid
from sessions import dose_order
from sessions.shipped import IV_KETAMINE

ON = date(2026, 11, 23)


def order(*, known=None, **details):
    return dose_order.order_of(details, known_weight_kg=known and Decimal(str(known)), planned_min=40)


def codes(ordered, *, known=None, weighed_on=None):
    found = dose_order.unusual(
        ordered,
        rules=IV_KETAMINE.dose,
        known_weight_kg=known and Decimal(str(known)),
        weighed_on=weighed_on,
        on=ON,
    )
    return {one.code for one in found}


class TestArithmetic:
    def test_half_a_milligram_per_kilogram_at_70_kg_over_40_min(self):
        """Clinical facts 2.3: 35 mg; 0.75 mg/kg/h; 12.5 µg/kg/min."""
        ordered = order(mg_per_kg=0.5, weight_kg=70, concentration_mg_per_ml=1)
        assert ordered.dose_mg == 35
        assert ordered.mg_per_h / 70 == Decimal("0.75")
        assert ordered.ug_per_kg_per_min == Decimal("12.5")
        assert ordered.ml_per_h == Decimal("52.5")

    def test_is_shown_step_by_step(self):
        ordered = order(mg_per_kg=0.5, weight_kg=82, concentration_mg_per_ml=2)
        assert dose_order.arithmetic(ordered) == (
            "0.5 mg/kg × 82 kg = 41 mg",
            "41 mg ÷ 2 mg/mL = 20.5 mL",
            "20.5 mL over 40 min = 30.8 mL/h",
            "41 mg over 40 min = 61.5 mg/h = 12.5 µg/kg/min",
        )

    def test_a_dose_without_weight_or_strength_shows_what_can_be_shown(self):
        assert dose_order.arithmetic(order(dose_mg=35)) == ("35 mg over 40 min = 52.5 mg/h",)

    def test_a_dose_is_rounded_half_up_to_a_tenth(self):
        assert order(mg_per_kg=0.35, weight_kg=65.5).dose_mg == Decimal("22.9")  # 22.925
        assert order(mg_per_kg=0.5, weight_kg=70.5).dose_mg == Decimal("35.3")  # 35.25

    def test_the_last_known_weight_serves_where_none_is_given(self):
        assert order(known=60, mg_per_kg=0.5).dose_mg == 30

    def test_a_dose_or_what_makes_one_is_needed(self):
        with pytest.raises(Invalid, match="dose_mg is needed"):
            order()
        with pytest.raises(Invalid, match="weight_kg is needed"):
            order(mg_per_kg=0.5)

    @given(
        mg_per_kg=st.decimals("0.1", "2", places=2),
        kg=st.decimals(25, 350, places=1),
        strength=st.sampled_from([1, 2, 10, 50, 100]),
        minutes=st.integers(1, 480),
    )
    def test_units_agree_with_each_other(self, mg_per_kg, kg, strength, minutes):
        ordered = order(
            mg_per_kg=mg_per_kg, weight_kg=kg, concentration_mg_per_ml=strength, duration_min=minutes
        )
        assert abs(ordered.dose_mg - mg_per_kg * kg) <= Decimal("0.05")
        assert abs(ordered.ml_per_h * strength - ordered.mg_per_h) < Decimal("1e-9")
        assert abs(ordered.mg_per_h * minutes / 60 - ordered.dose_mg) < Decimal("1e-9")
        assert abs(ordered.ug_per_kg_per_min * kg * minutes / 1000 - ordered.dose_mg) < Decimal("1e-9")


class TestGuardRails:
    """Each edge of clinical facts 2.3: just inside asks nothing, just outside asks for a reason."""

    @pytest.mark.parametrize(("mg", "asks"), [(70, False), (70.1, True), (105, True)])
    def test_more_than_1_mg_per_kg_within_the_hour(self, mg, asks):
        assert ("too-much" in codes(order(dose_mg=mg, weight_kg=70, duration_min=60))) is asks

    def test_more_than_1_mg_per_kg_over_longer_is_usual(self):
        assert codes(order(dose_mg=105, weight_kg=70, duration_min=61)) == set()

    @pytest.mark.parametrize(("minutes", "asks"), [(30, False), (29, True)])
    def test_shorter_than_half_an_hour(self, minutes, asks):
        assert ("too-fast" in codes(order(dose_mg=35, weight_kg=70, duration_min=minutes))) is asks

    @pytest.mark.parametrize(
        ("weight", "code"),
        [
            (125.9, "weight-changed"),  # 1.799 times 70
            (126, "weight-in-lb"),  # 1.8 times
            (154.3, "weight-in-lb"),  # 70 kg in pounds
            (182, "weight-in-lb"),  # 2.6 times
            (182.1, "weight-changed"),
            (77.1, "weight-changed"),  # 10.1 % up
            (62.9, "weight-changed"),
        ],
    )
    def test_a_weight_far_from_the_last(self, weight, code):
        assert codes(order(dose_mg=20, weight_kg=weight), known=70, weighed_on=ON) == {code}

    @pytest.mark.parametrize("weight", [70, 77, 63])
    def test_a_weight_near_the_last_is_usual(self, weight):
        assert codes(order(dose_mg=20, weight_kg=weight), known=70, weighed_on=ON) == set()

    @pytest.mark.parametrize(("day", "asks"), [(date(2026, 10, 24), False), (date(2026, 10, 23), True)])
    def test_a_weight_older_than_30_days(self, day, asks):
        assert ("weight-old" in codes(order(known=70, dose_mg=35), known=70, weighed_on=day)) is asks

    def test_a_weight_taken_today_is_never_old(self):
        ordered = order(dose_mg=35, weight_kg=71)
        assert codes(ordered, known=70, weighed_on=date(2025, 1, 1)) == set()

    @pytest.mark.parametrize(
        ("details", "asks"),
        [
            ({"concentration_mg_per_ml": 100}, True),
            ({"concentration_mg_per_ml": 100, "diluted": True}, False),
            ({"concentration_mg_per_ml": 50}, False),
        ],
    )
    def test_the_strength_that_must_be_diluted(self, details, asks):
        assert ("undiluted" in codes(order(dose_mg=35, weight_kg=70, **details))) is asks

    @pytest.mark.parametrize(("mg", "asks"), [(35, False), (35.5, False), (35.6, True), (53, True)])
    def test_a_dose_that_is_not_what_its_sum_says(self, mg, asks):
        ordered = order(dose_mg=mg, mg_per_kg=0.5, weight_kg=70)
        assert ("sum-differs" in codes(ordered)) is asks

    def test_the_rails_are_the_protocols(self):
        lenient = replace(IV_KETAMINE.dose, most_mg_per_kg=3.0, shortest_infusion_min=5)
        fast = order(dose_mg=140, weight_kg=70, duration_min=10)
        assert not dose_order.unusual(fast, rules=lenient, known_weight_kg=None, weighed_on=None, on=ON)
