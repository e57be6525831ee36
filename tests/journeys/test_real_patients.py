"""Real patients' recorded vitals, sent over the public API as sessions that are entered afterwards."""

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import httpx
import pytest
from django.test import Client

from clinic.models import Device, User
from clinic.tokens import issue_for_device
from tests import builders, oracle, processes
from tests.recorded import COLUMNS, recordings

VITALS = tuple(COLUMNS.values())
SEEDS = (1, 20)


class Ward:
    """One clinic under test: staff by cookie, the gateway through the native door of a real web process."""

    def __init__(self, url):
        cast = builders.cast()
        key = issue_for_device(Device.objects.get(pk=cast.gateway.actor_id))
        self.door = httpx.Client(base_url=url, headers={"Authorization": f"Token {key}"}, timeout=60)
        self.staff = Client()
        self.staff.force_login(User.objects.get(pk=cast.nurse.actor_id))
        self.patient = str(builders.patient(cast.clinic).id)
        self.start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=30)

    def posted(self, path, body):
        answer = self.staff.post(f"/api/v1/{path}", body, content_type="application/json")
        assert answer.status_code in {200, 201}, answer.content
        return answer.json()

    def got(self, path):
        """All results of a paged list."""
        results, url = [], f"/api/v1/{path}"
        while url:
            page = self.staff.get(url).json()
            results += page["results"]
            url = page["next"]
        return results

    def session(self):
        """A session that took place yesterday: scheduled, checked in and started with times in the past."""
        asked = {"patient": self.patient, "chair": "1", "protocol": "iv-ketamine", "indication": "Depression"}
        id_ = self.posted("sessions/", asked)["id"]
        self.posted(f"sessions/{id_}/check-in/", {"at": (self.start - timedelta(minutes=15)).isoformat()})
        told = self.posted(f"sessions/{id_}/start/", {"at": self.start.isoformat(), "dose_mg": 35})
        assert told["state"] == "dosing"
        return id_

    def reading(self, session, minute, values):
        at = self.start + timedelta(minutes=minute)
        return {"session": session, "measured_at": at.isoformat(), **values}

    def send(self, readings):
        """One call with many readings; what can be is stored, what cannot is refused by name."""
        answer = self.door.post("/api/v1/readings/", json={"readings": readings})
        assert answer.status_code in {201, 422}, answer.text
        told = answer.json()
        kept = {one["index"] for one in told["readings"]}
        refused = {one["index"] for one in told["rejected"]} - kept
        assert kept | refused == set(range(len(readings)))
        return told

    def minute(self, text):
        return (datetime.fromisoformat(text) - self.start).total_seconds() / 60

    def chart(self, session):
        """minute → vital → value, of every row of that minute together."""
        moments: defaultdict[float, dict[str, float]] = defaultdict(dict)
        for row in self.got(f"sessions/{session}/readings/"):
            values = {name: row[name] for name in VITALS if row[name] is not None}
            if values:
                moments[self.minute(row["measured_at"])] |= values
        return dict(moments)

    def drawn(self, session):
        """What the page's figure draws of each vital: its curves by name, nothing of how they look."""
        figure = self.staff.get(f"/sessions/{session}/figure/").json()
        curves: defaultdict[str, set[tuple[float, float]]] = defaultdict(set)
        for trace in figure["data"]:
            if "lines" in trace.get("mode", "") and trace.get("y"):
                points = zip(trace["x"], trace["y"], strict=True)
                curves[trace.get("name")] |= {(x, y) for x, y in points if isinstance(y, int | float)}
        return dict(curves)

    def findings(self, session):
        """{(minute, condition, priority)} of all the session's flags."""
        return {
            (self.minute(finding["measured_at"]), flag["condition"], finding["priority"])
            for flag in self.got(f"flags/?session={session}")
            for finding in flag["findings"]
        }


@pytest.fixture
def ward(committed_db, tmp_path):
    with processes.served(tmp_path) as url:
        ward = Ward(url)
        yield ward
        ward.door.close()


def expected_chart(recording):
    """minute → vital → value as recorded, of what can be, halves of one pressure judged together."""
    kept = {minute: oracle.plausible(values) for minute, values in moments_of(recording).items()}
    return {minute: values for minute, values in kept.items() if values}


def expected_findings(recording):
    """What each minute shows, against the baseline where something was measured as the dose began."""
    base = oracle.baseline(recording.rows)
    return {
        (minute, *found)
        for minute, values in moments_of(recording).items()
        for found in oracle.findings(values, base if minute > 0 else {})
    }


def moments_of(recording):
    """minute → vital → value as recorded, of all rows of that minute together."""
    moments: defaultdict[int, dict[str, float]] = defaultdict(dict)
    for minute, values in recording.rows:
        moments[minute] |= values
    return moments


def assert_close(chart, expected):
    """Equal moment by moment and field by field; values are kept to one decimal."""
    assert chart.keys() == expected.keys()
    for minute, values in expected.items():
        assert chart[minute].keys() == values.keys(), minute
        for name, value in values.items():
            assert chart[minute][name] == pytest.approx(value, abs=0.0501), (minute, name)


