"""The baseline: the last pre-dose set, or the mean of two taken within 30 min."""

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.vitals.live import START, minute
from vitals.baseline import baseline_of
from vitals.panel import Baseline


def sets(*moments):
    return [
        (minute(at_min), {"systolic": systolic, "diastolic": diastolic})
        for at_min, systolic, diastolic in moments
    ]


def systolic_of(measured):
    found = baseline_of(measured, START)
    return found.systolic if found else None


def test_of_one_set():
    assert baseline_of(sets((-5, 124, 78)), START) == Baseline(systolic=124, diastolic=78, sets=1)


def test_of_two_within_30_min_it_is_the_mean():
    assert baseline_of(sets((-35, 130, 80), (-5, 125, 79)), START) == Baseline(
        systolic=127.5, diastolic=79.5, sets=2
    )


def test_of_two_farther_apart_it_is_the_last():
    assert systolic_of(sets((-35.1, 130, 80), (-5, 124, 78))) == 124


def test_of_three_the_last_two_count():
    assert systolic_of(sets((-9, 200, 99), (-7, 120, 80), (-5, 124, 78))) == 122


def test_what_was_measured_as_the_dose_began_counts_and_what_came_after_does_not():
    assert systolic_of(sets((0, 124, 78), (0.1, 150, 90))) == 124


def test_is_worked_out_per_vital():
    found = baseline_of(
        [
            (minute(-9), {"systolic": 120, "spo2": 97}),
            (minute(-5), {"systolic": 124, "heart_rate": 71}),
            (minute(-4), {"temperature": 36.8, "respiratory_rate": 14}),
        ],
        START,
    )
    assert found == Baseline(systolic=122, heart_rate=71, spo2=97, sets=2)


def test_of_two_sources_at_one_moment_it_is_their_mean():
    found = baseline_of(sets((-9, 118, 80), (-5, 124, 78), (-5, 128, 82)), START)
    assert found is not None
    assert (found.systolic, found.diastolic, found.sets) == (122, 80, 2)


def test_there_is_none_without_a_measurement_before_or_without_a_dose():
    assert baseline_of([], START) is None
    assert baseline_of(sets((1, 124, 78)), START) is None
    assert baseline_of([(minute(-5), {"temperature": 36.8})], START) is None
    assert baseline_of(sets((-5, 124, 78)), None) is None


@given(
    st.lists(
        st.tuples(
            st.integers(-60, 5),
            st.dictionaries(st.sampled_from(["systolic", "diastolic", "spo2"]), st.integers(40, 200)),
        ),
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_it_does_not_depend_on_the_order_of_arrival(measured, random):
    moments = [(minute(at_min), values) for at_min, values in measured]
    expected = baseline_of(moments, START)
    random.shuffle(moments)
    assert baseline_of(iter(moments), START) == expected
