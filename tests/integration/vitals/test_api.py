"""The API's contract, call by call: exact names, statuses, and refusals that name field, value and rule."""

import json
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from clinic import clock
from clinic.access import MAY, Act, Role
from clinic.models import Device, Membership
from clinic.tokens import issue_for_device, issue_for_member
from sessions.models import SessionEvent
from tests import builders
from vitals.api.bodies import BODIES
from vitals.models import Quarantine

SESSION = {
    "id", "state", "patient", "chair", "protocol", "indication", "scheduled_at", "checked_in_at",
    "dose_started_at", "dose_ended_at", "planned_end_at", "window_ends_at", "earliest_release_at", "ended_at",
    "nurse", "course", "escort", "escort_phone", "checklists", "dose", "waiting", "outcome", "outcome_reason",
    "acts", "events", "steps", "symptoms", "panel", "limits", "clock", "news2", "typical", "patient_limits",
}  # fmt: skip
PATIENT = {"id", "mrn", "given_name", "family_name", "birth_date", "sex", "allergies", "weight_kg"}
BACKGROUND = {"weighed_on", "middle_initial", "address", "phone", "email", "rems_enrolled_on"}
VITALS = {
    "systolic", "diastolic", "mean", "heart_rate", "respiratory_rate", "spo2", "temperature", "etco2",
    "sedation",
}  # fmt: skip
READING = VITALS | {
    "id", "measured_at", "received_at", "late", "doubtful", "absent", "version", "supersedes",
    "superseded_by", "recorded_by", "source", "reason",
}  # fmt: skip
FLAG = {
    "id", "session", "condition", "priority", "category", "state", "late", "vital", "direction", "value",
    "threshold", "rule", "text", "why", "opened_at", "raised_at", "activated_at", "drawn_at", "escalated",
    "paused_by", "paused_until", "pause_reason", "readings", "acknowledged_by", "acknowledged_at",
    "action", "resolved_at", "resolved_cause", "findings",
}  # fmt: skip
PANEL = {
    "session", "version", "chair", "initials", "route", "treatment", "nurse", "state", "limit_set",
    "simulated", "checked_in_at", "watched_from", "rings_from", "dose_started_at", "dose_ended_at",
    "planned_end_at",
    "window_ends_at", "waiting_for_escort_at", "assessed_ready_by", "values", "absent", "due", "flags",
    "trace", "doses", "postponed", "waited", "limit_version", "nurse_id", "rechecks", "baseline", "streamed",
    "met_since", "symptoms", "patient_limits", "cover", "hand_over",
}  # fmt: skip


class Caller:
    """One member or device with its token, speaking JSON."""

    def __init__(self, key=None):
        self.client = Client(headers={"Authorization": f"Token {key}"} if key else {})

    def get(self, path, **query):
        return self.client.get(f"/api/v1/{path}", query)

    def post(self, path, body=None, content_type="application/json"):
        sent = body if isinstance(body, bytes | str) else json.dumps(body or {})
        return self.client.post(f"/api/v1/{path}", sent, content_type=content_type)


def caller(principal):
    if principal.is_device:
        return Caller(issue_for_device(Device.objects.get(pk=principal.device_id)))
    membership = Membership.objects.get(user_id=principal.user_id)
    return Caller(issue_for_member(membership, expires_at=None))


@pytest.fixture
def now(morning):
    """The doors' clock, held ten minutes into the morning's dose."""
    at = morning + timedelta(minutes=10)
    with clock.pinned(at):
        yield at


@pytest.fixture
def nurse(cast, now):
    return caller(cast.nurse)


@pytest.fixture
def session(cast, morning):
    return builders.dosing(cast.nurse, cast.clinic, morning)


def reading(session, at, **values):
    return {"session": str(session.id), "measured_at": at.isoformat(), **values}


