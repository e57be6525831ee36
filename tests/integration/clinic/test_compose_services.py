"""The very commands of docker-compose.yml, each started as a process against real PostgreSQL and Redis.

There is no container here: what is left out is the image and the network between containers.
"""

import http.client
import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import closing
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import yaml

from clinic.local.ports import LOOPBACK, free_port
from clinic.local.state import ROOT

SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
DATABASE = f"vigil_services_{os.getpid()}"


def command(service, schedule):
    """The service's command with this interpreter, and for the web the free loopback port it is given."""
    port = free_port() if service == "web" else 0
    words = shlex.split(SERVICES[service]["command"])
    here = {"python": sys.executable, "0.0.0.0": LOOPBACK, "8000": str(port)}  # noqa: S104
    words = [here.get(word, word) for word in words]
    return [str(schedule) if word.endswith("celerybeat-schedule") else word for word in words], port


@pytest.fixture(scope="module")
def production():
    """The environment compose gives, with an empty database of its own, brought up to date by `migrate`."""
    server = os.environ["DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE}")
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": urlunsplit(urlsplit(server)._replace(path=f"/{DATABASE}")),
        # a Redis database apart, so that no other test's messages are consumed
        "REDIS_URL": urlunsplit(urlsplit(os.environ["REDIS_URL"])._replace(path="/9")),
        "SECRET_KEY": "a" * 60,
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "PYTHONUNBUFFERED": "1",
    }
    try:
        words, _ = command("migrate", "")
        subprocess.run(words, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=120)
        yield environment
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def ready(port):
    with closing(http.client.HTTPConnection(LOOPBACK, port, timeout=5)) as door:
        try:
            door.request("GET", "/readyz")
            return door.getresponse().status == 200
        except OSError:
            return False


@pytest.mark.parametrize(
    ("service", "sign"), [("web", None), ("worker", " ready."), ("beat", "beat: Starting"), ("watch", None)]
)
def test_the_service_starts_works_and_stops(service, sign, production, tmp_path):
    words, port = command(service, tmp_path / "celerybeat-schedule")
    log = tmp_path / "log"
    with log.open("w") as output:
        process = subprocess.Popen(words, cwd=ROOT, env=production, stdout=output, stderr=subprocess.STDOUT)
    try:
        began = time.monotonic()
        while time.monotonic() - began < 30:
            assert process.poll() is None, log.read_text()
            up = ready(port) if port else sign is None or sign in log.read_text()
            if up and time.monotonic() - began > 3:  # what fails at its start has failed by then
                break
            time.sleep(0.1)
        else:
            pytest.fail(log.read_text())
        process.send_signal(signal.SIGTERM)
        # uvicorn ends by the signal it was given once it has closed its streams
        assert process.wait(15) in {0, -signal.SIGTERM}, log.read_text()
        assert "Traceback" not in log.read_text()
    finally:
        process.kill()
        process.wait()
