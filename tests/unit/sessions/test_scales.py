"""Scales: every shipped one against its source, the way all are scored, and what asks for a review."""

from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.refusals import Invalid
from sessions import known_scales, scales
from sessions.indications import Indication
from sessions.known_scales import ScaleRefused
from sessions.scales import Band, Choice, Counting, Item, Scale, Wording, faults, score
from sessions.shipped_scales import (
    ALDRETE,
    CADSS_6,
    GAD_7,
    MOAAS,
    PACKS,
    PADSS,
    PAIN,
    PCL_5,
    PHQ_9,
    RASS,
    SCALES,
    SUICIDE_SCREEN,
)
from tests import scored
from tests.unit.sessions.entries import at, entry

KNOWN = {scale.code: scale for scale in SCALES}
every_scale = pytest.mark.parametrize("scale", SCALES, ids=lambda scale: scale.code)


def all_at(scale, number):
    return {item.code: number for item in scale.items}


def summing_to(scale, total):
    """Answers that come to this total, from the first item on."""
    answers, left = {}, total
    for item in scale.items:
        most = max(choice.score for choice in item.choices)
        answers[item.code] = min(left, most)
        left -= answers[item.code]
    assert left == 0
    return answers


@st.composite
def answered(draw, complete=True):
    """A shipped scale and answers that it takes."""
    scale = draw(st.sampled_from(SCALES))
    items = scale.items if complete else draw(st.permutations(scale.items))[: max(1, len(scale.items) - 1)]
    return scale, {item.code: draw(st.sampled_from([one.score for one in item.choices])) for item in items}


class TestWorkedScores:
    """The worked cases that lie beside the checkout, each fed through the real scoring."""

    PHQ_9_ITEMS = {
        "Little pleasure doing things": "interest",
        "Feeling hopeless": "mood",
        "Trouble with sleeping": "sleep",
        "Feeling tired": "energy",
        "Disturbed appetite": "appetite",
        "Feeling like a failure": "failure",
        "Trouble concentrating": "concentration",
        "Disturbed speech and/or movement": "movement",
        "Suicidal thoughts": "self-harm",
    }
    GAD_7_ITEMS = {
        "Feeling nervous, anxious or on edge": "nervous",
        "Not being able to stop or control worrying": "control",
        "Worrying too much about different things": "worry",
        "Trouble relaxing": "relaxing",
        "Being so restless that it is hard to sit still": "restless",
        "Becoming easily annoyed or irritable": "irritable",
        "Feeling afraid as if something awful might happen": "afraid",
    }

    def expect(self, scale, names, case):
        given, wanted = case["input"], case["expected"]
        if "total" in given:
            assert score(scale, summing_to(scale, given["total"])).words == wanted["severity"]
            return
        found = score(scale, {names[words]: int(number) for words, number in given.items()})
        totals = [number for name, number in wanted.items() if "otal" in name]
        assert [found.total] == totals
        graded = [
            words.lower() for name, words in wanted.items() if name in {"Severity grade", "Anxiety severity"}
        ]
        assert all(words.startswith(found.words) for words in graded)

    def test_phq_9(self):
        for case in scored.cases("phq9"):
            self.expect(PHQ_9, self.PHQ_9_ITEMS, case)

    def test_gad_7(self):
        for case in scored.cases("gad7"):
            self.expect(GAD_7, self.GAD_7_ITEMS, case)

    @pytest.mark.parametrize(("of", "scale"), [("pcl5", PCL_5), ("cadss6", CADSS_6)])
    def test_lists_of_items(self, of, scale):
        listed = [case for case in scored.cases(of) if "items" in case["input"]]
        assert listed
        for case in listed:
            answers = dict(zip([item.code for item in scale.items], case["input"]["items"], strict=True))
            assert score(scale, answers).total == case["expected"]["total"]

    def test_the_cut_of_pcl_5_is_stated_and_33_meets_it(self):
        [case] = [case for case in scored.cases("pcl5") if "total" in case["input"]]
        found = score(PCL_5, summing_to(PCL_5, case["input"]["total"]))
        assert (found.band == "at-cut") is case["expected"]["provisional"]
        assert "the cut used here" in found.words

    @pytest.mark.parametrize(
        ("words", "number"),
        [
            ("responds readily to name spoken in normal tone", 5),
            ("responds only after name is called loudly or repeatedly", 3),
            ("responds only after painful trapezius squeeze", 1),
        ],
    )
    def test_moaa_s(self, words, number):
        assert {case["input"]["response"]: case["expected"]["score"] for case in scored.cases("moaas")}[
            words
        ] == number
        assert score(MOAAS, {"response": number}).total == number

    @pytest.mark.parametrize(("of", "scale"), [("modified_aldrete", ALDRETE), ("padss", PADSS)])
    def test_recovery(self, of, scale):
        for case in scored.cases(of):
            found = score(scale, case["input"])
            assert found.total == case["expected"]["total"]
            assert (found.band == "at-cut") is case["expected"]["ready"]