class TestTokens:
    def test_a_member_gets_one_for_scripts(self, cast):
        answer = Caller().post("auth/token/", {"username": "nurse", "password": builders.PASSWORD})
        assert answer.status_code == 201
        assert set(answer.json()) == {"token", "expires_at"}
        assert Caller(answer.json()["token"]).get("board/").status_code == 200

    @pytest.mark.parametrize(
        "body", [{"username": "nurse", "password": "wrong"}, {"username": "x", "password": "y"}]
    )
    def test_a_wrong_name_or_password_is_401_and_says_no_more(self, cast, body):
        answer = Caller().post("auth/token/", body)
        assert answer.status_code == 401
        assert answer.json() == {"code": "not_authenticated", "message": "Name and password do not match."}

    def test_a_nul_character_is_refused_by_field(self, cast):
        answer = Caller().post("auth/token/", {"username": "nu\x00rse", "password": "y"})
        assert (answer.status_code, list(answer.json()["fields"])) == (422, ["username"])


class TestPatients:
    BODY = {
        "mrn": "MR-1", "given_name": "Ada", "family_name": "Example", "birth_date": "1980-02-29",
        "sex": "female", "weight_kg": 71.5,
    }  # fmt: skip

    def test_are_registered(self, nurse):
        answer = nurse.post("patients/", self.BODY)
        assert answer.status_code == 201
        assert set(answer.json()) == PATIENT | BACKGROUND
        assert {**self.BODY, "allergies": ""}.items() <= answer.json().items()
        [found] = nurse.get("patients/", q="exam mr-1").json()["results"]
        assert found == answer.json()

    def test_a_record_number_is_taken_once(self, nurse):
        nurse.post("patients/", self.BODY)
        answer = nurse.post("patients/", self.BODY)
        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (409, "conflict", "mrn")

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"weight": 70}, "weight"),
            ({"birth_date": "29.02.1980"}, "birth_date"),
            ({"sex": "f"}, "sex"),
            ({"weight_kg": 24.9}, "weight_kg"),
            ({"given_name": "A\x00"}, "given_name"),
        ],
    )
    def test_a_wrong_field_is_named(self, nurse, changed, field):
        answer = nurse.post("patients/", {**self.BODY, **changed})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        assert list(answer.json()["fields"]) == [field]

    def test_a_search_with_a_nul_character_is_refused(self, nurse):
        assert nurse.get("patients/", q="a\x00").status_code == 422


