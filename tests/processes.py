"""The product's own processes, started for a test against its database, killed and ended by their own id."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

import httpx
from django.conf import settings
from django.db import connection

from clinic.local.ports import LOOPBACK, free_port
from clinic.local.state import ROOT

# What a machine with much else to do may take; a wait ends as soon as what is waited for is there.
WITHIN_S = 30.0
# Redis databases for tests, apart from the one that a developer's copy uses, and one for each of the test
# processes that run side by side; see `redis_apart`.
REDIS_DATABASE = 11 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4

T = TypeVar("T")


def wait_for(
    condition: Callable[[], T], *, what: str, within_s: float = WITHIN_S, every_s: float = 0.05
) -> T:
    """The first true answer of ``condition``. raises: AssertionError that says what did not come."""
    deadline = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {within_s:g} s"
        time.sleep(every_s)
    return found


def database() -> str:
    """The address of the database that this test has to itself."""
    name = connection.settings_dict["NAME"]
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def redis_apart() -> str:
    """The tests' Redis, in a database where no other copy's worker takes our messages."""
    return urlunsplit(urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{REDIS_DATABASE}"))


def environment(*, redis_url: str | None = None, **more: str) -> dict[str, str]:
    """What every process is given."""
    return {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database(),
        "REDIS_URL": redis_url or redis_apart(),
        "SECRET_KEY": os.environ["SECRET_KEY"],
        "EXPORT_DIR": str(settings.EXPORT_DIR),
        "ALLOWED_HOSTS": "127.0.0.1,testserver",
        "DEMO": "0",
        "PYTHONUNBUFFERED": "1",
        **more,
    }


@dataclass
class Part:
    """One process of the product, which can be killed and started again with the same words."""

    name: str
    words: Sequence[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.words],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """``kill -9``, of this process alone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """SIGTERM, and what comes after it when that is not heard."""
        if self.process is None:
            return
        if self.is_running():
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(15)
        self.kill()

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""


def web(environment: dict[str, str], logs: Path, *, port: int | None = None) -> tuple[Part, str]:
    """The web process, not started yet, and its address."""
    port = port or free_port()
    words = ["-m", "uvicorn", "clinic.asgi:application", "--host", LOOPBACK, "--port", str(port)]
    words += ["--timeout-graceful-shutdown", "2", "--no-server-header", "--no-access-log"]
    return Part("web", words, environment, logs / "web.log"), f"http://{LOOPBACK}:{port}"


def worker(environment: dict[str, str], logs: Path) -> Part:
    words = ["-m", "celery", "-A", "clinic", "worker", "--pool=threads", "--concurrency=4"]
    return Part("worker", words, environment, logs / "worker.log")


def exporter(environment: dict[str, str], logs: Path, name: str = "exports") -> Part:
    words = ["-m", "celery", "-A", "clinic", "worker", "--queues=exports", f"--hostname={name}@%h"]
    words += ["--pool=threads", "--concurrency=1"]
    return Part(name, words, environment, logs / f"{name}.log")


def beat(environment: dict[str, str], logs: Path) -> Part:
    words = ["-m", "celery", "-A", "clinic", "beat", "--schedule", str(logs / "celerybeat-schedule")]
    return Part("beat", words, environment, logs / "beat.log")


def watch(environment: dict[str, str], logs: Path) -> Part:
    return Part("watch", ["manage.py", "watch"], environment, logs / "watch.log")


@contextlib.contextmanager
def running(*parts: Part) -> Iterator[None]:
    """Start the parts, and end them all afterwards, whatever happened."""
    try:
        for part in parts:
            part.start()
        yield
    finally:
        for part in parts:
            part.stop()


def answers(url: str) -> bool:
    """True when the web process takes readings: its loop runs and its database is ready."""
    try:
        return httpx.get(f"{url}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def await_web(part: Part, url: str) -> None:
    def up() -> bool:
        assert part.is_running(), part.said()
        return answers(url)

    wait_for(up, what="the web process")


@contextlib.contextmanager
def served(logs: Path, **more: str) -> Iterator[str]:
    """The product's web process over the test's own database; gives its address."""
    part, url = web(environment(**more), logs)
    with running(part):
        await_web(part, url)
        yield url
