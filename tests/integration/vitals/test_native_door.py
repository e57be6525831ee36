"""The hot door: many posts at once, each answered after its commit; one bad one fails no other.

What it answers is what the browser's door answers, word for word.
"""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, close_old_connections, connection
from django.test import Client

from clinic import clock
from clinic.models import Device
from clinic.refusals import TryLater
from clinic.tokens import issue_for_device
from tests import builders
from vitals.doors import group
from vitals.doors.readings import ReadingsDoor
from vitals.models import Reading
from vitals.services.record import record_readings

URL = "http://vigil/api/v1/readings/"


class Stage:
    """A session that takes readings now, and a gateway's key."""

    def __init__(self):
        self.cast = builders.cast()
        self.now = clock.now()
        self.session = builders.dosing(
            self.cast.nurse, self.cast.clinic, self.now - timedelta(minutes=20), chair="1"
        )
        self.key = issue_for_device(Device.objects.get(pk=self.cast.gateway.actor_id))

    def reading(self, seconds_ago=0, **fields):
        at = self.now - timedelta(seconds=seconds_ago)
        return {"session": str(self.session.id), "measured_at": at.isoformat(), **fields}


@pytest.fixture
def stage(committed_db):
    return Stage()


@asynccontextmanager
async def served(key):
    """The door on its own, started and stopped as the server does it."""
    door = ReadingsDoor()
    await door.start()
    headers = {"Authorization": f"Token {key}"}
    transport = httpx.ASGITransport(door, raise_app_exceptions=True)
    try:
        async with httpx.AsyncClient(transport=transport, headers=headers) as client:
            yield client
    finally:
        await door.stop()
        await sync_to_async(close_old_connections)()


def post_all(key, *bodies):
    """Post all bodies at once; the answers in order."""

    async def run():
        async with served(key) as client:
            return await asyncio.gather(*(_post(client, body) for body in bodies))

    return asyncio.run(run())


async def _post(client, body):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await client.post(URL, content=content, headers={"Content-Type": "application/json"})


def sent():
    """What came through the door; the baseline of each session was charted by a nurse."""
    return Reading.objects.filter(device_id__isnull=False)


@pytest.fixture
def commits(monkeypatch):
    """How many readings each transaction of the door held."""
    sizes = []
    record = record_readings

    def counted(items, *, at):
        sizes.append(len(items))
        return record(items, at=at)

    monkeypatch.setattr(group, "record_readings", counted)
    return sizes


class TestGroupCommit:
    def test_posts_of_one_moment_share_commits_and_each_is_stored_when_answered(self, stage, commits):
        answers = post_all(stage.key, *(stage.reading(n, id=str(uuid4()), spo2=97) for n in range(60)))
        assert {answer.status_code for answer in answers} == {201}
        assert len(commits) < 60
        assert sum(commits) == 60
        stored = {answer.json()["readings"][0]["id"] for answer in answers}
        assert {str(id_) for id_ in sent().values_list("id", flat=True)} == stored

    def test_one_bad_post_fails_no_other(self, stage):
        answers = post_all(
            stage.key,
            stage.reading(1, spo2=97),
            stage.reading(2, spo2=118),
            stage.reading(3, heart_rate=1e300, spo2=97),
            {**stage.reading(4, spo2=97), "session": str(uuid4())},
            stage.reading(5, pulse=70),
            b"[" * 100_000,
            b"",
            stage.reading(6, spo2=96),
        )
        assert [answer.status_code for answer in answers] == [201, 422, 201, 404, 422, 400, 400, 201]

    def test_the_same_post_many_times_at_once_is_stored_once(self, stage):
        body = stage.reading(1, id=str(uuid4()), spo2=88)
        answers = [answer.json() for answer in post_all(stage.key, *[body] * 20)]
        assert sum(answer["accepted"] for answer in answers) == 1
        assert sum(answer["duplicates"] for answer in answers) == 19
        assert sent().count() == 1

    @pytest.mark.parametrize("error", [OverflowError, RuntimeError, KeyError])
    def test_what_nobody_foresaw_takes_one_reading_and_not_the_door(self, stage, monkeypatch, error):
        record = record_readings

        def trips(items, *, at):
            if any(item.measured.values.get("spo2") == 91 for item in items):
                raise error
            return record(items, at=at)

        monkeypatch.setattr(group, "record_readings", trips)
        answers = post_all(
            stage.key,
            *(stage.reading(n, spo2=91 if n == 3 else 97) for n in range(8)),
            {"readings": [stage.reading(20, spo2=97), stage.reading(21, spo2=91)]},
        )
        assert [answer.status_code for answer in answers] == [201, 201, 201, 503, 201, 201, 201, 201, 201]
        assert [one["code"] for one in answers[-1].json()["rejected"]] == ["try_later"]
        assert sent().count() == 8

    def test_without_the_database_each_is_told_to_come_again(self, stage, monkeypatch):
        async def run():
            async with served(stage.key) as client:
                first = await _post(client, stage.reading(1, spo2=97))
                with monkeypatch.context() as away:
                    away.setattr(group, "record_readings", _no_database)
                    refused = await _post(client, stage.reading(2, spo2=97))
                again = await _post(client, stage.reading(2, spo2=97))
                return first, refused, again

        first, refused, again = asyncio.run(run())
        assert (first.status_code, again.status_code) == (201, 201)
        assert (refused.status_code, refused.json()["code"]) == (503, "try_later")
        assert refused.headers["Retry-After"] == "1"

    def test_when_too_much_waits_the_rest_is_told_to_come_again(self, stage, monkeypatch):
        monkeypatch.setattr(group, "MOST_WAITING", 3)
        statuses = [
            answer.status_code
            for answer in post_all(stage.key, *(stage.reading(n, spo2=97) for n in range(9)))
        ]
        assert statuses.count(503) >= 1
        assert statuses.count(201) == sent().count() >= 3