class TestSessions:
    @pytest.fixture
    def body(self, cast):
        patient = builders.patient(cast.clinic)
        return {
            "patient": str(patient.id),
            "chair": "3",
            "protocol": "nasal-esketamine",
            "indication": "Treatment-resistant depression",
            "scheduled_at": "2026-11-23T10:30:00-05:00",
        }

    def test_a_new_one_is_answered_in_full(self, nurse, body):
        answer = nurse.post("sessions/", body)
        assert answer.status_code == 201
        told = answer.json()
        assert set(told) == SESSION
        assert set(told["patient"]) == PATIENT
        assert (told["state"], told["chair"]["name"]) == ("scheduled", "3")
        assert told["protocol"]["code"] == "nasal-esketamine"
        assert nurse.get(f"sessions/{told['id']}/").json() == told

    @pytest.mark.parametrize(
        ("changed", "status", "field"),
        [
            ({"patient": str(uuid4())}, 404, None),
            ({"chair": "99"}, 404, None),
            ({"protocol": "other"}, 422, "protocol"),
            ({"scheduled_at": "2026-11-23T10:30:00"}, 422, "scheduled_at"),
            ({"when": "now"}, 422, "when"),
        ],
    )
    def test_a_new_one_is_refused(self, nurse, body, changed, status, field):
        answer = nurse.post("sessions/", {**body, **changed})
        assert answer.status_code == status
        told = answer.json()
        assert field is None or field in {told.get("field"), *told.get("fields", {})}

    def test_a_course_over_the_api(self, cast, body, morning):
        with clock.pinned(morning):
            nurse = caller(cast.nurse)
            id_ = nurse.post("sessions/", body).json()["id"]
            told = nurse.post(f"sessions/{id_}/check-in/").json()
            assert told["state"] == "checked_in"
            assert set(told["panel"]) == PANEL
            assert set(told["limits"]) == {
                "id", "name", "version", "reviewed_by", "reviewed_on", "band", "rules", "plausible",
            }  # fmt: skip
            assert {rule["code"] for rule in told["limits"]["rules"] if not rule["is_plain"]} == {
                "BP-0", "BP-3", "BP-4", "BP-7", "BP-9", "BP-10", "BP-12", "SYM-1", "SYM-2", "SYM-3",
            }  # fmt: skip
            told = nurse.post(f"sessions/{id_}/start/", {"planned_devices": 2}).json()
            assert told["state"] == "dosing"
            assert set(told["steps"][0]) == {
                "label", "due_at", "opens_at", "closes_at", "needs", "state", "postponed_min",
            }  # fmt: skip
            assert set(told["acts"][0]) == {"act", "label", "allowed", "missing"}
            assert set(told["events"][0]) == {
                "id",
                "entry",
                "version",
                "status",
                "reason",
                "superseded",
                "kind",
                "at",
                "recorded_at",
                "by",
                "late",
                "text",
                "details",
            }
        with clock.pinned(morning + timedelta(minutes=5)):
            told = nurse.post(f"sessions/{id_}/dose/", {"device": 2}).json()
            assert told["state"] == "monitoring"
            assert told["earliest_release_at"] == "2026-11-23T17:05:00Z"
            refused = nurse.post(f"sessions/{id_}/release/")
            assert refused.status_code == 409
            assert set(refused.json()) == {"code", "message", "missing"}
            assert refused.json()["missing"][0] == "earliest release 12:05"

    def test_an_act_charted_late_is_marked(self, nurse, session, now):
        at = now - timedelta(minutes=8)
        told = nurse.post(f"sessions/{session.id}/note/", {"text": "Dozing", "at": at.isoformat()}).json()
        [note] = [event for event in told["events"] if event["kind"] == "note"]
        assert (datetime.fromisoformat(note["at"]), datetime.fromisoformat(note["recorded_at"])) == (at, now)

    @pytest.mark.parametrize(
        ("act", "body", "status"),
        [
            ("stop", {"at": "2026-11-23T10:05:00", "reason": "x"}, 422),
            ("stop", {"because": "x"}, 422),
            ("stop", {}, 422),
            ("start", {"dose_mg": 40}, 409),
            ("move-chair", {"chair": "77"}, 404),
            ("move-chair", {"chair": "a\x00"}, 422),
            ("symptom", {"code": "nausea", "severity": "awful"}, 422),
            ("note", {"text": "a\x00"}, 422),
        ],
    )
    def test_an_act_is_refused(self, nurse, session, act, body, status):
        answer = nurse.post(f"sessions/{session.id}/{act}/", body)
        assert answer.status_code == status
        assert {"code", "message"} <= set(answer.json())

    @pytest.mark.parametrize("act", ["breach", "end-early", "leave-early", "launch"])
    def test_what_no_person_charts_is_no_act(self, nurse, session, act):
        assert nurse.post(f"sessions/{session.id}/{act}/", {"reason": "x"}).status_code == 404

    def test_a_nul_character_in_a_list_of_items_is_refused(self, nurse, cast, session, now):
        builders.act(cast.nurse, session, "stop", now, reason="Early")
        answer = nurse.post(f"sessions/{session.id}/readiness/", {"items": {"a\x00": True}})
        assert answer.status_code == 422

    def test_bodies_that_are_no_object_are_refused(self, nurse, session):
        assert nurse.post(f"sessions/{session.id}/note/", b"[]").status_code == 422
        assert nurse.post(f"sessions/{session.id}/note/", b"{").status_code == 400
        assert nurse.post(f"sessions/{session.id}/note/", b"x", content_type="text/plain").status_code == 415

    def test_another_clinic_s_are_unknown(self, cast, session, now):
        outsider = caller(cast.outsider)
        for path in (f"sessions/{session.id}/", f"sessions/{session.id}/readings/"):
            foreign = outsider.get(path)
            unknown = outsider.get(path.replace(str(session.id), str(uuid4())))
            assert (foreign.status_code, foreign.content) == (404, unknown.content)
        assert outsider.post(f"sessions/{session.id}/note/", {"text": "x"}).status_code == 404


