"""What the corridor stores, once; what it refuses, by code; what it keeps in quarantine."""

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from clinic.models import AuditEvent, Chair
from tests import builders
from vitals import queries
from vitals.models import Finding, Flag, Quarantine, ReadingKey, Watch
from vitals.panel import decode


@pytest.fixture
def session(cast, morning):
    return builders.dosing(cast.nurse, cast.clinic, morning)


@pytest.fixture
def at(morning):
    return lambda number: morning + timedelta(minutes=number)


def since_the_dose(session):
    """All readings but the baseline that ``builders.dosing`` charts."""
    return queries.readings(session.id, since=session.dose_started_at)


def refusal_of(outcome):
    return outcome.refusal.status, outcome.refusal.code, outcome.refusal.field


class TestOnce:
    def test_without_an_id_the_same_moment_and_values_are_one_reading(self, cast, session, at):
        for _ in range(5):
            [told] = builders.record(
                builders.incoming(cast.gateway, session, at(5), systolic=181, diastolic=102)
            )
        assert told.duplicate
        assert len(since_the_dose(session)) == 1
        assert Finding.objects.count() == 1

    def test_a_moment_may_come_in_two_halves(self, cast, session, at):
        builders.record(
            builders.incoming(cast.gateway, session, at(5), diastolic=80),
            builders.incoming(cast.gateway, session, at(5), systolic=122, mean=94),
        )
        assert len(since_the_dose(session)) == 2

    def test_another_source_is_another_reading(self, cast, session, at):
        for by in (cast.gateway, cast.monitor):
            [told] = builders.record(builders.incoming(by, session, at(5), spo2=97))
            assert not told.duplicate

    def test_not_measured_is_not_the_same_as_a_number_that_cannot_be(self, cast, session, at):
        [first] = builders.record(builders.incoming(cast.gateway, session, at(5), spo2=97))
        [second] = builders.record(builders.incoming(cast.gateway, session, at(5), spo2=97, systolic=-1))
        assert first.id != second.id

    def test_the_same_id_twice_in_one_batch_is_stored_once(self, cast, session, at):
        one = builders.incoming(cast.gateway, session, at(5), id_=uuid4(), spo2=97)
        first, second = builders.record(one, one)
        assert [first.duplicate, second.duplicate].count(True) == 1
        assert len(since_the_dose(session)) == 1

    def test_a_batch_with_good_and_bad_items_stores_the_good_ones(self, cast, session, at):
        outcomes = builders.record(
            builders.incoming(cast.gateway, session, at(5), spo2=97),
            builders.incoming(cast.gateway, session, at(60), received_at=at(6), spo2=97),
            builders.incoming(cast.gateway, session, at(5), heart_rate=500),
            builders.incoming(cast.gateway, session, at(6), spo2=96),
        )
        assert [outcome.refusal is None for outcome in outcomes] == [True, False, False, True]
        assert [view.values for view in since_the_dose(session)] == [{"spo2": 97}, {"spo2": 96}]

    def test_another_clinic_s_same_id_shows_nothing_of_ours(self, cast, session, at):
        id_ = uuid4()
        builders.record(builders.incoming(cast.gateway, session, at(5), id_=id_, spo2=85))
        foreign = builders.dosing(cast.outsider, cast.other_clinic, at(0))
        theirs = builders.incoming(cast.outsider, foreign, at(5), id_=id_, spo2=98)
        [first] = builders.record(theirs)
        [again] = builders.record(theirs)
        assert (first.duplicate, again.duplicate) == (False, True)
        assert again.flags == []

    def test_one_audit_row_per_call_and_session_and_none_for_what_was_there(self, cast, session, at):
        items = [builders.incoming(cast.gateway, session, at(n), spo2=97) for n in range(1, 5)]
        builders.record(*items)
        builders.record(*items)
        [event] = AuditEvent.objects.filter(act="send-readings", actor_name="Gateway")
        assert event.details == {"stored": 4, "refused": 0}

    def test_two_connections_with_the_same_key_at_once_store_it_once(self, committed_db, morning):
        cast = builders.cast()
        session = builders.dosing(cast.nurse, cast.clinic, morning)
        id_, together, told = uuid4(), threading.Barrier(4), []
        at = morning + timedelta(minutes=5)

        def send():
            one = builders.incoming(cast.gateway, session, at, id_=id_, systolic=185, diastolic=95)
            together.wait()
            try:
                told.extend(builders.record(one))
            finally:
                connection.close()

        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcome.duplicate for outcome in told) == [False, True, True, True]
        assert len({outcome.flags[0]["id"] for outcome in told}) == 1
        assert len(since_the_dose(session)) == Flag.objects.count() == 1
        assert ReadingKey.objects.filter(id=id_).count() == 1


