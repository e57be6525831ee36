"""The gate before the dose and the way out, through the acts: what is refused, kept and shown."""

from datetime import date, timedelta

import pytest

from clinic.access import Role
from clinic.models import AuditEvent, Credential, CredentialKind
from clinic.refusals import AccessDenied, Invalid, NotAllowed
from sessions import queries as treatments
from sessions.models import DayEntry, SessionEvent
from sessions.services import courses
from tests import builders
from vitals.api import words
from vitals.services import acts

HIGH = {"systolic": 152, "diastolic": 94, "spo2": 97, "sedation": 5}


def minutes(number):
    return timedelta(minutes=number)


@pytest.fixture
def at(morning):
    """Minutes after the check-in at ``morning``, ten in New York."""
    return lambda number: morning + minutes(number)


@pytest.fixture
def session(cast, at):
    return builders.checked_in(cast.nurse, cast.clinic, at(0))


@pytest.fixture
def act(cast, at, session):
    def do(name, at_min, by=None, recorded_min=None, **details):
        recorded_at = None if recorded_min is None else at(recorded_min)
        return builders.act(by or cast.nurse, session, name, at(at_min), recorded_at=recorded_at, **details)

    return do


@pytest.fixture
def measure(cast, at, session):
    def take(at_min, **values):
        [told] = builders.record(builders.incoming(cast.nurse, session, at(at_min), **values))
        return told.id

    return take


def entry(session, kind):
    return [one for one in treatments.entries(session.id) if one.kind == kind][-1]


def detail(cast, session, at):
    row = treatments.session(cast.clinic.pk, session.id)
    return words.session(row, by=cast.nurse, at=at)


def before_dose(cast, session, at):
    return detail(cast, session, at)["checklists"]["before_dose"]


class TestStart:
    def test_without_any_answer_or_value_goes_on_and_says_what_was_open(self, session, act):
        assert act("start", 10, dose_mg=35).state == "dosing"
        start = entry(session, "start")
        assert len(start.details["gate_open"]) == 25
        assert start.text.endswith("Open before the dose: 25 items of the checklist")

    def test_above_the_value_is_refused_with_value_limit_and_what_is_missing(self, session, act, measure):
        measure(5, **HIGH)
        with pytest.raises(
            NotAllowed, match="Blood pressure 152/94 before the dose is above 140/90"
        ) as refused:
            act("start", 10, dose_mg=35)
        assert refused.value.missing == ("a prescriber's decision",)
        session.refresh_from_db()
        assert (session.state, session.dose_started_at) == ("checked_in", None)

    def test_at_the_value_itself_goes_on(self, act, measure):
        measure(5, systolic=140, diastolic=90)
        assert act("start", 10, dose_mg=35).state == "dosing"

    def test_goes_on_once_a_prescriber_decided(self, cast, session, act, measure, at):
        measure(5, **HIGH)
        act("decide", 8, by=cast.supervisor, decision="go-ahead", reason="Usual for this patient")
        assert before_dose(cast, session, at(9))["undecided"] is None
        assert act("start", 10, dose_mg=35).state == "dosing"
        decision = entry(session, "decide")
        assert decision.text == "Supervisor decided at 152/94: go ahead. Usual for this patient"
        assert decision.details["pressure"] == {"systolic": 152, "diastolic": 94, "at": at(5).isoformat()}

    def test_asks_again_for_a_pressure_that_the_decision_did_not_see(self, cast, act, measure):
        measure(5, **HIGH)
        act("decide", 8, by=cast.supervisor, decision="go-ahead", reason="Usual")
        measure(9, systolic=160, diastolic=96)
        with pytest.raises(NotAllowed, match="160/96"):
            act("start", 10, dose_mg=35)

    def test_asks_again_when_the_pressure_is_corrected(self, cast, act, at, measure):
        reading = measure(5, **HIGH)
        act("decide", 8, by=cast.supervisor, decision="go-ahead", reason="Usual")
        builders.correct(cast.nurse, reading, at(9), systolic=172)
        with pytest.raises(NotAllowed, match="172/94"):
            act("start", 10, dose_mg=35)

    def test_goes_on_with_a_mistyped_pressure_corrected(self, cast, act, at, measure):
        reading = measure(5, **HIGH)
        builders.correct(cast.nurse, reading, at(9), systolic=125, diastolic=84)
        assert act("start", 10, dose_mg=35).state == "dosing"

    def test_counts_no_pressure_measured_after_it(self, act, measure):
        measure(5, systolic=120, diastolic=80)
        measure(12, **HIGH)
        assert act("start", 10, recorded_min=13, dose_mg=35).state == "dosing"

    def test_is_refused_while_the_prescriber_says_wait(self, cast, act, measure):
        measure(5, systolic=120, diastolic=80)
        act("decide", 8, by=cast.supervisor, decision="wait", reason="Headache")
        with pytest.raises(NotAllowed, match="decided to wait"):
            act("start", 10, dose_mg=35)

    def test_entered_as_history_is_not_held_up_and_says_so(self, session, act, measure):
        measure(5, **HIGH)
        assert act("start", 10, recorded_min=90, dose_mg=35).state == "dosing"
        start = entry(session, "start")
        assert start.details["gate_undecided"] == "Blood pressure 152/94 before the dose is above 140/90."
        assert "Entered without a prescriber's decision" in start.text

    def test_is_offered_with_what_it_lacks(self, cast, session, at, measure):
        def start():
            return next(one for one in detail(cast, session, at(9))["acts"] if one["act"] == "start")

        assert start()["allowed"] is True
        measure(5, **HIGH)
        assert start()["allowed"] is False
        assert start()["missing"] == [
            "Blood pressure 152/94 before the dose is above 140/90: a prescriber's decision"
        ]


