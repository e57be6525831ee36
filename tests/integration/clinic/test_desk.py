"""The desk over the API: patients, staff with their credentials, the clinic's own data, courses."""

import json
from datetime import date

import pytest
from django.test import Client

from clinic import clock
from clinic.access import MAY, Act
from clinic.models import AuditEvent, Credential, Membership, Patient
from clinic.tokens import issue_for_member
from tests import builders

NEW = {
    "mrn": "T-1",
    "given_name": "Ada",
    "family_name": "Canary",
    "birth_date": "1980-02-03",
    "sex": "female",
}
MEMBERS = ("nurse", "supervisor", "admin", "auditor")


class Caller:
    """One member with a token, speaking JSON."""

    def __init__(self, principal):
        key = issue_for_member(Membership.objects.get(user_id=principal.user_id), expires_at=None)
        self.client = Client(headers={"Authorization": f"Token {key}"})

    def __call__(self, method, path, body=None):
        sent = json.dumps(body) if body is not None else ""
        return self.client.generic(method, f"/api/v1/{path}", sent, content_type="application/json")


@pytest.fixture
def now(morning):
    with clock.pinned(morning):
        yield morning


@pytest.fixture
def call(cast, now):
    """A call by one of the cast, by name."""

    def do(name, method, path, body=None):
        return Caller(getattr(cast, name))(method, path, body)

    return do


@pytest.fixture
def patient(cast):
    return builders.patient(cast.clinic, "CANARY-1", family_name="Canary")


class TestPatients:
    def test_a_weight_without_a_day_was_taken_today(self, call):
        told = call("nurse", "POST", "patients/", {**NEW, "weight_kg": 71.5}).json()
        assert (told["weight_kg"], told["weighed_on"]) == (71.5, "2026-11-23")

    def test_a_new_one_may_bring_its_background(self, call):
        background = {
            "weight_kg": 71.5,
            "weighed_on": "2026-11-20",
            "middle_initial": "B",
            "address": "1 Example Street",
            "phone": "555 0100",
            "email": "ada@example.org",
            "rems_enrolled_on": "2026-11-01",
            "allergies": "Latex",
        }
        answer = call("admin", "POST", "patients/", {**NEW, **background})
        assert answer.status_code == 201
        assert {name: answer.json()[name] for name in background} == background

    def test_without_a_weight_nothing_was_weighed(self, call):
        told = call("nurse", "POST", "patients/", NEW).json()
        assert (told["weight_kg"], told["weighed_on"], told["rems_enrolled_on"]) == (None, None, None)

    def test_what_is_not_named_stays(self, call, patient):
        path = f"patients/{patient.id}/"
        assert call("nurse", "PATCH", path, {"phone": "555 0100"}).status_code == 200
        told = call("nurse", "PATCH", path, {"weight_kg": 72}).json()
        assert (told["phone"], told["weight_kg"], told["weighed_on"]) == ("555 0100", 72, "2026-11-23")
        assert call("nurse", "PATCH", path, {"phone": ""}).json()["phone"] == ""

    def test_the_audit_names_the_fields_and_no_value(self, call, patient):
        path = f"patients/{patient.id}/"
        call("nurse", "PATCH", path, {"phone": "555 0100", "allergies": "Latex"})
        call("nurse", "PATCH", path, {"phone": "555 0100"})
        [event] = AuditEvent.objects.filter(act="change-patient")
        assert event.details == {"changed": ["allergies", "phone"]}

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"weight_kg": 24.9}, "weight_kg"),
            ({"weight_kg": 350.1}, "weight_kg"),
            ({"weighed_on": "2026-11-24", "weight_kg": 70}, "weighed_on"),
            ({"rems_enrolled_on": "2026-11-24"}, "rems_enrolled_on"),
            ({"email": "not an address"}, "email"),
            ({"middle_initial": "AB"}, "middle_initial"),
            ({"mrn": "other"}, "mrn"),
            ({"shoe_size": 9}, "shoe_size"),
        ],
    )
    def test_a_value_that_cannot_be_is_refused_by_field(self, call, patient, body, field):
        answer = call("nurse", "PATCH", f"patients/{patient.id}/", body)
        assert answer.status_code == 422
        told = answer.json()
        assert field in (told.get("fields") or {told.get("field"): ""})

    def test_one_looked_at_is_in_the_audit(self, call, patient):
        assert call("auditor", "GET", f"patients/{patient.id}/").json()["mrn"] == "CANARY-1"
        assert AuditEvent.objects.filter(act="look", subject_id=str(patient.id)).count() == 1


