"""Scales, reviews, symptoms, medicines and adverse events through the acts, and the clinic's own words."""

from datetime import date, timedelta

import pytest

from clinic.models import AuditEvent, Credential
from clinic.refusals import AccessDenied, Invalid, NotAllowed, NotFound
from sessions import adverse_events, medicines, queries, symptoms
from sessions.models import ScaleWording, SessionEvent, SymptomChip
from sessions.services import wording
from sessions.shipped_scales import CADSS_6, PHQ_9
from sessions.symptoms import SHIPPED, Chip
from tests import builders
from tests.unit.sessions.test_scales import all_at

WHY = "PHQ-9 item 9 is above 0: a named clinician's review"
CALM = all_at(PHQ_9, 0)
WITHOUT_SEIZURE = [chip for chip in SHIPPED if chip.code != "seizure"]
EVENT = {
    "criteria": ["hospitalisation"],
    "narrative": "Chest pain; dose stopped; sent on",
    "outcome": "recovering",
    "told": [{"who": "Dr Reyes"}],
}


@pytest.fixture
def at(morning):
    """Minutes after the dose began at ``morning``."""
    return lambda number: morning + timedelta(minutes=number)


@pytest.fixture
def act(cast, at):
    def do(session, act_name, at_min, /, by=None, **details):
        return builders.act(by or cast.nurse, session, act_name, at(at_min), **details)

    return do


@pytest.fixture
def session(cast, at):
    return builders.dosing(cast.nurse, cast.clinic, at(0))


@pytest.fixture
def ready(act, session):
    """The same session, its window over and its nurse's assessment charted."""
    act(session, "stop", 40)
    act(session, "readiness", 125, escort="A friend")
    return session


def newest(session):
    return queries.entries(session.id)[-1]


class TestScale:
    def test_the_entry_keeps_answers_version_total_and_band(self, act, session):
        act(session, "scale", 10, scale="phq-9", answers=all_at(PHQ_9, 2))
        kept = newest(session)
        assert kept.details["answers"] == all_at(PHQ_9, 2)
        assert (kept.details["version"], kept.details["total"], kept.details["band"]) == (
            "2001",
            18,
            "moderately-severe",
        )
        assert kept.text == "PHQ-9: 18 of 27, moderately severe"

    @pytest.mark.parametrize(
        ("scale", "answers", "words"),
        [
            ("moaa-s", {"response": 4}, "MOAA/S: 4, slow or sleepy response to name"),
            ("rass", {"level": -2}, "RASS: −2, light sedation: eye contact to voice for less than 10 s"),
            ("pain-nrs", {"pain": 7}, "Pain 0–10: 7"),
            ("cadss-6", {"item-1": 3}, "CADSS-6, not complete"),
        ],
    )
    def test_it_reads_on_the_timeline(self, act, session, scale, answers, words):
        act(session, "scale", 10, scale=scale, answers=answers)
        assert newest(session).text == words

    @pytest.mark.parametrize(
        ("details", "field"),
        [
            ({"scale": "no-such", "answers": {"one": 1}}, "scale"),
            ({"scale": "phq-9", "answers": {"one": 1}}, "answers"),
            ({"scale": "phq-9", "answers": {"mood": 9}}, "answers"),
            ({"scale": "phq-9", "answers": {}}, "answers"),
        ],
    )
    def test_what_is_not_known_is_refused_by_name(self, act, session, details, field):
        with pytest.raises(Invalid) as refused:
            act(session, "scale", 10, **details)
        assert refused.value.field == field

    def test_it_may_be_taken_before_the_dose_after_the_end_and_entered_late(self, cast, act, at):
        session = builders.checked_in(cast.nurse, cast.clinic, at(-10))
        act(session, "scale", -5, scale="phq-9", answers=CALM)
        act(session, "start", 0, dose_mg=35)
        act(session, "stop", 40)
        builders.act(
            cast.nurse, session, "scale", at(20), recorded_at=at(60), scale="pain-nrs", answers={"pain": 2}
        )
        act(session, "transfer", 80, reason="Sent on")
        act(session, "scale", 100, scale="pain-nrs", answers={"pain": 0})
        assert [one.late for one in queries.entries(session.id) if one.kind == "scale"] == [
            False,
            True,
            False,
        ]

    def test_values_over_a_course_are_by_scale_and_time(self, cast, act, session, at):
        act(session, "scale", 10, scale="phq-9", answers=CALM)
        act(session, "scale", 20, scale="phq-9", answers={"mood": 1})  # not complete: no value
        act(session, "scale", 30, scale="phq-9", answers=all_at(PHQ_9, 1))
        act(session, "scale", 30, scale="pain-nrs", answers={"pain": 3})
        found = queries.scale_results(session.course_id)
        assert [(one.session_id, one.at, one.total) for one in found["phq-9"]] == [
            (session.id, at(10), 0),
            (session.id, at(30), 9),
        ]
        assert [one.total for one in found["pain-nrs"]] == [3]

    def test_an_auditor_and_an_admin_take_none(self, cast, act, session):
        for by in (cast.admin, cast.auditor):
            with pytest.raises(AccessDenied):
                act(session, "scale", 10, by=by, scale="phq-9", answers=CALM)


