"""What can be measured and what cannot, with the ranges typed; device zeros; pressures that contradict."""

import pytest

from vitals.plausible import judge

RANGES = {
    "systolic": (30, 300),
    "diastolic": (10, 220),
    "mean": (10, 300),
    "heart_rate": (20, 300),
    "respiratory_rate": (0, 80),
    "spo2": (40, 100),
    "temperature": (30, 43),
    "etco2": (5, 100),
    "sedation": (0, 5),
}


@pytest.mark.parametrize("name", RANGES)
def test_both_ends_of_the_range_are_taken_and_a_step_beyond_is_not(name):
    lowest, highest = RANGES[name]
    for value in (lowest, highest):
        assert judge({name: value}, from_device=False).values == {name: value}
    for value in (lowest - 1, highest + 1):
        judged = judge({name: value}, from_device=False)
        assert judged.values == {}
        assert judged.doubtful[name][0] == value


def test_a_doubtful_field_leaves_the_others_of_its_row():
    judged = judge({"spo2": 118, "heart_rate": 72, "systolic": 124, "diastolic": 78}, from_device=True)
    assert judged.values == {"heart_rate": 72, "systolic": 124, "diastolic": 78}
    assert set(judged.doubtful) == {"spo2"}


@pytest.mark.parametrize(
    ("values", "name", "words"),
    [
        ({"spo2": 101}, "spo2", "SpO₂ 101 is above 100, the highest this field takes"),
        ({"heart_rate": 19}, "heart_rate", "Heart rate 19 is below 20, the lowest this field takes"),
        ({"systolic": 1240}, "systolic", "Did you mean 124?"),
        ({"temperature": 98.6}, "temperature", "Was that Fahrenheit? 37.0 °C"),
        ({"sedation": 3.5}, "sedation", "Sedation 3.5 is not one of the scores 0 to 5"),
        ({"systolic": 80, "diastolic": 78}, "systolic", "Systolic 80 is not 5 above diastolic 78"),
        ({"systolic": 120, "diastolic": 80, "mean": 130}, "mean", "Mean 130 is not between"),
    ],
)
def test_the_message_names_field_value_and_rule(values, name, words):
    assert words in judge(values, from_device=False).doubtful[name][1]


@pytest.mark.parametrize(("diastolic", "taken"), [(115, True), (115.1, False), (120, False), (140, False)])
def test_systolic_lies_at_least_5_above_diastolic(diastolic, taken):
    judged = judge({"systolic": 120, "diastolic": diastolic}, from_device=False)
    assert set(judged.values) == ({"systolic", "diastolic"} if taken else set())
    assert set(judged.doubtful) == (set() if taken else {"systolic", "diastolic"})


@pytest.mark.parametrize(("mean", "taken"), [(79, False), (80, True), (120, True), (121, False)])
def test_the_mean_lies_between_both_and_alone_is_doubted(mean, taken):
    judged = judge({"systolic": 120, "diastolic": 80, "mean": mean}, from_device=False)
    assert ("mean" in judged.values) is taken
    assert {"systolic", "diastolic"} <= set(judged.values)


def test_a_mean_alone_has_nothing_to_contradict():
    assert judge({"mean": 95}, from_device=True).values == {"mean": 95}


@pytest.mark.parametrize("name", ["heart_rate", "respiratory_rate", "spo2"])
def test_a_device_s_zero_is_a_lost_sensor_and_never_a_value(name):
    judged = judge({name: 0, "systolic": 120, "diastolic": 80}, from_device=True)
    assert judged.zeros == (name,)
    assert judged.values == {"systolic": 120, "diastolic": 80}
    assert judged.doubtful[name] == (0, "monitor reads 0: look at the patient and the sensor")


def test_a_person_s_zero_breaths_are_a_value():
    judged = judge({"respiratory_rate": 0}, from_device=False)
    assert judged.values == {"respiratory_rate": 0}
    assert judged.zeros == ()


def test_a_device_s_zero_temperature_is_no_lost_sensor_but_cannot_be():
    judged = judge({"temperature": 0}, from_device=True)
    assert judged.zeros == ()
    assert "below 30" in judged.doubtful["temperature"][1]


def test_what_is_judged_is_left_as_it_was():
    values = {"spo2": 118.0}
    judge(values, from_device=True)
    assert values == {"spo2": 118.0}