class TestAnswers:
    def test_add_up_each_with_name_and_time(self, cast, session, act, at):
        act("gate", 2, answers={"identity": "yes", "opioids": "yes"}, notes={"opioids": "Tramadol"})
        act("gate", 4, by=cast.supervisor, answers={"fasting": "no"})
        shown = {item["code"]: item for item in before_dose(cast, session, at(5))["items"]}
        assert (shown["identity"]["answer"], shown["identity"]["by"]) == ("yes", "Nurse")
        assert (shown["fasting"]["by"], shown["fasting"]["at"]) == ("Supervisor", at(4))
        assert shown["opioids"]["note"] == "Tramadol"
        assert [shown[code]["is_open"] for code in ("identity", "opioids", "fasting")] == [False, True, True]

    @pytest.mark.parametrize(
        ("answers", "match"),
        [
            ({}, "empty"),
            ({"shoes": "yes"}, "not an item"),
            ({"consent": "yes"}, "read from the record"),
            ({"pre-dose-bp": "yes"}, "read from the record"),
        ],
    )
    def test_of_nothing_of_no_row_or_of_what_is_on_record_are_refused(self, act, answers, match):
        with pytest.raises(Invalid, match=match) as refused:
            act("gate", 2, answers=answers)
        assert refused.value.field == "answers"

    def test_are_for_the_time_before_the_dose(self, act):
        act("start", 10, dose_mg=35)
        with pytest.raises(NotAllowed):
            act("gate", 11, answers={"identity": "yes"})

    def test_say_nothing_to_the_audit_but_a_digest(self, session, act):
        act("gate", 2, answers={"opioids": "yes"}, notes={"opioids": "Tramadol"})
        [event] = AuditEvent.objects.filter(session_id=session.id, act="gate")
        assert "Tramadol" not in str(event.details)
        assert event.details["digest"]


class TestDecision:
    def test_is_a_prescriber_s(self, act):
        with pytest.raises(NotAllowed, match="signed by a prescriber") as refused:
            act("decide", 5, decision="go-ahead", reason="Usual")
        assert "credential is in date" in refused.value.missing[0]

    def test_needs_a_credential_in_date_on_that_day(self, cast, act, at):
        row = Credential.objects.filter(user_id=cast.supervisor.user_id, kind=CredentialKind.PRESCRIBER)
        row.update(expires_on=at(0).date() - timedelta(days=1))
        with pytest.raises(NotAllowed, match="signed by a prescriber"):
            act("decide", 5, by=cast.supervisor, decision="go-ahead", reason="Usual")
        row.update(expires_on=at(0).date())
        act("decide", 6, by=cast.supervisor, decision="go-ahead", reason="Usual")

    def test_needs_a_reason(self, cast, act):
        with pytest.raises(Invalid) as refused:
            act("decide", 5, by=cast.supervisor, decision="go-ahead", reason=" ")
        assert refused.value.field == "reason"

    @pytest.mark.parametrize("name", ["admin", "auditor"])
    def test_is_not_for_those_who_give_no_care(self, cast, act, name):
        with pytest.raises(AccessDenied):
            act("decide", 5, by=getattr(cast, name), decision="go-ahead", reason="Usual")


