"""NEWS2: every edge of the chart typed from its table, the worked scores, and what is one set."""

import random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.alertness import Consciousness, Look, Target
from tests import scored as worked
from tests.unit.sessions.entries import at
from vitals import news2
from vitals.news2 import Item, Risk, Value

RR, SPO2, SBP, HR, TEMP = (
    Item.RESPIRATORY_RATE,
    Item.SPO2,
    Item.SYSTOLIC,
    Item.HEART_RATE,
    Item.TEMPERATURE,
)
# everything here gives 0 points
CALM = {RR: 16, SPO2: 98, SBP: 120, HR: 75, TEMP: 37.0}
SCALE_2 = Target(at(-10), 2, "Hypercapnic failure before", "Dr A")


def look(minute=0.0, seen="A", oxygen=0.0, *, counts=False, number=1):
    return Look(UUID(int=number), at(minute), Consciousness(seen), oxygen, counts, "Nurse", False)


def of(seen="A", oxygen=0.0, target=None, counts=False, **changed):
    values = {item: Value(at(0), value) for item, value in CALM.items()}
    values |= {Item(name): Value(at(0), value) for name, value in changed.items()}
    return news2.score(at(0), values, look(seen=seen, oxygen=oxygen, counts=counts), target)


def points(item, one):
    [part] = [part for part in one.parts if part.item == item]
    return part.points


# typed from the chart of 2017, below, on and above each edge
EDGES = {
    RR: "8:3 9:1 11:1 12:0 20:0 21:2 24:2 25:3",
    SPO2: "91:3 92:2 93:2 94:1 95:1 96:0 100:0",
    SBP: "90:3 91:2 100:2 101:1 110:1 111:0 219:0 220:3",
    HR: "40:3 41:1 50:1 51:0 90:0 91:1 110:1 111:2 130:2 131:3",
    TEMP: "35.0:3 35.1:1 36.0:1 36.1:0 38.0:0 38.1:1 39.0:1 39.1:2",
}


@pytest.mark.parametrize(
    ("item", "value", "wanted"),
    [
        (item, float(value), int(wanted))
        for item, edges in EDGES.items()
        for value, wanted in (edge.split(":") for edge in edges.split())
    ],
)
def test_each_edge_of_the_chart(item, value, wanted):
    one = of(**{item.value: value})
    assert points(item, one) == wanted
    assert one.total == wanted


@pytest.mark.parametrize(
    ("edges", "oxygen"),
    [
        ("83:3 84:2 85:2 86:1 87:1 88:0 92:0 93:1 94:1 95:2 96:2 97:3 100:3", 2),
        ("83:3 84:2 85:2 86:1 87:1 88:0 92:0 93:0 95:0 97:0 100:0", 0),
    ],
)
def test_scale_2_counts_too_much_only_on_oxygen(edges, oxygen):
    for value, wanted in (edge.split(":") for edge in edges.split()):
        one = of(oxygen=oxygen, target=SCALE_2, spo2=float(value))
        assert points(SPO2, one) == int(wanted), value
        assert one.scale == 2


@pytest.mark.parametrize(("seen", "wanted"), [("A", 0), ("C", 3), ("V", 3), ("P", 3), ("U", 3)])
def test_anything_but_alert_is_three(seen, wanted):
    assert points(Item.CONSCIOUSNESS, of(seen)) == wanted


@pytest.mark.parametrize(("counts", "wanted"), [(False, 0), (True, 3)])
def test_expected_dissociation_counts_as_the_switch_says(counts, wanted):
    one = of("D", counts=counts)
    assert one.total == wanted
    assert one.risk is (Risk.LOW_MEDIUM if counts else Risk.LOW)


def test_oxygen_is_two_whatever_its_flow():
    assert [points(Item.OXYGEN, of(oxygen=flow)) for flow in (0, 0.5, 15)] == [0, 2, 2]


