"""What is measured, as processes: our web and watch, reference F, the COPY writer, the load generator.

Each server has a database of its own on the one PostgreSQL that DATABASE_URL names, so that the backends
working for it, and their CPU, can be told apart.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import httpx
import msgspec
import psycopg
import redis
from psycopg import sql

from benchmarks import cpu
from benchmarks.stage import Stage
from clinic.local.child import dies_with

SESSIONS = 100
# the largest board that fits a wall without scrolling
WALL_CHAIRS = 24
STARTS_WITHIN_S = 60.0
STOPS_WITHIN_S = 15.0
VIGIL, PLAIN, COPY = (f"vigil_bench_{os.getpid()}{part}" for part in ("", "_plain", "_copy"))

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Server:
    """One contestant: its processes, its database, and how load reaches it."""

    database: str
    pids: tuple[int, ...]
    port: int = 0
    stage: Stage = field(default_factory=lambda: Stage("", []))
    table: str = "vitals_reading"


class Worker:
    """A process that takes one order per line and answers each with one line."""

    def __init__(self, module: str, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        self.pid = self._process.pid

    def begin(self, order: object) -> None:
        """Give an order without waiting for its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(order).decode() + "\n")
        self._process.stdin.flush()

    def answer(self, answer: type[T]) -> T:
        """The answer to the order begun. raises: RuntimeError when the process ended instead."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended without an answer")
        return msgspec.json.decode(line, type=answer)

    def ask(self, order: object, answer: type[T]) -> T:
        """Give an order and wait for its answer."""
        self.begin(order)
        return self.answer(answer)

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(STOPS_WITHIN_S)


@dataclass(frozen=True, slots=True)
class Field:
    """Everything that is up for a run."""

    admin: psycopg.Connection
    vigil: Server
    plain: Server
    copy: Server
    load: Worker
    copier: Worker
    visible: Worker
    frames: Worker
    wall: Stage

    def cpu_of(self, server: Server) -> dict[int, float]:
        """CPU seconds so far of the server's processes and of the backends that work for it."""
        rows = self.admin.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            [server.database],
        ).fetchall()
        pids = {pid for (pid,) in rows}
        for pid in server.pids:
            pids |= cpu.tree(pid)
        return cpu.cpu_s(pids)

    def stored(self, server: Server) -> int:
        """How many readings the server's table holds, asked on a connection of its own."""
        with psycopg.connect(address(server.database)) as connection:
            row = connection.execute(
                sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(server.table))
            ).fetchone()
        assert row is not None
        return int(row[0])

    def ours(self) -> set[int]:
        """All process ids that work for this run: not foreign."""
        rows = self.admin.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname IS NULL OR datname = ANY(%s)",
            [[VIGIL, PLAIN, COPY, self.admin.info.dbname]],
        ).fetchall()
        backends = {pid for (pid,) in rows}
        postmaster = cpu.parent_of(self.admin.info.backend_pid)
        return cpu.tree(os.getpid()) | backends | {postmaster, _redis_pid()}


def _redis_pid() -> int:
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        told: dict[str, Any] = client.info("server")
        return int(told["process_id"])


def settings_that_matter(admin: psycopg.Connection) -> dict[str, str]:
    """The server's version and whether its commits are durable, for the printed table."""
    names = ["server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_sync_method"]
    rows = admin.execute(
        "SELECT name, setting FROM pg_settings WHERE name = ANY(%s) ORDER BY name", [names]
    ).fetchall()
    return dict(rows)


