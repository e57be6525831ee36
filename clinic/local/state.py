"""What a demo leaves on disk, and how other commands of the same checkout find a running one.

Everything lies in one folder, ``.demo/`` in the checkout unless ``DEMO_FOLDER`` names another:

    lock          held by whoever runs the servers, for as long as they run
    env           KEY=VALUE lines of the running demo, mode 0600; gone when it stops
    secret        the demo's SECRET_KEY, made once, mode 0600
    clock.json    see `clinic.local.epoch`
    seed.json     the sign-ins and ids that `seed_demo --json` printed last, mode 0600
    run/ log/     one pid file and one log per process
    postgres.json valkey.json   passwords, and where PostgreSQL's data lie

Standard library only, and no Django: settings import this module.
"""

import fcntl
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK_WAIT_S = 2.0  # `environment()` of another command may hold the lock for an instant


class Refused(Exception):
    """The local servers cannot be started; the text tells the person at the terminal why."""


def demo_folder() -> Path:
    """The state folder of this checkout's demo; it need not exist."""
    return Path(os.environ.get("DEMO_FOLDER") or ROOT / ".demo")


def environment() -> dict[str, str]:
    """The variables of the demo that runs in this checkout, for settings to fall back on.

    returns: {} when none runs, when its files belong to somebody else, or when the real environment
             names a database: a command that was given its servers never meets the demo's.
    """
    folder = demo_folder()
    if os.environ.get("DATABASE_URL") or not is_running(folder):
        return {}
    try:
        lines = (folder / "env").read_text().splitlines()
    except OSError:  # still starting, or another user's
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line)


def is_running(folder: Path) -> bool:
    """True when some process holds the folder's lock. A lock ends with its process, unlike a pid file."""
    try:
        descriptor = os.open(folder / "lock", os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder, made when missing, for one process.

    raises: Refused, with the holder's pid, when another one has it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except PermissionError:
        raise Refused(f"{folder} belongs to another user; run as that user, or set DEMO_FOLDER.") from None
    try:
        if not _taken_within(descriptor, LOCK_WAIT_S):
            holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip() or "unknown"
            raise Refused(f"A demo of this checkout is already running (process {holder}, {folder}).")
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _taken_within(descriptor: int, wait_s: float) -> bool:
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        else:
            return True


def write_environment(folder: Path, values: Mapping[str, str]) -> None:
    """Publish the running demo's variables; values hold no line breaks."""
    write_private(folder / "env", "".join(f"{key}={value}\n" for key, value in values.items()))


def forget_environment(folder: Path) -> None:
    """Take back what `write_environment` published."""
    (folder / "env").unlink(missing_ok=True)


def secret_key(folder: Path) -> str:
    """The demo's SECRET_KEY, made at the first call, so that a restart keeps everyone signed in."""
    path = folder / "secret"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(48))
    return path.read_text()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    fresh.replace(path)
