"""The table of states is whole: every state is reached, left, and spoken of; no row is ambiguous."""

from collections import defaultdict

import pytest

from clinic.access import Act
from sessions.states import (
    ENDS,
    PRESENT,
    TRANSITIONS,
    WORDS,
    State,
    When,
    rows_of,
    sources_of,
    target_of,
)


def test_every_state_is_reached_from_scheduled():
    reached = {State.SCHEDULED}
    while more := {row.target for row in TRANSITIONS if row.source in reached} - reached:
        reached |= more
    assert reached == set(State)


@pytest.mark.parametrize("state", [state for state in State if state not in ENDS])
def test_a_state_that_is_no_end_is_left_for_another(state):
    assert {row.target for row in TRANSITIONS if row.source is state} - {state}


@pytest.mark.parametrize("state", sorted(ENDS))
def test_an_end_is_never_left(state):
    assert {row.target for row in TRANSITIONS if row.source is state} <= {state}


def test_from_every_state_with_a_patient_an_end_can_be_reached():
    ways = defaultdict(set)
    for row in TRANSITIONS:
        ways[row.source].add(row.target)
    for state in PRESENT:
        reached = {state}
        while more := set().union(*(ways[known] for known in reached)) - reached:
            reached |= more
        assert reached & ENDS, state


def test_patients_are_present_between_schedule_and_end():
    assert set(State) - ENDS - {State.SCHEDULED} == PRESENT


def test_no_act_has_two_answers_in_one_state():
    rows = defaultdict(list)
    for row in TRANSITIONS:
        rows[row.act, row.source].append(row.when)
    for (act, source), whens in rows.items():
        assert len(set(whens)) == len(whens), f"{act} from {source} has a row twice"
        if len(whens) > 1:
            assert When.ALWAYS not in whens, f"{act} from {source} needs no condition and has one"


def test_a_patient_is_moved_or_noted_about_wherever_they_sit():
    for act in ("move-chair", "symptom", "note", "transfer"):
        assert set(sources_of(act)) >= PRESENT


def test_every_act_has_words_and_every_word_an_act():
    assert {row.act for row in TRANSITIONS} == set(WORDS)


def test_every_act_of_a_person_has_a_row_in_the_table_of_roles():
    charted_by_the_rules = {"breach"}
    written_for_release = {"leave-early"}  # asked for as a release, checked as an early end
    acts = {row.act for row in TRANSITIONS} - charted_by_the_rules - written_for_release
    assert acts <= {act.value for act in Act}


@pytest.mark.parametrize(
    ("act", "source", "holds", "target"),
    [
        ("start", State.CHECKED_IN, {When.DOSE_GOES_ON}, State.DOSING),
        ("start", State.CHECKED_IN, {When.DOSE_IS_DONE}, State.MONITORING),
        ("resume", State.HELD, {When.BEFORE_DOSE}, State.CHECKED_IN),
        ("resume", State.HELD, {When.AFTER_DOSE}, State.DOSING),
        ("cancel", State.HELD, {When.AFTER_DOSE}, None),
        ("stop", State.HELD, {When.BEFORE_DOSE}, None),
        ("stop", State.DOSING, set(), State.MONITORING),
        ("release", State.MONITORING, set(), None),
        ("breach", State.READY, set(), State.MONITORING),
    ],
)
def test_where_an_act_leads(act, source, holds, target):
    assert target_of(act, source, frozenset(holds)) is target


def test_an_act_unknown_in_a_state_has_no_rows():
    assert rows_of("start", State.RELEASED) == ()
