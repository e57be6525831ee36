"""The ledger's sums: what is left of a vial or kit, and what became of what was drawn."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions import ledger
from sessions.ledger import Kind, Movement
from sessions.products import BY_CODE, PRODUCTS, Unit

TEN = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
VIAL, SESSION = uuid4(), uuid4()
NURSE, OTHER, THIRD = uuid4(), uuid4(), uuid4()
NUMBERS = count(1)


def moved(kind, quantity, *, minute=0, session=None, **columns):
    """The first version of a movement, charted after all that were made before it."""
    drawn = kind in {Kind.DRAW, Kind.GIVE, Kind.RETURN}
    return Movement(
        **{
            "number": next(NUMBERS),
            "entry": uuid4(),
            "version": 1,
            "status": "final",
            "item": VIAL,
            "session": SESSION if drawn else session,
            "kind": kind,
            "quantity": Decimal(quantity),
            "at": TEN + timedelta(minutes=minute),
            "recorded_at": TEN + timedelta(minutes=minute),
            "by_id": NURSE,
            "by_name": "Nurse",
            **columns,
        }
    )


def corrected(movement, *, status="amended", **columns):
    return replace(
        movement,
        **{
            "number": next(NUMBERS),
            "version": movement.version + 1,
            "status": status,
            "reason": "slip",
            **columns,
        },
    )


def account(*movements, unit=Unit.ML, mg_per_unit=50):
    return ledger.account(movements, unit=unit, mg_per_unit=Decimal(mg_per_unit))


def balances(*movements):
    return [line.balance for line in ledger.register(movements)]


def test_a_vial_of_ten_ml_through_a_morning():
    morning = [
        moved(Kind.RECEIVE, "10"),
        moved(Kind.DRAW, "0.9"),
        moved(Kind.GIVE, "0.7"),
        moved(Kind.WASTE, "0.2", session=SESSION),
        moved(Kind.DRAW, "1"),
        moved(Kind.RETURN, "1"),
        moved(Kind.WASTE, "0.1"),
        moved(Kind.COUNT, "8.9"),
        moved(Kind.ADJUST, "0.1"),
        moved(Kind.ADJUST, "-0.4"),
    ]
    assert balances(*morning) == [
        Decimal(n) for n in (["10", "9.1", "9.1", "9.1", "8.1", "9.1", "9.0", "9.0", "9.1", "8.7"])
    ]


def test_a_waste_of_a_session_was_drawn_before_and_takes_nothing_more():
    assert ledger.effect(moved(Kind.WASTE, "0.2", session=SESSION)) == 0
    assert ledger.effect(moved(Kind.WASTE, "0.2")) == Decimal("-0.2")


def test_a_count_is_held_against_the_balance_at_its_place():
    received, draw = moved(Kind.RECEIVE, "10"), moved(Kind.DRAW, "0.9")
    counted = moved(Kind.COUNT, "9")
    later = moved(Kind.DRAW, "3")
    lines = ledger.register([received, draw, counted, later])
    assert [line.variance for line in lines] == [None, None, Decimal("-0.1"), None]


def test_a_count_that_differs_stays_open_until_an_adjustment_or_a_count_that_agrees():
    received, counted = moved(Kind.RECEIVE, "10"), moved(Kind.COUNT, "9.5")
    open_ = ledger.open_variance(ledger.register([received, counted]))
    assert open_ is not None
    assert open_.variance == Decimal("-0.5")
    adjusted = moved(Kind.ADJUST, "-0.5")
    assert ledger.open_variance(ledger.register([received, counted, adjusted])) is None
    again = moved(Kind.COUNT, "10")
    assert ledger.open_variance(ledger.register([received, counted, again])) is None
    taken_back = corrected(adjusted, status="entered-in-error")
    assert ledger.open_variance(ledger.register([received, counted, adjusted, taken_back])) is not None


def test_an_entry_that_names_an_earlier_time_than_one_before_it_is_marked():
    received = moved(Kind.RECEIVE, "10", minute=0)
    draw = moved(Kind.DRAW, "1", minute=30)
    late = moved(Kind.DRAW, "1", minute=10)
    still_before = moved(Kind.DRAW, "1", minute=20)
    after = moved(Kind.DRAW, "1", minute=30)
    marks = [line.out_of_order for line in ledger.register([received, draw, late, still_before, after])]
    assert marks == [False, False, True, True, False]


def test_an_entry_in_error_puts_nothing_out_of_order():
    received = moved(Kind.RECEIVE, "10", minute=0)
    slip = moved(Kind.DRAW, "1", minute=50)
    draw = moved(Kind.DRAW, "1", minute=10)
    lines = ledger.register([received, slip, draw, corrected(slip, status="entered-in-error")])
    assert [line.out_of_order for line in lines] == [False, False, False]


def test_a_correction_counts_once_and_at_the_place_of_what_it_corrects():
    received, draw = moved(Kind.RECEIVE, "10"), moved(Kind.DRAW, "0.9")
    later = moved(Kind.DRAW, "1")
    now = corrected(draw, quantity=Decimal("0.8"))
    lines = ledger.register([received, draw, later, now])
    assert [line.balance for line in lines] == [Decimal("10"), Decimal("9.2"), Decimal("8.2")]
    assert lines[1].struck == (draw,)
    assert lines[1].versions == (draw, now)


def test_what_was_entered_in_error_counts_nothing_and_stays_readable():
    received, draw = moved(Kind.RECEIVE, "10"), moved(Kind.DRAW, "0.9")
    lines = ledger.register([received, draw, corrected(draw, status="entered-in-error")])
    assert [line.balance for line in lines] == [Decimal("10"), Decimal("10")]
    assert lines[1].struck == (draw,)


# drawn, given, wasted, returned; variance in mL; whether they agree: clinical facts 7.1, tolerance 0.1 mL
AGREEING = [
    ("0.9", "0.7", "0.2", "0", "0", True),
    ("1", "0.7", "0.2", "0", "0.1", True),
    ("1", "0.7", "0.19", "0", "0.11", False),
    ("1", "0.9", "0.2", "0", "-0.1", True),
    ("1", "0.9", "0.21", "0", "-0.11", False),
    ("2", "0.7", "0.3", "1", "0", True),
    ("1", "0", "0", "0", "1", False),
]


@pytest.mark.parametrize(("drawn", "given_", "wasted", "returned", "variance", "agrees"), AGREEING)
def test_drawn_is_given_wasted_and_returned_within_a_tenth_of_a_ml(
    drawn, given_, wasted, returned, variance, agrees
):
    one = account(
        moved(Kind.DRAW, drawn),
        moved(Kind.GIVE, given_),
        moved(Kind.WASTE, wasted, session=SESSION),
        moved(Kind.RETURN, returned),
    )
    assert one.variance == Decimal(variance)
    assert one.variance_mg == Decimal(variance) * 50
    assert one.balanced is agrees


def test_devices_agree_exactly_or_not_at_all():
    draw, gave = moved(Kind.DRAW, "2"), moved(Kind.GIVE, "1")
    one = account(draw, gave, unit=Unit.DEVICE, mg_per_unit=28)
    assert (one.variance, one.variance_mg, one.balanced) == (1, 28, False)
    assert account(draw, gave, moved(Kind.RETURN, "1"), unit=Unit.DEVICE, mg_per_unit=28).balanced


def test_more_than_was_drawn_is_overspent_beyond_the_tolerance_alone():
    draw = moved(Kind.DRAW, "1")
    assert not account(draw, moved(Kind.GIVE, "1.1")).overspent
    assert account(draw, moved(Kind.GIVE, "1.11")).overspent
    device = account(draw, moved(Kind.GIVE, "2"), unit=Unit.DEVICE, mg_per_unit=28)
    assert device.overspent


WORDS = [
    ([("draw", "0.9"), ("give", "0.7"), ("waste", "0.2")], "drawn 0.9 mL = given 0.7 + wasted 0.2"),
    ([("draw", "1.00")], "drawn 1 mL, not accounted for yet"),
    ([("draw", "1"), ("give", "0.7")], "drawn 1 mL = given 0.7 + 0.3 mL not accounted for"),
    ([("draw", "1"), ("give", "1.1")], "drawn 1 mL, but given 1.1: 0.1 mL more"),
    ([("draw", "1"), ("return", "1")], "drawn 1 mL = returned 1"),
]


@pytest.mark.parametrize(("charted", "words"), WORDS)
def test_the_account_in_words(charted, words):
    movements = [moved(Kind(kind), quantity, session=SESSION) for kind, quantity in charted]
    assert ledger.in_words(account(*movements)) == words


def test_devices_in_words():
    one = account(moved(Kind.DRAW, "3"), moved(Kind.GIVE, "2"), unit=Unit.DEVICE, mg_per_unit=28)
    assert ledger.in_words(one) == "drawn 3 devices = given 2 + 1 device not accounted for"


def test_a_waste_waits_until_somebody_signs_or_says_why_nobody_does():
    waste = moved(Kind.WASTE, "0.2", session=SESSION)
    assert waste.waits
    assert not replace(waste, witness=ledger.Witnessed("Other", TEN)).waits
    assert not replace(waste, unwitnessed="alone on duty").waits
    assert not replace(waste, status="entered-in-error").waits
    assert not moved(Kind.DRAW, "0.2").waits


def test_nobody_witnesses_what_they_charted_nor_where_it_was_charted():
    first = moved(Kind.WASTE, "0.2", session=SESSION, station="tablet 1")
    second = corrected(first, by_id=OTHER, station="tablet 2")
    both = [first, second]
    assert "another member of staff" in (ledger.why_not_witness(both, NURSE, "tablet 3") or "")
    assert "another member of staff" in (ledger.why_not_witness(both, OTHER, "tablet 3") or "")
    assert "on this device" in (ledger.why_not_witness(both, THIRD, "tablet 1") or "")
    assert "on this device" in (ledger.why_not_witness(both, THIRD, "tablet 2") or "")
    assert "not known yet" in (ledger.why_not_witness(both, THIRD, "") or "")
    assert ledger.why_not_witness(both, THIRD, "tablet 3") is None


def test_a_span_begins_with_what_was_left_and_ends_with_what_is():
    day = timedelta(days=1)
    movements = [
        moved(Kind.RECEIVE, "10", minute=0),
        moved(Kind.DRAW, "1", minute=1),
        moved(Kind.DRAW, "2", minute=24 * 60),
        moved(Kind.GIVE, "1.5", minute=24 * 60),
        moved(Kind.WASTE, "0.5", minute=24 * 60, session=SESSION),
        moved(Kind.WASTE, "0.3", minute=24 * 60),
        moved(Kind.COUNT, "6.6", minute=25 * 60),
        moved(Kind.DRAW, "1", minute=48 * 60),
    ]
    second = ledger.span(movements, TEN + day, TEN + 2 * day)
    assert (second.opening, second.drawn, second.wasted_from_stock, second.closing) == (
        Decimal("9"),
        Decimal("2"),
        Decimal("0.3"),
        Decimal("6.7"),
    )
    assert (second.given, second.wasted) == (Decimal("1.5"), Decimal("0.5"))
    assert second.last_count is not None
    assert second.last_count.variance == Decimal("-0.1")
    assert ledger.span(movements, TEN - day, TEN - day / 2).is_empty


# From the labels: 10, 50 and 100 mg in a mL, 28 mg in a device (clinical facts 1.3, 2.3)
def test_the_catalogue_says_what_the_labels_say():
    assert {product.code: product.mg_per_unit for product in PRODUCTS} == {
        "ketamine-10": 10,
        "ketamine-50": 50,
        "ketamine-100": 100,
        "esketamine-28": 28,
    }
    assert all(product.schedule == "CIII" and product.source for product in PRODUCTS)
    assert BY_CODE["esketamine-28"].ndc == "50458-028"
    assert BY_CODE["ketamine-50"].ndc == ""


def test_thirty_five_mg_are_seven_tenths_of_a_ml_of_fifty_mg_per_ml():
    assert ledger.quantity_of(Decimal("35"), Decimal("50")) == Decimal("0.70")
    assert ledger.mg_of(Decimal("0.7"), Decimal("50")) == Decimal("35")
    assert ledger.quantity_of(Decimal("84"), Decimal("28")) == Decimal("3")


SHOWN = [("0.70", "0.7"), ("10.00", "10"), ("0", "0"), ("0.00", "0"), ("-0.10", "−0.1"), ("100", "100")]


@pytest.mark.parametrize(("quantity", "text"), SHOWN)
def test_quantities_as_they_are_read(quantity, text):
    assert ledger.shown(Decimal(quantity)) == text


quantities = st.decimals(min_value="0.01", max_value="500", places=2)
STRENGTHS = st.sampled_from([product.mg_per_unit for product in PRODUCTS])
KINDS = st.sampled_from(list(Kind))


@st.composite
def charts(draw):
    """A register as it could have been charted: movements, some of them corrected or taken back."""
    made = [
        moved(kind, quantity, minute=minute, session=draw(st.sampled_from([None, SESSION])))
        for kind, quantity, minute in draw(
            st.lists(st.tuples(KINDS, quantities, st.integers(0, 600)), max_size=12)
        )
    ]
    for index in draw(st.lists(st.integers(0, 11), max_size=6)):
        if index < len(made):
            latest = max((one for one in made if one.entry == made[index].entry), key=lambda one: one.version)
            status = draw(st.sampled_from(["amended", "entered-in-error"]))
            made.append(corrected(latest, status=status, quantity=draw(quantities)))
    return made


@given(charts(), st.randoms())
def test_the_order_in_which_rows_are_read_changes_nothing(made, random):
    shuffled = list(made)
    random.shuffle(shuffled)
    assert ledger.register(shuffled) == ledger.register(made)


@given(charts(), st.data())
def test_balances_do_not_depend_on_how_entries_are_batched(made, data):
    names = sorted({one.entry for one in made})
    first = set(data.draw(st.lists(st.sampled_from(names), unique=True)) if names else [])
    parts = [one for one in made if one.entry in first], [one for one in made if one.entry not in first]
    assert ledger.balance(made) == sum((ledger.balance(part) for part in parts), Decimal(0))
    sums = [account(*part) for part in (*parts, made)]
    for column in ("drawn", "given", "wasted", "returned", "variance"):
        one, other, whole = (getattr(each, column) for each in sums)
        assert one + other == whole


@given(charts())
def test_the_running_balance_ends_at_the_balance(made):
    lines = ledger.register(made)
    assert (lines[-1].balance if lines else 0) == ledger.balance(made)
    assert sum((line.effect for line in lines), Decimal(0)) == ledger.balance(made)


@given(charts(), st.integers(0, 600))
def test_spans_that_meet_are_one_span(made, minute):
    start, middle, end = TEN, TEN + timedelta(minutes=minute), TEN + timedelta(minutes=601)
    first, second, whole = (
        ledger.span(made, *ends) for ends in ((start, middle), (middle, end), (start, end))
    )
    assert first.closing == second.opening
    assert second.closing == whole.closing == ledger.balance(made)
    assert first.drawn + second.drawn == whole.drawn


@given(st.lists(quantities, min_size=1, max_size=8))
def test_draws_in_parts_leave_what_one_draw_leaves(parts):
    received = moved(Kind.RECEIVE, sum(parts))
    assert ledger.balance([received, *(moved(Kind.DRAW, part) for part in parts)]) == 0
    whole = account(moved(Kind.DRAW, sum(parts)))
    assert account(*(moved(Kind.DRAW, part) for part in parts)) == whole


@given(st.lists(quantities, min_size=1, max_size=6))
def test_corrected_versions_count_once(corrections):
    draw = moved(Kind.DRAW, "1")
    versions = [draw]
    for quantity in corrections:
        versions.append(corrected(versions[-1], quantity=quantity))
    assert ledger.balance(versions) == -corrections[-1]
    assert account(*versions).drawn == corrections[-1]


@given(quantities, STRENGTHS)
def test_mg_and_ml_round_trip(quantity, mg_per_unit):
    assert ledger.quantity_of(ledger.mg_of(quantity, mg_per_unit), mg_per_unit) == quantity
