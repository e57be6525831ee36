"""Courses: changed by people, with old and new values in the audit, and closed with a reason."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from clinic.models import AuditEvent
from clinic.refusals import AccessDenied, Invalid, NotAllowed, NotFound
from screens.course_page import course_page
from sessions import queries as treatments
from sessions.models import Course
from sessions.services import courses
from sessions.services.schedule import schedule
from tests import builders
from vitals import summaries


@pytest.fixture
def session(cast, morning):
    return builders.scheduled(cast.nurse, cast.clinic, morning)


@pytest.fixture
def change(cast, morning, session):
    def do(by=None, close_reason="", **changes):
        return courses.change_course(
            by=by or cast.nurse,
            course_id=session.course_id,
            at=morning,
            changes=changes,
            close_reason=close_reason,
        )

    return do


def test_is_changed_with_old_and_new_values_in_the_audit(change, session):
    change(phase="maintenance", planned_sessions=6, consent_signed_on=date(2026, 11, 20))
    [event] = AuditEvent.objects.filter(subject_id=str(session.course_id)).exclude(details={"opened": True})
    assert event.details == {
        "phase": {"from": "induction", "to": "maintenance"},
        "planned_sessions": {"from": None, "to": 6},
        "consent_signed_on": {"from": None, "to": "2026-11-20"},
    }


def test_free_text_is_never_in_the_audit(change, session):
    changed = change(consent_reference="Folder of J. Canary", next_plan="As before, per Dr. Canary")
    assert changed.consent_reference == "Folder of J. Canary"
    assert "Canary" not in str(list(AuditEvent.objects.values_list("details", flat=True)))


def test_what_does_not_differ_is_not_audited(change):
    change(phase="induction")
    assert AuditEvent.objects.filter(act="manage-course").exclude(details={"opened": True}).count() == 0


def test_a_consent_of_tomorrow_is_refused(change):
    with pytest.raises(Invalid) as refused:
        change(consent_signed_on=date(2026, 11, 24))
    assert refused.value.field == "consent_signed_on"


def test_is_closed_with_a_reason_and_then_stands(change, morning):
    closed = change(close_reason="Course complete")
    assert (closed.closed_at, closed.close_reason) == (morning, "Course complete")
    with pytest.raises(NotAllowed, match="closed"):
        change(phase="maintenance")


def test_the_next_session_after_the_close_opens_another(cast, change, morning, session):
    change(close_reason="Course complete")
    row = schedule(
        by=cast.nurse,
        at=morning,
        patient_id=session.patient_id,
        chair="2",
        protocol_code="iv-ketamine",
        indication="Severe depression",
        scheduled_at=morning,
    )
    assert Course.objects.filter(patient=session.patient_id).count() == 2
    assert row.course.closed_at is None


def test_is_scoped_and_open_to_those_who_plan(cast, change, session):
    with pytest.raises(NotFound):
        change(by=cast.outsider, phase="maintenance")
    with pytest.raises(NotFound):
        treatments.course(cast.other_clinic.pk, session.course_id)
    with pytest.raises(NotFound):
        treatments.course(cast.clinic.pk, uuid4())
    with pytest.raises(AccessDenied):
        change(by=cast.auditor, phase="maintenance")
    change(by=cast.admin, phase="maintenance")


class TestPage:
    @pytest.fixture
    def session(self, cast, morning):
        """Dosed at ``morning`` with 35 mg; 70 kg; assessed ready 121 minutes after."""
        session = builders.dosing(cast.nurse, cast.clinic, morning)

        def at(minute):
            return morning + timedelta(minutes=minute)

        told = builders.record(
            builders.incoming(cast.nurse, session, at(-4), systolic=128, diastolic=82, spo2=98),
            builders.incoming(cast.nurse, session, at(20), systolic=162, diastolic=96, spo2=94),
            builders.incoming(cast.nurse, session, at(100), systolic=126, diastolic=80, spo2=97),
        )
        builders.correct(cast.nurse, told[1].id, at(22), systolic=152)
        builders.act(cast.nurse, session, "symptom", at(15), code="nausea")
        builders.act(cast.nurse, session, "symptom", at(25), code="nausea")
        builders.act(cast.nurse, session, "stop", at(40))
        builders.act(cast.nurse, session, "readiness", at(121))
        return treatments.session(cast.clinic.pk, session.id)

    def test_holds_what_each_session_came_to(self, cast, session):
        page = course_page(treatments.course(cast.clinic.pk, session.course_id))
        [row] = page.rows
        assert (row.number, row.dose_mg, row.symptoms, row.ready_min) == (1, 35, "nausea", 121)
        assert (row.summary.before, row.summary.peak, row.summary.last) == ((128, 82), (152, 96), (126, 80))
        assert row.summary.lowest_spo2 == 94
        assert row.outcome == "ready"

    def test_the_newest_values_up_to_a_moment(self, session, morning):
        found = summaries.newest_values(session.id, morning)
        assert {name: seen.value for name, seen in found.items()} == {
            "systolic": 128,
            "diastolic": 82,
            "spo2": 98,
        }
        later = summaries.newest_values(session.id, morning + timedelta(minutes=30))
        assert (later["systolic"].value, later["spo2"].value) == (152, 94)

    def test_is_read_in_as_many_queries_for_many_sessions_as_for_one(
        self, cast, morning, session, django_assert_max_num_queries
    ):
        course = treatments.course(cast.clinic.pk, session.course_id)
        for number in range(2, 6):
            type(session).objects.create(
                clinic=cast.clinic,
                patient=session.patient,
                protocol=session.protocol,
                course=course,
                indication="Severe depression",
                scheduled_at=morning + timedelta(days=number),
            )
        with django_assert_max_num_queries(5):
            assert len(course_page(course).rows) == 5
