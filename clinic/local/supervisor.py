"""Keeps the children of a demo running: starts, starts again with growing pauses, stops in order."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from clinic.local.child import STOP_WITHIN_S, Child, Command
from clinic.local.commands import STOP_ORDER
from clinic.local.state import Refused
from clinic.local.stopping import StopRequests

TICK_S = 0.1
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
STEADY_AFTER_S = 60.0  # a child that ran so long starts again at once after its next fall
FALLS_WHILE_STARTING = 3  # within the start of the demo, then it is given up
STANDS_AFTER_S = 5.0  # what fails at its start has failed by then, five starting at once on two cores


@dataclass(slots=True)
class Kept:
    """A child that is kept running, and its falls since it last ran steadily."""

    child: Child
    falls: int = 0
    again_at_s: float | None = None  # monotonic; None while it runs


def pause_s(falls: int) -> float:
    """Seconds before the next start, after that many falls in a row."""
    return min(FIRST_PAUSE_S * 2.0 ** (falls - 1), LONGEST_PAUSE_S)


class Supervisor:
    """The children of one demo. One thread: the kernel ties a child's life to the thread that made it."""

    def __init__(self, stop: StopRequests) -> None:
        self.kept: dict[str, Kept] = {}
        self.stop_requests = stop

    def adopt(self, child: Child) -> None:
        """Keep a child that runs already."""
        self.kept[child.command.name] = Kept(child)

    def start(self, command: Command) -> None:
        """Start a child and keep it running."""
        self.adopt(Child(command))

    def run_once(self, command: Command) -> None:
        """Run a command to its end.

        raises: Refused with its last lines when it fails, StopAsked when we are asked to stop.
        """
        child = Child(command)
        try:
            while child.exit_code is None:
                self.stop_requests.check()
                self.look()
                time.sleep(TICK_S)
        finally:
            code = child.exit_code
            child.stop()
        if code != 0:
            raise Refused("\n".join((f"{command.name} failed with {code}:", *child.last_lines())))

    def wait_for(self, is_ready: Callable[[], bool], what: str, within_s: float) -> None:
        """Wait until the demo serves and every child stands.

        raises: Refused, with the last lines of whoever is to blame, when a child keeps falling or time is up;
                StopAsked when we are asked to stop.
        """
        deadline_s = time.monotonic() + within_s
        while not (self._all_stand() and is_ready()):
            self.stop_requests.check()
            self.look()
            for name, kept in self.kept.items():
                if kept.falls >= FALLS_WHILE_STARTING:
                    raise Refused("\n".join((f"{name} cannot be started:", *kept.child.last_lines())))
            if time.monotonic() > deadline_s:
                lines = self.kept["web"].child.last_lines() if "web" in self.kept else []
                raise Refused("\n".join((f"{what} within {within_s:.0f} s:", *lines)))
            time.sleep(TICK_S)

    def keep(self, each_tick: Callable[[], None]) -> None:
        """Watch over the children until we are asked to stop."""
        while not self.stop_requests.count:
            self.look()
            each_tick()
            time.sleep(TICK_S)

    def look(self) -> None:
        """Note who fell, and start again whose pause is over."""
        now_s = time.monotonic()
        for name, kept in self.kept.items():
            if kept.again_at_s is None:
                if kept.child.exit_code is not None:
                    self._note_fall(name, kept, now_s)
            elif now_s >= kept.again_at_s:
                kept.child, kept.again_at_s = Child(kept.child.command), None

    def _all_stand(self) -> bool:
        now_s = time.monotonic()
        return all(
            kept.child.exit_code is None and now_s - kept.child.started_at_s >= STANDS_AFTER_S
            for kept in self.kept.values()
        )

    def _note_fall(self, name: str, kept: Kept, now_s: float) -> None:
        steady = now_s - kept.child.started_at_s >= STEADY_AFTER_S
        kept.falls = 1 if steady else kept.falls + 1
        pause = pause_s(kept.falls)
        kept.again_at_s = now_s + pause
        kept.child.finish(now_s)  # what it left in its group
        say(f"{name} ended with {kept.child.exit_code}; again in {pause:.0f} s ({kept.child.command.log})")

    def stop(self, order: Sequence[Sequence[str]] = STOP_ORDER) -> None:
        """Stop all, a step at a time; a second request to stop while we wait kills at once."""
        for step in order:
            children = [self.kept.pop(name).child for name in step if name in self.kept]
            for child in children:
                child.ask_to_stop()
            asked = self.stop_requests.count
            deadline_s = time.monotonic() + STOP_WITHIN_S
            while any(child.exit_code is None for child in children) and time.monotonic() < deadline_s:
                if self.stop_requests.count > max(asked, 1):
                    break
                time.sleep(TICK_S / 2)
            for child in children:
                if not child.finish(time.monotonic()):
                    say(f"{child.command.name} did not stop and was killed")


def say(text: str) -> None:
    """One line to the person at the terminal, who may have closed it."""
    with suppress(OSError):
        print(text, flush=True)
