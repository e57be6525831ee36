"""The HTTP monitor drivers against a real server on loopback: good answers, bad ones, and none."""

import gzip
import ipaddress
import json
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

import pytest

from vitals.devices import http_json, network, simulated
from vitals.devices.driver import MonitorAddress, MonitorUnreachable, MonitorUnreadable
from vitals.devices.registry import DRIVERS

TOKEN = "secret"
READING_ID = "0b6ff5a5-6a56-5d1f-a6ac-0a2a1d2d7d4e"
GOOD = {
    "monitor": "chair-1",
    "readings": [
        {
            "id": READING_ID,
            "measured_at": "2026-11-23T10:40:00-05:00",
            "systolic": 142,
            "diastolic": 88,
            "mean": 106,
        },
        {"measured_at": "2026-11-23T15:40:15Z", "heart_rate": 92.5, "spo2": 0, "respiratory_rate": None},
    ],
}


@contextmanager
def monitor(respond):
    """Serve one monitor; `respond(request)` writes the answer. Gives (url, requests seen)."""
    seen = []

    class Monitor(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self)
            respond(self)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Monitor)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/monitors/chair-1", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer(body, status=200, **headers):
    """A response function giving these bytes (or this value as JSON)."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    def respond(request):
        request.send_response(status)
        for name, value in {"Content-Length": str(len(raw)), **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(raw)

    return respond


def read(url, *, timeout_s=2.0, driver=http_json.read, token=TOKEN):
    return driver(MonitorAddress("Monitor 1", url, token), timeout_s)


def one_reading(**fields):
    return {"readings": [{"measured_at": "2026-11-23T15:40:00Z", "systolic": 142, **fields}]}


def refused(body):
    """The reason for which this answer is unreadable."""
    with monitor(answer(body)) as (url, _), pytest.raises(MonitorUnreadable) as refusal:
        read(url)
    return refusal.value


def test_a_good_answer():
    with monitor(answer({"readings": GOOD["readings"]})) as (url, seen):
        first, second = read(url)
    assert first.id == UUID(READING_ID)
    assert first.measured_at == datetime(2026, 11, 23, 15, 40, tzinfo=UTC)
    assert first.values == {"systolic": 142.0, "diastolic": 88.0, "mean": 106.0}
    assert second.id is None
    assert second.values == {"heart_rate": 92.5, "spo2": 0.0}
    assert seen[0].headers["Authorization"] == "Bearer secret"


def test_the_simulated_monitor_is_asked_at_its_own_path():
    for written in ("", "/", "/latest"):
        with monitor(answer(GOOD)) as (url, seen):
            assert len(read(url + written, driver=simulated.read)) == 2
        assert seen[0].path == "/monitors/chair-1/latest"


def test_an_idle_monitor_has_nothing():
    with monitor(answer({"readings": []})) as (url, _):
        assert read(url) == []


def test_the_registry_names_both():
    assert set(DRIVERS) == {"http-json", "simulated"}


def test_a_pooled_connection_survives_a_restart_of_the_monitor():
    for _ in range(3):
        with monitor(answer(GOOD)) as (url, _):
            assert len(read(url)) == 2
            assert len(read(url)) == 2


def test_a_unit_beside_the_value_is_checked():
    with monitor(answer(one_reading(temperature={"value": 36.8, "unit": "Cel"}))) as (url, _):
        assert read(url)[0].values["temperature"] == 36.8
    assert (
        "temperature: unit '[degF]' is not Cel"
        in refused(one_reading(temperature={"value": 98.6, "unit": "[degF]"})).reason
    )
    assert (
        "unit ['Cel'] is not Cel" in refused(one_reading(temperature={"value": 37, "unit": ["Cel"]})).reason
    )
    assert "value and unit" in refused(one_reading(temperature={"value": 37})).reason


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e400"])
def test_not_a_number_passes_no_parser(number):
    body = b'{"readings": [{"measured_at": "2026-11-23T15:40:00Z", "systolic": ' + number + b"}]}"
    assert refused(body).raw == body


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (
            {"measured_at": "2026-11-23T15:40:00"},
            "reading 0: measured_at: '2026-11-23T15:40:00' has no time zone",
        ),
        ({"measured_at": "yesterday"}, "is not an ISO 8601 time"),
        ({"measured_at": None}, "measured_at: a time is needed"),
        ({"measured_at": "0001-01-01T00:00:00+14:00"}, "outside the calendar"),
        ({"systolic": "142"}, "systolic: a number is needed"),
        ({"systolic": True}, "systolic: a number is needed"),
        ({"systolic": 10**400}, "systolic: not a number that a monitor shows"),
        ({"systolic": None}, "no vital in it"),
        ({"pulse": 80}, "unknown field pulse"),
        ({"id": "17"}, "id: not a UUID"),
        ({"id": 17}, "id: not a UUID"),
    ],
)
def test_a_reading_that_cannot_be_read_is_named(fields, reason):
    assert reason in refused(one_reading(**fields)).reason


def test_good_readings_beside_a_bad_one_are_kept():
    refusal = refused(
        {"readings": [*GOOD["readings"], {"measured_at": "2026-11-23T15:41:00Z", "pulse": 80}, 7]}
    )
    assert len(refusal.readable) == 2
    assert "reading 2: unknown field pulse; reading 3: an object is needed" in refusal.reason


@pytest.mark.parametrize(
    "body", [b"<html>sign in</html>", b"", b"[]", b"\xff\xfe", b'{"readings": {}}', b"{}"]
)
def test_junk_is_refused_and_kept(body):
    assert refused(body).raw == body


def test_too_many_readings():
    assert "more than 1000" in refused({"readings": [{}] * 1001}).reason


def test_a_huge_answer_is_cut_off():
    refusal = refused(b" " * (http_json.LARGEST_ANSWER_BYTES + 1))
    assert "larger than" in refusal.reason
    assert len(refusal.raw) == http_json.LARGEST_ANSWER_BYTES


def test_another_make_names_things_otherwise():
    names = http_json.FieldMap(
        readings="items", measured_at="ts", vitals={"nibp_sys": "systolic"}, ignored=frozenset({"bed"})
    )
    body = {"items": [{"ts": "2026-11-23T15:40:00Z", "nibp_sys": 142, "bed": 3}]}
    with monitor(answer(body)) as (url, _):
        [measured] = http_json.read(MonitorAddress("M", url), 2.0, field_map=names)
    assert measured.values == {"systolic": 142.0}


class TestUnreachable:
    @staticmethod
    def reason(url, **options):
        with pytest.raises(MonitorUnreachable) as refusal:
            read(url, **options)
        return refusal.value.reason

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_a_redirect_is_not_followed(self, status):
        with monitor(answer(GOOD)) as (elsewhere, visited):
            with monitor(answer(b"", status, Location=elsewhere)) as (url, _):
                assert "a redirect, which is not followed" in self.reason(url)
            assert visited == []

    @pytest.mark.parametrize("status", [401, 404, 500])
    def test_a_refusal(self, status):
        with monitor(answer(b"no", status)) as (url, _):
            assert self.reason(url) == f"answered {status}"

    def test_a_compressed_answer_is_not_unpacked(self):
        with monitor(answer(gzip.compress(b" " * 10_000_000), Content_Encoding="gzip")) as (url, _):
            assert self.reason(url) == "answered compressed, unasked"

    def test_a_late_answer(self):
        release = threading.Event()
        with monitor(lambda request: release.wait(5)) as (url, _):
            begun = time.monotonic()
            assert self.reason(url, timeout_s=0.2) == "no answer within 0.2 s"
            assert time.monotonic() - begun < 2
            release.set()

    def test_a_trickling_answer(self):
        def trickle(request):
            request.send_response(200)
            request.end_headers()
            for _ in range(40):
                try:
                    request.wfile.write(b" ")
                except OSError:
                    return
                time.sleep(0.05)

        with monitor(trickle) as (url, _):
            assert self.reason(url, timeout_s=0.3) == "answer not complete within 0.3 s"

    def test_nobody_listens(self):
        with monitor(answer(GOOD)) as (url, _):
            pass
        assert self.reason(url).startswith("no answer")

    @pytest.mark.parametrize(
        "url",
        [
            "http://203.0.113.7/latest",
            "http://169.254.169.254/latest",
            "http://0.0.0.0/",
            "http://[::ffff:8.8.8.8]/",
        ],
    )
    def test_a_network_that_monitors_may_not_have(self, url):
        assert "outside the networks" in self.reason(url)

    def test_the_allowed_networks_come_from_settings(self, settings):
        settings.MONITOR_NETWORKS = [ipaddress.ip_network("10.9.0.0/16")]
        with monitor(answer(GOOD)) as (url, seen):
            assert self.reason(url) == "127.0.0.1 is outside the networks that monitors may have"
        assert seen == []

    @pytest.mark.parametrize(
        "url",
        [
            "file:///etc/passwd",
            "ftp://127.0.0.1/",
            "127.0.0.1",
            "",
            "http://",
            "http://127.0.0.1:99999/",
            "http://user:pass@127.0.0.1/",
            "http://127.0.0.1/#top",
            "http://[::1/",
        ],
    )
    def test_an_address_that_is_none(self, url):
        assert "address" in self.reason(url)


def test_a_name_is_resolved_once_and_kept(monkeypatch):
    entries = [(2, 1, 6, "", ("10.0.0.5", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **kwargs: entries)
    endpoint = network.checked("https://monitor.example/x?y=1", [ipaddress.ip_network("10.0.0.0/8")])
    assert endpoint == network.Endpoint("https://10.0.0.5:443/x?y=1", "monitor.example", "monitor.example")


def test_one_allowed_address_does_not_excuse_another(monkeypatch):
    entries = [(2, 1, 6, "", ("10.0.0.5", 80)), (2, 1, 6, "", ("203.0.113.7", 80))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **kwargs: entries)
    with pytest.raises(network.AddressRefused, match=r"203\.0\.113\.7 is outside"):
        network.checked("http://monitor.example/", [ipaddress.ip_network("10.0.0.0/8")])


def test_the_token_is_never_printed():
    assert "secret" not in repr(MonitorAddress("M", "http://127.0.0.1/", "secret"))