class TestSources:
    """Numbers typed from the sources, not read from the rows."""

    @pytest.mark.parametrize(
        ("total", "words"),
        [
            (0, "minimal"), (4, "minimal"), (5, "mild"), (9, "mild"), (10, "moderate"), (14, "moderate"),
            (15, "moderately severe"), (19, "moderately severe"), (20, "severe"), (27, "severe"),
        ],
    )  # fmt: skip
    def test_bands_of_phq_9(self, total, words):
        assert score(PHQ_9, summing_to(PHQ_9, total)).words == words

    @pytest.mark.parametrize(
        ("total", "words"),
        [
            (4, "minimal"), (5, "mild"), (9, "mild"), (10, "moderate"), (14, "moderate"), (15, "severe"),
            (21, "severe"),
        ],
    )  # fmt: skip
    def test_bands_of_gad_7(self, total, words):
        assert score(GAD_7, summing_to(GAD_7, total)).words == words

    @pytest.mark.parametrize("scale", [ALDRETE, PADSS], ids=lambda scale: scale.code)
    def test_the_cut_of_recovery_scales_is_nine(self, scale):
        assert [score(scale, summing_to(scale, total)).band for total in (8, 9)] == ["below-cut", "at-cut"]

    @pytest.mark.parametrize(
        ("scale", "items", "lowest", "highest"),
        [
            (PHQ_9, 9, 0, 27), (GAD_7, 7, 0, 21), (PCL_5, 20, 0, 80), (CADSS_6, 6, 0, 24), (MOAAS, 1, 0, 5),
            (RASS, 1, -5, 4), (ALDRETE, 5, 0, 10), (PADSS, 5, 0, 10), (PAIN, 1, 0, 10),
        ],
        ids=lambda one: getattr(one, "code", ""),
    )  # fmt: skip
    def test_ranges(self, scale, items, lowest, highest):
        assert (len(scale.items), scale.lowest, scale.highest) == (items, lowest, highest)

    def test_cadss_6_is_six_numbers_of_the_23_item_form_without_its_words(self):
        assert [item.code for item in CADSS_6.items] == [f"item-{n}" for n in (1, 2, 6, 7, 15, 22)]
        assert {item.text for item in CADSS_6.items} == {
            f"Item {n} of the 23-item form" for n in (1, 2, 6, 7, 15, 22)
        }
        assert CADSS_6.wording is Wording.CLINIC

    @pytest.mark.parametrize(
        ("number", "words"), [(-5, "Unarousable"), (0, "Alert and calm"), (4, "Combative")]
    )
    def test_rass_in_words(self, number, words):
        assert score(RASS, {"level": number}).words == words

    def test_every_indication_has_its_pack_of_known_scales(self):
        assert set(PACKS) == set(Indication)
        for pack in PACKS.values():
            assert {*pack.before_dose, *pack.at_leaving, *pack.at_follow_up} <= KNOWN.keys()
        assert "phq-9" in PACKS[Indication.DEPRESSION].before_dose
        assert "gad-7" in PACKS[Indication.ANXIETY].before_dose
        assert "pcl-5" in PACKS[Indication.PTSD].before_dose
        assert "pain-nrs" in PACKS[Indication.PAIN_NEUROPATHIC].before_dose


