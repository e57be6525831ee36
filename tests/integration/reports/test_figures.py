"""The figures of a clinic as the database sums them, beside the same sums made session by session."""

import random
import time
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import fmean
from zoneinfo import ZoneInfo

import pytest

from reports.asked import Asked
from reports.figures import checks, forms, pressure, response, symptoms, times, use
from reports.figures.times import Span
from sessions.indications import Indication
from sessions.protocol import StepState
from tests import figure_oracle as oracle
from tests import figure_stage as stage
from tests.figure_stage import MINUTE
from tests.flag_stage import between
from vitals import queries
from vitals.panel import decode

NEW_YORK = ZoneInfo("America/New_York")
AT = datetime(2026, 12, 1, 12, tzinfo=UTC)
ROOMS = (use, times, pressure, checks, symptoms, response, forms)


def asked(first=date(2026, 10, 1), last=date(2026, 11, 30), zone=NEW_YORK, **chosen):
    return Asked(first, last, zone, **chosen)


def _invented(cast, chance):
    """Courses around the ends of two months with every sort of row; some of the other clinic."""
    begin = datetime(2026, 11, 1, 2, tzinfo=UTC)
    for _ in range(14):
        foreign = chance.random() < 0.2
        by, clinic = (cast.outsider, cast.other_clinic) if foreign else (cast.nurse, cast.clinic)
        protocol = chance.choice(["iv-ketamine", "nasal-esketamine"])
        at, course = begin + timedelta(hours=chance.uniform(-900, 700)), None
        for visit in range(chance.randrange(1, 4)):
            row = _one(by, clinic, chance, at + timedelta(days=3.2 * visit), protocol, course)
            course = row.course
        if chance.random() < 0.4:
            stage.indicated(row, Indication.PTSD)
    for clinic, by in ((cast.clinic, cast.nurse), (cast.other_clinic, cast.outsider)):
        for hours in range(0, 800, 70):
            opened = begin + timedelta(hours=hours)
            stage.day_said(clinic, by, opened, "open")
            if chance.random() < 0.7:
                stage.day_said(clinic, by, opened + timedelta(minutes=30), "close")
            if chance.random() < 0.3:
                stage.day_said(clinic, by, opened + timedelta(minutes=40), "open")


def _one(by, clinic, chance, at, protocol, course):
    over = chance.random() < 0.85
    row = stage.treated(
        by,
        clinic,
        at,
        protocol=protocol,
        course=course,
        dose_min=chance.uniform(10, 50),
        before_min=chance.uniform(1, 40),
        ready_min=chance.choice([None, chance.uniform(60, 150)]),
        released_min=chance.uniform(151, 200) if over else None,
        dose_mg=chance.uniform(20, 70),
        devices=chance.randrange(1, 4),
        **({"state": "transferred"} if over and chance.random() < 0.2 else {}),
        **({"weight_kg": None} if chance.random() < 0.1 else {}),
    )
    stage.sat(row, to_at=row.ended_at or at + timedelta(hours=1))
    stage.watched(by, row)
    for _ in range(chance.randrange(25)):
        vitals = {"systolic": chance.randrange(90, 190), "diastolic": 70}
        vitals |= {"spo2": 97, "sedation": 5, "heart_rate": 70, "respiratory_rate": 14}
        kept = {name: value for name, value in vitals.items() if chance.random() < 0.9}
        made = stage.measured(by, row, round(chance.uniform(-60, 130)), **kept)
        if chance.random() < 0.1:
            stage.measured(by, row, 20.5, replaces=made, systolic=chance.randrange(90, 190), diastolic=60)
    stage.measured(by, row, 12, absent='{"sedation": "asleep"}', spo2=96)
    for code in ("nausea", "dizzy", "none", "nausea"):
        if chance.random() < 0.4:
            entry = stage.symptom(row, code, minute=chance.uniform(1, 60))
            if chance.random() < 0.3:
                new = (
                    {"status": "entered-in-error"} if chance.random() < 0.5 else {"details": {"code": "pain"}}
                )
                stage.corrected(entry, **new)
    for minute in (-20, -3, 60, 1500):
        if chance.random() < 0.5:
            entry = stage.rated(row, at + minute * MINUTE, chance.choice([None, chance.randrange(27)]))
            if chance.random() < 0.2:
                stage.corrected(entry, details={**entry.details, "total": 1})
    if row.ended_at:
        for kind in ("24h", "day-3", "day-7"):
            if chance.random() < 0.5:
                stage.answered(row, kind, {"mood": chance.randrange(11)} if chance.random() < 0.9 else {})
        for days in (chance.choice([0.5, 7, 7.01, 20]), 30):
            if chance.random() < 0.5:
                stage.filed(row, timedelta(days=days), by)
    return row