class TestReviewBeforeRelease:
    def asked(self, act, session):
        act(session, "scale", 126, scale="phq-9", answers=CALM | {"self-harm": 1})
        return str(newest(session).entry)

    def test_release_is_refused_until_a_prescriber_has_looked(self, cast, act, ready):
        of = self.asked(act, ready)
        with pytest.raises(NotAllowed) as refused:
            act(ready, "release", 130)
        assert refused.value.missing == (WHY,)
        act(ready, "review-scale", 131, by=cast.supervisor, of=of, text="Talked, plan made")
        assert newest(ready).text == "PHQ-9 reviewed by Supervisor: Talked, plan made"
        assert act(ready, "release", 132).state == "released"

    def test_a_positive_screen_is_named_too(self, act, ready):
        self.asked(act, ready)
        act(ready, "scale", 127, scale="suicide-screen", answers={"positive": 1})
        with pytest.raises(NotAllowed) as refused:
            act(ready, "release", 130)
        assert refused.value.missing == (WHY, "Positive suicide screen: a named clinician's review")

    def test_a_calm_answer_holds_nothing(self, act, ready):
        act(ready, "scale", 126, scale="phq-9", answers=CALM)
        assert act(ready, "release", 130).state == "released"

    def test_an_early_release_by_a_prescriber_waits_for_it_too(self, cast, act, session):
        act(session, "stop", 40)
        act(session, "scale", 50, scale="phq-9", answers=CALM | {"self-harm": 3})
        with pytest.raises(NotAllowed) as refused:
            act(session, "release", 60, by=cast.supervisor, reason="Patient asked")
        assert refused.value.missing == (WHY,)

    def test_a_nurse_reviews_nothing(self, act, ready):
        of = self.asked(act, ready)
        with pytest.raises(NotAllowed, match="signed by a prescriber"):
            act(ready, "review-scale", 130, of=of, text="Looked")

    def test_nor_does_a_prescriber_whose_credential_has_run_out(self, cast, act, ready, morning):
        of = self.asked(act, ready)
        Credential.objects.filter(user_id=cast.supervisor.user_id).update(
            expires_on=morning.date() - timedelta(days=1)
        )
        with pytest.raises(NotAllowed, match="signed by a prescriber"):
            act(ready, "review-scale", 130, by=cast.supervisor, of=of, text="Looked")

    def test_a_nurse_who_holds_the_credential_may(self, cast, act, ready):
        of = self.asked(act, ready)
        Credential.objects.create(user_id=cast.nurse.user_id, kind="prescriber", expires_on=date(2099, 1, 1))
        act(ready, "review-scale", 130, of=of, text="Looked")
        assert act(ready, "release", 131).state == "released"

    def test_a_review_is_of_a_scale_of_this_session_and_has_words(self, cast, act, ready, at):
        other = builders.dosing(cast.nurse, cast.clinic, at(0), chair="2")
        act(other, "scale", 10, scale="phq-9", answers=CALM)
        with pytest.raises(NotFound):
            act(ready, "review-scale", 130, by=cast.supervisor, of=str(newest(other).entry), text="Looked")
        with pytest.raises(Invalid):
            act(ready, "review-scale", 130, by=cast.supervisor, of=self.asked(act, ready), text=" ")


