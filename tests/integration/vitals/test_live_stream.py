"""The live streams of a served copy: what they begin with, what they carry, how they resume and end."""

import contextlib
import threading
from datetime import timedelta
from uuid import uuid4

import httpx
import psycopg
import pytest
from django.db import connection, transaction

from clinic import version as code
from clinic import walls
from clinic.clock import now
from clinic.models import AccessToken, Membership, WallScreen
from clinic.tokens import WALL_COOKIE, issue_for_member
from tests import builders, processes
from tests.streams import Listener
from vitals.live.feed import connection_words
from vitals.models import LiveEvent
from vitals.services import watch

# the pace of a real stream is 5 s and 30 s; only the pace is another here
PACED = """
import uvicorn
from clinic.asgi import application
from vitals.live import stream
stream.HEARTBEAT_S, stream.CHECK_AUTHORITY_S = 0.5, 1.0
uvicorn.run(application, host="127.0.0.1", port={port}, log_level="warning", timeout_graceful_shutdown=2)
"""


class Stage:
    """A clinic with two sessions under way, and a nurse who listens."""

    def __init__(self, url):
        self.url = url
        self.cast = builders.cast()
        begun = now() - timedelta(minutes=5)
        self.sessions = [
            builders.dosing(self.cast.nurse, self.cast.clinic, begun, chair=chair) for chair in ("1", "2")
        ]
        self.headers = self.headers_of(self.cast.nurse)

    def headers_of(self, principal):
        member = Membership.objects.get(user_id=principal.user_id)
        return {"Authorization": f"Token {issue_for_member(member, expires_at=None)}"}

    def listen(self, path="/live/board/", **headers):
        return Listener(self.url, path, {**self.headers, **headers})

    def record(self, session, **values):
        [outcome] = builders.record(builders.incoming(self.cast.gateway, session, now(), **values))
        assert outcome.refusal is None
        return str(outcome.id)


class HeldOpen:
    """A reading that is stored on another connection, and committed only when the context ends."""

    def __init__(self, stage, session):
        self._stage, self._session = stage, session
        self._stored, self._go_on = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._hold)
        self.id = ""

    def __enter__(self):
        self._thread.start()
        assert self._stored.wait(processes.WITHIN_S)
        return self

    def __exit__(self, *args):
        self._go_on.set()
        self._thread.join()

    def _hold(self):
        try:
            with transaction.atomic():
                self.id = self._stage.record(self._session, heart_rate=61)
                self._stored.set()
                assert self._go_on.wait(processes.WITHIN_S)
        finally:
            connection.close()


@contextlib.contextmanager
def paced_web(folder):
    """A served copy over the test's database, at a quicker pace; gives its address."""
    part, url = processes.web(processes.environment(), folder)
    part.words = ["-c", PACED.format(port=httpx.URL(url).port)]
    with processes.running(part):
        processes.await_web(part, url)
        yield url


@pytest.fixture
def stage(committed_db, tmp_path):
    with paced_web(tmp_path) as url:
        yield Stage(url)


def test_a_stream_begins_with_a_snapshot_and_goes_on_with_what_is_committed(stage):
    watch.beat("watch", at=now())
    session = stage.sessions[0]
    with stage.listen() as board:
        snapshot = board.next()
        assert (snapshot.name, snapshot.data["clinic"]["name"]) == ("snapshot", "Harbor")
        assert {one["session"] for one in snapshot.data["sessions"]} == {str(s.id) for s in stage.sessions}
        version = next(p["version"] for p in snapshot.data["sessions"] if p["session"] == str(session.id))
        beat = board.next("heartbeat").data
        assert {"at", "watch_age_s", "db_age_s", "worker_age_s", "sequence"} <= beat.keys()
        assert beat["version"] == code.served()
        assert beat["worker_age_s"] is None

        id_ = stage.record(session, systolic=205, diastolic=104)
        reading, flag, panel = (board.next(name) for name in ("reading", "flag", "session"))
        assert (reading.data["id"], reading.data["systolic"]) == (id_, 205)
        assert reading.data["session"] == flag.data["session"] == panel.data["session"] == str(session.id)
        assert (flag.data["priority"], flag.data["state"]) == ("high", "active")
        assert panel.data["version"] == version + 1
        assert panel.data["values"]["systolic"]["value"] == 205
        assert panel.id is not None
        # a feed asks for ages once a second, so the first heartbeats of a new one may lack them
        processes.wait_for(
            lambda: board.next("heartbeat").data["watch_age_s"] is not None, what="the watch's age"
        )
        builders.act(stage.cast.nurse, session, "note", now(), text="Warm blanket")
        assert board.next("session").data["version"] == version + 2


