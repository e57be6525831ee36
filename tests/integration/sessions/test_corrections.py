"""Corrections of entries: a new version with its reason, and everything that hangs on it moves with it."""

from datetime import timedelta

import pytest

from clinic.models import AuditEvent
from clinic.refusals import AccessDenied, Conflict, Invalid, NotAllowed, NotFound
from sessions import queries as treatments
from sessions.models import SessionEvent
from sessions.services.entries import digest
from tests import builders
from vitals import queries
from vitals.models import Watch
from vitals.panel import decode
from vitals.services import acts


def entry_of(session, kind):
    return SessionEvent.objects.filter(session=session, kind=kind).earliest("recorded_at").entry


def correct(by, session, kind, recorded_at, *, at=None, in_error=False, reason="Typed wrong", **details):
    return acts.correct_entry(
        by=by,
        session_id=session.id,
        entry=entry_of(session, kind),
        new_at=at,
        details=details,
        in_error=in_error,
        reason=reason,
        recorded_at=recorded_at,
    )


def panel_of(session):
    return decode(Watch.objects.get(pk=session.id).panel)


def minutes(count):
    return timedelta(minutes=count)


@pytest.fixture
def session(cast, morning):
    """An infusion of 35 mg over 40 min since ``morning``."""
    return builders.dosing(cast.nurse, cast.clinic, morning)


class TestMovingTheStart:
    """Issue: moving the dose start by 7 minutes moves due times, window, board and forecast."""

    @pytest.mark.parametrize("shift", [7, -7])
    def test_moves_the_clock_of_everything(self, cast, session, morning, shift):
        before = treatments.session(cast.clinic.pk, session.id)
        panel_before = panel_of(session)
        charted_at = morning + minutes(9)
        correct(cast.nurse, session, "start", charted_at, at=morning + minutes(shift))

        moved = treatments.session(cast.clinic.pk, session.id)
        for column in ("dose_started_at", "planned_end_at", "window_ends_at"):
            assert getattr(moved, column) - getattr(before, column) == minutes(shift), column
        panel = panel_of(session)
        for name in ("dose_started_at", "planned_end_at", "window_ends_at"):
            assert getattr(panel, name) - getattr(panel_before, name) == minutes(shift), name
        assert panel.version == panel_before.version + 1

    def test_moves_every_due_set_by_as_much(self, cast, session, morning):
        def due():
            row = treatments.session(cast.clinic.pk, session.id)
            steps = queries.steps(row, panel_of(session), [], morning)
            return [step.step.due_at for step in steps if step.step.due_at > morning + minutes(8)][:8]

        before = due()
        correct(cast.nurse, session, "start", morning + minutes(8), at=morning + minutes(7))
        assert due() == [at + minutes(7) for at in before]

    def test_moves_when_the_watch_rings(self, cast, session, morning):
        builders.record(
            builders.incoming(
                cast.nurse,
                session,
                morning - minutes(1),
                systolic=120,
                diastolic=70,
                heart_rate=70,
                respiratory_rate=14,
                spo2=98,
                sedation=5,
            )
        )
        rings_at = Watch.objects.get(pk=session.id).alert_at
        assert rings_at is not None
        correct(cast.nurse, session, "start", morning + minutes(8), at=morning + minutes(7))
        assert Watch.objects.get(pk=session.id).alert_at == rings_at + minutes(7)

    def test_a_start_moved_far_back_makes_nothing_ring_at_once(self, cast, session, morning):
        now = morning + minutes(1)
        correct(cast.nurse, session, "start", now, at=morning - minutes(9))
        assert panel_of(session).rings_from == morning - minutes(10)
        session = builders.checked_in(cast.nurse, cast.clinic, morning, chair="2")
        builders.act(cast.nurse, session, "start", morning + minutes(60), dose_mg=35)
        builders.act(cast.nurse, session, "stop", morning + minutes(101), reason="planned end")
        now = morning + minutes(102)
        correct(cast.nurse, session, "start", now, at=morning + minutes(20))
        assert panel_of(session).rings_from == now

    def test_moves_after_the_end_of_the_session_too(self, cast, session, morning):
        builders.act(cast.nurse, session, "transfer", morning + minutes(30), reason="Emergency services")
        correct(cast.nurse, session, "start", morning + minutes(60), at=morning + minutes(7))
        moved = treatments.session(cast.clinic.pk, session.id)
        assert (moved.dose_started_at, moved.dose_ended_at) == (morning + minutes(7), morning + minutes(30))
        assert moved.state == "transferred"
        assert not Watch.objects.get(pk=session.id).is_open