class TestRefusals:
    def test_a_time_in_the_future(self, cast, session, at):
        [told] = builders.record(
            builders.incoming(
                cast.gateway, session, at(5) + timedelta(seconds=121), received_at=at(5), spo2=97
            )
        )
        assert refusal_of(told) == (422, "invalid", "measured_at")

    def test_a_device_s_clock_may_run_two_minutes_ahead(self, cast, session, at):
        [told] = builders.record(builders.incoming(cast.gateway, session, at(7), received_at=at(5), spo2=97))
        assert told.refusal is None

    def test_a_time_before_the_session(self, cast, session, at):
        [told] = builders.record(builders.incoming(cast.gateway, session, at(-71), spo2=97))
        assert refusal_of(told) == (422, "invalid", "measured_at")

    def test_a_baseline_shortly_before_check_in_is_taken(self, cast, session, at):
        [told] = builders.record(builders.incoming(cast.nurse, session, at(-15), systolic=124, diastolic=78))
        assert told.refusal is None

    def test_a_session_that_ended_before(self, cast, session, at):
        builders.act(cast.nurse, session, "transfer", at(10), reason="Emergency department")
        inside, after = builders.record(
            builders.incoming(cast.gateway, session, at(9), received_at=at(11), spo2=85),
            builders.incoming(cast.gateway, session, at(11), spo2=97),
        )
        assert inside.refusal is None
        assert refusal_of(after) == (409, "not_allowed", None)
        # what was on its way when the session ended is kept for review and rings nothing
        flag = Flag.objects.get(session=session, condition="spo2-low")
        assert (flag.late, flag.state) == (True, "active")

    def test_a_session_not_checked_in(self, cast, at):
        waiting = builders.scheduled(cast.nurse, cast.clinic, at(0))
        [told] = builders.record(builders.incoming(cast.gateway, waiting, at(1), spo2=97))
        assert refusal_of(told) == (409, "not_allowed", None)

    def test_another_clinic_s_session_is_like_an_unknown_one(self, cast, session, at):
        foreign = builders.incoming(cast.outsider, session, at(1), spo2=97)
        unknown = builders.incoming(cast.outsider, session, at(2), spo2=97)
        unknown.session_id = uuid4()
        first, second = builders.record(foreign, unknown)
        assert refusal_of(first) == refusal_of(second) == (404, "not_found", None)
        assert str(first.refusal) == str(second.refusal)

    def test_a_role_that_gives_no_care(self, cast, session, at):
        [told] = builders.record(builders.incoming(cast.admin, session, at(1), spo2=97))
        assert refusal_of(told) == (403, "forbidden", None)

    def test_nothing_plausible_in_it(self, cast, session, at):
        [told] = builders.record(builders.incoming(cast.nurse, session, at(1), spo2=118))
        assert refusal_of(told) == (422, "invalid", "spo2")
        assert told.rejected[0].code == "implausible"

    def test_a_real_device_while_the_demo_s_clock_runs_fast(self, cast, session, at, settings):
        settings.DEMO_CLOCK = (0.0, 0.0, 10.0)
        [told] = builders.record(builders.incoming(cast.gateway, session, at(1), spo2=97))
        assert refusal_of(told) == (403, "forbidden", None)

    def test_each_is_kept_once_in_quarantine_with_its_body(self, cast, session, at):
        bad = builders.incoming(cast.gateway, session, at(1), spo2=118)
        builders.record(bad)
        builders.record(bad)
        kept = Quarantine.objects.get()
        assert (kept.clinic, kept.sender, kept.code) == (cast.clinic, "Gateway", "invalid")
        assert '"spo2":118' in kept.body