class TestDay:
    def ids(self, caller, day):
        return {row["id"] for row in caller.get("sessions/", day=day).json()["results"]}

    @pytest.mark.parametrize(
        ("day", "first", "last"),
        [
            ("2026-11-01", "2026-11-01T00:00:00-04:00", "2026-11-01T23:59:59-05:00"),  # 25 hours
            ("2027-03-14", "2027-03-14T00:00:00-05:00", "2027-03-14T23:59:59-04:00"),  # 23 hours
        ],
    )
    def test_is_the_clinic_s_own_from_midnight_to_midnight(self, cast, nurse, day, first, last):
        inside = {
            str(builders.scheduled(cast.nurse, cast.clinic, datetime.fromisoformat(at)).id)
            for at in (first, last)
        }
        second = timedelta(seconds=1)
        for outside in (datetime.fromisoformat(first) - second, datetime.fromisoformat(last) + second):
            builders.scheduled(cast.nurse, cast.clinic, outside)
        assert self.ids(nurse, day) == inside

    def test_shows_who_sits_there_from_before_but_nobody_from_after(self, cast, nurse, session):
        assert self.ids(nurse, "2026-11-22") == set()
        assert self.ids(nurse, "2026-11-24") == {str(session.id)}
        assert cast.clinic.zone == ZoneInfo("America/New_York")

    @pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "9999-12-31", "0001-01-01", "2026-11-23\x00"])
    def test_that_is_no_day_is_refused(self, nurse, day):
        answer = nurse.get("sessions/", day=day)
        assert (answer.status_code, answer.json()["field"]) == (422, "day")


class TestReadings:
    def test_are_answered_to_the_letter(self, nurse, session, now):
        id_ = str(uuid4())
        sent = reading(session, now, id=id_, systolic=142, diastolic=88, spo2=88)
        answer = nurse.post("readings/", sent)
        assert answer.status_code == 201
        told = answer.json()
        assert set(told) == {"accepted", "duplicates", "rejected", "readings"}
        assert (told["accepted"], told["duplicates"], told["rejected"]) == (1, 0, [])
        [stored] = told["readings"]
        assert (stored["index"], stored["id"]) == (0, id_)
        [flag] = stored["flags"]
        assert set(flag) == {"id", "priority", "state", "text"}
        assert (flag["priority"], flag["state"], flag["text"]) == ("high", "active", "SpO₂ 88, limit 88")
        again = nurse.post("readings/", sent)
        assert again.status_code == 201
        assert again.json() == {**told, "accepted": 0, "duplicates": 1}

    def test_the_same_id_with_another_body_is_409_and_kept(self, nurse, session, now):
        id_ = str(uuid4())
        nurse.post("readings/", reading(session, now, id=id_, spo2=97))
        answer = nurse.post("readings/", reading(session, now, id=id_, spo2=96))
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        assert Quarantine.objects.get().code == "conflict"

    def test_a_batch_has_its_refusals_by_index(self, nurse, session, now):
        foreign = {**reading(session, now, spo2=97), "session": str(uuid4())}
        answer = nurse.post(
            "readings/",
            {
                "readings": [
                    reading(session, now, spo2=118, heart_rate=70),
                    foreign,
                    reading(session, now, pulse=70),
                    reading(session, now, spo2=97),
                ]
            },
        )
        assert answer.status_code == 201
        told = answer.json()
        assert told["accepted"] == 2
        assert [(one["index"], one["field"], one["code"]) for one in told["rejected"]] == [
            (0, "spo2", "implausible"),
            (1, None, "not_found"),
            (2, "pulse", "invalid"),
        ]
        assert [one["index"] for one in told["readings"]] == [0, 3]

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b" ", 400),
            (b"{", 400),
            (b"[]", 400),
            (b"[" * 100_000, 400),
            (b'{"measured_at": "2026-11-23T15:10:00Z", "spo2": NaN}', 400),
            (b'{"measured_at": "2026-11-23T15:10:00", "spo2": 97}', 422),
            (b'{"measured_at": "2026-11-23T15:10:00Z"}', 422),
            (b'{"measured_at": "2026-11-23T15:10:00Z", "pulse": 70}', 422),
            (b'{"measured_at": "2026-11-23T15:10:00Z", "chair": "1\\u0000", "spo2": 97}', 422),
            (b'{"measured_at": "2026-11-23T15:10:00Z", "chair": "77", "spo2": 97}', 404),
            (b" " * 1_048_577, 413),
        ],
    )
    def test_what_cannot_be_taken_is_refused_by_status(self, nurse, session, body, status):
        answer = nurse.post("readings/", body)
        assert answer.status_code == status
        assert {"code", "message"} <= set(answer.json())

    def test_1001_at_once_are_too_many(self, nurse, session, now):
        answer = nurse.post("readings/", {"readings": [reading(session, now, spo2=97)] * 1001})
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")

    def test_another_content_type_is_415(self, nurse):
        assert nurse.post("readings/", b"{}", content_type="text/plain").status_code == 415

    @pytest.mark.parametrize("key", [None, "made-up"])
    def test_without_a_valid_token_is_401(self, db, key):
        answer = Caller(key).post("readings/", {})
        assert answer.status_code == 401

    def test_the_list_has_every_version_oldest_first(self, nurse, session, now):
        at = now - timedelta(minutes=2)
        nurse.post("readings/", reading(session, now, spo2=97))
        old = nurse.post("readings/", reading(session, at, systolic=210, diastolic=80)).json()["readings"][0][
            "id"
        ]
        corrected = nurse.post(f"readings/{old}/correct/", {"systolic": 120, "reason": "Mistyped"})
        assert corrected.status_code == 201
        assert set(corrected.json()) == READING
        told = nurse.get(f"sessions/{session.id}/readings/").json()
        assert told["next"] is None
        assert [set(row) for row in told["results"]] == [READING] * 4
        assert told["results"][0]["systolic"] == 124, "the baseline"
        by_version = {row["version"]: row for row in told["results"][1:] if row["systolic"]}
        assert (by_version[1]["systolic"], by_version[1]["superseded_by"]) == (210, by_version[2]["id"])
        assert (by_version[2]["supersedes"], by_version[2]["reason"]) == (old, "Mistyped")
        assert told["results"][-1]["spo2"] == 97
        since = nurse.get(f"sessions/{session.id}/readings/", since=now.isoformat()).json()["results"]
        assert [row["spo2"] for row in since] == [97]

    def test_the_list_comes_in_pages_that_join(self, cast, nurse, session, now, monkeypatch):
        monkeypatch.setattr("vitals.api.readings.PAGE", 3)
        builders.record(
            *(builders.incoming(cast.gateway, session, now - timedelta(seconds=n), spo2=97) for n in range(8))
        )
        path, seen = f"/api/v1/sessions/{session.id}/readings/", []
        while path:
            page = nurse.client.get(path).json()
            seen += [row["measured_at"] for row in page["results"]]
            path = page["next"]
        assert len(seen) == 8 + 1, "and the baseline"
        assert seen == sorted(set(seen))

    @pytest.mark.parametrize("since", ["10:00", "2026-11-23T10:00:00", "x\x00"])
    def test_a_bound_without_a_zone_is_refused(self, nurse, session, since):
        answer = nurse.get(f"sessions/{session.id}/readings/", since=since)
        assert (answer.status_code, answer.json()["field"]) == (422, "since")

    @pytest.mark.parametrize("body", [{"systolic": 120}, {"reason": "x"}, {"pulse": 3, "reason": "x"}])
    def test_a_correction_is_refused(self, nurse, session, now, body):
        old = nurse.post("readings/", reading(session, now, spo2=97)).json()["readings"][0]["id"]
        assert nurse.post(f"readings/{old}/correct/", body).status_code == 422


