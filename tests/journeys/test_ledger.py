"""The ledger: what was confirmed is stored, once, though web, worker and watch are killed under load.

Load clients write each attempt to a synced file before it is sent, and its outcome after. An attempt that
was cut off is unknown, not failed: it is sent again until it is known.
"""

import contextlib
import json
import os
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from django.db import connection

from clinic.clock import now
from clinic.models import Device
from clinic.tokens import issue_for_device
from tests import builders, processes
from vitals.models import Finding, Pulse

CLIENTS = 4
SESSIONS = 5
KILLS = ["web", "worker", "web", "watch", "web", "worker", "web", "web"]


class Ledger:
    """A file of what was tried and what came of it; every line is on the disk before the next step."""

    def __init__(self, path):
        self._file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        self._lock = threading.Lock()
        self.path = path

    def write(self, **line):
        with self._lock:
            os.write(self._file, json.dumps(line).encode() + b"\n")
            os.fdatasync(self._file)

    def read(self):
        """({id: body}, {id: last outcome}, how often each outcome was written)."""
        bodies: dict[str, dict[str, Any]] = {}
        outcomes: dict[str, str] = {}
        seen: Counter[str] = Counter()
        for line in map(json.loads, self.path.read_text().splitlines()):
            if "body" in line:
                bodies[line["id"]] = line["body"]
            else:
                outcomes[line["id"]] = line["outcome"]
                seen[line["outcome"]] += 1
        return bodies, outcomes, seen

    def close(self):
        os.close(self._file)


@dataclass
class Load:
    """Clients that post one reading after the other until they are told to end."""

    url: str
    key: str
    sessions: list[str]
    ledger: Ledger
    seed: int
    ended: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def running(self):
        threads = [threading.Thread(target=self._client, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.ended.set()
            for thread in threads:
                thread.join()

    def _client(self, number):
        chance = random.Random(f"{self.seed}-{number}")
        with httpx.Client(timeout=10) as door:
            while not self.ended.is_set():
                body = self._reading(chance)
                self.ledger.write(id=body["id"], body=body)
                outcome = self.send(door, body)
                self.ledger.write(id=body["id"], outcome=outcome)
                if outcome == "not reached":
                    time.sleep(0.1)

    def _reading(self, chance):
        """Mostly plain readings; some out of limits, some that cannot be and are refused."""
        values = chance.choices(
            [
                {"systolic": chance.randint(110, 140), "diastolic": 80, "heart_rate": chance.randint(60, 90)},
                {"systolic": chance.randint(181, 199), "diastolic": 90},
                {"systolic": 900},
            ],
            weights=[80, 15, 5],
        )[0]
        at = now().isoformat()
        return {"id": str(uuid4()), "session": chance.choice(self.sessions), "measured_at": at, **values}

    def send(self, door, body):
        """acked, refused, not reached (nothing was stored), or cut off (nobody knows)."""
        try:
            answer = door.post(
                f"{self.url}/api/v1/readings/", json=body, headers={"Authorization": f"Token {self.key}"}
            )
        except httpx.ConnectError:
            return "not reached"
        except httpx.TransportError:
            return "cut off"
        if answer.status_code == 201:
            told = answer.json()
            return "acked again" if told["duplicates"] else "acked"
        if answer.status_code == 503:
            return "not reached"
        assert answer.status_code == 422, answer.text
        return "refused"

    def settle(self):
        """Send again what is not known, until it is."""
        bodies, outcomes, _ = self.ledger.read()
        with httpx.Client(timeout=30) as door:
            for id_, body in bodies.items():
                while outcomes.get(id_, "cut off") in {"cut off", "not reached"}:
                    outcomes[id_] = self.send(door, body)
                    self.ledger.write(id=id_, outcome=outcomes[id_])


@contextlib.contextmanager
def monitor():
    """A connected monitor that gives a new measurement at each poll; yields (address, all it gave)."""
    given: dict[str, dict[str, Any]] = {}

    class Monitor(BaseHTTPRequestHandler):
        def do_GET(self):
            reading: dict[str, Any] = {
                "id": str(uuid4()),
                "measured_at": now().isoformat(),
                "heart_rate": 60 + len(given) % 30,
            }
            given[reading["id"]] = reading
            raw = json.dumps({"readings": [reading]}).encode()
            with contextlib.suppress(OSError):  # the worker was killed while it asked
                self.send_response(200)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Monitor)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", given
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def kill_at_random(parts, url, chance):
    """Kill each in turn at a random moment under load, and start it again as a supervisor would."""
    for name in KILLS:
        time.sleep(chance.uniform(0.5, 1.5))
        parts[name].kill()
        parts[name].start()
        if name == "web":
            processes.await_web(parts[name], url)


def stored_by(device_id):
    """All rows of one device: (id, measured_at, systolic, heart_rate)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, measured_at, systolic::float8, heart_rate::float8 FROM vitals_reading"
            " WHERE device_id = %s",
            [device_id],
        )
        return cursor.fetchall()


def audited_by(device_id):
    """How many stored readings of a device the audit rows speak of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum((details->>'stored')::int), 0) FROM clinic_auditevent"
            " WHERE act = 'send-readings' AND actor_id = %s",
            [device_id],
        )
        return cursor.fetchone()[0]