class TestSymptoms:
    def test_from_onset_to_gone(self, act, session, at):
        act(session, "symptom", 10, code="nausea", severity="mild")
        act(session, "symptom", 20, code="nausea", severity="severe", action="Head lowered")
        of = str(newest(session).entry)
        act(session, "resolve-symptom", 35, of=of, action="Water")
        assert newest(session).text == "Nausea gone, Water"
        [episode] = symptoms.episodes(queries.entries(session.id))
        assert (episode.onset_at, episode.worst, episode.gone_at) == (at(10), "severe", at(35))
        assert episode.actions == ["Head lowered", "Water"]
        with pytest.raises(NotAllowed, match="Nausea is charted as gone already"):
            act(session, "resolve-symptom", 36, of=of)

    def test_only_a_symptom_of_this_session_can_be_gone_and_not_before_it_began(self, cast, act, session, at):
        other = builders.dosing(cast.nurse, cast.clinic, at(0), chair="2")
        act(other, "symptom", 10, code="nausea")
        with pytest.raises(NotFound):
            act(session, "resolve-symptom", 20, of=str(newest(other).entry))
        with pytest.raises(Invalid, match="before the onset"):
            act(other, "resolve-symptom", 5, of=str(newest(other).entry))

    @pytest.mark.parametrize(
        ("details", "field"),
        [
            ({"code": "nausea", "onset_at": "2026-11-24T15:00:00+00:00"}, "onset_at"),
            ({"code": "none", "severity": "mild"}, "code"),
        ],
    )
    def test_what_cannot_be_is_refused(self, act, session, details, field):
        with pytest.raises(Invalid) as refused:
            act(session, "symptom", 10, **details)
        assert refused.value.field == field


class TestMedicines:
    GIVEN = {"name": "Ondansetron", "dose_text": "4 mg", "route": "IV", "ordered_by": "Dr Reyes"}

    def test_one_given_per_order_stands_on_the_timeline(self, act, session, at):
        act(session, "medicine", 22, **self.GIVEN, indication="nausea")
        entry = newest(session)
        assert entry.text == "Given per order: Ondansetron 4 mg, IV, ordered by Dr Reyes, for nausea"
        assert [(one.name, one.at) for one in medicines.given([entry])] == [("Ondansetron", at(22))]

    @pytest.mark.parametrize("missing", ["name", "dose_text", "route", "ordered_by"])
    def test_each_part_of_the_order_is_needed(self, act, session, missing):
        with pytest.raises(Invalid) as refused:
            act(session, "medicine", 22, **(self.GIVEN | {missing: " "}))
        assert refused.value.field == missing