class TestVersions:
    def test_the_old_version_stays_with_the_reason_in_the_new(self, cast, session, morning):
        correct(cast.nurse, session, "start", morning + minutes(5), reason="Wrong dose read", dose_mg=30)
        old, new = SessionEvent.objects.filter(session=session, kind="start").order_by("version")
        assert (old.version, old.status, old.details["dose_mg"]) == (1, "final", 35)
        assert (new.version, new.status, new.details["dose_mg"]) == (2, "amended", 30)
        assert (new.supersedes_id, new.reason, new.entry) == (old.id, "Wrong dose read", old.entry)
        assert new.text.startswith("Infusion started, 30 mg over 40 min")
        assert treatments.session(cast.clinic.pk, session.id).dose_mg == 30

    def test_a_second_correction_is_made_on_the_newest(self, cast, session, morning):
        for dose in (30, 32):
            correct(cast.nurse, session, "start", morning + minutes(5), dose_mg=dose)
        versions = SessionEvent.objects.filter(session=session, kind="start").order_by("version")
        assert [row.details["dose_mg"] for row in versions] == [35, 30, 32]

    def test_each_version_has_its_audit_row_that_vouches_for_it(self, cast, session, morning):
        builders.act(cast.nurse, session, "note", morning + minutes(3), text="Calm")
        correct(cast.nurse, session, "note", morning + minutes(5), text="Calm, eyes closed")
        rows = SessionEvent.objects.filter(session=session)
        vouched = {
            (told["entry"], told["version"]): told["digest"]
            for told in AuditEvent.objects.filter(session_id=session.id).values_list("details", flat=True)
            if "digest" in told
        }
        assert vouched == {(str(row.entry), row.version): digest(row) for row in rows}
        assert len(vouched) == rows.count() > 3

    @pytest.mark.parametrize("kind", ["note", "symptom"])
    def test_an_entry_in_error_counts_no_more_and_stays(self, cast, session, morning, kind):
        builders.act(cast.nurse, session, kind, morning + minutes(3), text="Other chair", code="nausea")
        correct(cast.nurse, session, kind, morning + minutes(5), in_error=True, reason="Wrong patient")
        assert [one.kind for one in treatments.entries(session.id) if one.kind == kind] == []
        versions = [row.status for row in treatments.events(session.id) if row.kind == kind]
        assert versions == ["entered-in-error", "final"]
        with pytest.raises(Conflict):
            correct(cast.nurse, session, kind, morning + minutes(6), text="again")


class TestTheStateFollows:
    def test_a_stop_that_never_was_runs_on(self, cast, session, morning):
        builders.act(cast.nurse, session, "stop", morning + minutes(20), reason="Patient asked")
        correct(cast.nurse, session, "stop", morning + minutes(22), in_error=True, reason="Other chair")
        row = treatments.session(cast.clinic.pk, session.id)
        assert (row.state, row.dose_ended_at) == ("dosing", None)
        assert panel_of(session).state == "dosing"

    def test_a_start_that_never_was_is_before_the_dose_again(self, cast, session, morning):
        correct(cast.nurse, session, "start", morning + minutes(2), in_error=True, reason="Other chair")
        row = treatments.session(cast.clinic.pk, session.id)
        assert (row.state, row.dose_started_at, row.dose_mg, row.window_ends_at) == (
            "checked_in",
            None,
            None,
            None,
        )

    def test_a_pause_that_never_was_moves_the_end_back(self, cast, session, morning):
        builders.act(cast.nurse, session, "pause", morning + minutes(10))
        builders.act(cast.nurse, session, "resume", morning + minutes(20))
        assert treatments.session(cast.clinic.pk, session.id).planned_end_at == morning + minutes(50)
        correct(cast.nurse, session, "pause", morning + minutes(25), in_error=True)
        assert treatments.session(cast.clinic.pk, session.id).planned_end_at == morning + minutes(40)

    def test_a_device_charted_twice_goes_on(self, cast, morning):
        session = builders.dosing(cast.nurse, cast.clinic, morning, protocol="nasal-esketamine", chair="2")
        builders.act(cast.nurse, session, "dose", morning + minutes(5), device=2)
        assert treatments.session(cast.clinic.pk, session.id).state == "monitoring"
        correct(cast.nurse, session, "dose", morning + minutes(6), in_error=True, reason="Not yet given")
        row = treatments.session(cast.clinic.pk, session.id)
        assert (row.state, row.devices_given) == ("dosing", 1)


