"""The demo's record: what is asked before the dose is answered there, and its staff hold their papers.

Two courses have a past, entered as if it had happened live.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from clinic.models import AuditEvent, Credential, Patient, User
from reports import demo as forms
from reports import form_board
from sessions import dosing, record, symptoms
from sessions import follow_up_queries as check_ins
from sessions import queries as treatments
from sessions.models import Course, DayEntry, FollowUp, LedgerEntry, Session, SessionEvent
from vitals.demo import seed as demo
from vitals.models import Finding, Flag, Reading

NOW = datetime(2026, 11, 23, 15, 42, tzinfo=UTC)
# the day is opened by whoever comes first, in the demo too
OF_THE_DAY = {"prescriber-on-site", "oximeter"}
# cells of the monitoring form that may stay empty
MAY_BE_EMPTY = {
    "patient-middle-initial",
    "setting-address-2",
    "other-medicines",
    "ready-without-minimum",
}


@pytest.fixture(scope="module")
def seeded(django_db_setup, django_db_blocker, tmp_path_factory):
    """Seeded once, for a seed takes seconds; what a test changes is rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("DEMO_FOLDER", str(tmp_path_factory.mktemp("demo")))
        clinic = demo.seed(NOW).clinic
        clinic.refresh_from_db()
        yield clinic
        transaction.set_rollback(True)


@pytest.fixture
def clinic(seeded, db):
    return seeded


def sessions_of(clinic, family_name):
    return list(
        Session.objects.filter(clinic=clinic, patient__family_name=family_name).order_by("scheduled_at")
    )


def today_of(clinic, family_name):
    return sessions_of(clinic, family_name)[-1]


def due_of(line):
    """How near the due time a form on the board is."""
    assert line.form is not None
    assert line.form.due is not None
    return line.form.due


def totals(rows):
    """The PHQ-9 totals of sessions, each charted before its dose."""
    found = []
    for row in rows:
        [rated] = record.of_kind(treatments.entries(row.id), "scale")
        assert rated.at < row.dose_started_at
        found.append(rated.details["total"])
    return found


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
    tables = (Credential, Session, SessionEvent, Reading, FollowUp, LedgerEntry, DayEntry, Patient, User)
    before = [table.objects.count() for table in tables]
    newest = AuditEvent.objects.latest("id").id
    demo.seed(NOW)
    assert [table.objects.count() for table in tables] == before
    # whoever starts the demo is given keys; nothing else is written
    assert set(AuditEvent.objects.filter(id__gt=newest).values_list("act", flat=True)) == {"issue-token"}


def test_nothing_of_the_demo_is_flagged_when_it_begins(clinic):
    assert Reading.objects.count() > 300
    assert not Flag.objects.exists()
    assert not Finding.objects.exists()


class TestCoursesWithAPast:
    @pytest.mark.parametrize(
        ("family_name", "days"),
        [
            ("Aspen", [date(2026, 11, 6), date(2026, 11, 11), date(2026, 11, 17), date(2026, 11, 23)]),
            ("Birch", [date(2026, 11, 4), date(2026, 11, 11), date(2026, 11, 18), date(2026, 11, 23)]),
        ],
    )
    def test_a_course_has_three_released_sessions_before_today(self, clinic, family_name, days):
        rows = sessions_of(clinic, family_name)
        assert [row.dose_started_at.astimezone(clinic.zone).date() for row in rows] == days
        assert len({row.course_id for row in rows}) == 1
        assert [row.outcome for row in rows] == ["released", "released", "released", ""]
        for row in rows[:-1]:
            assert row.ended_at >= row.window_ends_at
            entries = treatments.entries(row.id)
            assert not any(entry.late for entry in entries)
            [start] = record.of_kind(entries, "start")
            assert start.details["gate_open"] == []
            episodes = symptoms.episodes(entries)
            assert 1 <= len(episodes) <= 2
            assert all(one.severity and one.gone_at and one.gone_at < row.ended_at for one in episodes)

    def test_scores_fall_over_the_course(self, clinic):
        assert totals(sessions_of(clinic, "Aspen")) == [17, 14, 11, 8]
        assert totals(sessions_of(clinic, "Birch")) == [20, 16, 13, 11]

    def test_consent_and_enrolment_come_before_the_first_session(self, clinic):
        first = sessions_of(clinic, "Birch")[0]
        assert first.course.consent_signed_on == date(2026, 10, 28)
        assert first.patient.rems_enrolled_on == date(2026, 10, 28)

    def test_every_check_in_at_home_that_was_due_is_answered_without_a_worry(self, clinic):
        rows = FollowUp.objects.filter(session__patient__family_name__in=["Aspen", "Birch"])
        due = rows.filter(due_at__lte=NOW)
        assert due.filter(kind="24h").count() == 6
        assert not due.filter(answer__isnull=True).exists()
        assert not due.exclude(answer__worries=[]).exists()
        assert not rows.filter(due_at__gt=NOW, answer__isnull=False).exists()
        views = check_ins.follow_ups(clinic.pk, at=NOW)
        assert [view.standing for view in views if view.needs_someone] == ["worrying answer", "no answer"]

    def test_the_next_days_demo_gives_no_patient_a_second_past(self, clinic):
        demo.seed(NOW + timedelta(days=1))
        assert len(sessions_of(clinic, "Aspen")) == 5

    def test_weeks_later_the_demo_begins_anew_without_asking_about_a_weight(self, clinic):
        demo.seed(NOW + timedelta(days=45))
        assert today_of(clinic, "Birch").dose_started_at == NOW + timedelta(days=45, minutes=-53)