@pytest.fixture(params=range(2))
def invented(request, cast):
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    _invented(cast, random.Random(seed))
    questions = [
        (clinic, Asked(date(2026, 9, 1), date(2026, 12, 1), clinic.zone, **chosen))
        for clinic in (cast.clinic, cast.other_clinic)
        for chosen in ({}, {"route": "iv"}, {"protocol": "nasal-esketamine"}, {"indication": "ptsd"})
    ]
    assert any(oracle.asked_for(*question) for question in questions)
    return questions


class TestBesideAnotherWay:
    def test_all(self, invented):
        for clinic, question in invented:
            rows = oracle.asked_for(clinic, question)
            for judge in (_use, _times, _pressure, _symptoms, _forms, _response, _checks):
                judge(clinic, question, rows)


def _use(clinic, question, rows):
    told = use.figures(clinic.pk, question, at=AT)
    second = oracle.use(clinic, question, AT)
    first = {day: (one.iv, one.nasal, one.used_h, one.open_h) for day, one in told.by_day.items()}
    assert first.keys() == second.keys()
    for day, sums in second.items():
        assert first[day] == pytest.approx(sums)
    for whole in (told.by_month, told.by_weekday):
        assert sum(one.sessions for one in whole.values()) == told.whole.sessions == len(rows)
        assert sum(one.open_h for one in whole.values()) == pytest.approx(told.whole.open_h)
        assert sum(one.days for one in whole.values()) == told.whole.days == len(second)


ENDS = {
    Span.BEFORE: ("checked_in_at", "dose_started_at", False),
    Span.TO_READY: ("dose_ended_at", "ready_at", False),
    Span.TO_LEAVE: ("ready_at", "ended_at", True),
    Span.WINDOW: ("dose_started_at", "ended_at", True),
}


def _times(clinic, question, rows):
    told = times.figures(clinic.pk, question, at=AT)
    groups = [(told.whole, rows)]
    for route, lengths in told.by_route.items():
        groups.append((lengths, [row for row in rows if row.protocol.route == route]))
    for month, lengths in told.by_month.items():
        groups.append(
            (lengths, [row for row in rows if oracle.day_of(row, question).replace(day=1) == month])
        )
    for lengths, those in groups:
        for span, (since, until, released) in ENDS.items():
            number, edges = oracle.minutes(those, since, until, released=released)
            one = lengths[span]
            assert one.sessions == number
            assert [one.p10, one.median, one.p90] == (pytest.approx(edges) if number else [None] * 3)


# a panel keeps its baseline with one decimal, the database sums without rounding
TIDIED_MMHG = 0.051


def _pressure(clinic, question, rows):
    told = pressure.figures(clinic.pk, question, at=AT)
    second = oracle.pressure(rows)
    first = {
        (route, step): one for route, those in told.by_route.items() for step, one in those.by_minute.items()
    }
    assert first.keys() == second.keys()
    for key, changes in second.items():
        edges = [between(sorted(changes), part) for part in (0.1, 0.9)]
        assert first[key].sessions == len(changes)
        assert [first[key].mean, first[key].p10, first[key].p90] == pytest.approx(
            [fmean(changes), *edges], abs=TIDIED_MMHG
        )