class TestRefusals:
    def test_no_reason(self, cast, session, morning):
        with pytest.raises(Invalid, match="reason"):
            correct(cast.nurse, session, "start", morning + minutes(5), reason=" ", dose_mg=30)

    def test_what_cannot_follow_changes_nothing(self, cast, session, morning):
        builders.act(cast.nurse, session, "stop", morning + minutes(20), reason="Patient asked")
        with pytest.raises(Invalid, match="before the start"):
            correct(cast.nurse, session, "start", morning + minutes(30), at=morning + minutes(25))
        assert treatments.session(cast.clinic.pk, session.id).dose_started_at == morning
        assert SessionEvent.objects.filter(session=session, version=2).count() == 0

    def test_the_future(self, cast, session, morning):
        with pytest.raises(Invalid, match="future"):
            correct(cast.nurse, session, "start", morning + minutes(5), at=morning + minutes(10))

    def test_before_the_check_in(self, cast, session, morning):
        with pytest.raises(Invalid, match="before the check-in"):
            correct(cast.nurse, session, "start", morning + minutes(5), at=morning - minutes(11))

    def test_a_version_that_another_replaced_meanwhile(self, cast, session, morning):
        correct(cast.nurse, session, "start", morning + minutes(5), dose_mg=30)
        with pytest.raises(Conflict, match="look at version 2 first"):
            acts.correct_entry(
                by=cast.supervisor,
                session_id=session.id,
                entry=entry_of(session, "start"),
                new_at=None,
                details={"dose_mg": 40},
                in_error=False,
                reason="Read again",
                recorded_at=morning + minutes(6),
                seen=1,
            )
        assert treatments.session(cast.clinic.pk, session.id).dose_mg == 30

    def test_a_signature_is_followed_and_not_corrected(self, cast, session, morning):
        with pytest.raises(NotAllowed, match="not corrected"):
            correct(cast.nurse, session, "check-in", morning + minutes(5), at=morning - minutes(5))

    def test_another_clinics_person_and_one_who_gives_no_care(self, cast, session, morning):
        with pytest.raises(NotFound):
            correct(cast.outsider, session, "start", morning + minutes(5), dose_mg=30)
        with pytest.raises(AccessDenied):
            correct(cast.admin, session, "start", morning + minutes(5), dose_mg=30)


class TestGuardRails:
    def start(self, cast, morning, recorded_at=None, **details):
        session = builders.checked_in(cast.nurse, cast.clinic, morning - minutes(10))
        return builders.act(
            cast.nurse, session, "start", morning, recorded_at=recorded_at or morning, **details
        )

    def test_an_unusual_dose_is_refused_by_name_until_it_has_a_reason(self, cast, morning):
        with pytest.raises(NotAllowed) as refused:
            self.start(cast, morning, dose_mg=75, duration_min=20)
        assert refused.value.missing == (
            "1.07 mg/kg within 20 min is above 1 mg/kg within 60 min",
            "20 min is shorter than 30 min",
            "a reason to go on",
        )

    def test_with_a_reason_it_goes_on_and_the_record_says_so(self, cast, morning):
        session = self.start(cast, morning, dose_mg=75, duration_min=40, reason="As ordered")
        [entry] = [one for one in treatments.entries(session.id) if one.kind == "start"]
        assert entry.details["unusual"] == ["too-much"]
        assert "(1.07 mg/kg within 40 min is above 1 mg/kg within 60 min: As ordered)" in entry.text

    def test_history_is_marked_and_never_refused(self, cast, morning):
        session = self.start(cast, morning, morning + minutes(90), dose_mg=75)
        [entry] = [one for one in treatments.entries(session.id) if one.kind == "start"]
        assert (entry.late, entry.details["unusual"]) == (True, ["too-much"])

    def test_a_device_before_its_rest_is_over_asks_for_a_reason(self, cast, morning):
        session = builders.dosing(cast.nurse, cast.clinic, morning, protocol="nasal-esketamine")
        with pytest.raises(NotAllowed, match="unusual") as refused:
            builders.act(cast.nurse, session, "dose", morning + minutes(4), device=2)
        assert refused.value.missing[0] == "the rest after device 1 ends at 10:05"
        builders.act(cast.nurse, session, "dose", morning + minutes(4), device=2, reason="Clock of the room")


def test_a_corrected_start_still_says_what_was_open_before_it(cast, session, morning):
    [before] = SessionEvent.objects.filter(session=session, kind="start")
    assert ". Open before the dose: " in before.text
    correct(cast.nurse, session, "start", morning + minutes(5), dose_mg=30)
    after = SessionEvent.objects.get(session=session, kind="start", version=2)
    assert after.text == before.text.replace("35 mg", "30 mg")
