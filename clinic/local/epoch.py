"""The demo's clock: which simulated second stands for which real one, kept over restarts.

simulated = simulated0 + (real - real0) * speed, all in seconds since 1970. The file also holds until
when the clock may have run, written ahead while it runs and exactly at a clean stop, so that a restart,
even after a kill, goes on from a moment not before the last one anybody could have charted at.
"""

import json
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from clinic.local.state import write_private

SAVE_EVERY_S = 1.0
AHEAD_S = 2 * SAVE_EVERY_S  # a write may be late by one interval


@dataclass(frozen=True, slots=True)
class Epoch:
    """One straight piece of the demo's time; it ran until real second `until_s` at the latest."""

    real0_s: float
    simulated0_s: float
    speed: float
    until_s: float

    def at(self, real_s: float) -> float:
        """The simulated second that stands for a real one."""
        return self.simulated0_s + (real_s - self.real0_s) * self.speed

    def as_variable(self) -> str:
        """The value of DEMO_CLOCK, which `clinic.clock` reads."""
        return f"{self.real0_s!r},{self.simulated0_s!r},{self.speed!r}"


def following(previous: Epoch | None, *, real_s: float, speed: float) -> Epoch:
    """The epoch of a start at `real_s`: the wall's time, or later where the last run was ahead of it."""
    simulated_s = real_s if previous is None else max(real_s, previous.at(previous.until_s))
    return Epoch(real0_s=real_s, simulated0_s=simulated_s, speed=speed, until_s=real_s)


def load(folder: Path) -> Epoch | None:
    """The epoch of the last run, or None at the first one."""
    try:
        return Epoch(**json.loads((folder / "clock.json").read_text()))
    except FileNotFoundError:
        return None


def save(folder: Path, epoch: Epoch, *, until_s: float) -> None:
    """Keep the epoch for the next run; `until_s` is the real second until which it may have run."""
    write_private(folder / "clock.json", json.dumps(asdict(replace(epoch, until_s=until_s))))


def begin(folder: Path, speed: float) -> Epoch:
    """Start the clock of a run: read the last epoch, go on from it, keep the new one."""
    epoch = following(load(folder), real_s=time.time(), speed=speed)
    tick(folder, epoch)
    return epoch


def tick(folder: Path, epoch: Epoch) -> None:
    """Keep that the clock runs; called every `SAVE_EVERY_S`."""
    save(folder, epoch, until_s=time.time() + AHEAD_S)


def end(folder: Path, epoch: Epoch) -> None:
    """Keep that the clock stopped now."""
    save(folder, epoch, until_s=time.time())