def _symptoms(clinic, question, rows):
    told = symptoms.figures(clinic.pk, question, at=AT)
    numbers = oracle.numbers(clinic)
    by_number, by_dose = defaultdict(list), defaultdict(list)
    dosed = [row for row in rows if row.dose_started_at]
    for row in dosed:
        by_number[min(numbers[row.pk], 9)].append(row)
        if row.protocol.route == "nasal":
            by_dose["nasal", Decimal(row.devices_given)].append(row)
        elif row.weight_kg:
            by_dose["iv", row.dose_mg / row.weight_kg // Decimal("0.1") * Decimal("0.1")].append(row)
    found = {(dose.route, dose.step): one for dose, one in told.by_dose.items()}
    assert found.keys() == by_dose.keys()
    assert told.by_number.keys() == by_number.keys()
    pairs = [(told.whole, dosed), *((told.by_number[n], by_number[n]) for n in by_number)]
    pairs += [(found[dose], those) for dose, those in by_dose.items()]
    for one, those in pairs:
        codes = [oracle.symptoms_of(row) for row in those]
        assert (one.sessions, one.with_any) == (len(those), sum(map(bool, codes)))
        assert one.by_code == {
            code: sum(code in charted for charted in codes) for code in set().union(*codes)
        }
    assert told.unknown_dose == sum(row.protocol.route == "iv" and not row.weight_kg for row in dosed)


def _forms(clinic, question, rows):
    told = forms.figures(clinic.pk, question, at=AT)
    for month, one in [(None, told.whole), *told.by_month.items()]:
        those = [row for row in rows if month in (None, oracle.day_of(row, question).replace(day=1))]
        second = oracle.forms(those, AT)
        assert {name: getattr(one, name) for name in second} == second


def _response(clinic, question, rows):
    told = response.figures(clinic.pk, question, at=AT)
    second = oracle.points(clinic, question)
    first = {(scale, kind): one for scale, points in told.by_scale.items() for kind, one in points.items()}
    assert first.keys() == second.keys()
    for key, pairs in second.items():
        totals, changes = sorted(total for total, _ in pairs), [one for _, one in pairs if one is not None]
        point = first[key]
        assert (point.courses, point.paired) == (len(totals), len(changes))
        edges = [between(totals, 0.1), between(totals, 0.9)]
        assert [point.mean, point.p10, point.p90] == pytest.approx([fmean(totals), *edges])
        assert point.change == (pytest.approx(fmean(changes)) if changes else None)


def _checks(clinic, question, rows):
    told = checks.figures(clinic.pk, question, at=AT)
    met: dict[str, int] = defaultdict(int)
    due: dict[str, int] = defaultdict(int)
    over = [row for row in rows if row.ended_at]
    for row in over:
        for one in queries.steps(row, decode(row.watch.panel), queries.readings(row.pk), AT):
            if one.state in {StepState.MET, StepState.MISSED}:
                due[one.step.label] += 1
                met[one.step.label] += one.state is StepState.MET
    assert told.over == len(over)
    assert {label: (one.met, one.due) for label, one in told.by_step.items()} == {
        label: (met[label], due[label]) for label in due
    }
    assert sum(one.due for one in told.by_month.values()) == told.whole.due == sum(due.values())


class TestWhatCounts:
    def test_another_clinics_rows_are_never_in_it(self, cast, morning):
        for protocol in ("iv-ketamine", "nasal-esketamine"):
            row = stage.treated(cast.outsider, cast.other_clinic, morning, protocol=protocol)
            stage.sat(row)
            stage.watched(cast.outsider, row)
            stage.symptom(row, "nausea")
            stage.rated(row, morning - MINUTE, 12)
            stage.answered(row, "24h", {"mood": 5})
            stage.filed(row, timedelta(days=1), cast.outsider)
            for minute in (-5, 10, 40):
                stage.measured(cast.outsider, row, minute, systolic=130, diastolic=80)
        stage.day_said(cast.other_clinic, cast.outsider, morning, "open")
        stage.day_said(cast.other_clinic, cast.outsider, morning + timedelta(hours=8), "close")
        empty = [room.figures(cast.clinic.pk, asked(), at=AT) for room in ROOMS]
        theirs = [room.figures(cast.other_clinic.pk, asked(), at=AT) for room in ROOMS]
        assert all(mine != other for mine, other in zip(empty, theirs, strict=True))
        nothing = [
            room.figures(cast.clinic.pk, asked(date(2020, 1, 1), date(2020, 2, 1)), at=AT) for room in ROOMS
        ]
        for mine, none in zip(empty, nothing, strict=True):
            assert getattr(mine, "whole", None) == getattr(none, "whole", None)
            assert getattr(mine, "by_route", None) == getattr(none, "by_route", None)
            assert getattr(mine, "by_scale", None) == getattr(none, "by_scale", None)

    def test_a_day_belongs_to_the_clinics_own_midnight(self, cast):
        for at in (datetime(2026, 11, 1, 3, 59, tzinfo=UTC), datetime(2026, 11, 1, 4, 0, tzinfo=UTC)):
            stage.treated(cast.nurse, cast.clinic, at, before_min=0)
        told = use.figures(cast.clinic.pk, asked(), at=AT)
        assert list(told.by_day) == [date(2026, 10, 31), date(2026, 11, 1)]

    @pytest.mark.parametrize(("days", "counts"), [(7, "in_time"), (7.0001, "late")])
    def test_a_form_is_in_time_to_the_last_moment(self, cast, morning, days, counts):
        row = stage.treated(cast.nurse, cast.clinic, morning, protocol="nasal-esketamine")
        stage.filed(row, timedelta(days=days), cast.nurse)
        assert getattr(forms.figures(cast.clinic.pk, asked(), at=AT).whole, counts) == 1

    def test_the_newest_sessions_are_looked_at_where_there_are_too_many(self, cast, morning, monkeypatch):
        for number in range(4):
            row = stage.treated(cast.nurse, cast.clinic, morning - timedelta(days=number))
            stage.watched(cast.nurse, row)
            for minute in (-5, 10):
                stage.measured(
                    cast.nurse, row, minute, systolic=120 + 10 * number * (minute > 0), diastolic=70
                )
        monkeypatch.setattr(checks, "AT_MOST", 3)
        monkeypatch.setattr(pressure, "AT_MOST", 2)
        looked = checks.figures(cast.clinic.pk, asked(), at=AT)
        assert (looked.over, looked.looked_at, looked.whole.sessions) == (4, 3, 3)
        moved = pressure.figures(cast.clinic.pk, asked(), at=AT)
        assert (moved.given, moved.looked_at) == (4, 2)
        assert moved.by_route["iv"].by_minute[10].mean == 5  # of none and of ten


SESSIONS = 20_000


def test_twenty_thousand_sessions(cast, morning):
    """Prints how long each subject takes; asserts that all are counted, or the newest where it says so."""
    stage.many(cast.nurse, cast.clinic, morning, sessions=SESSIONS)
    question = asked(date(2024, 10, 1), date(2026, 11, 1))
    found = {}
    for room in ROOMS:
        began = time.perf_counter()
        found[room] = room.figures(cast.clinic.pk, question, at=AT)
        print(f"{room.__name__}: {time.perf_counter() - began:.2f} s")
    all_ = SESSIONS // 6 * 6 + 1
    assert found[use].whole.sessions == found[times].sessions == all_ + 1
    assert found[symptoms].whole.sessions == all_
    assert found[response].courses == SESSIONS // 6 + 1
    assert (found[pressure].given, found[pressure].looked_at) == (all_, pressure.AT_MOST)
    assert (found[checks].over, found[checks].looked_at) == (all_, checks.AT_MOST)
    assert found[checks].whole.met / found[checks].whole.due > 0.9