class TestOnRecord:
    def test_is_read_from_course_day_and_credentials(self, cast, session, at, measure):
        measure(5, systolic=120, diastolic=80, spo2=97, sedation=5)
        course = session.course_id
        courses.change_course(
            by=cast.nurse, course_id=course, at=at(1), changes={"consent_signed_on": date(2026, 11, 1)}
        )
        items = {
            "prescriber_on_site": {"answer": "yes", "who": str(cast.supervisor.user_id)},
            "oximeter": {"answer": "yes"},
        }
        day = {
            "clinic": cast.clinic,
            "day": date(2026, 11, 23),
            "by_id": cast.nurse.user_id,
            "by_name": "Nurse",
        }
        DayEntry.objects.create(kind="open", items=items, at=at(-60), **day)
        for who, kind in ((cast.nurse, "licence"), (cast.nurse, "acls"), (cast.supervisor, "dea")):
            Credential.objects.create(user_id=who.user_id, kind=kind, expires_on=date(2027, 1, 1))
        shown = {item["code"]: item for item in before_dose(cast, session, at(6))["items"]}
        known = [item for item in shown.values() if not item["answered_here"]]
        assert [item["code"] for item in known if item["is_open"]] == []
        assert shown["consent"]["words"] == "signed 1 Nov 2026"
        assert shown["pre-dose-bp"]["words"] == "120/80 mmHg"
        assert shown["acls"]["words"] == "Nurse, in date until 1 Jan 2027"

    def test_counts_no_other_clinic_s_registration_and_no_other_nurse_s_licence(self, cast, session, at):
        Credential.objects.create(user_id=cast.outsider.user_id, kind="dea", expires_on=date(2027, 1, 1))
        Credential.objects.create(user_id=cast.supervisor.user_id, kind="acls", expires_on=date(2027, 1, 1))
        shown = {item["code"]: item for item in before_dose(cast, session, at(6))["items"]}
        assert shown["dea"]["is_open"]
        assert shown["acls"]["words"] == "none on file for Nurse"


