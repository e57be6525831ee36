"""A rule changed for one patient: by a supervisor, with a reason and an end, at once and until it ends."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from clinic.models import AuditEvent
from clinic.refusals import AccessDenied, Invalid, NotAllowed, NotFound
from sessions.models import Session
from tests import builders
from vitals import limit_queries
from vitals.flag_changes import open_flag
from vitals.models import Flag, LimitChange, LiveEvent, Watch
from vitals.panel import decode
from vitals.services import patient_limits, watch
from vitals.services.patient_limits import Wanted

NINETY_MINUTES = timedelta(minutes=90)


def minutes(number):
    return timedelta(minutes=number)


def panel_of(session):
    return decode(Watch.objects.get(pk=session.pk).panel)


def change(
    cast,
    patient,
    at,
    code="BP-2",
    vital="systolic",
    *,
    by=None,
    lasts=NINETY_MINUTES,
    until=None,
    reason="Known hypertension, agreed with Dr Reed",
    protocol=None,
    **wanted,
):
    return patient_limits.change_limit(
        by=by or cast.supervisor,
        patient_id=patient.id,
        wanted=Wanted(code, vital, **wanted),
        reason=reason,
        until=until or at + lasts,
        at=at,
        protocol_code=protocol,
    )


@pytest.fixture
def session(cast, morning):
    """An infusion under way since ``morning``; baseline 124/78."""
    return builders.dosing(cast.nurse, cast.clinic, morning)


def charted(cast, session, at, **values):
    builders.record(builders.incoming(cast.nurse, session, at, **values))


def flag_of(session, condition="bp-high"):
    return open_flag(panel_of(session), condition)


def off(cast, session, *codes, at):
    """Switch off what else would flag, so that one rule is looked at."""
    for code in codes:
        change(cast, session.patient, at, code, off=True)


def test_it_holds_at_once_and_the_open_flag_follows(cast, session, morning):
    for minute in (10, 15):
        charted(cast, session, morning + minutes(minute), systolic=158, diastolic=80)
    assert flag_of(session) is None
    change(cast, session.patient, morning + minutes(16), threshold=155)
    flag = flag_of(session)
    assert (flag.state, flag.rule, flag.threshold) == ("pending", "BP-2", 155)
    charted(cast, session, morning + minutes(20), systolic=158, diastolic=80)
    assert (flag_of(session).state, flag_of(session).text) == ("active", "BP 158/80, limit 155")


def test_a_wider_limit_settles_the_flag_and_says_why(cast, session, morning):
    off(cast, session, "BP-3", "BP-4", at=morning + minutes(1))
    for minute in (10, 15):
        charted(cast, session, morning + minutes(minute), systolic=168, diastolic=80)
    assert flag_of(session).state == "active"
    version = panel_of(session).version
    events = LiveEvent.objects.count()
    change(cast, session.patient, morning + minutes(16), threshold=175)
    assert flag_of(session) is None
    flag = Flag.objects.get(session=session, condition="bp-high")
    assert (flag.state, flag.resolved_cause) == ("resolved", "limits changed")
    assert panel_of(session).version == version + 1
    assert LiveEvent.objects.count() == events + 1


def test_a_flag_with_hysteresis_is_not_held_at_the_old_limit(cast, session, morning):
    for minute in (10, 12):
        charted(cast, session, morning + minutes(minute), heart_rate=125)
    assert flag_of(session, "hr-high").state == "active"
    change(cast, session.patient, morning + minutes(13), "HR-2", "heart_rate", threshold=130)
    assert flag_of(session, "hr-high") is None


def test_it_ends_by_itself_and_the_clinics_limit_holds_again(cast, session, morning):
    off(cast, session, "BP-3", "BP-4", at=morning + minutes(1))
    change(cast, session.patient, morning + minutes(2), threshold=175, lasts=minutes(30))
    charted(cast, session, morning + minutes(20), systolic=168, diastolic=80)
    assert flag_of(session) is None
    watch.look_at_due_rows(at=morning + minutes(31))
    assert flag_of(session) is None
    watch.look_at_due_rows(at=morning + minutes(32))
    assert (flag_of(session).state, flag_of(session).threshold) == ("pending", 165)
    assert not limit_queries.patient_changes(cast.clinic.pk, session.patient_id, at=morning + minutes(32))[
        2
    ].holds


def test_it_is_ended_early_once(cast, session, morning):
    off(cast, session, "BP-3", "BP-4", at=morning + minutes(1))
    row = change(cast, session.patient, morning + minutes(2), threshold=175)
    charted(cast, session, morning + minutes(20), systolic=168, diastolic=80)
    end = {"by": cast.supervisor, "patient_id": session.patient_id, "change_id": row.id}
    patient_limits.end_change(**end, at=morning + minutes(21))
    assert flag_of(session).threshold == 165
    row.refresh_from_db()
    assert (row.ended_at, row.ended_by) == (morning + minutes(21), "Supervisor")
    with pytest.raises(NotAllowed, match="ended already"):
        patient_limits.end_change(**end, at=morning + minutes(22))
    assert [
        event.details["what"]
        for event in AuditEvent.objects.filter(act="change-patient-limits").order_by("id")
    ] == ["changed"] * 3 + ["ended early"]


def test_what_came_before_and_after_keeps_the_limit_of_its_time(cast, session, morning):
    off(cast, session, "BP-3", "BP-4", at=morning + minutes(1))
    row = change(cast, session.patient, morning + minutes(20), threshold=175, lasts=minutes(20))
    patient_limits.end_change(
        by=cast.supervisor, patient_id=session.patient_id, change_id=row.id, at=morning + minutes(30)
    )
    late = morning + minutes(70)
    for minute in (15, 25, 35):
        builders.record(
            builders.incoming(
                cast.nurse, session, morning + minutes(minute), received_at=late, systolic=168, diastolic=80
            )
        )
    found = Flag.objects.get(session=session, late=True).findings.order_by("measured_at")
    assert [one.measured_at for one in found] == [morning + minutes(15), morning + minutes(35)]


def test_a_later_session_begins_with_it_until_its_end(cast, morning):
    patient = builders.scheduled(cast.nurse, cast.clinic, morning).patient
    change(
        cast,
        patient,
        morning - timedelta(days=1),
        "HR-2",
        "heart_rate",
        threshold=125,
        until=morning + timedelta(hours=1),
    )

    session = Session.objects.get(patient=patient)
    builders.act(cast.nurse, session, "check-in", morning)
    assert [(one.code, one.threshold) for one in panel_of(session).patient_limits] == [("HR-2", 125)]
    for minute in (5, 7):
        charted(cast, session, morning + minutes(minute), heart_rate=124)
    assert flag_of(session, "hr-high") is None
    watch.look_at_due_rows(at=morning + timedelta(hours=1))
    assert flag_of(session, "hr-high").state == "pending"


def test_it_lapses_where_a_new_version_has_another_row(cast, morning):
    first = builders.scheduled(cast.nurse, cast.clinic, morning)
    change(cast, first.patient, morning, "HR-2", "heart_rate", threshold=125, lasts=timedelta(days=2))
    builders.signed_limits(
        cast.supervisor, morning, change=[{"code": "HR-2", "vital": "heart_rate", "threshold": 115.0}]
    )
    builders.act(cast.nurse, first, "check-in", morning)
    assert panel_of(first).patient_limits == []
    [view] = limit_queries.patient_changes(cast.clinic.pk, first.patient_id, at=morning)
    assert (view.holds, view.lapsed) == (True, True)


def test_a_version_that_leaves_the_row_alone_keeps_the_change(cast, morning):
    first = builders.scheduled(cast.nurse, cast.clinic, morning)
    change(cast, first.patient, morning, "HR-2", "heart_rate", threshold=125, lasts=timedelta(days=2))
    builders.signed_limits(
        cast.supervisor, morning, change=[{"code": "HR-2", "vital": "heart_rate", "source": "Dr Reed, 2026"}]
    )
    builders.act(cast.nurse, first, "check-in", morning)
    assert [one.code for one in panel_of(first).patient_limits] == ["HR-2"]


def test_a_newer_change_of_the_same_rule_ends_the_older(cast, session, morning):
    first = change(cast, session.patient, morning, threshold=160)
    change(cast, session.patient, morning + minutes(5), threshold=158)
    first.refresh_from_db()
    assert first.ended_at == morning + minutes(5)
    held = [one for one in panel_of(session).patient_limits if one.until_at > morning + minutes(5)]
    assert [one.threshold for one in held] == [158]


# --- its bounds


@pytest.mark.parametrize(
    ("code", "vital", "wanted", "field", "words"),
    [
        ("BP-2", "systolic", {"threshold": 301.0}, "threshold", "Limit 301 mmHg is above 300"),
        (
            "BP-2",
            "systolic",
            {"threshold": 182.0},
            "threshold",
            "BP-2 SBP: Medium limit 182 lies beyond the high one of BP-5 SBP, 180",
        ),
        ("BP-2", "systolic", {"threshold": 165.0}, "threshold", "is SBP ≥ 165 already"),
        ("BP-2", "systolic", {}, "threshold", "give another limit, or switch it off"),
        ("BP-2", "systolic", {"baseline_by": 50.0}, "baseline_by", "is not relative to a baseline"),
        ("BP-3", "systolic", {"threshold": 170.0}, "threshold", "has no fixed limit"),
        ("BP-3", "systolic", {"baseline_by": 0.0}, "baseline_by", "Distance from baseline 0 is not above 0"),
        ("BP-2", "systolic", {"threshold": 170.0, "off": True}, "off", "not both"),
        ("BP-1", "systolic", {"off": True}, "code", "is a note: it raises no flag"),
        ("DUE-1", "systolic", {"off": True}, "code", "has no rule of values “DUE-1 systolic”"),
    ],
)
def test_a_change_names_field_value_and_rule(cast, session, morning, code, vital, wanted, field, words):
    with pytest.raises(Invalid, match=words) as refused:
        change(cast, session.patient, morning, code, vital, **wanted)
    assert refused.value.field == field
    assert not LimitChange.objects.exists()


def test_it_has_a_reason_and_an_end_within_what_the_clinic_allows(cast, session, morning):
    with pytest.raises(Invalid, match="needs a reason"):
        change(cast, session.patient, morning, threshold=160, reason=" ")
    with pytest.raises(Invalid, match="lies in the past"):
        change(cast, session.patient, morning, threshold=160, until=morning)
    words = r"at most 28 days: rule OWN-1 v1 \(an example, reviewed by nobody yet\)"
    with pytest.raises(Invalid, match=words):
        change(cast, session.patient, morning, threshold=160, lasts=timedelta(days=28, seconds=1))
    assert change(cast, session.patient, morning, threshold=160, lasts=timedelta(days=28))


@pytest.mark.parametrize(
    ("code", "wanted", "needs"),
    [
        ("BP-6", {"off": True}, True),
        ("BP-6", {"threshold": 210.0}, True),
        ("BP-6", {"threshold": 195.0}, False),
        ("BP-11", {"threshold": 75.0}, True),
        ("BP-11", {"threshold": 85.0}, False),
        # asks for a second reading, so it is not at once
        ("BP-5", {"threshold": 185.0}, False),
    ],
)
def test_what_flags_high_at_once_is_moved_outward_by_a_prescriber_alone(
    cast, session, morning, code, wanted, needs
):
    charge = builders.member(cast.clinic, "charge", "supervisor")
    if needs:
        with pytest.raises(NotAllowed, match=f"{code} SBP flags high at once: only a prescriber") as refused:
            change(cast, session.patient, morning, code, by=charge, **wanted)
        assert refused.value.missing == ("the signature of a prescriber whose credential is in date",)
        assert change(cast, session.patient, morning, code, **wanted)
    else:
        assert change(cast, session.patient, morning, code, by=charge, **wanted)


def test_the_last_rule_that_watches_something_stays(cast, morning):
    builders.signed_limits(
        cast.supervisor,
        morning,
        remove=[("OX-3", "spo2"), ("OX-4", "spo2")],
    )
    session = builders.dosing(cast.nurse, cast.clinic, morning)
    with pytest.raises(NotAllowed, match="OX-2 SpO₂ is the last rule that watches a low SpO₂: it stays"):
        change(cast, session.patient, morning, "OX-2", "spo2", off=True)


def test_only_a_supervisor_of_the_clinic(cast, session, morning):
    row = change(cast, session.patient, morning, threshold=160)
    for who in (cast.nurse, cast.admin, cast.auditor, cast.gateway):
        with pytest.raises(AccessDenied):
            change(cast, session.patient, morning, threshold=158, by=who)
    with pytest.raises(NotFound):
        change(cast, session.patient, morning, threshold=158, by=cast.outsider)
    with pytest.raises(NotFound):
        patient_limits.end_change(
            by=cast.outsider, patient_id=session.patient_id, change_id=row.id, at=morning
        )
    other = builders.patient(cast.clinic)
    with pytest.raises(NotFound):
        patient_limits.end_change(by=cast.supervisor, patient_id=other.id, change_id=row.id, at=morning)


def test_without_a_session_or_course_the_protocol_is_named(cast, morning):
    patient = builders.patient(cast.clinic)
    with pytest.raises(Invalid, match="Which protocol"):
        change(cast, patient, morning, threshold=160)
    with pytest.raises(Invalid, match="no limits for “moon”"):
        change(cast, patient, morning, threshold=160, protocol="moon")
    assert (
        change(cast, patient, morning, threshold=160, protocol="nasal-esketamine").limit_set.protocol_code
        == "nasal-esketamine"
    )


def test_it_is_logged_without_the_patients_name(cast, session, morning):
    row = change(cast, session.patient, morning, threshold=160)
    event = AuditEvent.objects.get(act="change-patient-limits")
    assert (event.actor_name, event.subject, event.subject_id, event.session_id) == (
        "Supervisor",
        "patient",
        str(session.patient_id),
        session.id,
    )
    assert event.details == {
        "change": str(row.id),
        "rule": "BP-2 systolic",
        "reason": "Known hypertension, agreed with Dr Reed",
        "until": (morning + minutes(90)).isoformat(),
        "what": "changed",
        "before": "SBP ≥ 165",
        "after": "SBP ≥ 160",
    }


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE vitals_limitchange SET threshold = 190",
        "UPDATE vitals_limitchange SET ended_at = now(), ended_by = 'x', reason = 'y'",
        "DELETE FROM vitals_limitchange",
    ],
)
def test_the_database_lets_it_only_be_ended(cast, session, morning, statement):
    change(cast, session.patient, morning, threshold=160)
    with (
        pytest.raises(IntegrityError, match="only ended"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