class TestStaff:
    def renew(self, call, by, member, **body):
        path = f"staff/{member.user_id}/credentials/"
        return call(by, "POST", path, {"kind": "acls", "expires_on": "2026-12-05", **body})

    def test_a_credential_is_entered_and_renewed(self, cast, call):
        told = self.renew(call, "supervisor", cast.nurse, number="A-1")
        assert told.status_code == 201
        [line] = told.json()["credentials"]
        assert line == {
            "kind": "acls",
            "name": "ACLS",
            "number": "A-1",
            "expires_on": "2026-12-05",
            "standing": "runs-out",
            "words": "runs out in 12 days",
        }
        [line] = self.renew(call, "admin", cast.nurse, expires_on="2028-12-05").json()["credentials"]
        assert (line["number"], line["standing"]) == ("A-1", "in-date")
        assert Credential.objects.filter(user_id=cast.nurse.user_id).count() == 1
        events = AuditEvent.objects.filter(subject="credential").order_by("id")
        assert [event.details for event in events] == [
            {"kind": "acls", "until": "5 Dec 2026", "before": None},
            {"kind": "acls", "until": "5 Dec 2028", "before": "5 Dec 2026"},
        ]

    def test_nobody_enters_a_credential_of_their_own(self, cast, call):
        answer = self.renew(call, "admin", cast.admin, kind="prescriber")
        assert answer.status_code == 403
        assert not Credential.objects.filter(user_id=cast.admin.user_id).exists()

    def test_numbers_are_for_those_who_manage_staff(self, cast, call):
        self.renew(call, "supervisor", cast.nurse, number="A-1")
        for name, seen in (("admin", "A-1"), ("nurse", ""), ("auditor", "")):
            rows = {one["name"]: one for one in call(name, "GET", "staff/").json()["results"]}
            assert rows["Nurse"]["credentials"][0]["number"] == seen

    def test_a_stranger_and_another_clinic_s_member_are_unknown(self, cast, call):
        answer = self.renew(call, "supervisor", cast.outsider)
        assert answer.status_code == 404
        names = {one["name"] for one in call("nurse", "GET", "staff/").json()["results"]}
        assert names == {"Nurse", "Supervisor", "Admin", "Auditor"}

    def test_one_who_left_is_listed_no_more(self, cast, call, now):
        Membership.objects.filter(user_id=cast.nurse.user_id).update(ended_at=now)
        names = {one["name"] for one in call("admin", "GET", "staff/").json()["results"]}
        assert "Nurse" not in names


class TestClinic:
    def test_its_own_data_are_changed_and_the_audit_names_the_fields(self, call):
        told = call("admin", "PATCH", "clinic/", {"phone": "555 0100", "crisis_words": "Call us."})
        assert told.status_code == 200
        assert call("nurse", "GET", "clinic/").json()["crisis_words"] == "Call us."
        [event] = AuditEvent.objects.filter(subject="clinic")
        assert event.details == {"changed": ["crisis_words", "phone"]}

    def test_its_name_and_zone_are_not_changed_here(self, call):
        assert call("admin", "PATCH", "clinic/", {"name": "Other"}).status_code == 422


class TestCourses:
    def test_are_listed_shown_and_changed(self, cast, call, now):
        session = builders.scheduled(cast.nurse, cast.clinic, now)
        [row] = call("nurse", "GET", f"courses/?patient={session.patient_id}").json()["results"]
        assert (row["protocol"], row["indication"], row["label_use"], row["phase"]) == (
            "iv-ketamine",
            "depression",
            "off-label",
            "induction",
        )
        path = f"courses/{row['id']}/"
        body = {"consent_signed_on": "2026-11-20", "planned_sessions": 6, "next_on": "2026-11-30"}
        assert call("admin", "POST", f"{path}change/", body).json()["planned_sessions"] == 6
        told = call("auditor", "GET", path).json()
        assert told["consent_signed_on"] == "2026-11-20"
        assert [one["id"] for one in told["sessions"]] == [str(session.id)]
        closed = call("nurse", "POST", f"{path}change/", {"close_reason": "Complete"}).json()
        assert closed["close_reason"] == "Complete"
        assert call("nurse", "POST", f"{path}change/", {"phase": "maintenance"}).status_code == 409

    def test_a_patient_is_named(self, call):
        assert call("nurse", "GET", "courses/").status_code == 422
        assert call("nurse", "GET", "courses/?patient=x").status_code == 422


WRITES = (
    (Act.CHANGE_PATIENT, "PATCH", "patients/{patient}/", {"phone": "555"}),
    (Act.MANAGE_COURSE, "POST", "courses/{course}/change/", {"phase": "maintenance"}),
    (Act.MANAGE_STAFF, "POST", "staff/{auditor}/credentials/", {"kind": "rems", "expires_on": "2027-01-01"}),
    (Act.MANAGE_STAFF, "PATCH", "clinic/", {"phone": "555"}),
    (
        Act.MANAGE_SCORING,
        "POST",
        "clinic/scoring/",
        {"dissociation_counts_as_confusion": True, "reason": "test"},
    ),
)


@pytest.mark.parametrize(("act", "method", "path", "body"), WRITES, ids=[path for _, _, path, _ in WRITES])
def test_each_write_is_open_to_the_roles_that_the_table_names(cast, call, now, act, method, path, body):
    session = builders.scheduled(cast.nurse, cast.clinic, now)
    filled = path.format(patient=session.patient_id, course=session.course_id, auditor=cast.auditor.user_id)
    for name in MEMBERS:
        status = call(name, method, filled, body).status_code
        assert (status in {200, 201}) is (getattr(cast, name).role in MAY[act]), name
        assert status in {200, 201, 403}
    own = path.startswith("clinic/")
    assert call("outsider", method, filled, body).status_code == (200 if own else 404)
    assert Patient.objects.get(pk=session.patient_id).birth_date == date(1980, 1, 1)
