"""Halves of one pressure find each other, whichever came first."""

from dataclasses import dataclass
from itertools import permutations
from uuid import UUID

from vitals.pairing import pair_halves


@dataclass(frozen=True)
class Half:
    id: UUID
    systolic: float | None = None
    diastolic: float | None = None


UPPER = Half(UUID(int=4), systolic=120)
LOWER = Half(UUID(int=3), diastolic=80)
WHOLE = Half(UUID(int=1), systolic=122, diastolic=82)
NEITHER = Half(UUID(int=2))


def test_an_upper_and_a_lower_half_are_one_pressure():
    assert pair_halves([LOWER, UPPER]) == [(UPPER, LOWER)]


def test_whole_pressures_and_rows_without_any_are_left_alone():
    assert pair_halves([WHOLE, NEITHER, UPPER]) == []


def test_a_half_without_its_other_stays_alone():
    second = Half(UUID(int=9), systolic=130)
    assert pair_halves([UPPER, LOWER, second]) == [(UPPER, LOWER)]


def test_the_pairs_do_not_depend_on_the_order_of_arrival():
    rows = [UPPER, LOWER, WHOLE, Half(UUID(int=9), systolic=130), Half(UUID(int=8), diastolic=90)]
    assert {tuple(pair_halves(order)) for order in permutations(rows)} == {
        ((UPPER, LOWER), (Half(UUID(int=9), systolic=130), Half(UUID(int=8), diastolic=90)))
    }