class TestFlagsAndBoard:
    @pytest.fixture
    def flagged(self, nurse, session, now):
        return nurse.post("readings/", reading(session, now, spo2=88)).json()["readings"][0]["flags"][0]["id"]

    def test_a_flag_is_listed_with_its_findings_and_taken(self, nurse, session, flagged):
        told = nurse.get("flags/", session=str(session.id), state="active").json()
        assert set(told) == {"next", "results"}
        [flag] = told["results"]
        assert set(flag) == FLAG
        assert (flag["id"], flag["condition"], flag["value"], flag["threshold"]) == (
            flagged,
            "spo2-low",
            88,
            88,
        )
        assert set(flag["findings"][0]) == {
            "measured_at", "priority", "rule", "vital", "value", "threshold", "reading",
        }  # fmt: skip
        taken = nurse.post(f"flags/{flagged}/acknowledge/", {"action": "I'm on it"})
        assert (taken.status_code, taken.json()["state"]) == (200, "acknowledged")
        assert taken.json()["acknowledged_by"] == "Nurse"

    def test_a_re_check_is_told_and_cannot_be_taken(self, nurse, session, now):
        [stored] = nurse.post("readings/", reading(session, now, spo2=92)).json()["readings"]
        assert [(one["priority"], one["state"]) for one in stored["flags"]] == [("medium", "pending")]
        [recheck] = nurse.get("board/").json()["sessions"][0]["rechecks"]
        assert (recheck["vitals"], recheck["with_set"]) == (["spo2"], False)
        assert datetime.fromisoformat(recheck["at"]) == now + timedelta(minutes=1)
        refused = nurse.post(f"flags/{stored['flags'][0]['id']}/acknowledge/", {"action": "I'm on it"})
        assert (refused.status_code, refused.json()["code"]) == (409, "not_allowed")

    def test_a_flag_is_paused_with_an_owner_a_reason_and_an_end(self, nurse, flagged, now):
        paused = nurse.post(f"flags/{flagged}/pause/", {"minutes": 2, "reason": "Sensor changed"})
        assert (paused.status_code, set(paused.json())) == (200, FLAG)
        told = paused.json()
        assert (told["state"], told["paused_by"], told["pause_reason"]) == (
            "audio_paused",
            "Nurse",
            "Sensor changed",
        )
        assert datetime.fromisoformat(told["paused_until"]) == now + timedelta(minutes=2)

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"minutes": 0, "reason": "x"}, "minutes"),
            ({"minutes": 11, "reason": "x"}, "minutes"),
            ({"minutes": 2, "reason": "  "}, "reason"),
            ({"minutes": 2}, "reason"),
            ({"minutes": 2, "reason": "x", "for": "ever"}, "for"),
        ],
    )
    def test_a_pause_is_refused_by_field(self, nurse, flagged, body, field):
        answer = nurse.post(f"flags/{flagged}/pause/", body)
        assert answer.status_code == 422
        assert field in {answer.json().get("field"), *answer.json().get("fields", {})}

    def test_a_board_says_what_it_has_drawn_and_the_first_one_counts(self, nurse, session, flagged, now):
        told = [nurse.post("flags/drawn/", {"flags": [flagged, str(uuid4())]}) for _ in range(2)]
        assert [(answer.status_code, answer.json()) for answer in told] == [
            (200, {"first": 1}),
            (200, {"first": 0}),
        ]
        [flag] = nurse.get("flags/", session=str(session.id)).json()["results"]
        assert datetime.fromisoformat(flag["drawn_at"]) == now

    def test_what_another_clinic_has_drawn_is_nothing_of_ours(self, cast, session, flagged):
        assert caller(cast.outsider).post("flags/drawn/", {"flags": [flagged]}).json() == {"first": 0}
        assert caller(cast.nurse).post("flags/drawn/", {"flags": [flagged]}).json() == {"first": 1}

    @pytest.mark.parametrize("query", [{"session": "seven"}, {"session": str(uuid4())}, {"after": "x"}])
    def test_a_wrong_filter_is_refused(self, nurse, query):
        assert nurse.get("flags/", **query).status_code in {404, 422}

    def test_a_state_with_a_nul_character_is_refused(self, nurse, flagged):
        assert nurse.get("flags/", state="active\x00").status_code == 422

    def test_the_board_shows_the_open_sessions_of_this_clinic(self, cast, nurse, session, flagged, now):
        told = nurse.get("board/").json()
        assert set(told) == {"clinic", "clock", "chairs", "limit_sets", "typical", "sessions", "cursor"}
        assert set(told["clinic"]) == {"id", "name", "time_zone"}
        assert datetime.fromisoformat(told["clock"]["now"]) == now
        [panel] = told["sessions"]
        assert set(panel) == PANEL
        assert panel["limit_set"] in told["limit_sets"]
        assert panel["flags"][0]["id"] == flagged
        assert panel["values"]["spo2"]["value"] == 88
        assert caller(cast.outsider).get("board/").json()["sessions"] == []

    def test_chairs_and_protocols_are_listed(self, nurse):
        assert [row["name"] for row in nurse.get("chairs/").json()["results"]][:2] == ["1", "2"]
        codes = {row["code"] for row in nurse.get("protocols/").json()["results"]}
        assert codes == {"iv-ketamine", "nasal-esketamine"}


