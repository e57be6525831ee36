"""`manage.py simulate` as a process: its monitors are read by the real driver, its nurse charts over HTTP.

The API is a small stand-in here, with the shapes of the public board and readings calls.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from vitals.devices import simulated
from vitals.devices.driver import MonitorAddress, MonitorUnreachable
from vitals.simulator import config as simulate_config
from vitals.simulator.config import MonitorConfig, Scene, SimulateConfig
from vitals.simulator.population import EventKind

API_TOKEN = "staff-token-staff-token"
MONITOR_TOKEN = "monitor-token-monitor-token"
SESSION = "11111111-2222-4333-8444-555555555555"
WITHIN_S = 20


class StandInApi:
    """A board with one dosing session, and a readings call that notes what it gets."""

    def __init__(self):
        self.charted: list[tuple[str, str, dict[str, object]]] = []  # path, authorization, body
        self.status = 201
        now = datetime.now(UTC)
        due = {
            "label": "10-minute set",
            "at": (now - timedelta(minutes=3)).isoformat(),
            "opens_at": (now - timedelta(minutes=5)).isoformat(),
            "closes_at": (now - timedelta(minutes=1)).isoformat(),
            "every_min": 10,
            "overdue_at": now.isoformat(),
            "overdue_medium_at": now.isoformat(),
            "missing": ["systolic", "diastolic", "heart_rate", "respiratory_rate", "spo2", "sedation"],
        }
        self.board = {
            "clinic": {"id": SESSION, "name": "Clinic", "time_zone": "UTC"},
            "sessions": [
                {
                    "session": SESSION,
                    "version": 3,
                    "chair": {"id": SESSION, "name": "1"},
                    "route": "iv",
                    "state": "dosing",
                    "dose_started_at": (now - timedelta(minutes=13)).isoformat(),
                    "due": due,
                    "flags": [],
                }
            ],
        }
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                known = (
                    self.headers["Authorization"] == f"Token {API_TOKEN}" and self.path == "/api/v1/board/"
                )
                self.give(200 if known else 401, api.board if known else {})

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                api.charted.append((self.path, self.headers["Authorization"], body))
                self.give(api.status, {})

            def give(self, status, body):
                raw = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def api():
    standin = StandInApi()
    yield standin
    standin.server.shutdown()
    standin.server.server_close()


@pytest.fixture
def simulate(api, tmp_path):
    """Starts `manage.py simulate`; gives a function (port, demo) -> process, all ended afterwards."""
    path = tmp_path / "simulate.json"
    scene = Scene(EventKind.HYPERTENSIVE, starts_in_s=0, ramp_s=1)
    monitor = MonitorConfig(key="chair-1", chair="1", seed=11, stream_every_s=5, script=(scene,))
    simulate_config.save(SimulateConfig(api.url, API_TOKEN, 0, MONITOR_TOKEN, (monitor,), ("1",)), path)
    started = []

    def start(*, port=0, demo=True):
        environment = {
            **os.environ,
            "SIMULATE_CONFIG": str(path),
            "DEMO": "1" if demo else "0",
            "DEMO_CLOCK": "",
        }
        process = subprocess.Popen(
            [sys.executable, "manage.py", "simulate", "--port", str(port)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def base_url(process):
    """The address in the first line it prints."""
    line = process.stdout.readline()
    assert "1 monitors on http://127.0.0.1:" in line, line + process.stdout.read()
    return line.split()[-1]


def wait_for(condition):
    deadline = time.monotonic() + WITHIN_S
    while not (found := condition()):
        assert time.monotonic() < deadline, "nothing came in time"
        time.sleep(0.1)
    return found


def read(url, token=MONITOR_TOKEN):
    return simulated.read(MonitorAddress("Chair 1", f"{url}chair-1", token), 2.0)


def test_the_driver_reads_its_monitors_and_the_scene(simulate):
    url = base_url(simulate())
    wait_for(lambda: any("heart_rate" in measured.values for measured in read(url)))
    cuffs = wait_for(lambda: [m for m in read(url) if "systolic" in m.values])
    assert cuffs[0].values["systolic"] > 170
    again = {measured.id: measured for measured in read(url)}
    assert again[cuffs[0].id] == cuffs[0]
    with pytest.raises(MonitorUnreachable, match="401"):
        read(url, token="wrong")


def test_its_nurse_charts_a_due_set_once(simulate, api):
    base_url(simulate())
    wait_for(lambda: api.charted)
    time.sleep(3)  # another round
    [(path, authorization, body)] = api.charted
    assert (path, authorization) == ("/api/v1/readings/", f"Token {API_TOKEN}")
    assert body["session"] == SESSION
    assert {"systolic", "diastolic", "heart_rate", "respiratory_rate", "spo2", "sedation"} <= set(body)
    assert datetime.fromisoformat(body["measured_at"]).tzinfo is not None


def test_a_failed_charting_is_tried_again_with_the_same_id(simulate, api):
    api.status = 503
    base_url(simulate())
    wait_for(lambda: len(api.charted) >= 2)
    assert len({body["id"] for _, _, body in api.charted}) == 1


def test_outside_the_demo_nobody_charts(simulate, api):
    url = base_url(simulate(demo=False))
    wait_for(lambda: read(url))
    assert api.charted == []


def test_stops_cleanly_on_sigterm(simulate):
    process = simulate()
    url = base_url(process)
    wait_for(lambda: read(url))
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(WITHIN_S) == 0, process.stdout.read()
    assert time.monotonic() - begun < 5


def test_a_second_one_needs_another_port(simulate):
    url = base_url(simulate())
    port = int(url.split(":")[2].split("/")[0])
    second = simulate(port=port)
    assert second.wait(WITHIN_S) == 1
    assert "is another simulate running?" in second.stdout.read()
    base_url(simulate())


def test_without_its_api_it_serves_and_waits(simulate, api):
    api.server.shutdown()
    url = base_url(simulate())
    assert wait_for(lambda: [read(url)]) == [[]]