class TestChairs:
    def test_a_bound_device_s_reading_is_of_whom_sat_there_then(self, cast, session, at):
        builders.act(cast.nurse, session, "move-chair", at(10), chair="2")
        second = builders.checked_in(cast.nurse, cast.clinic, at(15), chair="1")
        early, later = builders.record(
            builders.incoming(cast.monitor, None, at(5), received_at=at(20), spo2=97),
            builders.incoming(cast.monitor, None, at(20), spo2=96),
        )
        assert (early.session_id, later.session_id) == (session.id, second.id)

    def test_nobody_there_is_quarantine(self, cast, session, at):
        builders.act(cast.nurse, session, "move-chair", at(10), chair="2")
        [told] = builders.record(builders.incoming(cast.monitor, None, at(12), spo2=97))
        assert refusal_of(told) == (409, "not_allowed", None)
        assert "nobody sat" in Quarantine.objects.get().reason

    def test_a_doubt_is_quarantine(self, cast, session, at):
        builders.act(cast.nurse, session, "move-chair", at(10), chair="2")
        builders.checked_in(cast.nurse, cast.clinic, at(10), chair="1")
        [told] = builders.record(builders.incoming(cast.monitor, None, at(10), spo2=97))
        assert "in doubt who sat" in str(told.refusal)

    def test_a_chair_is_named_by_an_unbound_sender(self, cast, session, at):
        named, none, unknown = builders.record(
            builders.incoming(cast.gateway, None, at(5), chair="1", spo2=97),
            builders.incoming(cast.gateway, None, at(5), spo2=97),
            builders.incoming(cast.gateway, None, at(5), chair="77", spo2=97),
        )
        assert named.session_id == session.id
        assert refusal_of(none) == (422, "invalid", "session")
        assert refusal_of(unknown) == (404, "not_found", None)

    def test_another_clinic_s_chair_is_unknown(self, cast, session, at):
        foreign = str(Chair.objects.get(clinic=cast.clinic, name="1").id)
        [told] = builders.record(builders.incoming(cast.outsider, None, at(5), chair=foreign, spo2=97))
        assert refusal_of(told) == (404, "not_found", None)


