"""A course on one page: values of its sessions, the scales taken in them, and what was answered at home."""

from datetime import timedelta

from screens.course_page import course_page
from sessions import queries as treatments
from sessions.models import FollowUp
from sessions.services import follow_ups
from sessions.shipped_scales import PHQ_9
from tests import builders
from tests.unit.sessions.test_scales import all_at

WELL = {"mood": 7, "drove": False, "slept": True, "symptoms": [], "harm": False}


def minutes(count):
    return timedelta(minutes=count)


def test_values_and_response_stand_side_by_side(cast, morning):
    session = builders.dosing(cast.nurse, cast.clinic, morning)
    builders.act(cast.nurse, session, "scale", morning + minutes(1), scale="phq-9", answers=all_at(PHQ_9, 1))
    builders.act(cast.nurse, session, "symptom", morning + minutes(20), code="nausea")
    values = {10: (142, 88), 30: (151, 92), 110: (124, 80)}
    for minute, (systolic, diastolic) in values.items():
        at = morning + minutes(minute)
        builders.record(
            builders.incoming(cast.nurse, session, at, systolic=systolic, diastolic=diastolic, spo2=97)
        )
    [scale] = [str(one.entry) for one in treatments.entries(session.id) if one.kind == "scale"]
    builders.act(cast.supervisor, session, "review-scale", morning + minutes(5), of=scale, text="Talked")
    builders.act(cast.nurse, session, "stop", morning + minutes(40), reason="Dose complete")
    builders.act(cast.nurse, session, "readiness", morning + minutes(121), escort="A friend")
    builders.act(cast.nurse, session, "release", morning + minutes(122))
    first = FollowUp.objects.get(session=session, kind="24h")
    link = follow_ups.claim(first.id, at=first.due_at)
    assert link is not None
    follow_ups.sent(link, channel="e-mail", at=first.due_at)
    follow_ups.answer(link.key, WELL, at=first.due_at)

    page = course_page(session.course)
    [row] = page.rows
    assert (row.number, row.dose_mg, row.mg_per_kg, row.ready_min) == (1, 35, 0.5, 121)
    assert (row.symptoms, row.outcome) == ("nausea", "released")
    phq, mood = page.responses
    assert (phq.scale, phq.totals[0].total, phq.totals[0].words.lower()) == ("PHQ-9", 9, "mild")
    assert (mood.scale, mood.totals[0].total) == ("Mood at home, 0 to 10", 7)
    assert mood.totals[0].words == "24 hours after a session"