class TestToday:
    def test_symptom_medicine_and_a_correction_are_charted(self, clinic):
        [nausea] = symptoms.episodes(treatments.entries(today_of(clinic, "Ginkgo").id))
        assert (nausea.code, nausea.severity) == ("nausea", "mild")
        aspen = treatments.entries(today_of(clinic, "Aspen").id)
        [given] = record.of_kind(aspen, "medicine")
        assert given.details["ordered_by"] == "Supervisor C"
        [headache] = record.of_kind(aspen, "symptom")
        versions = SessionEvent.objects.filter(entry=headache.entry).order_by("version")
        said = [(row.version, row.details["severity"], row.reason) for row in versions]
        assert said == [(1, "moderate", ""), (2, "mild", "Wrong chip tapped")]

    def test_every_device_has_its_lot_and_expiry_as_the_kit_has(self, clinic):
        for row in Session.objects.filter(clinic=clinic, protocol__route="nasal", devices_given__gt=0):
            dose = dosing.dose_of(treatments.entries(row.id), treatments.rules_of(row.protocol_id))
            assert len(dose.devices) == row.planned_devices
            kits = {(entry.item.lot, entry.item.expires_on) for entry in row.ledger.all()}
            said = {(device.lot, device.expires_on) for device in dose.devices}
            assert len(said) == 1
            assert not kits or kits == said

    def test_staff_clinic_and_patients_have_what_the_forms_ask_for(self, clinic):
        names = {user.username: user.shown_name() for user in User.objects.all()}
        shown = {"nurse": "Nurse A", "nurse-b": "Nurse B", "supervisor": "Supervisor C", "admin": "Admin"}
        assert names == shown
        assert not User.objects.filter(phone="").exists()
        assert not User.objects.exclude(email__endswith="@example.org").exists()
        assert (clinic.state, clinic.zip_code) != ("", "")
        assert not Patient.objects.filter(address="").exists()
        nasal = Patient.objects.filter(courses__protocol_code="nasal-esketamine")
        assert nasal.count() == 3
        assert not nasal.filter(rems_enrolled_on__isnull=True).exists()


class TestForms:
    @pytest.fixture
    def filed(self, clinic):
        forms.file_forms(clinic, NOW)
        return clinic

    def test_one_is_filed_whole_with_its_number_and_one_is_due_in_amber(self, filed):
        lines = form_board.board(filed.pk, at=NOW)
        assert [line.standing for line in lines] == ["due", "open", "open", "filed"]
        assert due_of(lines[0]).urgency == "medium"
        assert lines[-1].filed is not None
        assert lines[-1].filed.confirmation == "DEMO-0002"
        for row in sessions_of(filed, "Birch")[:2]:
            [filing] = row.filings.all()
            assert filing.filed_at == row.ended_at + timedelta(days=1)
            empty = {cell["code"] for cell in filing.cells if cell["value"] is None and not cell["words"]}
            assert empty == MAY_BE_EMPTY

    def test_forms_that_come_due_later_are_left_to_whoever_tries_the_demo(self, filed):
        later = NOW + timedelta(days=4)
        forms.file_forms(filed, later)
        assert due_of(form_board.board(filed.pk, at=later)[0]).overdue