NOBODYS = "00000000-0000-4000-8000-000000000000"
NEEDED = {
    "move-chair": {"chair": "5"},
    "symptom": {"code": "nausea"},
    "note": {"text": "Dozing"},
    "postpone": {"reason": "x"},
    "decide": {"decision": "wait"},
    "medicine": {"name": "As ordered", "dose_text": "1", "route": "oral", "ordered_by": "Supervisor"},
    "resolve-symptom": {"of": NOBODYS},
    "scale": {"scale": "pain", "answers": {}},
    "review-scale": {"of": NOBODYS, "text": "Seen"},
    "alertness": {"consciousness": "A", "oxygen_l_min": 0},
    "oxygen-target": {"spo2_scale": 2, "reason": "x"},
    "adverse-event": {
        "criteria": ["hospitalisation"],
        "narrative": "x",
        "outcome": "resolved",
        "told": [{"who": "Supervisor"}],
    },
}
WRITES = [
    *((Act(name), f"sessions/{{session}}/{name}/", NEEDED.get(name, {})) for name in BODIES),
    (Act.REGISTER_PATIENT, "patients/", TestPatients.BODY),
    (
        Act.SCHEDULE,
        "sessions/",
        {"patient": "{patient}", "protocol": "iv-ketamine", "indication": "Depression", "chair": "5"},
    ),
    (
        Act.SEND_READINGS,
        "readings/",
        {"session": "{session}", "measured_at": "2026-11-23T15:09:00Z", "spo2": 98},
    ),
    (Act.CORRECT_READING, "readings/{reading}/correct/", {"spo2": 96, "reason": "Mistyped"}),
    (Act.CORRECT_ENTRY, "entries/{entry}/correct/", {"reason": "Mistyped"}),
    (Act.ACKNOWLEDGE, "flags/{flag}/acknowledge/", {"action": "I'm on it"}),
    (Act.PAUSE_FLAG, "flags/{flag}/pause/", {"minutes": 2, "reason": "x"}),
    (Act.REPORT_DRAWN, "flags/drawn/", {"flags": ["{flag}"]}),
]