def summary(chart, name):
    """Count, minimum, maximum and the gaps in minutes of one vital."""
    series = [(minute, values[name]) for minute, values in sorted(chart.items()) if name in values]
    numbers = [value for _, value in series]
    gaps = [after - before for (before, _), (after, _) in pairwise(series)]
    return len(series), min(numbers, default=None), max(numbers, default=None), gaps


def test_recorded_vitals_come_back_as_they_were_and_sending_again_changes_nothing(ward):
    findings = impossible = 0
    for recording in recordings():
        session = ward.session()
        sent = [ward.reading(session, minute, values) for minute, values in recording.rows]
        told = ward.send(sent)
        chart, expected = ward.chart(session), expected_chart(recording)
        assert_close(chart, expected)
        for name in VITALS:
            count, lowest, highest, gaps = summary(chart, name)
            was_count, was_lowest, was_highest, was_gaps = summary(expected, name)
            assert (count, gaps) == (was_count, was_gaps)
            if count:
                assert (lowest, highest) == pytest.approx((was_lowest, was_highest), abs=0.0501)
        impossible += assert_impossible_is_named(ward, session, recording, told)
        found = ward.findings(session)
        assert found == expected_findings(recording)
        findings += len(found)

        before = ward.got(f"sessions/{session}/readings/"), ward.got(f"flags/?session={session}")
        again = ward.send(sent)
        assert (again["accepted"], again["duplicates"]) == (0, told["accepted"])
        assert before == (ward.got(f"sessions/{session}/readings/"), ward.got(f"flags/?session={session}"))
        assert all(flag["late"] and flag["state"] == "active" for flag in before[1])
    assert findings > 100
    assert impossible > 10


def assert_impossible_is_named(ward, session, recording, told):
    """Each value that cannot be is named in the answer, and marked with a reason where its row is kept."""
    rejected = {(one["index"], one["field"]) for one in told["rejected"]}
    kept = {one["index"]: one["id"] for one in told["readings"]}
    doubtful = {row["id"]: row["doubtful"] for row in ward.got(f"sessions/{session}/readings/")}
    seen = 0
    for index, (_, values) in enumerate(recording.rows):
        cannot = values.keys() - oracle.plausible(values).keys()
        seen += len(cannot)
        if index in kept:
            assert {name for at, name in rejected if at == index} == cannot
            reasons = doubtful[kept[index]]
            assert cannot <= reasons.keys()
            assert all(reasons[name] for name in cannot)
        else:
            assert cannot == values.keys()
            assert any(at == index for at, _ in rejected)
    return seen


# Each way of sending gives the calls, in order: lists of (session index, minute, values).


def shuffled(seed):
    """Rows of all sessions mixed, in calls of any size."""

    def calls(recorded):
        rows = [(index, *row) for index, one in enumerate(recorded) for row in one.rows]
        chance = random.Random(seed)
        chance.shuffle(rows)
        while rows:
            size = chance.randint(1, 60)
            yield rows[:size]
            rows = rows[size:]

    return calls


def second_half_first(recorded):
    """Each recording cut in two and sent in the other order."""
    for index, one in enumerate(recorded):
        rows = [(index, *row) for row in one.rows]
        yield rows[len(rows) // 2 :]
        yield rows[: len(rows) // 2]


def fields_apart(seed):
    """Each row cut into two of some fields each, at one moment, sent in any order."""

    def calls(recorded):
        chance = random.Random(seed)
        parts = []
        for index, one in enumerate(recorded):
            for minute, values in one.rows:
                names = list(values)
                chance.shuffle(names)
                cut = chance.randint(0, len(names))
                parts += [
                    (index, minute, {name: values[name] for name in some})
                    for some in (names[:cut], names[cut:])
                    if some
                ]
        chance.shuffle(parts)
        for start in range(0, len(parts), 40):
            yield parts[start : start + 40]

    return calls


def test_any_order_and_any_cut_gives_the_same_chart_and_findings(ward):
    recorded = recordings()
    in_order = [ward.session() for _ in recorded]
    for session, one in zip(in_order, recorded, strict=True):
        ward.send([ward.reading(session, minute, values) for minute, values in one.rows])
    charts = [ward.chart(session) for session in in_order]
    curves = [ward.drawn(session) for session in in_order]
    findings = [ward.findings(session) for session in in_order]
    assert sum(len(found) for found in findings) > 100
    assert all(curve for curve in curves)

    ways = {f"shuffled {seed}": shuffled(seed) for seed in SEEDS}
    ways["second half first"] = second_half_first
    ways |= {f"fields apart {seed}": fields_apart(seed) for seed in SEEDS}
    for way, calls in ways.items():
        sessions = [ward.session() for _ in recorded]
        for call in calls(recorded):
            ward.send([ward.reading(sessions[index], minute, values) for index, minute, values in call])
        for number, session in enumerate(sessions):
            where = f"{recorded[number].name}, {way}"
            assert ward.findings(session) == findings[number], where
            assert ward.chart(session) == charts[number], where
            assert ward.drawn(session) == curves[number], where