class TestLeaving:
    @pytest.fixture
    def session(self, cast, at):
        """Infused from 0 to 40, in monitoring."""
        session = builders.dosing(cast.nurse, cast.clinic, at(0))
        builders.act(cast.nurse, session, "stop", at(40))
        return session

    def items(self, cast, session, at):
        told = detail(cast, session, at)["checklists"]["before_leaving"]
        return {item["code"]: item for item in told["items"]}, told["open"]

    def test_ticking_is_not_signing(self, cast, session, act, at):
        assert act("leaving-check", 110, items={"gait": "yes"}).state == "monitoring"
        shown, still = self.items(cast, session, at(111))
        assert (shown["gait"]["answer"], shown["gait"]["by"], shown["gait"]["at"]) == (
            "yes",
            "Nurse",
            at(110),
        )
        assert "gait" not in still
        assert len(still) == 11

    def test_the_assessment_keeps_what_was_open_and_what_was_seen(self, session, act, at, measure):
        measure(115, systolic=124, diastolic=80, spo2=97, sedation=5)
        act("leaving-check", 116, items={"gait": "yes", "alert": "yes", "nausea": "no"})
        ready = act("readiness", 118, items={"nausea": True, "oriented": "yes"}, escort="A. Friend")
        assert (ready.state, ready.ready_by, ready.escort) == ("ready", "Nurse", "A. Friend")
        assessed = entry(session, "readiness")
        assert {"gait", "alert", "nausea", "oriented"}.isdisjoint(assessed.details["open"])
        assert assessed.details["seen"]["spo2"] == {"value": 97, "at": at(115).isoformat()}
        assert assessed.text == "Assessed ready by Nurse. Not confirmed: 8 items of the checklist"

    def test_items_of_a_sender_s_own_are_kept(self, session, act):
        act("readiness", 118, items={"vitals": True, "shoes": None})
        assert entry(session, "readiness").details["items"] == {"vitals": True, "shoes": None}

    def test_what_was_answered_before_a_breach_is_asked_again(self, cast, session, act, at, measure):
        act("leaving-check", 100, items={"gait": "yes"})
        act("readiness", 101)
        measure(105, spo2=88)
        shown, _ = self.items(cast, session, at(106))
        assert shown["gait"]["answer"] is None
        act("leaving-check", 110, items={"gait": "yes"})
        assert self.items(cast, session, at(111))[0]["gait"]["answer"] == "yes"

    def test_the_release_says_with_whom_and_what_was_advised(self, session, act):
        act("readiness", 119, escort="A. Friend", escort_phone="555 0100")
        released = act("release", 121, escort_relation="sister", no_driving_advised=True, signature="nurse")
        assert (released.state, released.escort, released.escort_phone) == (
            "released",
            "A. Friend",
            "555 0100",
        )
        assert entry(session, "release").text == (
            "Released by Nurse, goes with A. Friend (sister), advised not to drive"
        )
        assert entry(session, "release").details["meaning"] == "release"

    def test_a_release_without_an_escort_says_so(self, session, act):
        act("readiness", 119)
        act("release", 121, no_driving_advised=False)
        assert entry(session, "release").text == (
            "Released by Nurse, escort not named, not advised about driving"
        )

    @pytest.mark.parametrize("name", ["Supervisor", "N. Other"])
    def test_nobody_signs_for_another(self, session, act, name):
        with pytest.raises(Invalid, match="nobody signs for another") as refused:
            act("readiness", 119, signature=name)
        assert refused.value.field == "signature"
        act("readiness", 119)
        with pytest.raises(Invalid, match="nobody signs for another"):
            act("release", 121, signature=name)
        session.refresh_from_db()
        assert session.state == "ready"

    def test_one_signs_with_the_shown_name_or_the_user_name(self, act, cast):
        act("readiness", 118, signature="  nurse ")
        act("readiness", 119, by=cast.supervisor, signature="SUPERVISOR")

    def test_nobody_says_safe(self, cast, session, act, at):
        act("readiness", 119)
        act("release", 121)
        said = " ".join(SessionEvent.objects.filter(session=session).values_list("text", flat=True))
        assert "safe" not in (said + str(detail(cast, session, at(122))["checklists"])).lower()


class TestCorrections:
    """A correction of these entries is another version; what hangs on them is summed anew."""

    @pytest.fixture
    def correct(self, cast, session, at):
        def do(kind, at_min, **details):
            acts.correct_entry(
                by=cast.nurse,
                session_id=session.id,
                entry=entry(session, kind).entry,
                new_at=None,
                details=details,
                in_error=False,
                reason="Wrong row",
                recorded_at=at(at_min),
            )

        return do

    def test_of_an_answer_counts_from_then_on(self, cast, session, act, at, correct):
        act("gate", 2, answers={"identity": "yes"})
        correct("gate", 3, answers={"identity": "no"})
        shown = {item["code"]: item for item in before_dose(cast, session, at(4))["items"]}
        assert (shown["identity"]["answer"], shown["identity"]["is_open"]) == ("no", True)

    def test_of_a_start_keeps_what_was_open_when_it_was_charted(self, session, act, correct):
        act("start", 10, dose_mg=35)
        act("note", 11, text="Dozing")
        correct("start", 12, dose_mg=40)
        assert len(entry(session, "start").details["gate_open"]) == 25

    def test_of_an_assessment_moves_the_escort_and_not_what_was_seen(
        self, session, act, at, measure, correct
    ):
        act("start", 1, dose_mg=35)
        act("stop", 41)
        measure(115, spo2=97)
        act("readiness", 118, escort="A. Frend")
        measure(119, spo2=96)
        correct("readiness", 120, escort="A. Friend")
        session.refresh_from_db()
        assert (session.state, session.escort) == ("ready", "A. Friend")
        assert entry(session, "readiness").details["seen"]["spo2"]["value"] == 97


def test_the_roles_of_the_gate(cast, session, act):
    for role in (Role.ADMIN, Role.AUDITOR):
        by = cast.admin if role is Role.ADMIN else cast.auditor
        for name, details in (("gate", {"answers": {"identity": "yes"}}), ("leaving-check", {})):
            with pytest.raises(AccessDenied):
                act(name, 5, by=by, **details)