class TestScoring:
    @every_scale
    def test_a_shipped_row_has_no_fault(self, scale):
        assert faults(scale) == []

    @every_scale
    def test_bands_cover_the_range_each_total_once(self, scale):
        for total in range(scale.lowest, scale.highest + 1):
            within = [band for band in scale.bands if band.lowest <= total <= band.highest]
            assert len(within) == (1 if scale.bands else 0)

    @given(answered())
    def test_a_total_lies_within_the_range(self, case):
        scale, answers = case
        found = score(scale, answers)
        assert found.complete
        assert scale.lowest <= found.total <= scale.highest

    @given(answered(), st.randoms())
    def test_the_order_of_items_does_not_matter(self, case, random):
        scale, answers = case
        shuffled = list(answers.items())
        random.shuffle(shuffled)
        assert score(scale, dict(shuffled)) == score(scale, answers)

    @given(answered(), st.data())
    def test_one_answer_raised_raises_the_total_by_as_much(self, case, data):
        scale, answers = case
        item = data.draw(st.sampled_from(scale.items))
        other = data.draw(st.sampled_from([choice.score for choice in item.choices]))
        changed = answers | {item.code: other}
        before, after = score(scale, answers).total, score(scale, changed).total
        assert None not in (before, after)
        assert (after or 0) - (before or 0) == other - answers[item.code]

    def test_without_an_answer_to_each_item_there_is_no_total_and_still_a_review(self):
        found = score(PHQ_9, {"self-harm": 2})
        assert (found.total, found.band, found.words, found.complete) == (None, None, "", False)
        assert found.review == ("PHQ-9 item 9 is above 0",)

    @pytest.mark.parametrize(
        ("answers", "says"),
        [
            ({"joy": 1}, "has no item “joy”"),
            ({"mood": 4}, "Item “mood” of PHQ-9 cannot be 4; it takes: 0, 1, 2, 3"),
            ({"mood": -1}, "cannot be -1"),
            ({"mood": True}, "cannot be True"),
            ({}, "has no answer yet"),
        ],
    )
    def test_what_the_scale_does_not_have_is_refused_by_name(self, answers, says):
        with pytest.raises(Invalid, match=says) as refused:
            score(PHQ_9, answers)
        assert refused.value.field == "answers"

    @pytest.mark.parametrize(("answer", "asks"), [(0, False), (1, True), (3, True)])
    def test_item_9_above_0_asks_for_a_review_whatever_the_total(self, answer, asks):
        found = score(PHQ_9, all_at(PHQ_9, 0) | {"self-harm": answer})
        assert bool(found.review) is asks

    def test_a_positive_suicide_screen_asks_for_a_review(self):
        assert score(SUICIDE_SCREEN, {"positive": 1}).review == ("Positive suicide screen",)
        assert score(SUICIDE_SCREEN, {"positive": 0}).review == ()


ASKS = "PHQ-9 item 9 is above 0: a named clinician's review"


def phq_9(minute, self_harm, **how):
    return entry("scale", minute, scale="phq-9", answers=all_at(PHQ_9, 0) | {"self-harm": self_harm}, **how)


def review(minute, of, **how):
    return entry("review-scale", minute, of=str(of.entry), text="Talked, plan made", by="Dr Reyes", **how)