def _no_database(items, *, at):
    raise OperationalError("the connection is lost")


class TestKeys:
    def test_an_unknown_key_is_401(self, stage):
        [answer] = post_all("made-up", stage.reading(1, spo2=97))
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Token"

    def test_a_key_is_not_looked_up_without_the_database(self, stage, monkeypatch):
        def away(key):
            raise OperationalError("the connection is lost")

        monkeypatch.setattr("vitals.doors.keys.principal_of_key", away)
        [answer] = post_all(stage.key, stage.reading(1, spo2=97))
        assert (answer.status_code, answer.json()["code"]) == (503, TryLater.code)


SAME = {
    "stored": lambda stage: stage.reading(1, spo2=97),
    "flagged": lambda stage: stage.reading(1, systolic=190, diastolic=90),
    "implausible": lambda stage: stage.reading(1, spo2=118),
    "half plausible": lambda stage: stage.reading(1, spo2=118, heart_rate=70),
    "unknown field": lambda stage: stage.reading(1, pulse=70),
    "no zone": lambda stage: {**stage.reading(1, spo2=97), "measured_at": "2026-11-23T10:00:00"},
    "no vital": lambda stage: stage.reading(1),
    "unknown session": lambda stage: {**stage.reading(1, spo2=97), "session": str(uuid4())},
    "no session": lambda stage: {"measured_at": stage.now.isoformat(), "spo2": 97},
    "future": lambda stage: stage.reading(-600, spo2=97),
    "no JSON": lambda stage: b"{",
    "NUL": lambda stage: stage.reading(1, absent={"spo2": "a\x00"}),
    "batch": lambda stage: {"readings": [stage.reading(1, spo2=97), stage.reading(2, pulse=70)]},
    "bad batch": lambda stage: {"readings": [stage.reading(1, spo2=118)]},
    "empty batch": lambda stage: {"readings": []},
}


def test_both_doors_give_the_same_answers(stage):
    """A device through the native door, and the same bodies with the same key through the browser's view."""
    bodies = {name: make(stage) for name, make in SAME.items()}
    native = dict(zip(bodies, post_all(stage.key, *bodies.values()), strict=True))
    assert sent().count() == 3, "stored, flagged, half plausible; the batch sends the first again"
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("TRUNCATE vitals_reading, vitals_readingkey")
        cursor.execute("SET session_replication_role = origin")
    client = Client(headers={"Authorization": f"Token {stage.key}"})
    for name, body in bodies.items():
        content = body if isinstance(body, bytes) else json.dumps(body)
        view = client.post("/api/v1/readings/", content, content_type="application/json")
        assert (view.status_code, _told(view.json())) == (
            native[name].status_code,
            _told(native[name].json()),
        ), name


def _told(answer):
    """An answer without the moment of receipt, which no two calls share."""
    text = json.dumps({**answer, "message": answer.get("message", "").partition(": it was received")[0]})
    told = json.loads(text)
    for one in told.get("rejected", []):
        one["message"] = one["message"].partition(": it was received")[0]
    return told