@pytest.mark.parametrize(("act", "path", "body"), WRITES, ids=[act.value for act, _, _ in WRITES])
def test_each_write_is_refused_to_every_role_that_the_table_does_not_name(
    cast, session, now, act, path, body
):
    [stored] = builders.record(builders.incoming(cast.gateway, session, now, spo2=88))
    ids = {
        "session": str(session.id),
        "patient": str(session.patient_id),
        "reading": str(stored.id),
        "entry": str(SessionEvent.objects.get(session=session, kind="start").entry),
        "flag": stored.flags[0]["id"],
    }

    def fill(value):
        if isinstance(value, list):
            return [fill(one) for one in value]
        return ids.get(value[1:-1], value) if isinstance(value, str) else value

    filled = {name: fill(value) for name, value in body.items()}
    roles = {
        Role.NURSE: cast.nurse,
        Role.SUPERVISOR: cast.supervisor,
        Role.ADMIN: cast.admin,
        Role.AUDITOR: cast.auditor,
        Role.DEVICE: cast.gateway,
    }
    refused = {
        role
        for role, principal in roles.items()
        if caller(principal).post(path.format(**ids), filled).status_code == 403
    }
    assert refused == set(roles) - MAY[act]


def test_the_dose_is_told_with_what_is_calculated(cast, nurse, now, morning):
    session = builders.checked_in(cast.nurse, cast.clinic, morning - timedelta(minutes=10))
    builders.act(
        cast.nurse, session, "start", morning, dose_mg=40, duration_min=40, concentration_mg_per_ml=2
    )
    told = nurse.get(f"sessions/{session.id}/").json()["dose"]
    assert told.pop("flows")[0]["mg_per_h"] == 60
    assert told == {
        "planned_mg": 40,
        "calculated_mg": 10,
        "remaining_mg": 30,
        "rate_mg_per_h": 60,
        "rate_ml_per_h": 30,
        "concentration_mg_per_ml": 2,
        "weight_kg": 70,
        "arithmetic": [
            "40 mg ÷ 70 kg = 0.57 mg/kg",
            "40 mg ÷ 2 mg/mL = 20 mL",
            "20 mL over 40 min = 30 mL/h",
            "40 mg over 40 min = 60 mg/h = 14.3 µg/kg/min",
        ],
        "unusual": [],
        "boluses": [],
        "planned_devices": None,
        "devices_given": 0,
        "devices": [],
        "rest_until": None,
        "paused_s": 0,
    }
