"""The sums of flags: month by month and rule by rule, beside the same sums made row by row."""

import random
import time
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from reports import flag_figures
from reports.asked import Asked
from reports.flag_sums import FlagSums, Rule
from tests import builders, flag_stage
from vitals.services import flags as taking

NEW_YORK = ZoneInfo("America/New_York")
AT = datetime(2026, 12, 1, 12, tzinfo=UTC)
NOVEMBER, MARCH = date(2026, 11, 1), date(2026, 3, 1)


def asked(first=date(2026, 10, 1), last=date(2026, 11, 30), zone=NEW_YORK, **chosen):
    return Asked(first, last, zone, **chosen)


def found(clinic, question=None):
    return flag_figures.figures(clinic.pk, question or asked(), at=AT)


@pytest.fixture
def session(cast, morning):
    return flag_stage.session(cast.nurse, cast.clinic, morning)


class TestWhichSessions:
    def test_a_month_begins_at_the_clinics_own_midnight(self, cast):
        for at in (datetime(2026, 11, 1, 3, 59, tzinfo=UTC), datetime(2026, 11, 1, 4, 0, tzinfo=UTC)):
            flag_stage.session(cast.nurse, cast.clinic, at)
        by_month = found(cast.clinic).sessions_by_month
        assert [by_month[month].sessions for month in (date(2026, 10, 1), NOVEMBER)] == [1, 1]

    def test_a_month_with_a_changed_clock_ends_at_its_own_midnight(self, cast):
        # New York is at UTC−5 on the first of March and at UTC−4 on the last
        for at in (
            datetime(2026, 3, 1, 4, 59, tzinfo=UTC),  # still February there
            datetime(2026, 3, 1, 5, 0, tzinfo=UTC),
            datetime(2026, 4, 1, 3, 59, tzinfo=UTC),
            datetime(2026, 4, 1, 4, 0, tzinfo=UTC),  # April there
        ):
            flag_stage.session(cast.nurse, cast.clinic, at)
        assert found(cast.clinic, asked(MARCH, MARCH)).sessions.sessions == 2

    def test_a_night_with_the_clock_set_back_is_watched_an_hour_longer(self, cast):
        began = datetime(2026, 11, 1, 0, 30, tzinfo=NEW_YORK)
        ended = datetime(2026, 11, 1, 2, 30, tzinfo=NEW_YORK)
        flag_stage.session(cast.nurse, cast.clinic, began, ended_at=ended)
        assert found(cast.clinic).sessions.watched_h == 3

    def test_a_flag_belongs_to_the_month_of_its_session(self, cast):
        before_midnight = datetime(2026, 10, 31, 23, 30, tzinfo=NEW_YORK)
        row = flag_stage.session(cast.nurse, cast.clinic, before_midnight)
        flag_stage.flag(row, before_midnight + timedelta(hours=1))
        by_month = found(cast.clinic).by_month
        assert (by_month[date(2026, 10, 1)].medium, by_month[NOVEMBER].medium) == (1, 0)

    def test_who_never_came_is_not_counted(self, cast, morning):
        builders.scheduled(cast.nurse, cast.clinic, morning)
        assert found(cast.clinic).sessions.sessions == 0

    def test_an_open_session_is_watched_until_now(self, cast):
        flag_stage.session(cast.nurse, cast.clinic, AT - timedelta(hours=20), ended_at=None, state="dosing")
        assert found(cast.clinic).sessions.watched_h == 20

    def test_a_session_entered_afterwards_was_not_watched(self, cast, morning):
        flag_stage.session(cast.nurse, cast.clinic, morning, watched_from=morning + timedelta(days=1))
        sums = found(cast.clinic).sessions
        assert (sums.sessions, sums.watched_h) == (1, 0)

    def test_protocol_and_route_choose(self, cast, morning):
        for protocol in ("iv-ketamine", "iv-ketamine", "nasal-esketamine"):
            row = flag_stage.session(cast.nurse, cast.clinic, morning, protocol=protocol)
            flag_stage.flag(row, morning)
        chosen = (
            {"protocol": "iv-ketamine"},
            {"route": "nasal"},
            {"protocol": "iv-ketamine", "route": "nasal"},
        )
        told = [found(cast.clinic, asked(**one)) for one in chosen]
        assert [(one.sessions.sessions, one.flags.medium) for one in told] == [(2, 2), (1, 1), (0, 0)]

    def test_another_clinics_flags_are_never_in_it(self, cast, morning):
        row = flag_stage.session(cast.outsider, cast.other_clinic, morning)
        flag_stage.flag(row, morning, peak="high")
        assert found(cast.clinic).flags == FlagSums()
        assert found(cast.other_clinic, asked(zone=ZoneInfo("Europe/Berlin"))).flags.high == 1

    def test_every_month_asked_for_is_there(self, cast):
        told = found(cast.clinic, asked(date(2025, 11, 1), date(2026, 2, 1)))
        months = [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
        assert list(told.by_month) == list(told.sessions_by_month) == months


class TestWhatCounts:
    def test_by_priority_it_reached_physiological_and_technical_apart(self, cast, session, morning):
        # stepped down since: what it reached counts
        flag_stage.flag(session, morning, peak="high", priority="medium")
        flag_stage.flag(session, morning, peak="medium", category="technical")
        flag_stage.flag(session, morning, peak="low", category="technical")
        flags = found(cast.clinic).flags
        assert (flags.high, flags.medium, flags.technical_medium, flags.technical_low) == (1, 0, 1, 1)
        assert (flags.flags, flags.pressing) == (3, 2)

    def test_a_re_check_is_no_flag(self, cast, session, morning):
        flag_stage.flag(session, morning, activated_at=None, drawn_at=None)
        flag_stage.flag(session, morning, activated_at=None, drawn_at=None, resolved_cause="session ended")
        flags = found(cast.clinic).flags
        assert (flags.flags, flags.rechecks) == (0, 1)

    def test_a_late_flag_stands_apart(self, cast, session, morning):
        flag_stage.flag(session, morning, late=True, activated_at=None, drawn_at=None, taken_after_s=900)
        flags = found(cast.clinic).flags
        assert (flags.flags, flags.late, flags.rechecks, flags.taken) == (0, 1, 0, 0)

    def test_overdue_undrawn_escalated(self, cast, session, morning):
        flag_stage.flag(session, morning, condition="overdue", category="technical", peak="low")
        flag_stage.flag(session, morning, peak="high", drawn_at=None, escalated=2)
        flag_stage.flag(session, morning, drawn_at=None)  # no board need draw a medium one in time
        flags = found(cast.clinic).flags
        assert (flags.overdue, flags.undrawn, flags.escalated) == (1, 1, 1)

    def test_by_rule_with_its_kind(self, cast, session, morning):
        flag_stage.flag(session, morning, rule="BP-2")
        flag_stage.flag(session, morning, rule="BP-2")
        flag_stage.flag(session, morning, rule="OD-1", condition="overdue", category="technical", peak="low")
        told = found(cast.clinic)
        bp, overdue = Rule("BP-2", "physiological", "bp-high"), Rule("OD-1", "technical", "overdue")
        assert {rule: sums.flags for rule, sums in told.by_rule.items()} == {bp: 2, overdue: 1}
        assert told.by_month_and_rule[NOVEMBER, bp].medium == 2


class TestTimeToTake:
    def test_median_and_ninetieth_percentile_of_those_taken(self, cast, session, morning):
        for seconds in (10, 20, 30, 40, 120):
            flag_stage.flag(session, morning, taken_after_s=seconds)
        flag_stage.flag(session, morning)  # nobody took it
        flags = found(cast.clinic).flags
        assert (flags.taken, flags.median_s, flags.p90_s) == (5, 30, 88)

    def test_high_ones_within_a_minute_of_all_high_ones(self, cast, session, morning):
        for seconds in (0, 60, 60.001, None):
            flag_stage.flag(session, morning, peak="high", taken_after_s=seconds)
        flag_stage.flag(session, morning, taken_after_s=1)
        flags = found(cast.clinic).flags
        assert (flags.high_in_time, flags.highs) == (2, 4)

    def test_taken_reopened_and_taken_again_counts_its_first_taking(self, cast, morning):
        row = builders.dosing(cast.nurse, cast.clinic, morning)
        minute = timedelta(minutes=1)
        builders.record(
            builders.incoming(cast.nurse, row, morning + 20 * minute, systolic=205, diastolic=100)
        )
        raised = row.flags.get(condition="bp-high")
        assert raised.activated_at == morning + 20 * minute
        taking.acknowledge(by=cast.nurse, flag_id=raised.id, action="I'm on it", at=morning + 21 * minute)
        # far beyond what was taken, so it asks again, and somebody takes it again
        builders.record(
            builders.incoming(cast.nurse, row, morning + 25 * minute, systolic=230, diastolic=100)
        )
        raised.refresh_from_db()
        assert raised.acknowledged_at is None
        taking.acknowledge(by=cast.nurse, flag_id=raised.id, action="At the chair", at=morning + 40 * minute)
        flags = found(cast.clinic).flags
        assert (flags.high, flags.taken, flags.median_s, flags.acted_on) == (1, 1, 60, 1)


class TestWhatItLedTo:
    @pytest.mark.parametrize(
        ("action", "acted"), [("I'm on it", 0), ("", 0), ("At the chair", 1), ("Prescriber told", 1)]
    )
    def test_a_word_other_than_the_plain_one(self, cast, session, morning, action, acted):
        flag_stage.flag(session, morning, taken_after_s=5, action=action)
        assert found(cast.clinic).flags.acted_on == acted

    @pytest.mark.parametrize(("seconds", "acted"), [(0, 0), (1, 1), (600, 1), (601, 0), (-1, 0)])
    def test_a_medicine_charted_within_ten_minutes_after(self, cast, session, morning, seconds, acted):
        flag_stage.flag(session, morning)
        flag_stage.charted(session, morning + timedelta(seconds=seconds))
        assert found(cast.clinic).flags.acted_on == acted

    @pytest.mark.parametrize(
        ("kind", "acted"), [("dose", 1), ("stop", 1), ("symptom", 1), ("note", 0), ("postpone", 0)]
    )
    def test_what_was_charted(self, cast, session, morning, kind, acted):
        flag_stage.flag(session, morning)
        flag_stage.charted(session, morning + timedelta(minutes=2), kind)
        assert found(cast.clinic).flags.acted_on == acted

    def test_an_entry_corrected(self, cast, session, morning):
        flag_stage.flag(session, morning)
        first = flag_stage.charted(session, morning - timedelta(hours=1), "note")
        flag_stage.charted(
            session,
            first.at,
            "note",
            entry=first.id,
            version=2,
            supersedes=first,
            reason="slip",
            recorded_at=morning + timedelta(minutes=3),
        )
        assert found(cast.clinic).flags.acted_on == 1

    @pytest.mark.parametrize(("minutes", "acted"), [(9, 1), (11, 0)])
    def test_a_reading_corrected(self, cast, morning, minutes, acted):
        row = builders.dosing(cast.nurse, cast.clinic, morning)
        at = morning + timedelta(minutes=20)
        [told] = builders.record(builders.incoming(cast.nurse, row, at, systolic=205, diastolic=100))
        # a later reading carries the flag, so that the correction ends nothing
        builders.record(
            builders.incoming(cast.nurse, row, at + timedelta(minutes=2), systolic=206, diastolic=100)
        )
        builders.correct(cast.nurse, told.id, at + timedelta(minutes=minutes), heart_rate=71)
        flags = found(cast.clinic).flags
        assert (flags.high, flags.acted_on) == (1, acted)

    def test_another_sessions_medicine_does_not_count(self, cast, session, morning):
        flag_stage.flag(session, morning)
        other = flag_stage.session(cast.nurse, cast.clinic, morning)
        flag_stage.charted(other, morning + timedelta(minutes=1))
        assert found(cast.clinic).flags.acted_on == 0

    def test_of_low_ones_nothing_is_asked(self, cast, session, morning):
        flag_stage.flag(session, morning, peak="low", action="At the chair", taken_after_s=3)
        flags = found(cast.clinic).flags
        assert (flags.acted_on, flags.taken) == (0, 0)


def _invented(cast, chance):
    """Sessions around two ends of a month with flags of every sort; some of the other clinic."""
    for _ in range(25):
        foreign = chance.random() < 0.2
        by, clinic = (cast.outsider, cast.other_clinic) if foreign else (cast.nurse, cast.clinic)
        at = datetime(2026, 11, 1, 2, tzinfo=UTC) + timedelta(hours=chance.uniform(-900, 700))
        row = flag_stage.session(by, clinic, at, hours=chance.uniform(0.2, 4))
        for _ in range(chance.randrange(8)):
            begun = at + timedelta(minutes=chance.uniform(0, 100))
            flag_stage.flag(
                row,
                begun,
                peak=chance.choice(["low", "medium", "high"]),
                category=chance.choice(["physiological", "technical"]),
                condition=chance.choice(["bp-high", "overdue", "spo2-low"]),
                rule=chance.choice(["A", "B", ""]),
                late=chance.random() < 0.1,
                activated_at=chance.choice([None, begun, begun, begun + timedelta(minutes=3)]),
                taken_after_s=chance.choice([None, 200, chance.uniform(181, 400)]),
                action=chance.choice(["", "I'm on it", "Re-check"]),
                drawn_at=chance.choice([None, begun]),
                escalated=chance.randrange(3),
                resolved_cause=chance.choice(["inside limits", "session ended", "corrected"]),
            )
        for _ in range(chance.randrange(6)):
            charted = at + timedelta(minutes=chance.uniform(0, 110))
            flag_stage.charted(row, charted, chance.choice(["medicine", "note", "dose", "symptom"]))


@pytest.mark.parametrize("run", range(3))
def test_the_database_sums_what_is_summed_row_by_row(cast, run):
    seed = random.randrange(10**6)
    print(f"seed {seed}, run {run}")
    _invented(cast, random.Random(seed))
    for clinic in (cast.clinic, cast.other_clinic):
        told = found(clinic, asked(date(2026, 9, 1), date(2026, 12, 1), clinic.zone))
        second = flag_stage.by_month(clinic)
        assert sum(sessions for sessions, _, _ in second.values()) == told.sessions.sessions > 0
        for month, flags in told.by_month.items():
            sessions, hours, sums = second.get(f"{month:%Y-%m}", (0, 0.0, FlagSums()))
            assert told.sessions_by_month[month].sessions == sessions
            assert told.sessions_by_month[month].watched_h == pytest.approx(hours)
            assert asdict(flags) == pytest.approx(asdict(sums))
        for part in (told.by_rule, told.by_month_and_rule):
            for name in ("pressing", "flags", "acted_on", "late", "rechecks", "overdue"):
                assert sum(getattr(one, name) for one in part.values()) == getattr(told.flags, name)


MANY = 10_000


def test_ten_thousand_flags(cast, morning):
    """Prints how long they take; asserts that all count, and that corrections are found by their index."""
    flag_stage.many(cast.nurse, cast.clinic, morning, flags=MANY)
    question = asked(date(2025, 1, 1), NOVEMBER)
    began = time.perf_counter()
    told = found(cast.clinic, question)
    print(
        f"{told.flags.flags} flags of {told.sessions.sessions} sessions: {time.perf_counter() - began:.2f} s"
    )
    assert told.flags.flags == MANY
    assert told.flags.acted_on == MANY // 2
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL enable_seqscan = off"
        )  # no reading is here, and a table of none is read as it is
        cursor.execute(
            "EXPLAIN SELECT FROM vitals_reading"
            " WHERE clinic_id = %s AND supersedes IS NOT NULL AND received_at >= %s",
            [cast.clinic.pk, question.since],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "clinic_id_received_at" in plan
