"""One child process of the local servers: started so that it cannot outlive us, stopped so that it ends.

Each child leads a process group of its own, so a Ctrl-C at the terminal reaches only the supervisor,
which then stops the children in order. On Linux the kernel also ends a child whose parent died
(PR_SET_PDEATHSIG); elsewhere the next start ends what `run/<name>.pid` still names.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from clinic.local.state import Refused, write_private

STOP_WITHIN_S = 10.0
LOG_KEPT_BYTES = 5_000_000
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Identity:
    """The system user a child runs as."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Command:
    """What to start. `stop_signal` asks it to end; `orphan_signal` is what it gets when we die first."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    folder: Path  # holds run/ and log/
    cwd: Path
    identity: Identity | None = None  # None is the user we are
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    output: Path | None = None  # standard output, mode 0600, where it shall not go to the log

    @property
    def log(self) -> Path:
        """Where standard output and error go."""
        return self.folder / "log" / f"{self.name}.log"

    @property
    def pid_file(self) -> Path:
        """Pid and command line of the running child, for the next start to find what we left."""
        return self.folder / "run" / f"{self.name}.pid"


class Child:
    """A started `Command`."""

    def __init__(self, command: Command) -> None:
        """Start it, after ending what an earlier run of the same name left behind."""
        self.command = command
        command.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        command.pid_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        end_leftover(command)
        _rotate(command.log)
        identity = command.identity
        with command.log.open("ab") as log, _private_output(command.output) as output:
            self.popen = subprocess.Popen(
                list(command.argv),
                env=dict(command.environment),
                cwd=command.cwd,
                stdin=subprocess.DEVNULL,
                stdout=output or log,
                stderr=log,
                start_new_session=True,
                user=identity.uid if identity else None,
                group=identity.gid if identity else None,
                extra_groups=[] if identity else None,
                # runs after the change of user, which would clear the setting
                preexec_fn=dies_with(os.getpid(), command.orphan_signal),
            )
        self.started_at_s = time.monotonic()
        self._finished = False
        write_private(command.pid_file, f"{self.popen.pid}\n{' '.join(command.argv)}")

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative is the number of the signal that ended it."""
        return self.popen.poll()

    def last_lines(self, count: int = 15) -> list[str]:
        """The end of its log."""
        return self.command.log.read_text(errors="replace").splitlines()[-count:]

    def ask_to_stop(self) -> None:
        """Send the stop signal, once, to the child alone: it knows how to end its own children."""
        if self.exit_code is None:
            with suppress(ProcessLookupError):
                self.popen.send_signal(self.command.stop_signal)

    def finish(self, deadline_s: float) -> bool:
        """Wait until `time.monotonic()` reaches the deadline, then kill the whole group.

        returns: True when it ended by itself.
        """
        if self._finished:  # its number may be another program's by now
            return True
        self._finished = True
        try:
            self.popen.wait(max(0.0, deadline_s - time.monotonic()))
            ended = True
        except subprocess.TimeoutExpired:
            ended = False
        with suppress(ProcessLookupError, PermissionError):  # no member of the group is left
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()
        self.command.pid_file.unlink(missing_ok=True)
        return ended

    def stop(self, within_s: float = STOP_WITHIN_S) -> bool:
        """Ask, wait, kill; True when it ended by itself."""
        self.ask_to_stop()
        return self.finish(time.monotonic() + within_s)


def wait_ready(child: Child, is_ready: Callable[[], bool], within_s: float) -> None:
    """Wait until a server answers.

    raises: Refused, with the end of its log, when it ended or did not answer in time; it is then stopped.
    """
    wait_until(lambda: child.exit_code is not None or is_ready(), within_s)
    if child.exit_code is None and is_ready():
        return
    code = child.exit_code
    child.stop()
    state = "did not answer in time" if code is None else f"ended with {code}"
    raise Refused("\n".join((f"{child.command.name} {state}:", *child.last_lines())))


def end_leftover(command: Command) -> None:
    """End the process that an earlier run started under this name and did not stop.

    A pid may since belong to something else, so the command line must be the recorded one.
    """
    try:
        pid_line, recorded = command.pid_file.read_text().split("\n", 1)
    except (FileNotFoundError, ValueError):
        return
    pid = int(pid_line)
    for number in (command.stop_signal, signal.SIGKILL):
        if command_line(pid) != recorded:
            break
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
        wait_until(lambda: command_line(pid) != recorded, STOP_WITHIN_S)
    command.pid_file.unlink(missing_ok=True)


def command_line(pid: int) -> str | None:
    """The words a process was started with, joined by blanks; None when no such process lives."""
    proc = Path(f"/proc/{pid}/cmdline")
    if proc.parent.parent.joinpath("self").exists():
        with suppress(OSError):
            return proc.read_bytes().rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace") or None
        return None
    listed = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return listed.stdout.strip() or None


def wait_until(condition: Callable[[], bool], within_s: float) -> bool:
    """Look twenty times a second; True when the condition came true in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_KEPT_BYTES:
        log.replace(log.with_suffix(".log.1"))


def _private_output(path: Path | None) -> AbstractContextManager[BinaryIO | None]:
    if path is None:
        return nullcontext()
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def dies_with(parent: int, number: signal.Signals) -> Callable[[], None] | None:
    """What a child calls before its program starts, so that the kernel signals it when `parent` dies.

    returns: None where the kernel cannot (anything but Linux).
    """
    libc = _libc
    if libc is None:
        return None

    def bind() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # it died before the line above took effect
            os._exit(1)

    return bind