@pytest.mark.parametrize(
    ("changed", "total", "risk"),
    [
        ({}, 0, Risk.LOW),
        ({RR: 21, SPO2: 93}, 4, Risk.LOW),
        ({SBP: 88}, 3, Risk.LOW_MEDIUM),
        ({SBP: 88, HR: 95}, 4, Risk.LOW_MEDIUM),
        ({RR: 21, SPO2: 93, HR: 95}, 5, Risk.MEDIUM),
        ({SBP: 88, HR: 115}, 5, Risk.MEDIUM),
        ({RR: 21, SPO2: 93, HR: 115}, 6, Risk.MEDIUM),
        ({RR: 21, SPO2: 93, HR: 115, TEMP: 38.5}, 7, Risk.HIGH),
    ],
)
def test_bands_in_the_words_of_the_royal_college(changed, total, risk):
    one = of(**{item.value: value for item, value in changed.items()})
    assert (one.total, one.risk) == (total, risk)


def test_the_worst_of_everything_is_twenty():
    one = of("U", oxygen=10, respiratory_rate=30, spo2=85, systolic=80, heart_rate=140, temperature=34.0)
    assert one.total == 20
    assert len(one.threes) == 6


def test_a_fraction_between_two_rows_gets_the_worse_one():
    assert points(SPO2, of(spo2=91.5)) == 3
    assert points(RR, of(respiratory_rate=20.5)) == 2
    assert points(HR, of(heart_rate=50.5)) == 1
    assert points(HR, of(heart_rate=70.5)) == 0


def test_the_worked_scores():
    names = {"rr": RR, "spo2": SPO2, "sbp": SBP, "hr": HR, "temp": TEMP}
    for case in worked.news2_cases():
        given_ = case["input"]
        target = Target(at(-1), 2, "test", "test") if given_["scale"] == 2 else None
        seen = given_["consciousness"] if given_["consciousness"] != "CVPU" else "V"
        values = {item.value: given_[name] for name, item in names.items()}
        one = of(seen, 2.0 if given_["oxygen"] else 0.0, target, **values)
        wanted = case["expected"]
        assert one.total == wanted["total"], case["id"]
        assert one.risk is not None
        assert one.risk.replace("–", "-") == wanted["risk"], case["id"]
        for name, expected in wanted.get("points", {}).items():
            item = names.get(name) or Item(name)
            assert points(item, one) == expected, (case["id"], name)


