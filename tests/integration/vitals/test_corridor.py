"""Every reading through the one corridor: stored once, judged, flagged, shown; refused by name."""

from datetime import timedelta
from uuid import uuid4

from clinic.models import AuditEvent
from tests import builders
from vitals import queries
from vitals.models import Flag, Quarantine, Watch
from vitals.panel import decode


def test_a_reading_in_range_is_stored_and_shown(cast, morning):
    session = builders.dosing(cast.nurse, cast.clinic, morning)
    at = morning + timedelta(minutes=5)
    [outcome] = builders.record(
        builders.incoming(cast.gateway, session, at, systolic=124, diastolic=78, heart_rate=70)
    )
    assert outcome.refusal is None
    baseline, view = queries.readings(session.id)
    assert (baseline.values, baseline.recorded_by) == ({"systolic": 124, "diastolic": 78}, "Nurse")
    assert view.values == {"systolic": 124, "diastolic": 78, "heart_rate": 70}
    assert view.recorded_by == "Gateway"
    panel = decode(Watch.objects.get(pk=session.id).panel)
    assert panel.values["systolic"].value == 124
    assert panel.flags == []
    assert panel.baseline is not None
    assert (panel.baseline.systolic, panel.baseline.diastolic, panel.baseline.sets) == (124, 78, 1)
    sent = AuditEvent.objects.filter(act="send-readings", session_id=session.id)
    assert sent.filter(actor_name="Gateway").count() == 1


def test_a_breach_opens_one_flag_and_its_end_resolves_it(cast, morning):
    session = builders.dosing(cast.nurse, cast.clinic, morning)
    for minute, systolic in ((5, 170), (10, 172), (15, 150)):
        builders.record(
            builders.incoming(
                cast.gateway, session, morning + timedelta(minutes=minute), systolic=systolic, diastolic=90
            )
        )
    flag = Flag.objects.get(session=session, condition="bp-high")
    assert (flag.priority, flag.state, flag.resolved_cause) == ("medium", "resolved", "inside limits")
    assert flag.opened_at == morning + timedelta(minutes=5)
    assert flag.findings.count() == 2


def test_the_same_id_again_changes_nothing_and_another_body_is_a_conflict(cast, morning):
    session = builders.dosing(cast.nurse, cast.clinic, morning)
    at, id_ = morning + timedelta(minutes=5), uuid4()
    first = builders.incoming(cast.gateway, session, at, id_=id_, systolic=185, diastolic=90)
    [told] = builders.record(first)
    [again] = builders.record(first)
    assert again.duplicate
    assert again.flags == told.flags != []
    [other] = builders.record(
        builders.incoming(cast.gateway, session, at, id_=id_, systolic=120, diastolic=80)
    )
    assert other.refusal is not None
    assert other.refusal.status == 409
    assert len(queries.readings(session.id, since=morning)) == 1
    assert Quarantine.objects.get().code == "conflict"
