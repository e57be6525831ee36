"""Scales, symptoms, medicines, adverse events over the API; corrections of them; the clinic's own words."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from clinic import clock
from clinic.models import Membership
from clinic.tokens import issue_for_member
from sessions import known_scales, queries, scales
from sessions.shipped_scales import PHQ_9
from tests import builders
from tests.unit.sessions.test_scales import all_at

MEDICINE = {"name": "Ondansetron", "dose_text": "4 mg", "route": "IV", "ordered_by": "Dr Reyes"}
EVENT = {
    "criteria": ["hospitalisation"],
    "narrative": "Chest pain; dose stopped",
    "outcome": "recovering",
    "told": [{"who": "Dr Reyes", "at": "2026-11-23T10:09:00-05:00"}],
}


class Caller:
    def __init__(self, principal):
        key = issue_for_member(Membership.objects.get(user_id=principal.user_id), expires_at=None)
        self.client = Client(headers={"Authorization": f"Token {key}"})

    def post(self, path, body):
        return self.client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")

    def get(self, path):
        return self.client.get(f"/api/v1/{path}")


@pytest.fixture
def now(morning):
    """The doors' clock, held ten minutes into the morning's dose."""
    with clock.pinned(morning + timedelta(minutes=10)):
        yield morning + timedelta(minutes=10)


@pytest.fixture
def nurse(cast, now):
    return Caller(cast.nurse)


@pytest.fixture
def supervisor(cast, now):
    return Caller(cast.supervisor)


@pytest.fixture
def session(cast, morning):
    return builders.dosing(cast.nurse, cast.clinic, morning)


def test_a_scale_is_taken_corrected_and_marked_as_entered_in_error(nurse, session):
    answers = all_at(PHQ_9, 0) | {"self-harm": 2}
    told = nurse.post(f"sessions/{session.id}/scale/", {"scale": "phq-9", "answers": answers})
    assert told.status_code == 200
    [taken] = [event for event in told.json()["events"] if event["kind"] == "scale"]
    assert taken["text"] == "PHQ-9: 2 of 27, minimal"
    assert scales.awaiting_review(queries.entries(session.id), known_scales.scales())

    entry = queries.entries(session.id)[-1].entry
    calm = {"details": {"answers": all_at(PHQ_9, 0)}, "reason": "Tapped wrong"}
    assert nurse.post(f"entries/{entry}/correct/", calm).status_code == 200
    [corrected] = scales.taken(queries.entries(session.id), known_scales.scales())
    assert (corrected.total, corrected.corrected, corrected.asks) == (0, True, ())

    gone = {"entered_in_error": True, "reason": "Other patient"}
    assert nurse.post(f"entries/{entry}/correct/", gone).status_code == 200
    assert scales.taken(queries.entries(session.id), known_scales.scales()) == []


def test_a_symptom_is_told_as_an_episode_with_the_entry_that_ends_it(nurse, session):
    body = {"code": "nausea", "severity": "mild", "onset_at": "2026-11-23T10:04:00-05:00"}
    [episode] = nurse.post(f"sessions/{session.id}/symptom/", body).json()["symptoms"]
    assert (episode["text"], episode["severity"], episode["gone_at"]) == ("Nausea", "mild", None)
    assert episode["onset_at"] == "2026-11-23T15:04:00Z"
    told = nurse.post(f"sessions/{session.id}/resolve-symptom/", {"of": episode["entry"]})
    assert told.json()["symptoms"][0]["gone_at"] == "2026-11-23T15:10:00Z"


@pytest.mark.parametrize(
    ("act", "body", "status"),
    [
        ("medicine", MEDICINE, 200),
        ("medicine", MEDICINE | {"ordered_by": ""}, 422),
        ("medicine", MEDICINE | {"suggested": True}, 422),
        ("adverse-event", EVENT, 200),
        ("adverse-event", EVENT | {"criteria": []}, 422),
        ("adverse-event", EVENT | {"criteria": ["bad luck"]}, 422),
        ("adverse-event", EVENT | {"told": [{"at": "2026-11-23T10:09:00-05:00"}]}, 422),
        ("scale", {"scale": "phq-9", "answers": {"mood": 7}}, 422),
        ("scale", {"scale": "phq-9", "answers": {"mood": "often"}}, 422),
        ("scale", {"scale": "no-such", "answers": {"mood": 1}}, 422),
        ("review-scale", {"of": "00000000-0000-4000-8000-000000000000", "text": "Looked"}, 409),
        ("resolve-symptom", {"of": "00000000-0000-4000-8000-000000000000"}, 404),
        ("symptom", {"code": "nausea", "onset_at": "2026-11-23T12:00:00-05:00"}, 422),
    ],
)
def test_what_each_act_takes(nurse, session, act, body, status):
    answer = nurse.post(f"sessions/{session.id}/{act}/", body)
    assert answer.status_code == status, answer.content


def test_release_lists_the_review_among_what_is_missing(nurse, session):
    answers = {"positive": 1}
    told = nurse.post(f"sessions/{session.id}/scale/", {"scale": "suicide-screen", "answers": answers}).json()
    [release] = [act for act in told["acts"] if act["act"] == "release"]
    assert "Positive suicide screen: a named clinician's review" in release["missing"]
    assert not release["allowed"]


def test_scales_are_listed_in_the_clinics_own_words(nurse, supervisor):
    answer = supervisor.post("scales/cadss-6/wording/", {"texts": {"item-22": "Our licensed words"}})
    assert answer.status_code == 200
    listed = {scale["code"]: scale for scale in nurse.get("scales/").json()["results"]}
    texts = {item["code"]: item["text"] for item in listed["cadss-6"]["items"]}
    assert (texts["item-22"], texts["item-1"]) == ("Our licensed words", "Item 1 of the 23-item form")
    assert (listed["phq-9"]["lowest"], listed["phq-9"]["highest"]) == (0, 27)
    assert nurse.post("scales/cadss-6/wording/", {"texts": {}}).status_code == 403
    assert supervisor.post("scales/no-such/wording/", {"texts": {}}).status_code == 404
    assert supervisor.post("scales/phq-9/wording/", {"texts": {"mood": "Ours"}}).status_code == 422


def test_chips_are_ordered_and_a_new_one_gets_its_code_from_its_words(nurse, supervisor):
    held = nurse.get("symptoms/").json()["results"]
    chips = [
        {"code": chip["code"], "text": chip["text"], "position": place} for place, chip in enumerate(held, 1)
    ]
    chips[4] |= {"position": 0, "shown": True}
    answer = supervisor.post("symptoms/", {"chips": [*chips, {"text": "Ringing ears", "shown": False}]})
    assert answer.status_code == 200
    told = nurse.get("symptoms/").json()["results"]
    assert [chip["code"] for chip in told[:3]] == ["headache", "dizzy", "nausea"]
    assert told[-1] == {"code": "ringing-ears", "text": "Ringing ears", "shown": False, "serious": False}
    assert nurse.post("symptoms/", {"chips": chips}).status_code == 403
    assert supervisor.post("symptoms/", {"chips": [{"text": "???"}]}).status_code == 422


@pytest.mark.parametrize("role", ["admin", "auditor"])
@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("scale", {"scale": "pain-nrs", "answers": {"pain": 1}}),
        ("review-scale", {"of": "00000000-0000-4000-8000-000000000000", "text": "Looked"}),
        ("resolve-symptom", {"of": "00000000-0000-4000-8000-000000000000"}),
        ("medicine", MEDICINE),
        ("adverse-event", EVENT),
    ],
)
def test_who_gives_no_care_charts_none_of_it(cast, now, session, role, act, body):
    answer = Caller(getattr(cast, role)).post(f"sessions/{session.id}/{act}/", body)
    assert answer.status_code == 403
    assert f"A {role} may not do “{act}” here" in answer.json()["message"]