class TestOneSet:
    """Seven inputs, no two of them more than five minutes apart."""

    def chart(self, **minutes):
        """Calm values at these minutes; an input may come several times."""
        return {
            item: [Value(at(minute), CALM[item] + nth) for nth, minute in enumerate(minutes[item.value])]
            for item in news2.MEASURED
            if item.value in minutes
        }

    def whole(self, *minutes):
        return self.chart(**{item.value: minutes for item in news2.MEASURED})

    def test_complete_within_five_minutes(self):
        [one] = news2.scored(self.whole(5), [look(0)], [])
        assert one.total == 0
        assert one.missing == ()

    def test_a_minute_more_is_another_set(self):
        [one] = news2.scored(self.whole(5.1), [look(0)], [])
        assert one.total is None
        assert len(one.missing) == 5

    def test_before_and_after_the_look_but_never_more_than_five_apart(self):
        chart = self.whole(-3)
        chart[TEMP] = [Value(at(2), 37.0)]
        [one] = news2.scored(chart, [look(0)], [])
        assert one.total == 0
        chart[TEMP] = [Value(at(2.5), 37.0)]
        [one] = news2.scored(chart, [look(0)], [])
        assert one.missing == ("Temperature",)

    def test_the_nearest_value_counts_and_of_two_as_near_the_later(self):
        chart = self.whole(0)
        chart[HR] = [Value(at(-1), 60), Value(at(1), 95), Value(at(3), 140)]
        [one] = news2.scored(chart, [look(0)], [])
        assert [part.words for part in one.parts if part.item is HR] == ["95 /min"]

    def test_a_set_with_all_inputs_is_taken_before_a_nearer_one_without(self):
        chart = self.whole(-2)
        chart[HR].append(Value(at(1), 75))
        chart[TEMP] = [Value(at(-4.5), 37.0)]
        [one] = news2.scored(chart, [look(0)], [])
        assert one.total == 0
        assert [part.at for part in one.parts if part.item is HR] == [at(-2)]

    def test_without_a_look_it_names_what_is_missing(self):
        one = news2.newest(self.chart(systolic=[0], heart_rate=[0], spo2=[0], respiratory_rate=[0]), [], [])
        assert one is not None
        assert one.total is None
        assert one.risk is None
        assert one.missing == ("Air or oxygen", "Consciousness", "Temperature")

    def test_values_after_the_look_leave_it_behind(self):
        chart = self.whole(0, 10)
        one = news2.newest(chart, news2.scored(chart, [look(0)], []), [])
        assert one is not None
        assert one.missing == ("Air or oxygen", "Consciousness")
        assert news2.scored(chart, [look(0)], [])[0].total == 0

    def test_a_look_alone_is_incomplete(self):
        one = news2.newest({}, news2.scored({}, [look(0)], []), [])
        assert one is not None
        assert len(one.missing) == 5
        assert news2.newest({}, [], []) is None

    def test_a_monitors_zero_is_never_scored_and_a_persons_is(self):
        chart = self.whole(0)
        chart[RR] = [Value(at(0), 0, by_person=False)]
        [one] = news2.scored(chart, [look(0)], [])
        assert one.missing == ("Respiratory rate",)
        chart[RR] = [Value(at(0), 0)]
        [one] = news2.scored(chart, [look(0)], [])
        assert points(RR, one) == 3

    def test_scale_2_holds_from_its_signature_on(self):
        chart = self.whole(0, 20)
        chart[SPO2] = [Value(at(0), 90), Value(at(20), 90)]
        signed = [Target(at(10), 2, "test", "Dr A")]
        before, after = news2.scored(chart, [look(0), look(20, number=2)], signed)
        assert (points(SPO2, before), before.scale, before.target) == (3, 1, None)
        assert (points(SPO2, after), after.scale) == (0, 2)
        assert after.target == signed[0]

    def test_on_scale_2_without_a_look_spo2_has_a_value_and_no_points(self):
        one = news2.newest(self.chart(spo2=[0]), [], [SCALE_2])
        assert one is not None
        [part] = [part for part in one.parts if part.item is SPO2]
        assert (part.words, part.points) == ("98 %", None)
        assert "SpO₂" not in one.missing

    @given(
        minutes=st.lists(
            st.tuples(st.sampled_from(news2.MEASURED), st.integers(-9, 9), st.integers(40, 120)), max_size=30
        ),
        seed=st.integers(0, 1000),
    )
    def test_any_order_of_arrival_gives_the_same_set_and_it_is_one_set(self, minutes, seed):
        shuffled = list(minutes)
        random.Random(seed).shuffle(shuffled)
        charts = [
            {item: [Value(at(minute), value) for of, minute, value in rows if of is item] for item in Item}
            for rows in (minutes, shuffled)
        ]
        one, other = (news2.scored(chart, [look(0)], [])[0] for chart in charts)
        assert one == other
        times = [part.at for part in one.parts if part.at is not None]
        assert max(times) - min(times) <= news2.ONE_SET
        assert len(times) == 2 + most_inputs_of_any_span(minutes)


def most_inputs_of_any_span(minutes):
    """By trying every span of five minutes that holds minute 0, to the half minute."""
    spans = [(start / 2, start / 2 + 5) for start in range(-10, 1)]
    return max(len({of for of, minute, _ in minutes if low <= minute <= high}) for low, high in spans)