def assert_monitor_is_polled(given, device_id):
    """A measurement that the monitor gives from now on arrives."""
    before = set(given)

    def arrived():
        new = given.keys() - before
        return any(str(row[0]) in new for row in stored_by(device_id))

    processes.wait_for(arrived, what="a polled reading after the last kill", within_s=60)


@pytest.mark.faults
def test_what_was_confirmed_is_stored_once_whatever_is_killed(committed_db, tmp_path):
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    cast = builders.cast()
    sessions = [builders.dosing(cast.nurse, cast.clinic, now(), chair=str(n + 1)) for n in range(SESSIONS)]
    with monitor() as (address, given):
        polled = builders.device(cast.clinic, "Polled", chair="1", driver="http-json", address=address)
        settings = processes.environment(POLL_EVERY_S="1")
        web, url = processes.web(settings, tmp_path)
        parts = {"web": web}
        parts |= {
            part(settings, tmp_path).name: part(settings, tmp_path)
            for part in (processes.worker, processes.watch, processes.beat)
        }
        ledger = Ledger(tmp_path / "ledger")
        key = issue_for_device(Device.objects.get(pk=cast.gateway.actor_id))
        load = Load(url, key, [str(session.id) for session in sessions], ledger, seed)
        with processes.running(*parts.values()):
            processes.await_web(web, url)
            with load.running():
                kill_at_random(parts, url, random.Random(seed))
                time.sleep(1)
            load.settle()
            assert_monitor_is_polled(given, polled.device_id)
            assert all(part.is_running() for part in parts.values())
        ledger.close()

    bodies, outcomes, seen = ledger.read()
    print(dict(seen), f"given by the monitor: {len(given)}")
    assert seen["cut off"] >= KILLS.count("web") // 2, "the kills hit no open call"
    assert seen["acked"] > 300
    check_pushed(bodies, outcomes, stored_by(cast.gateway.device_id))
    check_polled(given, stored_by(polled.device_id))
    for device_id in (cast.gateway.device_id, polled.device_id):
        assert audited_by(device_id) == len(stored_by(device_id))
    assert Pulse.objects.filter(part="watch").exists()


def check_pushed(bodies, outcomes, rows):
    """Confirmed and stored are the same; nothing refused is stored; contents and findings are complete."""
    stored = {str(row[0]): row for row in rows}
    assert len(rows) == len(stored), "a reading is stored twice"
    acked = {id_ for id_, outcome in outcomes.items() if outcome.startswith("acked")}
    refused = {id_ for id_, outcome in outcomes.items() if outcome == "refused"}
    assert acked | refused == bodies.keys(), "an outcome is not known"
    assert stored.keys() == acked
    assert refused
    for id_, (_, measured_at, systolic, heart_rate) in stored.items():
        body = bodies[id_]
        assert measured_at == datetime.fromisoformat(body["measured_at"])
        assert (systolic, heart_rate) == (body.get("systolic"), body.get("heart_rate"))
    breaches = [bodies[id_] for id_ in acked if bodies[id_]["systolic"] > 180]
    found = set(
        Finding.objects.filter(condition="bp-high", flag__isnull=False).values_list(
            "session_id", "measured_at"
        )
    )
    assert breaches
    for body in breaches:
        assert (UUID(body["session"]), datetime.fromisoformat(body["measured_at"])) in found


def check_polled(given, rows):
    """What came from the monitor is what it gave, each once."""
    stored = {str(row[0]): row for row in rows}
    assert len(rows) == len(stored)
    assert stored.keys() <= given.keys()
    assert all(row[3] == given[id_]["heart_rate"] for id_, row in stored.items())