@contextmanager
def started() -> Iterator[Field]:
    """Make the databases, seed them, start everything; at the end stop it and drop them."""
    with ExitStack() as until_the_end:
        admin = until_the_end.enter_context(psycopg.connect(os.environ["DATABASE_URL"], autocommit=True))
        until_the_end.callback(drop, admin, VIGIL, PLAIN, COPY)
        create(admin, VIGIL)
        run(["manage.py", "migrate", "--verbosity", "0"], environment(VIGIL))
        # the same tables, for COPY alone
        create(admin, COPY, template=VIGIL)
        create(admin, PLAIN)
        vigil_stage = _stage("benchmarks.stage", environment(VIGIL), str(SESSIONS))
        wall_stage = _stage(
            "benchmarks.stage", environment(VIGIL), str(WALL_CHAIRS), "Wall", "nurse-of-the-wall"
        )
        plain_environment = environment(PLAIN, "benchmarks.reference.settings")
        plain_stage = _stage("benchmarks.reference.seed", plain_environment, str(SESSIONS))

        load = _worker(until_the_end, "benchmarks.load", {})
        visible = _worker(until_the_end, "benchmarks.visible", {})
        frames = _worker(until_the_end, "benchmarks.frames", {})
        copier = _worker(until_the_end, "benchmarks.copy_reference", environment(COPY))
        plain_port = free_port()
        web, vigil_port = serve(until_the_end, environment(VIGIL))
        watch = _server(until_the_end, ["manage", "watch"], environment(VIGIL))
        plain = _server(
            until_the_end,
            [
                *("gunicorn", "benchmarks.reference.wsgi", "--bind", f"127.0.0.1:{plain_port}"),
                *("--workers", "2", "--threads", "4", "--keep-alive", "60", "--log-level", "warning"),
            ],
            plain_environment,
        )
        _wait(plain_port, "/api/v1/readings/", 401)
        yield Field(
            admin=admin,
            vigil=Server(VIGIL, (web, watch), vigil_port, vigil_stage),
            plain=Server(PLAIN, (plain,), plain_port, plain_stage, table="reference_reading"),
            copy=Server(COPY, ()),
            load=load,
            copier=copier,
            visible=visible,
            frames=frames,
            wall=wall_stage,
        )


def serve(until_the_end: ExitStack, settings: Mapping[str, str]) -> tuple[int, int]:
    """Our web process, up and answering: its process id and its port."""
    port = free_port()
    pid = _server(
        until_the_end,
        [
            *("uvicorn", "clinic.asgi:application", "--host", "127.0.0.1", "--port", str(port)),
            *("--timeout-graceful-shutdown", "5", "--no-server-header", "--no-access-log"),
            *("--log-level", "warning"),
        ],
        settings,
    )
    _wait(port, "/livez", 200)
    return pid, port


def environment(database: str, settings: str = "clinic.settings") -> dict[str, str]:
    return {
        "DATABASE_URL": address(database),
        "DJANGO_SETTINGS_MODULE": settings,
        "SECRET_KEY": os.environ.get("SECRET_KEY", "only for benchmarks"),
    }


def address(database: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}"))


def create(admin: psycopg.Connection, name: str, *, template: str = "template0") -> None:
    admin.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    )


def drop(admin: psycopg.Connection, *names: str) -> None:
    for name in names:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def run(words: list[str], environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        env={**os.environ, **environment},
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    )
    return done.stdout


def _stage(module: str, environment: Mapping[str, str], *words: str) -> Stage:
    return msgspec.json.decode(run(["-m", module, *words], environment), type=Stage)


def _worker(until_the_end: ExitStack, module: str, environment: Mapping[str, str]) -> Worker:
    worker = Worker(module, environment)
    until_the_end.callback(worker.stop)
    return worker


def _server(until_the_end: ExitStack, words: list[str], environment: Mapping[str, str]) -> int:
    process = subprocess.Popen(
        [sys.executable, "-m", *words],
        env={**os.environ, **environment},
        preexec_fn=dies_with(os.getpid(), signal.SIGTERM),  # safe: we have one thread
    )
    until_the_end.callback(_end, process)
    return process.pid


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOPS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, path: str, status: int) -> None:
    """Until it answers as it should. raises: RuntimeError when it does not come up."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"http://127.0.0.1:{port}{path}").status_code == status:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"port {port} did not answer {path} with {status}")