class TestAdverseEvents:
    def test_the_narrative_stays_out_of_timeline_and_audit(self, act, session):
        act(session, "adverse-event", 20, **EVENT)
        entry = newest(session)
        assert entry.text == "Serious adverse event: hospitalisation, or a longer stay"
        assert adverse_events.adverse_events([entry])[0].narrative == EVENT["narrative"]
        audited = AuditEvent.objects.get(session_id=session.id, act="adverse-event")
        assert "Chest pain" not in str(audited.details)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"criteria": []}, "criteria"),
            ({"criteria": ["bad luck"]}, "criteria"),
            ({"narrative": " "}, "narrative"),
            ({"outcome": "fine"}, "outcome"),
            ({"told": []}, "told"),
        ],
    )
    def test_what_is_missing_or_unknown_is_named(self, act, session, change, field):
        with pytest.raises(Invalid) as refused:
            act(session, "adverse-event", 20, **(EVENT | change))
        assert refused.value.field == field

    def test_it_may_be_charted_after_the_session_has_ended(self, act, session, at):
        act(session, "transfer", 30, reason="Sent on")
        act(session, "adverse-event", 90, **EVENT)
        assert SessionEvent.objects.filter(session=session, kind="adverse-event").exists()


class TestWording:
    def test_a_supervisor_gives_changes_and_takes_away_the_clinics_words(self, cast):
        wording.set_wording(
            by=cast.supervisor, scale="cadss-6", texts={"item-1": "Ours", "item-2": "Also ours"}
        )
        wording.set_wording(by=cast.admin, scale="cadss-6", texts={"item-1": "Better", "item-2": ""})
        assert wording.wording_of(cast.clinic.pk, CADSS_6) == {"item-1": "Better"}
        assert wording.wording_of(cast.other_clinic.pk, CADSS_6) == {}
        audited = AuditEvent.objects.filter(act="manage-wording", subject_id="cadss-6").latest("id")
        assert audited.details == {"items": ["item-1", "item-2"]}

    @pytest.mark.parametrize(
        ("scale", "texts", "says"),
        [
            ("phq-9", {"mood": "Ours"}, "The wording of PHQ-9 is as published"),
            ("cadss-6", {"item-3": "Ours"}, "has no item “item-3”"),
        ],
    )
    def test_only_what_is_the_clinics_to_word_can_be_worded(self, cast, scale, texts, says):
        with pytest.raises(Invalid, match=says):
            wording.set_wording(by=cast.supervisor, scale=scale, texts=texts)
        assert not ScaleWording.objects.exists()

    def test_a_scale_that_nobody_knows_is_not_found_and_a_nurse_words_nothing(self, cast):
        with pytest.raises(NotFound):
            wording.set_wording(by=cast.supervisor, scale="no-such", texts={})
        with pytest.raises(AccessDenied):
            wording.set_wording(by=cast.nurse, scale="cadss-6", texts={"item-1": "Ours"})
        with pytest.raises(AccessDenied):
            wording.set_chips(by=cast.nurse, wanted=SHIPPED)


class TestChips:
    def test_a_clinic_begins_with_those_that_ship_and_then_has_its_own(self, cast):
        assert wording.chips(cast.clinic.pk) == SHIPPED
        mine = (Chip("itching", "Itching"), *SHIPPED[::-1])
        wording.set_chips(by=cast.supervisor, wanted=mine)
        assert wording.chips(cast.clinic.pk) == mine
        assert wording.chips(cast.other_clinic.pk) == SHIPPED
        wording.set_chips(by=cast.supervisor, wanted=SHIPPED)
        assert wording.chips(cast.clinic.pk) == SHIPPED

    @pytest.mark.parametrize(
        ("wanted", "says"),
        [
            ([*SHIPPED, Chip("nausea", "Sick")], "“nausea” is given twice"),
            ([*SHIPPED, Chip("none", "Nothing")], "always comes first"),
            ([chip for chip in SHIPPED if chip.code != "seizure"], "“Seizure” is one that the rules name"),
            (
                [*(chip for chip in SHIPPED if chip.code != "seizure"), Chip("seizure", "Fit", shown=False)],
                "Seizure",
            ),
        ],
    )
    def test_what_the_rules_name_stays_on_offer(self, cast, wanted, says):
        with pytest.raises(Invalid, match=says):
            wording.set_chips(by=cast.supervisor, wanted=wanted)
        assert not SymptomChip.objects.exists()
