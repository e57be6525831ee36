"""The monitoring form filled from plain facts: which value stands in which cell, and what is missing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.monitoring_form import cells, effects, filling, pressures, shipped
from sessions.monitoring_form.facts import (
    AdverseEvent,
    DeviceGiven,
    Episode,
    FormFacts,
    Person,
    Pressure,
    Said,
    Scored,
    Setting,
)
from sessions.monitoring_form.fields import (
    Certainty,
    Field,
    FilledBy,
    FormVersion,
    Kind,
    Override,
    Stage,
    checked_answer,
    version_at,
)
from sessions.monitoring_form.fillers import FROM_RECORD
from sessions.monitoring_form.shipped import FORM_2024_12
from sessions.states import State

ZONE = ZoneInfo("America/New_York")
START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # 10:00 in New York
MEDICINES = ("benzodiazepines", "sedative-hypnotics", "opioids", "psychostimulants", "maois")


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def bp(minute: float, systolic: int, diastolic: int = 80, id_: str | None = None) -> Pressure:
    return Pressure((id_ or f"bp@{minute:g}",), at(minute), systolic, diastolic)


def score(minute: float, value: float) -> Scored:
    return Scored(f"reading@{minute:g}", at(minute), value)


def said(value: str | int | None, **more: Any) -> Said:
    return Said(value, "entry", at(130), "Nurse Nguyen", **more)


def facts(**changed: Any) -> FormFacts:
    """A whole session: released in minute 125, with everything charted that the record can hold."""
    whole = FormFacts(
        session="session",
        state=State.RELEASED,
        zone=ZONE,
        patient=Person("p", "Ada", "Lindqvist", "B", date(1980, 3, 9), "female", date(2026, 11, 1)),
        setting=Setting("1", "Harbor", "1 Harbor Street", "", "Boston", "MA", "02110"),
        provider=Person("n", "Mai", "Nguyen", phone="617 555 0100", email="mai@harbor.example"),
        started_at=START,
        ended_at=at(125),
        window_ends_at=at(125),
        outcome="released",
        outcome_reason="",
        device_mg=28,
        total_min=120,
        opens_min=5,
        closes_min=10,
        earlier_session="an earlier one",
        medicines={code: Said("no", "gate", at(-5), "Mai Nguyen") for code in MEDICINES},
        devices=(DeviceGiven(1, "A1", "d1", START), DeviceGiven(2, "A2", "d2", at(5))),
        pressures=(bp(-5, 128), bp(41, 150, 94), bp(118, 131)),
        saturations=(score(15, 97), score(30, 94), score(45, 96)),
        sedations=(score(15, 5), score(30, 4), score(60, 4), score(75, 5)),
    )
    return replace(whole, **changed)


def filled(of: FormFacts, version: FormVersion = FORM_2024_12) -> dict[str, cells.Cell]:
    return {cell.code: cell for cell in filling.fill(version, of)}


def value(of: FormFacts, code: str) -> str | int | None:
    return filled(of)[code].value


class TestVersions:
    OLDER = FormVersion("older", date(2021, 11, 1), FORM_2024_12.fields[:5])
    NEWER = FormVersion("newer", date(2026, 11, 24), FORM_2024_12.fields[:7])
    ALL = (NEWER, OLDER, FORM_2024_12)

    @pytest.mark.parametrize(
        ("day", "code"),
        [
            (date(2020, 1, 1), "older"),
            (date(2024, 12, 30), "older"),
            (date(2024, 12, 31), "2024-12"),
            (date(2026, 11, 23), "2024-12"),
            (date(2026, 11, 24), "newer"),
        ],
    )
    def test_the_one_in_force_on_the_sessions_day(self, day, code):
        assert {version_at(order, day).code for order in permutations(self.ALL)} == {code}

    def test_each_is_filled_by_its_own_rows(self):
        assert len(filled(facts(), self.OLDER)) == 5
        assert len(filled(facts(), self.NEWER)) == 7


class TestRows:
    @pytest.mark.parametrize("version", shipped.VERSIONS, ids=lambda version: version.code)
    def test_every_row_has_a_source_a_filler_and_a_code_of_its_own(self, version):
        codes = [field.code for field in version.fields]
        assert len(set(codes)) == len(codes)
        assert all(field.source for field in version.fields)
        by_record = {field.code for field in version.fields if field.filled_by is FilledBy.RECORD}
        assert by_record == FROM_RECORD.keys()

    def test_a_condition_is_an_earlier_yes_or_no(self):
        earlier: list[str] = []
        for field in FORM_2024_12.fields:
            if field.asked_when:
                assert field.asked_when in earlier
            if field.kind is Kind.YES_NO:
                earlier.append(field.code)

    def test_whether_something_was_acceptable_is_only_ever_answered_by_a_person(self):
        asked = [field for field in FORM_2024_12.fields if "acceptable" in field.label]
        assert len(asked) == 2
        assert all(field.filled_by is FilledBy.PERSON for field in asked)

    def test_what_no_copy_held_is_marked(self):
        unseen = {field.code for field in FORM_2024_12.fields if field.certainty is Certainty.NOT_SEEN}
        assert {"oximetry-checks", "respiratory-depression", "serious-event-category", "signature"} <= unseen
        assert not unseen & {"patient-last-name", "lot-numbers", "bp-40", "sedation", "total-minutes"}


class TestCells:
    def test_the_whole_record(self):
        cell = filled(facts())
        assert {code: cell[code].value for code in cell if cell[code].value is not None} == {
            "patient-first-name": "Ada",
            "patient-middle-initial": "B",
            "patient-last-name": "Lindqvist",
            "patient-birth-date": "03/09/1980",
            "patient-sex": "female",
            "first-treatment": "no",
            "benzodiazepines": "no",
            "sedative-hypnotics": "no",
            "psychostimulants": "no",
            "maois": "no",
            "opioids": "no",
            "provider-first-name": "Mai",
            "provider-last-name": "Nguyen",
            "provider-telephone": "617 555 0100",
            "provider-email": "mai@harbor.example",
            "setting-name": "Harbor",
            "setting-address-1": "1 Harbor Street",
            "setting-city": "Boston",
            "setting-state": "MA",
            "setting-zip": "02110",
            "treatment-date": "11/23/2026",
            "dose-mg": 56,
            "lot-numbers": "A1, A2",
            "total-minutes": 125,
            "bp-before": "128/80",
            "bp-40": "150/94",
            "bp-completion": "131/80",
            "oximetry-checks": 3,
            "sedation": "yes",
            "sedation-onset": 30,
            "sedation-resolved": "yes",
            "sedation-resolution": 75,
        }
        assert cell["bp-40"].words == "150/94 mmHg at 10:41, minute 41"
        assert cell["oximetry-checks"].words == "3; lowest 94 % at 10:30, last 96 % at 10:45"
        assert cell["lot-numbers"].words == "device 1: A1; device 2: A2"

    def test_each_value_says_where_it_came_from(self):
        for of in (facts(), facts(sedations=(score(20, 5),)), facts(sedations=(score(20, 4),))):
            for cell in filling.fill(FORM_2024_12, of):
                assert cell.value is None or cell.origins, cell.code

    def test_the_day_is_the_clinics(self):
        late = datetime(2026, 11, 24, 3, 30, tzinfo=UTC)  # 22:30 the evening before in New York
        assert (
            value(facts(started_at=late, ended_at=late + timedelta(hours=2)), "treatment-date")
            == "11/23/2026"
        )

    def test_minutes_are_never_rounded_up(self):
        assert value(facts(ended_at=at(119.99)), "total-minutes") == 119

    def test_one_lot_for_all_devices_is_named_once(self):
        devices = tuple(DeviceGiven(n, "A1", f"d{n}", at(5 * n)) for n in (1, 2, 3))
        assert value(facts(devices=devices), "lot-numbers") == "A1"
        assert value(facts(devices=devices), "dose-mg") == 84

    def test_an_unknown_sex_is_missing(self):
        unknown = replace(facts().patient, sex="unknown")
        assert filled(facts(patient=unknown))["patient-sex"].missing == "sex"

    def test_not_assessed_is_no_answer(self):
        medicines = {**facts().medicines, "maois": Said("not-assessed", "gate", START, "Mai")}
        assert filled(facts(medicines=medicines))["maois"].missing == "MAO inhibitors"

    def test_enrolment_is_asked_at_a_first_treatment_alone(self):
        first = facts(earlier_session="", answers={"first-treatment": said("yes")})
        assert (value(first, "enrolled"), filled(first)["enrolled"].words) == ("yes", "yes, on 11/01/2026")
        assert not filled(facts())["enrolled"].asked
        after = replace(first.patient, rems_enrolled_on=date(2026, 11, 24))
        assert value(replace(first, patient=after), "enrolled") == "no"


class TestBloodPressureAt40Minutes:
    def chosen(self, *found: Pressure, **more: Any) -> str | None:
        one = pressures.at_forty(facts(pressures=found, **more))
        return one.ids[0] if one else None

    @pytest.mark.parametrize(
        ("minute", "fits"), [(34.99, False), (35, True), (40, True), (50, True), (50.01, False)]
    )
    def test_the_window_is_minute_35_to_50_with_its_edges(self, minute, fits):
        assert (self.chosen(bp(minute, 140)) is not None) is fits

    def test_the_nearest_to_40_minutes(self):
        assert self.chosen(bp(36, 140), bp(43, 150), bp(49, 160)) == "bp@43"

    def test_of_a_tie_the_later_one_whatever_the_order(self):
        for order in permutations((bp(37, 140), bp(43, 150), bp(48, 160))):
            assert self.chosen(*order) == "bp@43"

    def test_a_person_may_choose_another_even_outside_the_window(self):
        answers = {"bp-40": said("bp@52")}
        assert self.chosen(bp(41, 150), bp(52, 160), answers=answers) == "bp@52"

    def test_a_choice_follows_the_corrections_of_its_reading(self):
        corrected = Pressure(("v2", "bp@52"), at(52), 158, 90)
        assert self.chosen(bp(41, 150), corrected, answers={"bp-40": said("bp@52")}) == "v2"

    def test_a_choice_that_is_gone_or_taken_back_falls_back_to_the_rule(self):
        assert self.chosen(bp(41, 150), answers={"bp-40": said("bp@52")}) == "bp@41"
        assert self.chosen(bp(41, 150), bp(52, 160), answers={"bp-40": said(None)}) == "bp@41"

    def test_one_before_the_dose_cannot_be_chosen(self):
        assert self.chosen(bp(-5, 128), bp(41, 150), answers={"bp-40": said("bp@-5")}) == "bp@41"

    def test_a_start_seven_minutes_later_moves_minutes_and_which_it_is(self):
        found = (bp(-5, 128), bp(37, 140), bp(46, 150), bp(118, 131))
        before, moved = facts(pressures=found), facts(pressures=found, started_at=at(7))
        assert (value(before, "bp-40"), value(before, "total-minutes")) == ("140/80", 125)
        assert (value(moved, "bp-40"), value(moved, "total-minutes")) == ("150/80", 118)

    @given(st.lists(st.floats(-30, 120), max_size=8, unique=True))
    def test_it_is_inside_the_window_and_none_is_nearer(self, minutes):
        found = tuple(bp(minute, 140) for minute in minutes)
        one = pressures.at_forty(facts(pressures=found))
        inside = [p for p in found if at(35) <= p.at <= at(50)]
        if one is None:
            assert inside == []
        else:
            assert all(abs(one.at - at(40)) <= abs(p.at - at(40)) for p in inside)


class TestOtherBloodPressures:
    def test_before_is_the_last_one_before_the_first_device(self):
        assert value(facts(pressures=(bp(-20, 120), bp(-2, 126), bp(1, 140))), "bp-before") == "126/80"

    def test_completion_is_the_last_one_before_the_end(self):
        found = (bp(41, 150), bp(100, 132), bp(120, 130), bp(126, 199))
        assert value(facts(pressures=found), "bp-completion") == "130/80"

    def test_the_40_minute_one_is_not_also_the_one_at_completion(self):
        assert value(facts(pressures=(bp(41, 150),)), "bp-completion") is None


class TestEffects:
    def test_sedation_ends_with_the_score_of_5_that_stayed(self):
        scores = (score(10, 4), score(20, 5), score(30, 3), score(45, 5), score(60, 5))
        course = effects.sedation(facts(sedations=scores))
        assert (course.onset_at, course.resolved_at) == (at(10), at(45))

    def test_a_low_score_before_the_dose_is_not_of_the_dose(self):
        assert value(facts(sedations=(score(-5, 4), score(20, 5))), "sedation") == "no"

    def test_without_any_score_nobody_says_no(self):
        assert filled(facts(sedations=()))["sedation"].missing == "sedation experienced"

    def test_not_resolved_before_leaving(self):
        cell = filled(facts(sedations=(score(30, 4),)))
        assert (cell["sedation-resolved"].value, cell["sedation-resolution"].asked) == ("no", False)

    def test_a_charted_sedation_counts_where_no_score_fell(self):
        episode = Episode("sedation", "s1", at(20), at(50))
        cell = filled(facts(sedations=(score(30, 5),), episodes=(episode,)))
        assert (cell["sedation"].value, cell["sedation-onset"].value) == ("yes", 20)

    def test_dissociation_from_the_first_onset_until_the_last_has_gone(self):
        episodes = (
            Episode("dissociation", "s1", at(12), at(30)),
            Episode("dissociation", "s2", at(25), at(70)),
            Episode("nausea", "s3", at(5)),
        )
        cell = filled(facts(episodes=episodes))
        assert [cell[f"dissociation{of}"].value for of in ("", "-onset", "-resolved", "-resolution")] == [
            "yes", 12, "yes", 70,
        ]  # fmt: skip

    def test_no_charted_dissociation_is_no_answer(self):
        assert filled(facts())["dissociation"].missing == "dissociation experienced"
        assert value(facts(answers={"dissociation": said("no")}), "dissociation") == "no"

    def test_breathlessness_is_not_respiratory_depression(self):
        episodes = (Episode("breathlessness", "s1", at(12), at(30)),)
        assert value(facts(episodes=episodes), "respiratory-depression") is None


class TestAnswers:
    def test_an_answer_stands_in_place_of_the_record_and_says_so(self):
        cell = filled(facts(answers={"sedation": said("no")}))["sedation"]
        assert (cell.value, cell.instead_of) == ("no", "yes")
        assert [origin.kind for origin in cell.origins] == ["answer", "reading"]

    def test_the_record_alone_fills_what_no_person_may_answer(self):
        assert value(facts(answers={"total-minutes": said("150")}), "total-minutes") == 125

    def test_one_that_was_taken_back_leaves_the_record(self):
        assert value(facts(answers={"sedation": said(None)}), "sedation") == "yes"

    def test_a_serious_event_from_the_record(self):
        event = AdverseEvent("e1", at(50), "Fainted at the sink", ("hospitalisation",))
        cell = filled(facts(adverse_events=(event,)))
        assert cell["serious-event"].value == "yes"
        assert cell["serious-event-description"].value == "Fainted at the sink"
        assert cell["serious-event-category"].value == "hospitalisation"
        assert cell["serious-event-treated"].missing == "medical intervention needed"

    @pytest.mark.parametrize(
        ("kind", "given", "kept"),
        [
            (Kind.YES_NO, "yes", "yes"),
            (Kind.NUMBER, " 45 ", 45),
            (Kind.NUMBER, "0", 0),
            (Kind.NUMBER, "1440", 1440),
            (Kind.TEXT, " Dr Okafor ", "Dr Okafor"),
            (Kind.SIGNATURE, "Mai Nguyen", "Mai Nguyen"),
        ],
    )
    def test_what_is_kept(self, kind, given, kept):
        assert checked_answer(field(kind), given, by_name="Mai Nguyen") == kept

    @pytest.mark.parametrize(
        ("kind", "given", "words"),
        [
            (Kind.YES_NO, "maybe", "not one of: yes, no"),
            (Kind.NUMBER, "1441", "from 0 to 1440"),
            (Kind.NUMBER, "-1", "from 0 to 1440"),
            (Kind.NUMBER, "4.5", "from 0 to 1440"),
            (Kind.TEXT, "  ", "is empty"),
            (Kind.TEXT, "x" * 301, "longer than 300"),
            (Kind.CHOICE, "c", "not one of: a, b"),
            (Kind.SIGNATURE, "Somebody Else", "not one of: Mai Nguyen"),
        ],
    )
    def test_what_is_refused_and_by_which_rule(self, kind, given, words):
        with pytest.raises(ValueError, match=words):
            checked_answer(field(kind), given, by_name="Mai Nguyen")


def field(kind: Kind) -> Field:
    return Field("code", "Section", "Label", kind, FilledBy.PERSON, "source", Stage.DOSED, choices=("a", "b"))


class TestSignature:
    def signed(self, of: FormFacts) -> FormFacts:
        digest = filling.signed_part(FORM_2024_12, filling.fill(FORM_2024_12, of))
        return replace(of, answers={**of.answers, "signature": said("Nurse Nguyen", digest=digest)})

    def test_holds_for_what_was_signed(self):
        assert value(self.signed(facts()), "signature") == "Nurse Nguyen, 11/23/2026"

    def test_is_to_be_given_again_when_a_cell_changed(self):
        changed = replace(self.signed(facts()), pressures=(bp(-5, 128), bp(41, 156, 94), bp(118, 131)))
        missing = filled(changed)["signature"].missing
        assert missing == "signature (something changed since Nurse Nguyen signed)"


class TestGaps:
    def gaps(self, of: FormFacts, minute: float) -> dict[str, bool]:
        found = filling.gaps(FORM_2024_12, filling.fill(FORM_2024_12, of), of, at(minute))
        return {gap.code: gap.now for gap in found}

    def in_the_chair(self, **changed: Any) -> FormFacts:
        here = {"state": State.MONITORING, "ended_at": None, "window_ends_at": at(125), "outcome": ""}
        return facts(**{**here, **changed})

    def test_the_words_of_the_issue(self):
        devices = (DeviceGiven(1, "A1", "d1", START), DeviceGiven(2, "", "d2", at(5)))
        of = self.in_the_chair(
            pressures=(bp(-5, 128),), devices=devices, answers={"acceptable-before": said("yes")}
        )
        found = filling.gaps(FORM_2024_12, filling.fill(FORM_2024_12, of), of, at(36))
        assert filling.gap_words(found) == (
            "missing: lot number of device 2, 40-minute BP (none from 10:35 to 10:50)"
        )

    def test_the_40_minute_one_is_a_gap_from_its_window_on(self):
        of = self.in_the_chair(pressures=(bp(-5, 128),))
        assert [self.gaps(of, minute)["bp-40"] for minute in (34.9, 35, 60)] == [False, True, True]

    def test_what_leaving_asks_is_a_gap_once_ready_or_when_the_window_is_over(self):
        of = self.in_the_chair(pressures=(bp(41, 150),))
        assert not self.gaps(of, 60)["bp-completion"]
        assert self.gaps(of, 125)["bp-completion"]
        assert self.gaps(replace(of, state=State.READY), 60)["bp-completion"]
        assert not self.gaps(replace(of, state=State.READY), 60)["signature"]

    def test_before_the_dose_nothing_of_the_dose_is_a_gap_yet(self):
        of = self.in_the_chair(started_at=None, devices=(), window_ends_at=None)
        found = self.gaps(replace(of, provider=Person("n", "Mai", "Nguyen", email="mai@harbor.example")), -5)
        assert [code for code, now in found.items() if now] == ["provider-telephone"]

    def test_everything_left_is_a_gap_after_the_end(self):
        assert all(self.gaps(facts(), 130).values())

    def test_a_filled_form_has_none(self):
        answers = {
            code: said("no") for code in ("dissociation", "respiratory-depression", "serious-event")
        } | {code: said("yes") for code in ("acceptable-before", "acceptable-completion")}
        of = TestSignature().signed(facts(answers=answers))
        assert self.gaps(of, 130) == {}


class TestDeviations:
    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({}, ()),
            ({"ended_at": at(120)}, ()),
            ({"ended_at": at(119.9)}, ("Watched for 119 of at least 120 minutes",)),
            (
                {
                    "ended_at": at(74),
                    "outcome": "left before the minimum",
                    "outcome_reason": "Ride was there",
                },
                ("Left before the minimum, after 74 of at least 120 minutes: Ride was there",),
            ),
            (
                {"ended_at": at(50), "outcome": "transferred", "state": State.TRANSFERRED},
                ("Transferred to other care, after 50 of at least 120 minutes",),
            ),
        ],
    )
    def test_in_words(self, changed, words):
        assert filling.deviations(facts(**changed)) == words


class TestDifferences:
    def test_only_values_count_and_each_names_both(self):
        filed = filling.fill(FORM_2024_12, facts())
        now = filling.fill(FORM_2024_12, facts(pressures=(bp(-5, 128), bp(41, 156, 94), bp(119, 131))))
        assert cells.differences(filed, now) == (cells.Difference("bp-40", "150/94", "156/94"),)

    def test_the_same_record_is_the_same_form(self):
        filed, again = (filling.fill(FORM_2024_12, facts()) for _ in range(2))
        assert cells.differences(filed, again) == ()
        assert cells.digest("v", filed) == cells.digest("v", again)

    def test_the_digest_tells_values_and_versions_apart(self):
        one, other = filling.fill(FORM_2024_12, facts()), filling.fill(FORM_2024_12, facts(ended_at=at(124)))
        assert len({cells.digest("v", one), cells.digest("v", other), cells.digest("w", one)}) == 3


def test_no_row_lets_a_person_override_what_hangs_on_the_clock():
    fixed = {"total-minutes", "treatment-date", "dose-mg", "lot-numbers", "bp-before", "bp-completion"}
    assert all(one.override is Override.NONE for one in FORM_2024_12.fields if one.code in fixed)
