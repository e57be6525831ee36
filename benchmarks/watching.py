"""``make prove``: silence is found in time with worker, beat and Redis dead, and a dead watch shows.

Three promises, each with its figure, on a real PostgreSQL, web, watch and Chromium:

- an overdue set is noticed within 3 s of its deadline, 200 of 200;
- a board whose watch was killed covers itself within 10 s;
- what came due while the watch was dead is flagged within 5 s of its return.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import psycopg
from playwright.sync_api import sync_playwright

from benchmarks import servers
from benchmarks.stage import Stage
from benchmarks.visible import CHROMIUM

DATABASE = f"vigil_prove_{os.getpid()}"
SESSIONS = 200
IN_THE_GAP = 20
SPREAD_S, GAP_S = 60, 30
NOTICED_WITHIN_S, COVERED_WITHIN_S, CAUGHT_UP_WITHIN_S = 3.0, 10.0, 5.0
OVERDUE_AFTER_S = 15 * 60  # the first set is due 10 min after check-in, and overdue 5 min later
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Kept:
    """One promise: what was measured, in seconds, against its figure."""

    promise: str
    measured: list[float]
    at_most: float

    @property
    def holds(self) -> bool:
        return bool(self.measured) and max(self.measured) <= self.at_most

    def line(self) -> str:
        within = sum(1 for one in self.measured if one <= self.at_most)
        middle = sorted(self.measured)[len(self.measured) // 2]
        return (
            f"{'kept' if self.holds else 'BROKEN':7}{self.promise}: {within} of {len(self.measured)} within"
            f" {self.at_most:g} s; median {middle:.2f} s, longest {max(self.measured):.2f} s"
        )


def main() -> int:
    with ExitStack() as until_the_end:
        admin = until_the_end.enter_context(psycopg.connect(os.environ["DATABASE_URL"], autocommit=True))
        until_the_end.callback(servers.drop, admin, DATABASE)
        servers.create(admin, DATABASE)
        # nobody listens there: as good as dead
        environment = servers.environment(DATABASE) | {
            "REDIS_URL": f"redis://127.0.0.1:{servers.free_port()}/0"
        }
        servers.run(["manage.py", "migrate", "--verbosity", "0"], environment)
        stage = _stage(environment, SESSIONS, SPREAD_S, "Watched")
        _, port = servers.serve(until_the_end, environment)
        watch = _watch(environment)
        until_the_end.callback(watch.kill)  # no harm when it has ended
        rows = until_the_end.enter_context(psycopg.connect(servers.address(DATABASE), autocommit=True))
        kept = [Kept("overdue noticed, no worker, beat or Redis", _noticed(rows, SESSIONS), NOTICED_WITHIN_S)]
        kept += _killed(rows, environment, port, stage, watch, until_the_end)
    for one in kept:
        print(one.line())
    return 0 if all(one.holds for one in kept) else 1


def _stage(environment: dict[str, str], sessions: int, spread_s: int, name: str) -> Stage:
    words = ["-m", "benchmarks.watching", "seed", str(sessions), str(spread_s), name]
    return msgspec.json.decode(servers.run(words, environment), type=Stage)


def _watch(environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "manage.py", "watch"], env={**os.environ, **environment})


def _noticed(rows: psycopg.Connection, count: int, *, after: datetime | None = None) -> list[float]:
    """Seconds from each deadline, or from a later moment, to the first sight of its flag; ``count`` of
    them.
    """
    seen: dict[str, float] = {}
    given_up_at = time.monotonic() + SPREAD_S + PATIENCE_S
    while len(seen) < count and time.monotonic() < given_up_at:
        now = datetime.now(UTC)
        for key, opened_at in rows.execute(
            "SELECT id::text, opened_at FROM vitals_flag WHERE condition = 'overdue'"
            " AND NOT id::text = ANY(%s) AND (%s::timestamptz IS NULL OR raised_at > %s)",
            [list(seen), after, after],
        ):
            seen[key] = (now - max(opened_at, after or opened_at)).total_seconds()
        time.sleep(0.05)
    # what was never seen is as late as we waited
    return list(seen.values()) + [PATIENCE_S] * (count - len(seen))


def _killed(
    rows: psycopg.Connection,
    environment: dict[str, str],
    port: int,
    stage: Stage,
    watch: "subprocess.Popen[bytes]",
    until_the_end: ExitStack,
) -> list[Kept]:
    with sync_playwright() as play:
        browser = play.chromium.launch(**CHROMIUM)
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{port}/sign-in/")
        page.fill("[name=username]", stage.username)
        page.fill("[name=password]", stage.password)
        with page.expect_navigation():
            page.click("main button[type=submit]")
        page.goto(f"http://127.0.0.1:{port}/board/")
        page.wait_for_selector("[data-part=live][data-state=live]")
        watch.kill()
        killed_at = time.monotonic()
        watch.wait()
        page.wait_for_selector(".cover:not([hidden]) .word", timeout=PATIENCE_S * 1000)
        covered = time.monotonic() - killed_at
        _stage(environment, IN_THE_GAP, GAP_S // 2, "In the gap")
        _sleep_until(lambda: time.monotonic() - killed_at > GAP_S + GAP_S / 2)
        back_at = datetime.now(UTC)
        again = _watch(environment)
        until_the_end.callback(again.send_signal, signal.SIGTERM)
        caught_up = _noticed(rows, IN_THE_GAP, after=back_at)
        page.wait_for_selector("[data-part=live][data-state=live]", timeout=PATIENCE_S * 1000)
        browser.close()
    return [
        Kept("a board covers itself once its watch is killed", [covered], COVERED_WITHIN_S),
        Kept("flags of the gap after the watch is back", caught_up, CAUGHT_UP_WITHIN_S),
    ]


def _sleep_until(holds: Callable[[], bool]) -> None:
    while not holds():
        time.sleep(0.1)


def seed(sessions: int, spread_s: int, name: str) -> Stage:
    """Checked-in patients whose first set becomes overdue one after the other within the next
    ``spread_s``.
    """
    from datetime import timedelta

    from clinic import clock
    from tests import builders

    clinic = builders.clinic(name, chairs=sessions)
    nurse = builders.member(clinic, f"nurse-{name.lower().replace(' ', '-')}")
    starts_in_s = 20
    first = clock.now() - timedelta(seconds=OVERDUE_AFTER_S - starts_in_s)
    for number in range(sessions):
        at = first + timedelta(seconds=spread_s * number / sessions)
        session = builders.scheduled(nurse, clinic, at, chair=str(number + 1))
        builders.act(nurse, session, "check-in", at)
    return Stage(
        device_key="",
        sessions=[],
        username=f"nurse-{name.lower().replace(' ', '-')}",
        password=builders.PASSWORD,
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["seed"]:
        import django

        from benchmarks.stage import shown

        django.setup()
        print(shown(seed(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])))
    else:
        sys.exit(main())
