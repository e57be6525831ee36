"""The embedded PostgreSQL and Valkey together: for the demo, for one command of it, for a test run."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from clinic.local import epoch, postgres, valkey
from clinic.local.child import Child, dies_with
from clinic.local.state import Refused, demo_folder, environment, locked, secret_key
from clinic.local.stopping import StopRequests


@contextmanager
def started(folder: Path, *, temporary: bool = False) -> Iterator[tuple[dict[str, Child], dict[str, str]]]:
    """Start the servers that the environment does not name; stop them at the end.

    yields: the children by name, in the order of starting, and the variables that name both servers.
    raises: Refused when one does not come up.
    """
    starts: dict[str, tuple[str, Callable[[], tuple[Child, str]]]] = {
        "postgres": ("DATABASE_URL", lambda: postgres.start(folder, temporary=temporary)),
        "valkey": ("REDIS_URL", lambda: valkey.start(folder)),
    }
    children: dict[str, Child] = {}
    variables: dict[str, str] = {}
    try:
        for name, (variable, start) in starts.items():
            given = os.environ.get(variable)
            if given:
                variables[variable] = given
            else:
                children[name], variables[variable] = start()
        yield children, variables
    finally:
        for child in reversed(children.values()):
            child.stop()


@contextmanager
def demo_servers() -> Iterator[Mapping[str, str]]:
    """The demo's servers for one command, such as `seed_demo`: call it before settings are read.

    Where a demo runs, or the environment names a database, nothing is started. Otherwise the demo's own
    servers are started, the environment of this process names them, and they are stopped at the end.

    yields: the variables that were set; empty when nothing was started.
    raises: Refused when the servers do not come up, or a demo is starting at this moment.
    """
    if os.environ.get("DATABASE_URL") or environment():
        yield {}
        return
    folder = demo_folder()
    with locked(folder), started(folder) as (_, variables):
        clock = epoch.begin(folder, speed=1.0)
        values = {**variables, **demo_variables(folder, clock)}
        before = {name: os.environ.get(name) for name in values}
        os.environ.update(values)
        try:
            yield values
        finally:
            epoch.end(folder, clock)
            _restore(before)


def demo_variables(folder: Path, clock: epoch.Epoch) -> dict[str, str]:
    """What makes a Vigil process a part of the demo, beside its servers' addresses.

    The folder in which scheduled exports are left is made: a store must be there.
    """
    archive = folder.resolve() / "archive"
    archive.mkdir(exist_ok=True)
    return {
        "DEMO": "1",
        "DEMO_FOLDER": str(folder.resolve()),
        "DEMO_CLOCK": clock.as_variable(),
        "EXPORT_DIR": str(folder.resolve() / "exports"),
        "EXPORT_STORES": f"archive={quote(str(archive))}",
        "SECRET_KEY": os.environ.get("SECRET_KEY") or secret_key(folder),
    }


def run(argv: Sequence[str]) -> int:
    """Run a command on throw-away servers, or on those that DATABASE_URL and REDIS_URL name.

    returns: its exit code; 128 and the signal's number when a signal ended it.
    raises:  Refused when the servers do not come up or there is no such command.
    """
    stop = StopRequests()
    folder = Path(tempfile.mkdtemp(prefix="vigil-run-"))
    try:
        with started(folder, temporary=True) as (_, variables):
            extra = {
                "SECRET_KEY": os.environ.get("SECRET_KEY") or secrets.token_urlsafe(48),
                "EXPORT_DIR": os.environ.get("EXPORT_DIR") or str(folder.resolve() / "exports"),
            }
            return _run_to_end(argv, {**os.environ, **variables, **extra}, stop)
    finally:
        postgres.remove(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _run_to_end(argv: Sequence[str], variables: Mapping[str, str], stop: StopRequests) -> int:
    if stop.last:
        return 128 + stop.last
    try:
        command = subprocess.Popen(
            list(argv),
            env=dict(variables),
            preexec_fn=dies_with(os.getpid(), signal.SIGKILL),  # safe: we have one thread
        )
    except OSError as error:
        raise Refused(f"{argv[0]}: {error.strerror}") from None
    passed_on = 0
    while command.poll() is None:
        try:
            command.wait(0.2)
        except subprocess.TimeoutExpired:
            if stop.last and stop.count > passed_on:
                passed_on = stop.count
                if not (stop.last is signal.SIGINT and sys.stdin.isatty()):  # the terminal told it already
                    command.send_signal(stop.last)
    return command.returncode if command.returncode >= 0 else 128 - command.returncode


def _restore(before: Mapping[str, str | None]) -> None:
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
