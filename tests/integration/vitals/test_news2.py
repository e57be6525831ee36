"""NEWS2 from the chart: who charts and signs, what a correction changes, and that no rule reads it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from clinic import clock
from clinic.models import AuditEvent, Clinic, Membership
from clinic.tokens import issue_for_member
from sessions import queries as treatments
from sessions.models import Session, SessionEvent
from tests import builders
from vitals import queries, scored_sets
from vitals.models import Flag

WHOLE = {
    "systolic": 118,
    "diastolic": 74,
    "heart_rate": 71,
    "respiratory_rate": 14,
    "spo2": 98,
    "temperature": 36.8,
    "sedation": 5,
}
ALERT_ON_AIR = {"consciousness": "A", "oxygen_l_min": 0}


@pytest.fixture
def now(morning):
    with clock.pinned(morning + timedelta(minutes=20)):
        yield morning + timedelta(minutes=20)


@pytest.fixture
def session(cast, morning):
    return builders.dosing(cast.nurse, cast.clinic, morning)


@pytest.fixture
def call(cast, now):
    """Call the API as one of the cast: call("nurse", "POST", path, body)."""

    def send(name, method, path, body=None):
        member = Membership.objects.get(user_id=getattr(cast, name).user_id)
        client = Client(headers={"Authorization": f"Token {issue_for_member(member, expires_at=None)}"})
        return client.generic(method, f"/api/v1/{path}", json.dumps(body or {}), "application/json")

    return send


def measured(cast, session, at, **changed):
    given = {name: value for name, value in {**WHOLE, **changed}.items() if value is not None}
    return builders.record(builders.incoming(cast.nurse, session, at, **given))


def looked(cast, session, at, **details):
    return builders.act(cast.nurse, session, "alertness", at, **{**ALERT_ON_AIR, **details})


def shown(cast, session):
    return scored_sets.of_session(treatments.session(cast.clinic.pk, session.id))


class TestAlertness:
    def test_is_charted_with_its_words_and_scored(self, cast, call, session, now):
        measured(cast, session, now)
        told = call("nurse", "POST", f"sessions/{session.id}/alertness/", ALERT_ON_AIR).json()
        [event] = [one for one in told["events"] if one["kind"] == "alertness"]
        assert event["text"] == "Alert, room air"
        newest = told["news2"]["newest"]
        assert (newest["total"], newest["risk"], newest["missing"]) == (0, "low", [])
        assert [part["points"] for part in newest["parts"]] == [0] * 7
        assert newest["parts"][2]["words"] == "room air"
        assert told["news2"]["acknowledged"] == "NEWS2 © Royal College of Physicians 2017"

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"consciousness": "A"}, "oxygen_l_min"),
            ({"oxygen_l_min": 0}, "consciousness"),
            ({"consciousness": "X", "oxygen_l_min": 0}, "consciousness"),
            ({"consciousness": "A", "oxygen_l_min": None}, "oxygen_l_min"),
            ({"consciousness": "A", "oxygen_l_min": -1}, "oxygen_l_min"),
            ({"consciousness": "A", "oxygen_l_min": 61}, "oxygen_l_min"),
            ({"consciousness": "A", "oxygen_l_min": "NaN"}, "oxygen_l_min"),
            ({**ALERT_ON_AIR, "dissociation_counts": True}, "dissociation_counts"),
        ],
    )
    def test_what_is_not_said_is_refused_by_name(self, call, session, body, field):
        answer = call("nurse", "POST", f"sessions/{session.id}/alertness/", body)
        assert answer.status_code == 422
        assert field in answer.content.decode()
        assert not SessionEvent.objects.filter(kind="alertness").exists()

    def test_without_it_the_set_says_what_is_missing(self, cast, call, session, now):
        measured(cast, session, now, temperature=None)
        newest = call("nurse", "GET", f"sessions/{session.id}/").json()["news2"]["newest"]
        assert newest["total"] is None
        assert newest["missing"] == ["Air or oxygen", "Consciousness", "Temperature"]

    def test_a_newer_set_without_a_look_leaves_the_last_complete_one_beside_it(
        self, cast, call, session, morning
    ):
        measured(cast, session, morning, heart_rate=95)
        looked(cast, session, morning)
        measured(cast, session, morning + timedelta(minutes=15))
        told = call("nurse", "GET", f"sessions/{session.id}/").json()["news2"]
        assert told["newest"]["missing"] == ["Air or oxygen", "Consciousness"]
        assert told["last_complete"]["total"] == 1

    def test_a_correction_of_a_value_is_a_correction_of_the_score(self, cast, session, now):
        [stored] = measured(cast, session, now, heart_rate=24, respiratory_rate=71)
        looked(cast, session, now)
        assert shown(cast, session).scored[0].total == 6
        builders.correct(cast.nurse, stored.id, now, heart_rate=71, respiratory_rate=24, reason="Swapped")
        assert shown(cast, session).scored[0].total == 2

    def test_a_look_in_error_counts_no_more(self, cast, call, session, now):
        measured(cast, session, now)
        looked(cast, session, now, consciousness="U")
        entry = SessionEvent.objects.get(kind="alertness").entry
        body = {"entered_in_error": True, "reason": "Other patient"}
        told = call("nurse", "POST", f"entries/{entry}/correct/", body).json()
        assert told["news2"]["newest"]["missing"] == ["Air or oxygen", "Consciousness"]
        assert shown(cast, session).scored == ()

    def test_it_is_completed_after_the_end_and_never_before_check_in(self, cast, call, session, now):
        builders.act(cast.nurse, session, "transfer", now, reason="test")
        looked(cast, session, now)
        later = builders.scheduled(cast.nurse, cast.clinic, now, chair="2")
        assert call("nurse", "POST", f"sessions/{later.id}/alertness/", ALERT_ON_AIR).status_code == 409

    def test_a_monitors_zero_is_not_scored(self, cast, session, now):
        measured(cast, session, now, respiratory_rate=None)
        builders.record(builders.incoming(cast.monitor, session, now, respiratory_rate=0))
        looked(cast, session, now)
        assert shown(cast, session).scored[0].missing == ("Respiratory rate",)

    def test_sedation_that_tells_another_story_is_said(self, cast, call, session, now):
        measured(cast, session, now, sedation=2)
        looked(cast, session, now)
        newest = call("nurse", "GET", f"sessions/{session.id}/").json()["news2"]["newest"]
        assert newest["remark"].startswith("Sedation was charted as 2 of 5 and consciousness as “alert”")
        assert newest["total"] == 0

    def test_nobody_under_sixteen_is_scored(self, cast, call, session, now):
        measured(cast, session, now)
        looked(cast, session, now)
        patient = session.patient
        patient.birth_date = (now - timedelta(days=366 * 15)).date()
        patient.save()
        told = call("nurse", "GET", f"sessions/{session.id}/").json()["news2"]
        assert told["too_young"]
        assert told["newest"] is None

    def test_it_is_never_a_flag(self, cast, session, now):
        """A score of 7 by oxygen, temperature and letters alone: no limit knows these, so nothing rings."""
        before = Session.objects.get(pk=session.id).state
        measured(cast, session, now, temperature=39.5)
        looked(cast, session, now, consciousness="C", oxygen_l_min=4)
        assert shown(cast, session).scored[0].total == 7
        assert not Flag.objects.filter(session=session, category="physiological").exists()
        assert Session.objects.get(pk=session.id).state == before


class TestSwitch:
    def test_is_a_supervisors_with_a_reason_and_audited(self, call, cast):
        body = {"dissociation_counts_as_confusion": True, "reason": "Our policy of March"}
        for name in ("nurse", "admin", "auditor"):
            assert call(name, "POST", "clinic/scoring/", body).status_code == 403
        unreasoned = {**body, "reason": " "}
        assert call("supervisor", "POST", "clinic/scoring/", unreasoned).status_code == 422
        assert not Clinic.objects.get(pk=cast.clinic.pk).dissociation_counts_as_confusion
        told = call("supervisor", "POST", "clinic/scoring/", body).json()
        assert told == {"dissociation_counts_as_confusion": True}
        assert call("nurse", "GET", "clinic/scoring/").json() == told
        [event] = AuditEvent.objects.filter(act="manage-scoring")
        assert event.details == {**body, "before": False}
        assert call("supervisor", "POST", "clinic/scoring/", body).status_code == 200
        assert AuditEvent.objects.filter(act="manage-scoring").count() == 1  # nothing changed, nothing said
        assert not Clinic.objects.get(pk=cast.other_clinic.pk).dissociation_counts_as_confusion

    def test_counts_from_when_it_is_changed_on_and_leaves_what_was_charted(
        self, cast, call, session, morning
    ):
        later = morning + timedelta(minutes=15)
        measured(cast, session, morning)
        looked(cast, session, morning, consciousness="D")
        body = {"dissociation_counts_as_confusion": True, "reason": "test"}
        assert call("supervisor", "POST", "clinic/scoring/", body).status_code == 200
        measured(cast, session, later)
        looked(cast, session, later, consciousness="D")
        assert [one.total for one in shown(cast, session).scored] == [0, 3]
        # what was seen is corrected; how dissociation counted on that day is not
        first = SessionEvent.objects.filter(kind="alertness").earliest("at").entry
        change = {"details": {"oxygen_l_min": 2}, "reason": "On oxygen"}
        assert call("nurse", "POST", f"entries/{first}/correct/", change).status_code == 200
        assert [one.total for one in shown(cast, session).scored] == [2, 3]


class TestOxygenTarget:
    def test_is_signed_by_a_prescriber_with_a_reason(self, call, session, now):
        body = {"spo2_scale": 2, "reason": "Hypercapnic failure in 2024"}
        path = f"sessions/{session.id}/oxygen-target/"
        refused = call("nurse", "POST", path, body)
        assert refused.status_code == 409
        assert refused.json()["missing"] == ["the signature of a prescriber whose credential is in date"]
        assert call("admin", "POST", path, body).status_code == 403
        assert call("supervisor", "POST", path, {"spo2_scale": 2}).status_code == 422
        assert call("supervisor", "POST", path, {"spo2_scale": 3, "reason": "x"}).status_code == 422
        told = call("supervisor", "POST", path, body).json()
        assert (told["news2"]["spo2_scale"], told["news2"]["scale_signed_by"]) == (2, "Supervisor")
        [event] = [one for one in told["events"] if one["kind"] == "oxygen-target"]
        assert event["text"] == (
            "Supervisor prescribed: target 88–92 %, NEWS2 on SpO₂ scale 2. Hypercapnic failure in 2024"
        )
        assert call("supervisor", "POST", path, body).status_code == 409  # it holds already
        with clock.pinned(now + timedelta(minutes=1)):
            back = call("supervisor", "POST", path, {"spo2_scale": 1, "reason": "Not this patient"}).json()
        assert (back["news2"]["spo2_scale"], back["news2"]["scale_signed_by"]) == (1, None)

    def test_scores_from_then_on(self, cast, session, morning):
        for minute in (0, 15):
            measured(cast, session, morning + timedelta(minutes=minute), spo2=90)
            looked(cast, session, morning + timedelta(minutes=minute))
        signed_at = morning + timedelta(minutes=10)
        builders.act(
            cast.supervisor, session, "oxygen-target", signed_at, spo2_scale=2, reason="Known hypercapnia"
        )
        assert [one.total for one in shown(cast, session).scored] == [3, 0]


def test_the_score_hangs_on_the_chart_alone_not_on_the_order_of_arrival(cast, session, morning):
    """The same set in four parts, charted from the last to the first, scores the same."""
    parts: list[tuple[int, dict[str, Any]]] = [
        (0, {"systolic": 118, "diastolic": 74}),
        (1, {"heart_rate": 95}),
        (2, {"spo2": 94, "respiratory_rate": 22}),
        (3, {"temperature": 38.4}),
    ]
    received_at = morning + timedelta(minutes=10)
    for minute, values in reversed(parts):
        at = morning + timedelta(minutes=minute)
        builders.record(builders.incoming(cast.nurse, session, at, received_at=received_at, **values))
    looked(cast, session, morning + timedelta(minutes=4))
    [one] = shown(cast, session).scored
    assert one.total == 1 + 1 + 2 + 1
    views = queries.readings(session.id)
    # the four parts, and the baseline
    assert len(views) == 5
