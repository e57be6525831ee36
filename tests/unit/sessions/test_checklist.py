"""Checklists: answers add up over entries, the newest of each counts, and what is open says so."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions import shipped
from sessions.checklist import (
    Answer,
    Item,
    Kind,
    Phase,
    answer_of,
    answers,
    asked,
    open_codes,
    open_words,
    states_of,
)
from sessions.record import Entry

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
ITEMS = (
    Item(Phase.BEFORE_DOSE, "identity", Kind.CONFIRM, "Identity checked", "policy"),
    Item(Phase.BEFORE_DOSE, "opioids", Kind.CAUTION, "Takes opioids", "label"),
)


def entry(minute, details, *, by="Nurse", kind="gate", late=False):
    id_ = uuid4()
    at = AT + timedelta(minutes=minute)
    return Entry(
        id=id_,
        entry=id_,
        version=1,
        status="final",
        kind=kind,
        at=at,
        recorded_at=at,
        by_id=None,
        by_name=by,
        late=late,
        text="",
        details=details,
    )


def stand(*entries, name="answers", after=None):
    return states_of(ITEMS, answers(entries, name, after=after))


class TestAnswers:
    def test_of_several_entries_add_up_each_with_name_and_time(self):
        one, other = stand(
            entry(0, {"answers": {"identity": "yes"}}),
            entry(3, {"answers": {"opioids": "no"}}, by="Nurse B"),
        )
        assert (one.given.answer, one.given.by_name, one.given.at) == (Answer.YES, "Nurse", AT)
        assert (other.given.by_name, other.given.at) == ("Nurse B", AT + timedelta(minutes=3))

    def test_the_newest_counts(self):
        one, _ = stand(
            entry(0, {"answers": {"identity": "no"}, "notes": {"identity": "No card"}}),
            entry(5, {"answers": {"identity": "yes"}}),
        )
        assert (one.given.answer, one.given.note) == (Answer.YES, "")

    def test_a_note_stands_beside_its_answer(self):
        one, _ = stand(entry(0, {"answers": {"identity": "no"}, "notes": {"identity": "No card"}}))
        assert one.given.note == "No card"

    def test_before_a_moment_no_longer_count(self):
        early = entry(0, {"answers": {"identity": "yes"}})
        assert stand(early, after=AT)[0].given is None
        assert stand(early, after=AT - timedelta(seconds=1))[0].given is not None

    @pytest.mark.parametrize(
        ("said", "meant"),
        [
            (True, "yes"),
            (False, "no"),
            (None, "not-assessed"),
            ("yes", "yes"),
            ("no", "no"),
            ("not-assessed", "not-assessed"),
        ],
    )
    def test_may_be_words_or_true_and_false(self, said, meant):
        assert answer_of(said) == meant

    def test_another_word_is_refused(self):
        with pytest.raises(ValueError, match="perhaps"):
            answer_of("perhaps")

    @given(st.lists(st.tuples(st.sampled_from(["identity", "opioids"]), st.sampled_from(list(Answer)))))
    def test_are_those_given_last_whatever_came_before(self, told):
        entries = [entry(minute, {"answers": {code: answer}}) for minute, (code, answer) in enumerate(told)]
        last = dict(told)
        assert {code: one.answer for code, one in answers(entries, "answers").items()} == last


class TestOpen:
    @pytest.mark.parametrize(
        ("code", "answer", "is_open"),
        [
            ("identity", "yes", False),
            ("identity", "no", True),
            ("identity", "not-assessed", True),
            ("opioids", "yes", True),
            ("opioids", "no", False),
            ("opioids", "not-assessed", True),
        ],
    )
    def test_is_what_does_not_let_the_session_go_on(self, code, answer, is_open):
        states = stand(entry(0, {"answers": {code: answer}}))
        assert (code in open_codes(states)) is is_open

    def test_is_what_nobody_answered(self):
        assert open_codes(stand()) == ("identity", "opioids")

    def test_is_named_while_it_is_short_and_counted_when_it_is_long(self):
        assert open_words(stand()) == "Identity checked; Takes opioids"
        assert open_words(stand(), named=1) == "2 items of the checklist"
        assert open_words(()) == ""


@pytest.mark.parametrize("rules", shipped.PROTOCOLS, ids=lambda rules: rules.code)
class TestShipped:
    def test_before_the_dose_asks_for_what_the_gate_is_for(self, rules):
        codes = {item.code for item in asked(rules.items, Phase.BEFORE_DOSE)}
        assert codes >= {
            "identity", "fasting", "escort", "consent", "vascular", "hypersensitivity", "psychosis",
            "benzodiazepines", "opioids", "maois", "pre-dose-bp", "pre-dose-spo2", "pre-dose-sedation",
            "prescriber-on-site", "oximeter", "licence", "acls", "dea",
        }  # fmt: skip
        assert ({"rems", "enrolment"} <= codes) is (rules.code == "nasal-esketamine")

    def test_every_row_has_a_source_and_a_code_of_its_own(self, rules):
        for phase in Phase:
            rows = asked(rules.items, phase)
            assert all(item.source for item in rows)
            assert len({item.code for item in rows}) == len(rows) > 10