class TestPerField:
    def test_an_impossible_field_is_kept_in_words_and_the_rest_is_judged(self, cast, session, at):
        [told] = builders.record(
            builders.incoming(cast.gateway, session, at(5), spo2=118, systolic=185, diastolic=90)
        )
        assert [(one.field, one.code) for one in told.rejected] == [("spo2", "implausible")]
        [view] = since_the_dose(session)
        assert view.values == {"systolic": 185, "diastolic": 90}
        assert "118" in view.doubtful["spo2"]
        assert Flag.objects.get().condition == "bp-high"

    def test_an_absurd_number_is_kept_and_stops_nothing(self, cast, session, at):
        [told] = builders.record(builders.incoming(cast.gateway, session, at(5), heart_rate=1e300, spo2=97))
        assert told.refusal is None
        assert since_the_dose(session)[0].values == {"spo2": 97}

    def test_a_device_s_zero_is_a_technical_flag_and_no_value(self, cast, session, at):
        builders.record(builders.incoming(cast.gateway, session, at(5), heart_rate=0, spo2=97))
        [view] = since_the_dose(session)
        assert view.values == {"spo2": 97}
        flag = Flag.objects.get()
        assert (flag.condition, flag.priority, flag.category) == ("hr-zero", "medium", "technical")

    def test_only_a_zero_is_stored_too(self, cast, session, at):
        [told] = builders.record(builders.incoming(cast.gateway, session, at(5), spo2=0))
        assert told.refusal is None
        assert [view.values for view in since_the_dose(session)] == [{}]

    def test_could_not_measure_is_stored_with_its_reason(self, cast, session, at):
        builders.record(
            builders.incoming(
                cast.nurse, session, at(5), systolic=124, diastolic=78, absent={"spo2": "nail varnish"}
            )
        )
        [view] = since_the_dose(session)
        assert view.absent == {"spo2": "nail varnish"}
        assert decode(Watch.objects.get(pk=session.id).panel).absent["spo2"].reason == "nail varnish"

    def test_late_is_told_per_field(self, cast, session, at):
        builders.record(builders.incoming(cast.gateway, session, at(10), spo2=97))
        builders.record(
            builders.incoming(cast.gateway, session, at(5), received_at=at(11), spo2=96, heart_rate=71)
        )
        first, second = since_the_dose(session)
        assert (first.late_fields, second.late_fields) == (("spo2",), ())

    def test_halves_that_contradict_are_doubted_and_what_they_raised_goes(self, cast, session, at):
        builders.record(builders.incoming(cast.gateway, session, at(5), diastolic=118))
        assert Flag.objects.get().resolved_at is None
        assert decode(Watch.objects.get(pk=session.id).panel).rechecks != []
        builders.record(builders.incoming(cast.gateway, session, at(5), systolic=90))
        assert {name for view in since_the_dose(session) for name in view.doubtful} == {
            "systolic",
            "diastolic",
        }
        # by itself the one half was high, and the other a fall
        ended = Flag.objects.values_list("condition", "resolved_cause")
        assert set(ended) == {("bp-high", "halves contradict"), ("bp-low", "halves contradict")}
        assert decode(Watch.objects.get(pk=session.id).panel).rechecks == []
        assert Finding.objects.count() == 0


class TestRowsOfOneMoment:
    """A low pressure in one row and a slow heart in another are what one row with both would be."""

    PARTS: Any = ({"systolic": 88, "diastolic": 50}, {"heart_rate": 48})

    def found(self, session):
        return [
            (row.condition, row.priority, row.rule, row.flag.late, row.flag.priority)
            for row in Finding.objects.filter(session=session).select_related("flag")
        ]

    @pytest.mark.parametrize("order", [1, -1])
    def test_live_they_are_one_finding_of_the_live_flag(self, cast, session, at, order):
        for values in self.PARTS[::order]:
            builders.record(builders.incoming(cast.gateway, session, at(5), **values))
        assert self.found(session) == [("bp-low", "high", "BP-12", False, "high")]
        assert Flag.objects.get(session=session).state == "active"

    @pytest.mark.parametrize("order", [1, -1])
    def test_entered_afterwards_they_are_one_late_finding(self, cast, session, at, order):
        for values in self.PARTS[::order]:
            builders.record(builders.incoming(cast.nurse, session, at(5), received_at=at(60), **values))
        assert self.found(session) == [("bp-low", "high", "BP-12", True, "high")]
        assert Flag.objects.get(session=session).text == "BP 88/50 with HR 48, limit 90"

    def test_in_one_batch_too(self, cast, session, at):
        builders.record(*(builders.incoming(cast.gateway, session, at(5), **one) for one in self.PARTS))
        assert self.found(session) == [("bp-low", "high", "BP-12", False, "high")]

    def test_a_baseline_that_is_corrected_leaves_it(self, cast, session, at):
        for values in self.PARTS:
            builders.record(builders.incoming(cast.gateway, session, at(5), **values))
        [baseline, *_] = queries.readings(session.id)
        builders.correct(cast.nurse, baseline.id, at(6), systolic=120)
        assert self.found(session) == [("bp-low", "high", "BP-12", False, "high")]

    def test_of_another_moment_they_are_live_alone(self, cast, session, at):
        builders.record(builders.incoming(cast.gateway, session, at(5), **self.PARTS[0]))
        builders.record(builders.incoming(cast.gateway, session, at(6), **self.PARTS[1]))
        assert [one[:3] for one in self.found(session)] == [("bp-low", "medium", "BP-9")]
        flag = Flag.objects.get(session=session)
        assert (flag.priority, flag.state, flag.rule) == ("high", "active", "BP-12")
