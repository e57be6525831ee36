"""Limits over the API: versions, drafts, the signature, and what is changed for one patient."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from clinic import clock
from clinic.models import User
from tests import builders
from vitals.services.limit_sets import current_limit_set_id


@pytest.fixture
def call(cast, db):
    """Calls by a member of Harbor: (method, path, body) → (status, body)."""

    def call(who, method, path, body=None):
        browser = Client()
        browser.force_login(User.objects.get(pk=who.actor_id))
        answer = browser.generic(
            method, f"/api/v1/{path}", b"" if body is None else json.dumps(body), "application/json"
        )
        return answer.status_code, answer.json() if answer.content else None

    return call


def test_a_draft_from_its_beginning_to_its_signature(cast, call):
    who = cast.supervisor
    first = current_limit_set_id(cast.clinic.pk, "iv-ketamine")
    status, draft = call(who, "POST", "limit-sets/", {"based_on": first, "name": "Harbor"})
    assert (status, draft["version"], draft["standing"], draft["whose"]) == (
        201,
        2,
        "draft",
        "Reviewed by nobody yet",
    )
    path = f"limit-sets/{draft['id']}/"
    edits = {"change": [{"code": "BP-2", "vital": "systolic", "threshold": 160, "readings": 3}], "seen": 0}
    status, told = call(who, "PATCH", path, edits)
    assert status == 200
    assert [one["words"] for one in told["differs"]] == [
        "BP-2 SBP changed: limit 165 → 160; readings in a row 2 → 3"
    ]
    status, refused = call(who, "PATCH", path, edits)
    assert (status, refused["code"]) == (409, "conflict")
    status, signed = call(who, "POST", f"{path}sign/", {"signature": "supervisor", "seen": 1})
    assert (status, signed["standing"], signed["reviewed_by"]) == (200, "in use", "Supervisor")
    status, listed = call(cast.auditor, "GET", "limit-sets/")
    standings = {(one["protocol"], one["version"]): one["standing"] for one in listed["results"]}
    assert standings == {
        ("iv-ketamine", 1): "past",
        ("iv-ketamine", 2): "in use",
        ("nasal-esketamine", 1): "in use",
    }


def test_the_example_says_that_nobody_reviewed_it_and_shows_every_column(cast, call):
    first = current_limit_set_id(cast.clinic.pk, "iv-ketamine")
    status, told = call(cast.nurse, "GET", f"limit-sets/{first}/")
    assert (status, told["whose"]) == (200, "Example limits, reviewed by nobody yet")
    [row] = [one for one in told["rules"] if one["name"] == "BP-2 SBP"]
    assert (row["words"], row["flags"], row["columns"]["recheck_s"]) == (
        "SBP ≥ 165",
        "2 readings in a row",
        300,
    )


def test_a_refusal_names_the_field_of_the_row(cast, call):
    draft = builders.draft(cast.supervisor, clock.now())
    body = {"change": [{"code": "OX-2", "vital": "spo2", "threshold": 930}]}
    status, refused = call(cast.supervisor, "PATCH", f"limit-sets/{draft.pk}/", body)
    assert (status, refused["field"]) == (422, "change.0.threshold")
    assert refused["message"] == "Limit 930 % is above 100, the highest that spo₂ takes."
    status, refused = call(
        cast.supervisor, "PATCH", f"limit-sets/{draft.pk}/", {"change": [{"code": "OX-2", "limit": 93}]}
    )
    assert (status, "There is no field “limit” here." in refused["message"]) == (422, True)


def test_a_draft_is_discarded_and_what_is_in_use_is_not(cast, call):
    draft = builders.draft(cast.supervisor, clock.now())
    assert call(cast.supervisor, "DELETE", f"limit-sets/{draft.pk}/") == (204, None)
    assert call(cast.supervisor, "GET", f"limit-sets/{draft.pk}/")[0] == 404
    first = current_limit_set_id(cast.clinic.pk, "iv-ketamine")
    assert call(cast.supervisor, "DELETE", f"limit-sets/{first}/")[0] == 409


def test_a_limit_of_a_patient_is_changed_shown_everywhere_and_ended(cast, call):
    at = clock.now() - timedelta(minutes=20)
    session = builders.dosing(cast.nurse, cast.clinic, at)
    path = f"patients/{session.patient_id}/limits/"
    until = clock.now() + timedelta(hours=4)
    body = {
        "code": "BP-2",
        "vital": "systolic",
        "threshold": 175,
        "reason": "Known",
        "until": until.isoformat(),
    }
    status, made = call(cast.supervisor, "POST", path, body)
    assert (status, made["words"], made["holds"]) == (201, "SBP ≥ 175, instead of SBP ≥ 165", True)
    _, detail = call(cast.nurse, "GET", f"sessions/{session.id}/")
    assert [one["words"] for one in detail["patient_limits"]] == [made["words"]]
    limits = {f"{one['code']} {one['vital']}": one["limit"] for one in detail["limits"]["rules"]}
    # for this patient; +40 over the baseline of 124; never by the value alone
    assert (limits["BP-2 systolic"], limits["BP-3 systolic"], limits["BP-7 systolic"]) == (175, 164, None)
    _, board = call(cast.nurse, "GET", "board/")
    assert [one["threshold"] for one in board["sessions"][0]["patient_limits"]] == [175]
    status, ended = call(cast.supervisor, "POST", f"{path}{made['id']}/end/")
    assert (status, ended["holds"], ended["ended_by"]) == (200, False, "Supervisor")
    assert call(cast.supervisor, "POST", f"{path}{made['id']}/end/")[0] == 409
    _, detail = call(cast.nurse, "GET", f"sessions/{session.id}/")
    assert detail["patient_limits"] == []
    assert [one["id"] for one in call(cast.nurse, "GET", path)[1]["results"]] == [made["id"]]


def test_a_charge_nurse_without_a_credential_is_told_what_is_missing(cast, call):
    session = builders.dosing(cast.nurse, cast.clinic, clock.now() - timedelta(minutes=20))
    charge = builders.member(cast.clinic, "charge", "supervisor")
    until = clock.now() + timedelta(hours=4)
    body = {"code": "BP-6", "vital": "systolic", "off": True, "reason": "Known", "until": until.isoformat()}
    status, refused = call(charge, "POST", f"patients/{session.patient_id}/limits/", body)
    assert (status, refused["missing"]) == (
        409,
        ["the signature of a prescriber whose credential is in date"],
    )
