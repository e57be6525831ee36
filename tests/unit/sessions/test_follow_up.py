"""The check-ins after a session: when they are due, what is asked, which answers somebody looks at."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions import follow_up
from sessions.follow_up import CHECK_INS, QUESTIONS, Form, Standing

ENDED = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CODES = {question.code for question in QUESTIONS}
WELL = {"mood": 7, "drove": False, "slept": True, "symptoms": [], "harm": False}


def question(code):
    return next(one for one in QUESTIONS if one.code == code)


class TestDue:
    def test_24_hours_3_and_7_days_after_the_end(self):
        planned = [(one.kind, due_at - ENDED) for one, due_at in follow_up.due(ENDED, known_at=ENDED)]
        assert planned == [("24h", DAY), ("day-3", 3 * DAY), ("day-7", 7 * DAY)]

    def test_a_session_entered_a_month_later_asks_nothing(self):
        assert follow_up.due(ENDED, known_at=ENDED + 30 * DAY) == []

    def test_one_entered_two_days_later_asks_what_can_still_be_answered(self):
        kinds = [one.kind for one, _ in follow_up.due(ENDED, known_at=ENDED + 3 * DAY)]
        assert kinds == ["day-3", "day-7"]

    def test_every_row_has_a_source(self):
        assert all([one.source for one in CHECK_INS] + [one.source for one in QUESTIONS])


class TestAsked:
    def codes(self, kind, indication):
        return [one.code for one in follow_up.asked(kind, indication)]

    def test_pain_is_asked_where_pain_is_treated(self):
        assert "pain" not in self.codes("24h", "depression")
        assert "pain" in self.codes("24h", "pain-neuropathic")
        assert "pain" in self.codes("24h", "pain-other")

    def test_driving_is_asked_once_the_day_after(self):
        assert "drove" in self.codes("24h", "ptsd")
        assert "drove" not in self.codes("day-3", "ptsd")
        assert "drove" not in self.codes("day-7", "ptsd")

    @pytest.mark.parametrize("kind", ["24h", "day-3", "day-7"])
    def test_mood_sleep_symptoms_and_harm_are_always_asked(self, kind):
        assert {"mood", "slept", "symptoms", "harm"} <= set(self.codes(kind, "depression"))


class TestReading:
    FORM = {
        "mood": ["7"],
        "drove": ["no"],
        "slept": ["yes"],
        "harm": ["no"],
        "symptoms": ["vomiting", "nausea", "no such"],
    }

    def read(self, **changed):
        form = {**self.FORM, **changed}
        return follow_up.read(form, follow_up.asked("24h", "depression"))

    def test_a_filled_form(self):
        given = self.read()
        assert given.errors == {}
        assert given.answers == {**WELL, "symptoms": ["nausea", "vomiting"]}

    @pytest.mark.parametrize("mood", ["11", "-1", "7.5", "", "seven", "０"])
    def test_a_scale_takes_0_to_10_and_nothing_else(self, mood):
        given = self.read(mood=[mood])
        assert set(given.errors) == {"mood"}
        assert "mood" not in given.answers

    def test_two_answers_to_one_question_are_none(self):
        assert set(self.read(harm=["no", "yes"]).errors) == {"harm"}

    def test_an_empty_form_asks_for_all_but_the_symptoms(self):
        given = follow_up.read({}, follow_up.asked("24h", "depression"))
        assert set(given.errors) == {"mood", "drove", "slept", "harm"}
        assert given.answers == {"symptoms": []}

    @given(st.dictionaries(st.sampled_from([*sorted(CODES), "other"]), st.lists(st.text(max_size=4))))
    def test_every_question_is_answered_or_named_as_open(self, form):
        questions = follow_up.asked("24h", "pain-other")
        given_ = follow_up.read(form, questions)
        codes = {one.code for one in questions}
        assert given_.answers.keys() | given_.errors.keys() == codes
        assert not given_.answers.keys() & given_.errors.keys()
        follow_up.worries(given_.answers)
        assert len(follow_up.in_words(given_.answers)) == len(given_.answers)


class TestWorries:
    def of(self, **changed):
        return follow_up.worries({**WELL, **changed})

    def test_none_when_all_is_well(self):
        assert self.of() == ()

    def test_thoughts_of_self_harm_stand_first(self):
        found = self.of(drove=True, symptoms=["vomiting"], harm=True)
        assert found == ("thoughts of harming oneself", "drove before sleeping", "still there: vomiting")

    def test_a_bad_night_is_an_answer_and_no_worry(self):
        assert self.of(slept=False) == ()

    def test_only_marked_symptoms_worry(self):
        assert self.of(symptoms=["nausea", "dizziness", "headache"]) == ()
        assert self.of(symptoms=["fainting"]) == ("still there: fainting",)

    @pytest.mark.parametrize("value", range(11))
    def test_no_mark_on_a_scale_is_shipped(self, value):
        assert self.of(mood=value, pain=value) == ()

    def test_marks_that_a_clinic_set(self):
        low = replace(question("mood"), worries_at_most=3)
        assert follow_up.worries({"mood": 3}, [low]) == ("low mood: 3 of 10",)
        assert follow_up.worries({"mood": 4}, [low]) == ()
        strong = replace(question("pain"), worries_at_least=8)
        assert follow_up.worries({"pain": 8}, [strong]) == ("strong pain: 8 of 10",)
        assert follow_up.worries({"pain": 7}, [strong]) == ()

    def test_words_fit_where_they_are_kept(self):
        every = [choice.code for choice in question("symptoms").choices]
        assert all(len(words) <= 80 for words in self.of(drove=True, harm=True, symptoms=every))


class TestStanding:
    def at(self, hours, **how):
        fields = {"sent_at": ENDED, "trouble": "", "answered_at": None, "worries": (), "reviewed_at": None}
        return follow_up.standing(due_at=ENDED, at=ENDED + hours * HOUR, **{**fields, **how})

    def test_no_answer_is_overdue_a_day_after_it_was_due(self):
        assert self.at(23.99) is Standing.WAITING
        assert self.at(24) is Standing.OVERDUE

    def test_overdue_also_when_it_was_never_sent(self):
        assert self.at(1, sent_at=None) is Standing.PLANNED
        assert self.at(1, sent_at=None, trouble="no address") is Standing.UNREACHED
        assert self.at(24, sent_at=None, trouble="no address") is Standing.OVERDUE

    def test_an_answer(self):
        assert self.at(30, answered_at=ENDED) is Standing.ANSWERED
        assert self.at(30, answered_at=ENDED, worries=("x",)) is Standing.WORRYING

    def test_a_review_closes_it_until_a_newer_answer_comes(self):
        reviewed_at = ENDED + 25 * HOUR
        assert self.at(30, reviewed_at=reviewed_at) is Standing.REVIEWED
        later = reviewed_at + HOUR
        again = self.at(30, reviewed_at=reviewed_at, answered_at=later, worries=("x",))
        assert again is Standing.WORRYING


def test_a_scale_names_both_its_ends():
    for one in QUESTIONS:
        if one.form is Form.SCALE:
            assert one.low, one.code
            assert one.high, one.code
