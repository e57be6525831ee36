"""The day through its services and its API: opened, closed, what is left open, which monitor was heard."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic import clock
from clinic.access import MAY, Act, Role
from clinic.models import AuditEvent, Credential
from clinic.refusals import Invalid, NotAllowed, NotFound
from sessions import queries as treatments
from sessions.models import DayEntry, FollowUp, FollowUpAnswer, LedgerEntry, LedgerWitness, StockItem
from sessions.services import days
from tests import builders
from tests.integration.vitals.test_api import caller
from vitals.services import days as whole_days

CODES = ["prescriber_on_site", "oximeter", "clocks", "monitors", "drug_count"]


def answers(who, **changed):
    said = {code: {"answer": "yes"} for code in CODES}
    said["prescriber_on_site"]["who"] = str(who)
    return {**said, **changed}


@pytest.fixture
def at(morning):
    return lambda minutes: morning + timedelta(minutes=minutes)


@pytest.fixture
def opened(cast, at):
    return days.open_day(by=cast.nurse, at=at(-60), answers=answers(cast.supervisor.user_id))


def codes(cast, when):
    return [point.code for point in whole_days.day_of(cast.clinic, when).points]


class TestOpening:
    def test_keeps_the_answers_in_the_shape_that_the_gate_reads(self, cast, opened, morning):
        row = DayEntry.objects.get(clinic=cast.clinic)
        assert (row.kind, row.by_name, row.day) == ("open", "Nurse", morning.date())
        assert row.items["prescriber_on_site"] == {"answer": "yes", "who": str(cast.supervisor.user_id)}
        assert row.items["oximeter"] == {"answer": "yes"}

    def test_its_audit_holds_no_free_text(self, cast, at):
        said = answers(cast.supervisor.user_id, clocks={"answer": "no", "reason": "Wall clock is slow"})
        days.open_day(by=cast.nurse, at=at(0), answers=said)
        [event] = AuditEvent.objects.filter(act=Act.OPEN_DAY)
        assert event.details["answers"]["clocks"] == "no"
        assert "slow" not in str(event.details)

    def test_the_day_is_the_clinics_not_utc(self, cast, morning):
        evening = morning.replace(hour=3)  # ten in the evening in New York, the day before
        days.open_day(by=cast.nurse, at=evening, answers=answers(cast.supervisor.user_id))
        assert DayEntry.objects.get(clinic=cast.clinic).day == (morning - timedelta(days=1)).date()
        assert whole_days.day_of(cast.clinic, morning).words == "not opened"

    def test_a_prescriber_whose_credential_ran_out_is_refused_by_name(self, cast, at):
        Credential.objects.filter(user_id=cast.supervisor.user_id).update(expires_on="2026-11-22")
        with pytest.raises(
            Invalid, match="Supervisor holds no prescriber's credential that is in date"
        ) as refused:
            days.open_day(by=cast.nurse, at=at(0), answers=answers(cast.supervisor.user_id))
        assert refused.value.field == "items.prescriber_on_site.who"
        assert not DayEntry.objects.exists()

    def test_a_credential_holds_through_its_last_day(self, cast, at):
        Credential.objects.filter(user_id=cast.supervisor.user_id).update(expires_on="2026-11-23")
        days.open_day(by=cast.nurse, at=at(0), answers=answers(cast.supervisor.user_id))

    @pytest.mark.parametrize("who", ["outsider", "nobody"])
    def test_another_clinics_prescriber_is_as_one_that_nobody_has(self, cast, at, who):
        id_ = cast.outsider.user_id if who == "outsider" else uuid4()
        with pytest.raises(NotFound):
            days.open_day(by=cast.nurse, at=at(0), answers=answers(id_))

    def test_opened_anew_both_stay_and_the_newest_counts(self, cast, opened, at):
        said = answers(cast.supervisor.user_id, oximeter={"answer": "no", "reason": "Broken"})
        days.open_day(by=cast.supervisor, at=at(30), answers=said)
        assert DayEntry.objects.filter(clinic=cast.clinic).count() == 2
        [(question, reason)] = whole_days.day_of(cast.clinic, at(31)).not_as_wished
        assert (question.code, reason) == ("oximeter", "Broken")


class TestClosing:
    def test_with_nothing_open_it_needs_no_reason(self, cast, opened, at):
        row = whole_days.close_day(by=cast.nurse, at=at(500), reason="")
        assert row.items == {"left": {}, "reason": ""}
        assert whole_days.day_of(cast.clinic, at(501)).words == "closed"

    def test_with_something_open_it_asks_why_and_keeps_what_was_left(self, cast, opened, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(0))
        builders.record(builders.incoming(cast.nurse, session, at(5), systolic=204, diastolic=104))
        with pytest.raises(NotAllowed, match="1 session not ended, 1 flag that nobody has taken") as refused:
            whole_days.close_day(by=cast.nurse, at=at(10), reason="  ")
        assert refused.value.field == "reason"
        row = whole_days.close_day(by=cast.nurse, at=at(10), reason="Evening shift has chair 1")
        assert row.items == {
            "left": {"open_sessions": 1, "flags": 1},
            "reason": "Evening shift has chair 1",
        }

    def test_a_day_that_was_not_opened_or_is_closed_is_not_closed(self, cast, at):
        with pytest.raises(NotAllowed, match="was not opened"):
            whole_days.close_day(by=cast.nurse, at=at(0), reason="x")
        days.open_day(by=cast.nurse, at=at(1), answers=answers(cast.supervisor.user_id))
        whole_days.close_day(by=cast.nurse, at=at(2), reason="x")
        with pytest.raises(NotAllowed, match="closed at 10:02 by Nurse"):
            whole_days.close_day(by=cast.supervisor, at=at(3), reason="x")

    def test_another_clinic_closes_its_own_day_alone(self, cast, opened, at):
        with pytest.raises(NotAllowed, match="was not opened"):
            whole_days.close_day(by=cast.outsider, at=at(10), reason="x")
        assert whole_days.day_of(cast.clinic, at(11)).words == "open"


class TestWhatIsLeftOpen:
    def test_a_flag_counts_until_somebody_takes_it_and_late_ones_apart(self, cast, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(0))
        builders.record(
            builders.incoming(cast.nurse, session, at(2), received_at=at(40), systolic=204, diastolic=104)
        )
        assert codes(cast, at(41)) == ["open_sessions", "late_flags"]

    @pytest.mark.parametrize(
        ("moves", "left"),
        [
            ({"draw": 5, "give": 5}, []),
            ({"draw": 5, "give": 4, "waste": 1}, []),
            ({"draw": 5, "give": 4.9}, []),  # the tolerance of 0.1 mL
            ({"draw": 5, "give": 4.89}, ["ledger"]),
            ({"draw": 5, "give": 4}, ["ledger"]),
            ({"give": 1}, ["ledger"]),
        ],
    )
    def test_what_was_drawn_is_given_and_wasted(self, cast, at, moves, left):
        session = builders.dosing(cast.nurse, cast.clinic, at(0))
        rows = [ledger(cast, session, kind, quantity, at(5)) for kind, quantity in moves.items()]
        for row in rows:
            if row.kind == "waste":
                witnessed(cast, row, at(6))
        assert [code for code in codes(cast, at(10)) if code != "open_sessions"] == left

    def test_a_waste_counts_until_another_one_witnessed_it(self, cast, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(0))
        ledger(cast, session, "draw", 1, at(5))
        row = ledger(cast, session, "waste", 1, at(5))
        assert "unwitnessed" in codes(cast, at(6))
        witnessed(cast, row, at(7))
        assert "unwitnessed" not in codes(cast, at(8))

    def test_a_count_that_differs_stands_until_it_is_adjusted_and_says_no_number(self, cast, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(0))
        drawn = ledger(cast, session, "draw", 1, at(5))
        ledger(cast, session, "give", 1, at(6))
        ledger(cast, None, "count", 8.5, at(7))
        [point] = [one for one in whole_days.day_of(cast.clinic, at(8)).points if one.code == "counts"]
        assert (point.text, point.session_id) == (drawn.item.label, None)

    def test_a_scale_that_asks_for_a_review_counts_until_it_has_one(self, cast, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(0))
        builders.act(cast.nurse, session, "scale", at(2), scale="suicide-screen", answers={"positive": 1})
        assert "reviews" in codes(cast, at(3))
        entry = next(one for one in treatments.entries(session.id) if one.kind == "scale")
        said = "Talked; plan made"
        builders.act(cast.supervisor, session, "review-scale", at(4), of=str(entry.entry), text=said)
        assert "reviews" not in codes(cast, at(5))

    def test_a_nasal_treatment_counts_until_its_form_is_filed(self, cast, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(-180), protocol="nasal-esketamine")
        builders.act(cast.nurse, session, "dose", at(-175), device=2)
        builders.act(cast.nurse, session, "transfer", at(0), reason="test")
        [point] = whole_days.day_of(cast.clinic, at(10)).points
        assert (point.code, point.text, point.session_id) == ("forms", "Due 30 Nov", session.id)

    def test_a_worrying_answer_from_home_counts(self, cast, at):
        session = builders.scheduled(cast.nurse, cast.clinic, at(0))
        follow_up = FollowUp.objects.create(
            clinic=cast.clinic, session=session, kind="24h", due_at=at(0), expires_at=at(1000)
        )
        FollowUpAnswer.objects.create(follow_up=follow_up, answered_at=at(5), answers={}, worries=["drove"])
        assert codes(cast, at(10)) == ["follow_ups"]

    def test_nothing_of_another_clinic_counts(self, cast, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(0))
        builders.record(builders.incoming(cast.nurse, session, at(5), systolic=204, diastolic=104))
        assert whole_days.day_of(cast.other_clinic, at(10)).points == ()


def ledger(cast, session, kind, quantity, at):
    item, _ = StockItem.objects.get_or_create(
        clinic=cast.clinic,
        label="V-1",
        defaults={
            "product": "ketamine-50",
            "lot": "L1",
            "expires_on": "2027-01-01",
            "unit": "mL",
            "mg_per_unit": 50,
            "received_at": at,
        },
    )
    return LedgerEntry.objects.create(
        entry=uuid4(),
        clinic=cast.clinic,
        item=item,
        session=session,
        kind=kind,
        quantity=quantity,
        at=at,
        recorded_at=at,
        by_id=cast.nurse.actor_id,
        by_name="Nurse",
    )


def witnessed(cast, row, at):
    LedgerWitness.objects.create(
        ledger_entry=row,
        acted_by_id=row.by_id,
        by_id=cast.supervisor.actor_id,
        by_name="Supervisor",
        at=at,
    )


class TestMonitors:
    def seen(self, cast, when):
        [monitor] = whole_days.monitors(cast.clinic, when)
        return monitor.at, monitor.refused

    def test_one_that_sent_nothing_today_says_so(self, cast, at):
        assert self.seen(cast, at(0)) == (None, False)

    def test_its_last_reading_is_found_through_the_chair(self, cast, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(0))
        for minute in (1, 3, 2):
            builders.record(builders.incoming(cast.monitor, session, at(minute), heart_rate=70 + minute))
        builders.record(builders.incoming(cast.nurse, session, at(8), sedation=5))
        assert self.seen(cast, at(10)) == (at(3), False)

    def test_a_test_reading_before_anybody_sits_there_counts_as_heard(self, cast, at):
        builders.record(builders.incoming(cast.monitor, None, at(-30), heart_rate=71))
        assert self.seen(cast, at(0)) == (at(-30), True)

    def test_yesterdays_reading_is_not_todays(self, cast, at):
        session = builders.dosing(cast.nurse, cast.clinic, at(-24 * 60))
        builders.record(builders.incoming(cast.monitor, session, at(-24 * 60 + 5), heart_rate=71))
        assert self.seen(cast, at(0)) == (None, False)

    def test_its_cost_does_not_grow_with_monitors(self, cast, at):
        with CaptureQueriesContext(
            connection,
        ) as few:
            whole_days.monitors(cast.clinic, at(0))
        for chair in ("2", "3", "4", "5"):
            session = builders.dosing(cast.nurse, cast.clinic, at(0), chair=chair)
            monitor = builders.device(cast.clinic, f"Monitor {chair}", chair=chair)
            builders.record(builders.incoming(monitor, session, at(1), heart_rate=71))
        with CaptureQueriesContext(connection) as many:
            assert len(whole_days.monitors(cast.clinic, at(2))) == 5
        assert len(many) <= len(few) + 1


class TestApi:
    def test_a_day_over_the_api(self, cast, at):
        with clock.pinned(at(0)):
            nurse = caller(cast.nurse)
            told = nurse.get("day/").json()
            assert (told["state"], len(told["to_check"]), told["prescriber"]) == ("not opened", 5, None)
            told = nurse.post("day/open/", {"items": answers(cast.supervisor.user_id)}).json()
            assert (told["state"], told["prescriber"], told["opened"]["by"]) == (
                "open",
                "Supervisor",
                "Nurse",
            )
        with clock.pinned(at(60)):
            builders.dosing(cast.nurse, cast.clinic, at(50))
            refused = nurse.post("day/close/", {})
            assert (refused.status_code, refused.json()["field"]) == (409, "reason")
            told = nurse.post("day/close/", {"reason": "Evening shift"}).json()
            assert (told["state"], told["closed"]["items"]["reason"]) == ("closed", "Evening shift")
            assert told["points"][0]["text"] == "Chair 1, IV ketamine, dosing"

    @pytest.mark.parametrize(
        ("items", "field"),
        [
            ({"coffee": {"answer": "yes"}}, "items.coffee"),
            ({"oximeter": {"answer": "maybe"}}, "items"),
            ({"oximeter": {"reply": "yes"}}, "items"),
        ],
    )
    def test_wrong_answers_are_named(self, cast, at, items, field):
        with clock.pinned(at(0)):
            refused = caller(cast.nurse).post("day/open/", {"items": items})
        assert refused.status_code == 422
        assert field in {refused.json().get("field"), *refused.json().get("fields", {})}

    @pytest.mark.parametrize("path", ["day/open/", "day/close/"])
    def test_only_care_opens_and_closes(self, cast, at, path):
        roles = {
            Role.NURSE: cast.nurse,
            Role.SUPERVISOR: cast.supervisor,
            Role.ADMIN: cast.admin,
            Role.AUDITOR: cast.auditor,
            Role.DEVICE: cast.gateway,
        }
        body = {"items": answers(cast.supervisor.user_id)} if path == "day/open/" else {"reason": "x"}
        with clock.pinned(at(0)):
            refused = {role for role, who in roles.items() if caller(who).post(path, body).status_code == 403}
        assert refused == set(roles) - MAY[Act.OPEN_DAY]
