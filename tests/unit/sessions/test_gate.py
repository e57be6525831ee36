"""The gate before the dose: 140/90 is a decision point, a decision holds for what it saw, dates are read."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.checklist import Answer, Phase, asked
from sessions.gate import Choice, GateFacts, Held, Pressure, gate_state
from sessions.protocol import Seen
from sessions.shipped import IV_KETAMINE, NASAL_ESKETAMINE
from tests.unit.sessions.test_checklist import entry

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)


def taken(systolic, diastolic, at=AT, **more):
    values = {"systolic": systolic, "diastolic": diastolic, **more}
    return {name: Seen(value, at) for name, value in values.items()}


def decided(minute, choice, saw):
    pressure = saw.as_details() if saw else None
    details = {"decision": choice, "reason": "Usual", "pressure": pressure}
    return entry(minute, details, by="Dr. A", kind="decide")


def gate(*entries, rules=IV_KETAMINE, **facts):
    return gate_state(rules.items, entries, GateFacts(**{"on": TODAY, **facts}), rules.dose)


def on_record(code, *entries, rules=IV_KETAMINE, **facts):
    states = {one.item.code: one for one in gate(*entries, rules=rules, **facts).items}
    return states[code].is_open, states[code].words


class TestPressure:
    """Source: above 140 systolic or 90 diastolic the prescriber weighs benefit and risk (US label)."""

    @pytest.mark.parametrize(
        ("systolic", "diastolic", "is_above"),
        [
            (139, 89, False),
            (140, 90, False),
            (141, 90, True),
            (140, 91, True),
            (152, 94, True),
            (141, 60, True),
        ],
    )
    def test_above_either_value_a_prescriber_decides(self, systolic, diastolic, is_above):
        state = gate(before_dose=taken(systolic, diastolic))
        assert state.is_above is is_above
        assert bool(state.undecided) is is_above

    def test_is_named_with_the_limit(self):
        state = gate(before_dose=taken(152, 94))
        assert state.undecided == "Blood pressure 152/94 before the dose is above 140/90."

    def test_not_taken_is_open_and_asks_for_no_decision(self):
        state = gate()
        assert (state.pressure, state.undecided) == (None, "")
        assert on_record("pre-dose-bp") == (True, "not taken yet")

    def test_half_a_pressure_is_none(self):
        assert gate(before_dose={"systolic": Seen(152, AT)}).pressure is None

    def test_bears_the_time_of_its_later_half(self):
        values = taken(120, 80) | {"diastolic": Seen(80, AT + timedelta(minutes=1))}
        pressure = gate(before_dose=values).pressure
        assert pressure is not None
        assert pressure.at == AT + timedelta(minutes=1)


class TestDecision:
    SAW = Pressure(152, 94, AT)

    def test_to_go_ahead_lets_the_dose_begin(self):
        state = gate(decided(5, "go-ahead", self.SAW), before_dose=taken(152, 94))
        assert state.undecided == ""
        assert state.decision is not None
        assert (state.decision.choice, state.decision.by_name) == (Choice.GO_AHEAD, "Dr. A")
        words = "152/94 mmHg, above 140/90; Dr. A decided: go-ahead"
        assert on_record("pre-dose-bp", decided(5, "go-ahead", self.SAW), before_dose=taken(152, 94)) == (
            False,
            words,
        )

    @pytest.mark.parametrize("choice", ["wait", "cancel"])
    def test_not_to_go_ahead_holds_the_dose(self, choice):
        state = gate(decided(5, choice, self.SAW), before_dose=taken(152, 94))
        assert choice in state.undecided

    @pytest.mark.parametrize(
        "now", [taken(152, 94, AT + timedelta(minutes=4)), taken(150, 94), taken(152, 96)]
    )
    def test_holds_for_the_pressure_it_saw_and_no_other(self, now):
        assert gate(decided(5, "go-ahead", self.SAW), before_dose=now).undecided

    def test_for_an_earlier_pressure_is_needed_no_more_once_it_is_down(self):
        later = taken(132, 84, AT + timedelta(minutes=20))
        assert gate(decided(5, "wait", self.SAW), before_dose=later).undecided == ""

    def test_the_newest_counts(self):
        told = (decided(5, "wait", self.SAW), decided(9, "go-ahead", self.SAW))
        assert gate(*told, before_dose=taken(152, 94)).undecided == ""
        told = (decided(5, "go-ahead", self.SAW), decided(9, "wait", self.SAW))
        assert gate(*told, before_dose=taken(152, 94)).undecided

    def test_to_wait_without_any_pressure_holds_until_one_is_taken(self):
        assert gate(decided(5, "wait", None)).undecided
        assert gate(decided(5, "wait", None), before_dose=taken(120, 80)).undecided == ""

    @given(st.integers(60, 250), st.integers(30, 150))
    def test_nothing_above_the_value_ever_passes_without_one(self, systolic, diastolic):
        state = gate(before_dose=taken(systolic, diastolic))
        assert bool(state.undecided) is (systolic > 140 or diastolic > 90)


class TestOnRecord:
    @pytest.mark.parametrize(
        ("expires_on", "is_open", "words"),
        [
            (date(2026, 11, 22), True, "Nurse, ran out on 22 Nov 2026"),
            (date(2026, 11, 23), False, "Nurse, runs out today"),
            (date(2026, 11, 24), False, "Nurse, runs out in 1 day"),
            (date(2026, 12, 23), False, "Nurse, runs out in 30 days"),
            (date(2026, 12, 24), False, "Nurse, in date until 24 Dec 2026"),
        ],
    )
    def test_a_credential_is_good_through_its_day_and_warned_of_30_days_ahead(
        self, expires_on, is_open, words
    ):
        held = {"acls": (Held("Nurse", expires_on),)}
        assert on_record("acls", credentials=held) == (is_open, words)

    def test_a_credential_that_nobody_holds_is_open(self):
        assert on_record("acls", nurse="Nurse A") == (True, "none on file for Nurse A")
        assert on_record("dea") == (True, "none on file in this clinic")

    def test_of_several_the_one_that_lasts_longest_counts(self):
        held = (Held("Dr. A", date(2026, 1, 1)), Held("Dr. B", date(2027, 6, 1)))
        assert on_record("dea", credentials={"dea": held}) == (False, "Dr. B, in date until 1 Jun 2027")

    @pytest.mark.parametrize(
        ("day", "is_open", "words"),
        [
            (None, True, "the day is not opened yet"),
            ({}, True, "not answered today"),
            ({"oximeter": Answer.NO}, True, "answered “no” when the day was opened"),
            ({"oximeter": Answer.NOT_ASSESSED}, True, "not answered today"),
            ({"oximeter": Answer.YES}, False, "as the day was opened"),
        ],
    )
    def test_the_oximeter_is_asked_once_a_day(self, day, is_open, words):
        assert on_record("oximeter", day=day) == (is_open, words)

    def test_consent_and_enrolment_count_from_their_day(self):
        assert on_record("consent") == (True, "none in the course")
        assert on_record("consent", consent_signed_on=TODAY) == (False, "signed 23 Nov 2026")
        tomorrow = TODAY + timedelta(days=1)
        assert on_record("consent", consent_signed_on=tomorrow)[0]
        assert on_record("enrolment", rules=NASAL_ESKETAMINE, enrolled_on=TODAY)[0] is False

    def test_saturation_and_alertness_are_shown_with_their_values(self):
        values = taken(120, 80, spo2=97, sedation=5)
        assert on_record("pre-dose-spo2", before_dose=values) == (False, "97 %")
        assert on_record("pre-dose-sedation", before_dose=values) == (False, "5 of 5")

    def test_a_row_of_a_clinic_s_own_that_nothing_answers_is_open(self):
        own = asked(IV_KETAMINE.items, Phase.BEFORE_DOSE)[3]
        rows = (type(own)(own.phase, "own-row", own.kind, "Own", "policy"),)
        [state] = gate_state(rows, [], GateFacts(on=TODAY), IV_KETAMINE.dose).items
        assert (state.is_open, state.words) == (True, "nothing on record answers this")
