"""Symptoms: episodes as the sum of what was charted; medicines and adverse events as they stand."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sessions import adverse_events, medicines, symptoms
from sessions.record import Entry
from sessions.symptoms import SHIPPED, episodes
from tests.unit.sessions.entries import at, entry


def symptom(minute, code="nausea", **details):
    return entry("symptom", minute, code=code, **details)


def gone(minute, of, **details):
    return entry("resolve-symptom", minute, of=str(of.entry), **details)


def test_an_episode_has_onset_severity_action_and_end():
    began = symptom(10, severity="moderate")
    [episode] = episodes([began, gone(35, began, action="Lay down")])
    assert (episode.code, episode.onset_at, episode.severity) == ("nausea", at(10), "moderate")
    assert (episode.gone_at, episode.actions, episode.gone_by_none) == (at(35), ["Lay down"], False)


def test_the_same_symptom_again_goes_on_with_the_episode():
    entries = [
        symptom(10, severity="mild"),
        symptom(20, severity="severe", action="Head lowered"),
        symptom(30, severity="moderate"),
    ]
    [episode] = episodes(entries)
    assert (episode.onset_at, episode.severity, episode.worst) == (at(10), "moderate", "severe")
    assert episode.actions == ["Head lowered"]
    assert episode.is_open


def test_any_entry_of_an_episode_names_it():
    first, second = symptom(10), symptom(20)
    assert episodes([first, second, gone(30, second)])[0].gone_at == at(30)
    assert episodes([first, second, gone(30, first)])[0].gone_at == at(30)


def test_after_it_was_gone_the_same_symptom_is_another_episode():
    first = symptom(10)
    entries = [first, gone(20, first), symptom(40)]
    assert [(one.onset_at, one.gone_at) for one in episodes(entries)] == [(at(10), at(20)), (at(40), None)]


def test_the_onset_may_lie_before_the_charting():
    [episode] = episodes([symptom(20, onset_at=at(12).isoformat())])
    assert episode.onset_at == at(12)


def test_no_symptoms_says_that_all_are_gone_by_then():
    found = episodes([symptom(10), symptom(12, "dizzy"), symptom(40, "none"), symptom(50, "dizzy")])
    assert [(one.code, one.gone_at, one.gone_by_none) for one in found] == [
        ("nausea", at(40), True),
        ("dizzy", at(40), True),
        ("dizzy", None, False),
    ]
    assert symptoms.none_charted_at([symptom(10), symptom(40, "none")]) == [at(40)]


def test_what_was_over_before_it_was_charted_is_over():
    began = symptom(30, onset_at=at(10).isoformat())
    [episode] = episodes([gone(20, began), began])
    assert (episode.onset_at, episode.gone_at) == (at(10), at(20))


def test_charted_and_gone_in_the_same_moment_in_whatever_order_they_are_read():
    began = symptom(10)
    over = gone(10, began)
    assert episodes([began, over])[0].gone_at == episodes([over, began])[0].gone_at == at(10)


def test_back_after_it_was_gone_in_between():
    first, again = symptom(10), symptom(20)
    found = episodes([first, gone(15, first), again])
    assert [(one.onset_at, one.gone_at) for one in found] == [(at(10), at(15)), (at(20), None)]


def test_an_end_that_names_nothing_here_changes_nothing():
    [episode] = episodes([symptom(10), gone(20, symptom(5, "dizzy"))])
    assert episode.is_open


CHARTED = st.lists(st.sampled_from(["nausea", "dizzy", "none", "end"]), max_size=12)


@given(CHARTED)
def test_of_one_symptom_at_most_the_last_episode_is_open_and_none_overlap(charted):
    entries: list[Entry] = []
    for minute, code in enumerate(charted):
        begun = [one for one in entries if one.kind == "symptom"]
        if code == "end" and begun:
            entries.append(gone(minute, begun[-1]))
        elif code != "end":
            entries.append(symptom(minute, code))
    found = episodes(entries)
    for code in ("nausea", "dizzy"):
        mine = [one for one in found if one.code == code]
        assert all(not one.is_open for one in mine[:-1])
        assert all(one.gone_at and one.gone_at <= later.onset_at for one, later in pairwise(mine))
        assert sum(len(one.entries) for one in mine) == sum(
            one.kind == "symptom" and one.details["code"] == code for one in entries
        )


def test_the_chips_hold_what_a_session_needs_and_what_the_rules_call_serious():
    codes = {chip.code for chip in SHIPPED}
    assert {
        "nausea", "vomiting", "dizzy", "dissociation", "headache", "anxious", "sedation", "blurred-vision",
        "numbness", "pain", "severe-headache", "distress", "fainting",
    } < codes  # fmt: skip
    assert {
        "chest-pain",
        "breathlessness",
        "neurological-sign",
        "seizure",
        "unresponsive",
    } == symptoms.SERIOUS
    assert len(codes) == len(SHIPPED)


def test_a_symptom_whose_chip_is_gone_keeps_plain_words():
    assert symptoms.words_of("chest-pain", SHIPPED) == "Chest pain"
    assert symptoms.words_of("old-code", SHIPPED) == "Old code"
    assert symptoms.words_of("none", SHIPPED) == "No symptoms"


def test_a_medicine_is_what_was_charted():
    charted = entry("medicine", 15, name="Ondansetron", dose_text="4 mg", route="IV", ordered_by="Dr Reyes")
    [one] = medicines.given([charted, symptom(20)])
    assert (one.name, one.dose_text, one.route, one.ordered_by) == ("Ondansetron", "4 mg", "IV", "Dr Reyes")
    assert (one.at, one.by_name, one.indication) == (at(15), "Nurse", "")


def test_an_adverse_event_reads_in_words():
    told = [{"who": "Dr Reyes", "at": (at(20) + timedelta(seconds=5)).isoformat()}, {"who": "Family"}]
    charted = entry(
        "adverse-event",
        18,
        criteria=["life-threatening", "hospitalisation"],
        narrative="Chest pain; dose stopped",
        outcome="recovering",
        suspected="unknown",
        told=told,
    )
    [event] = adverse_events.adverse_events([charted])
    assert event.criteria == ("Life-threatening", "Hospitalisation, or a longer stay")
    assert (event.outcome, event.suspected, event.intervention) == ("Recovering", "Not known", "")
    assert [one.who for one in event.told] == ["Dr Reyes", "Family"]
    assert event.told[0].at == at(20) + timedelta(seconds=5)
    assert event.told[1].at is None
