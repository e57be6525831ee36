"""CPU seconds of process trees, and of everything that is not ours, from /proc."""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
CORES = os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class _Process:
    parent: int
    own_s: float
    with_ended_children_s: float


def _processes() -> dict[int, _Process]:
    found: dict[int, _Process] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            # the name, in parentheses, may hold spaces; what follows is split by them
            words = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended while we looked
        user, system, ended_user, ended_system = (int(word) for word in words[11:15])
        own = user + system
        found[int(entry.name)] = _Process(
            parent=int(words[1]),
            own_s=own / _TICKS,
            with_ended_children_s=(own + ended_user + ended_system) / _TICKS,
        )
    return found


def tree(root: int) -> set[int]:
    """The process and all that descend from it."""
    parents = {pid: process.parent for pid, process in _processes().items()}
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def parent_of(pid: int) -> int:
    return _processes()[pid].parent


def cpu_s(pids: Iterable[int]) -> dict[int, float]:
    """Seconds each of these has used so far, without its ended children."""
    processes = _processes()
    return {pid: processes[pid].own_s for pid in pids if pid in processes}


def used_s(before: dict[int, float], after: dict[int, float]) -> float:
    """Seconds used between two looks; a process that was not there before counts from its start."""
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())


def _busy_s() -> float:
    words = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    user, nice, system, _idle, _iowait, irq, softirq, steal = (int(word) for word in words)
    return (user + nice + system + irq + softirq + steal) / _TICKS


class ForeignMeter:
    """Which share of the machine others used while we measured.

    ours: the process ids that are ours at this moment, asked at both ends.
    """

    def __init__(self, ours: Callable[[], set[int]]) -> None:
        self._ours = ours
        self._at, self._busy, self._own = self._look()

    def _look(self) -> tuple[float, float, float]:
        mine = self._ours()
        processes = _processes()
        own = sum(processes[pid].with_ended_children_s for pid in mine if pid in processes)
        return time.monotonic(), _busy_s(), own

    def share(self) -> float:
        """Foreign CPU since the meter was made, 1.0 being all cores of the machine."""
        at, busy, own = self._look()
        return max(0.0, (busy - self._busy) - (own - self._own)) / (at - self._at) / CORES


def wait_for_quiet(ours: Callable[[], set[int]], *, limit: float, patience_s: float) -> bool:
    """Wait until one second's foreign share is within the limit; False when patience ran out."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        meter = ForeignMeter(ours)
        time.sleep(1.0)
        if meter.share() <= limit:
            return True
    return False