class TestReview:
    def test_it_is_awaited_until_there_is_one(self):
        taken = phq_9(0, 1)
        assert scales.awaiting_review([taken], KNOWN) == (ASKS,)
        assert scales.awaiting_review([taken, review(5, taken)], KNOWN) == ()

    def test_nothing_is_awaited_of_an_answer_of_0(self):
        assert scales.awaiting_review([phq_9(0, 0)], KNOWN) == ()

    def test_each_result_needs_its_own(self):
        first, second = phq_9(0, 1), phq_9(90, 2)
        assert scales.awaiting_review([first, second, review(5, first)], KNOWN) == (ASKS,)

    def test_the_same_reason_is_said_once(self):
        assert scales.awaiting_review([phq_9(0, 1), phq_9(90, 2)], KNOWN) == (ASKS,)

    def test_a_correction_after_the_review_asks_anew(self):
        first = phq_9(0, 1)
        corrected = phq_9(0, 3, id_=first.entry, version=2, recorded=20)
        assert scales.awaiting_review([corrected, review(5, first)], KNOWN) == (ASKS,)
        assert scales.awaiting_review([corrected, review(25, first)], KNOWN) == ()

    def test_a_correction_to_0_ends_it(self):
        first = phq_9(0, 1)
        corrected = phq_9(0, 0, id_=first.entry, version=2, recorded=20)
        assert scales.awaiting_review([corrected], KNOWN) == ()

    def test_what_was_taken_is_read_with_its_review(self):
        first = phq_9(0, 1)
        [taken] = scales.taken([first, review(5, first)], KNOWN)
        assert (taken.name, taken.total, taken.words, taken.awaits_review) == ("PHQ-9", 1, "minimal", False)
        [looked] = taken.reviews
        assert (looked.by_name, looked.at) == ("Dr Reyes", at(5))

    def test_a_result_stays_as_it_was_scored_when_the_scale_has_moved_on(self):
        kept = scales.settled(PHQ_9, all_at(PHQ_9, 1))
        details = {"scale": "phq-9", "answers": all_at(PHQ_9, 1), **kept, "version": "1999", "total": 8}
        old = replace(entry("scale", 0), details=details)
        [taken] = scales.taken([old], KNOWN)
        assert (taken.version, taken.total) == ("1999", 8)
        assert scales.awaiting_review([old], {}) == (ASKS,)


YES_NO = (Choice(0, "No"), Choice(1, "Yes"))
LICENSED = Scale(
    code="licensed",
    name="Licensed scale",
    version="1",
    counting=Counting.SUM,
    items=(Item("one", "First", YES_NO), Item("two", "Second", YES_NO)),
    bands=(Band(0, 1, "low", "low"), Band(2, 2, "high", "high")),
    wording=Wording.PUBLISHED,
    source="A paper",
    licence="Held by the clinic",
)
BOTH = (LICENSED, replace(LICENSED, code="another"))
TAKEN = replace(LICENSED, code="phq-9")
GAP = replace(LICENSED, bands=(Band(0, 0, "low", "low"), Band(2, 2, "high", "high")))
NO_SCALE = ["a word"]


@pytest.fixture
def plug_in(monkeypatch):
    """Has this module's row of that name installed as a plug-in of the group."""

    def install(name):
        point = EntryPoint("of-the-tests", f"{__name__}:{name}", known_scales.GROUP)
        monkeypatch.setattr(
            known_scales, "entry_points", lambda *, group: [point] if group == "vigil.scales" else []
        )
        known_scales.scales.cache_clear()

    yield install
    known_scales.scales.cache_clear()


class TestPlugIns:
    @pytest.mark.parametrize(
        ("name", "codes"), [("LICENSED", {"licensed"}), ("BOTH", {"licensed", "another"})]
    )
    def test_one_or_several_rows_stand_beside_those_that_ship(self, plug_in, name, codes):
        plug_in(name)
        known = known_scales.scales()
        assert set(known) == KNOWN.keys() | codes
        assert score(known["licensed"], {"one": 1, "two": 1}).words == "high"

    @pytest.mark.parametrize(
        ("name", "says"),
        [
            ("TAKEN", "Plug-in “of-the-tests”: the code “phq-9” is taken"),
            ("GAP", "scale “licensed”: the bands do not cover 0 to 2 without gap or overlap"),
            ("NO_SCALE", "brings str, which is no Scale"),
        ],
    )
    def test_one_that_cannot_be_used_stops_the_start_and_is_named(self, plug_in, name, says):
        plug_in(name)
        with pytest.raises(ScaleRefused, match=says):
            known_scales.scales()

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ({"licence": ""}, "no licence"),
            ({"source": ""}, "no source"),
            ({"items": ()}, "no items"),
            ({"counting": Counting.ONE}, "one item only"),
            ({"items": (Item("one", "First", (*YES_NO, Choice(1, "Also"))),)}, "two with one score"),
            ({"items": (Item("one", "First", YES_NO, review_above=0),)}, "without saying why"),
        ],
    )
    def test_what_is_wrong_with_a_row_is_said(self, change, says):
        assert any(says in fault for fault in faults(replace(LICENSED, **change)))