def test_a_sessions_own_stream_carries_that_session_alone(stage):
    first, second = stage.sessions
    with stage.listen(f"/live/sessions/{first.id}/") as own:
        snapshot = own.next("snapshot")
        assert [one["session"] for one in snapshot.data["sessions"]] == [str(first.id)]
        stage.record(second, heart_rate=71)
        id_ = stage.record(first, heart_rate=72)
        # the session's own beginning may still come, where another transaction had held it back
        told = own.next("reading")
        while told.data["id"] != id_:
            assert told.data["session"] == str(first.id)
            told = own.next("reading")


def test_resuming_misses_nothing_though_an_older_transaction_commits_later(stage):
    slow, quick = stage.sessions
    with stage.listen() as board:
        board.next("snapshot")
        before = stage.record(quick, heart_rate=60)
        assert board.next("reading").data["id"] == before
        board.next("session")
        last_id = board.last_id
        with HeldOpen(stage, slow) as older:
            after = stage.record(quick, heart_rate=62)
            # committed, but an older transaction still runs: a reader of its id would skip the older one
            assert board.silent_for(1.5, "reading")
    with stage.listen(**{"Last-Event-ID": last_id}) as again:
        heard = [again.next("snapshot", "resync", "reading") for _ in range(2)]
        assert [event.data.get("id") for event in heard] == [older.id, after]
    with stage.listen(f"/live/board/?last_event_id={last_id}") as by_query:
        assert by_query.next("snapshot", "resync", "reading").data["id"] == older.id


def test_a_transaction_of_another_database_of_the_server_holds_nothing_back(stage):
    elsewhere = {**connection_words(), "dbname": "postgres"}
    with stage.listen() as board, psycopg.connect(**elsewhere) as other:
        board.next("snapshot")
        other.execute("SELECT pg_current_xact_id()")
        id_ = stage.record(stage.sessions[0], heart_rate=64)
        told = board.next("reading")
        while told.data["id"] != id_:
            told = board.next("reading")
        other.rollback()


def test_a_feed_that_begins_while_an_older_transaction_runs_misses_nothing(committed_db, tmp_path):
    stage = Stage("")
    slow, quick = stage.sessions
    # as after a quiet quarter of an hour: nothing older is left in the table
    LiveEvent.objects.all().delete()
    with contextlib.ExitStack() as open_:
        with HeldOpen(stage, slow) as older:
            stage.record(quick, heart_rate=62)
            stage.url = open_.enter_context(paced_web(tmp_path))
            board = open_.enter_context(stage.listen())
            board.next("snapshot")
        heard = {board.next("reading").data["heart_rate"] for _ in range(2)}
        assert heard == {61, 62}
        assert older.id


def test_a_position_that_is_too_old_gets_a_new_beginning(stage):
    with stage.listen(**{"Last-Event-ID": "1-1"}) as board:
        assert [board.next("resync", "snapshot", "reading").name for _ in range(2)] == ["resync", "snapshot"]
        id_ = stage.record(stage.sessions[0], heart_rate=73)
        assert board.next("reading").data["id"] == id_


def test_a_stream_asks_for_a_name_and_for_a_session_of_the_own_clinic(stage):
    def status(path, headers):
        return httpx.get(f"{stage.url}{path}", headers=headers, timeout=30).status_code

    session = stage.sessions[0].id
    outsider = stage.headers_of(stage.cast.outsider)
    assert status("/live/board/", {}) == 401
    assert status(f"/live/sessions/{session}/", {"Authorization": "Token none"}) == 401
    assert status(f"/live/sessions/{session}/", outsider) == 404
    assert status(f"/live/sessions/{uuid4()}/", stage.headers) == 404
    assert status("/live/elsewhere/", stage.headers) == 404


def test_a_stream_ends_when_its_authority_does(stage):
    with stage.listen() as board:
        board.next("snapshot")
        AccessToken.objects.filter(membership__user_id=stage.cast.nurse.user_id).update(revoked_at=now())
        assert board.ends()


def test_a_wall_screens_stream_ends_when_it_is_taken_back(stage):
    key = walls.enrol(by=stage.cast.supervisor, name="Corridor")
    other = walls.enrol(by=stage.cast.supervisor, name="Nurses' desk")
    path, cookie = "/live/board/?screen=wall", f"{WALL_COOKIE}="
    with (
        Listener(stage.url, path, {"Cookie": cookie + key}) as wall,
        Listener(stage.url, path, {"Cookie": cookie + other}) as stays,
    ):
        assert wall.next("snapshot").data["clinic"]["name"] == "Harbor"
        stays.next("snapshot")
        walls.revoke(by=stage.cast.admin, wall_id=WallScreen.objects.get(name="Corridor").id, at=now())
        assert wall.ends()
        id_ = stage.record(stage.sessions[0], heart_rate=74)
        assert stays.next("reading").data["id"] == id_
