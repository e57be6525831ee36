"""The demo's record: what is asked before the dose is answered there, and its staff hold their papers."""

from datetime import UTC, datetime

import pytest

from clinic.models import AuditEvent, Credential
from sessions import queries as treatments
from sessions.models import Course, Session
from vitals.demo import seed as demo

NOW = datetime(2026, 11, 23, 15, 42, tzinfo=UTC)
# the day is opened by whoever comes first, in the demo too
OF_THE_DAY = {"prescriber-on-site", "oximeter"}


@pytest.fixture
def clinic(db, tmp_path, monkeypatch):
    monkeypatch.setenv("DEMO_FOLDER", str(tmp_path))
    return demo.seed(NOW).clinic


def test_every_dose_of_today_began_with_its_gate_answered_and_a_second_seed_adds_nothing(clinic):
    # those of earlier days are there for what comes after a session
    dosed = Session.objects.filter(clinic=clinic, dose_started_at__isnull=False, ended_at__isnull=True)
    assert dosed.count() > 8
    for session in dosed:
        [start] = [one for one in treatments.entries(session.id) if one.kind == "start"]
        assert set(start.details["gate_open"]) <= OF_THE_DAY
        assert "gate_undecided" not in start.details
    assert not Course.objects.filter(treatments__in=dosed, consent_signed_on__isnull=True).exists()
    kinds = {"prescriber", "licence", "acls", "dea", "rems"}
    assert set(Credential.objects.values_list("kind", flat=True)) == kinds
    before = Credential.objects.count(), AuditEvent.objects.filter(act="manage-staff").count()
    demo.seed(NOW)
    assert (Credential.objects.count(), AuditEvent.objects.filter(act="manage-staff").count()) == before
