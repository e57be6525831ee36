"""``python -m benchmarks``: what storing and showing a reading costs, beside what others cost, in one run.

Needs PostgreSQL and Redis on this machine, named by DATABASE_URL and REDIS_URL; `make bench` brings them.
"""

import argparse
import os
import platform
import signal
import subprocess
import sys
import time
from collections import defaultdict
from datetime import UTC, datetime

from benchmarks import cpu, exports, flags, report, session_reports
from benchmarks.measures import FOREIGN_AT_MOST, MEASURES, QUICK, Run, Size, measure
from benchmarks.servers import Field, settings_that_matter, started

FLAGS = "flags, simulated"
REPORTS = "session reports"
EXPORTS = "exports, a million readings"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="of all measures, one after the other")
    parser.add_argument("--quick", action="store_true", help="short measures and one round, for development")
    parser.add_argument(
        "--only",
        default="",
        help="measures whose name holds this, such as 'one', '1000', 'flags', 'reports' or 'export'",
    )
    asked = parser.parse_args(arguments)
    names = [name for name in MEASURES if asked.only in name]
    if asked.only in FLAGS:
        _flags(flags.QUICK if asked.quick else flags.Size())
    if asked.only in REPORTS:
        _session_reports(session_reports.QUICK if asked.quick else session_reports.Size())
    if asked.only in EXPORTS:
        _exports(exports.QUICK if asked.quick else exports.Size())
    if not names:
        return 0
    rounds = 1 if asked.quick else asked.rounds
    with started() as up:
        about = _about(up, rounds)
        for name, value in about.items():
            print(f"{name}: {value}")
        print(f"counted: rounds in which others used at most {FOREIGN_AT_MOST:.0%} of the machine\n")
        runs = _rounds(up, names, rounds, QUICK if asked.quick else Size())
    print("\n" + report.table(report.lines(runs)))
    if not asked.quick and not asked.only:
        print(f"\n{report.keep(runs, about, commit=about['commit'])}")
    return 0


def _flags(size: flags.Size) -> None:
    """Needs no server: sessions are plain values from first to last."""
    began = time.monotonic()
    outcome = flags.run(size, processes=cpu.CORES)
    print(f"{flags.tables(outcome)}\n\n{time.monotonic() - began:.0f} s")
    if size == flags.Size():
        commit = _git("rev-parse", "--short=12", "HEAD")
        print(f"{report.write(f'{commit}-flags.json', {'commit': commit, **flags.as_json(outcome)})}\n")


def _session_reports(size: session_reports.Size) -> None:
    """On a database of its own, in a process of its own."""
    made = session_reports.measured(size)
    print(f"{session_reports.table(made)}\n")
    if size == session_reports.Size():
        commit = _git("rev-parse", "--short=12", "HEAD")
        kept = {"commit": commit, "session reports": session_reports.as_json(made)}
        print(f"{report.write(f'{commit}-session-reports.json', kept)}\n")


def _exports(size: exports.Size) -> None:
    """Needs no server but the database."""
    found = exports.run(size)
    print(f"\n{exports.table(found)}\n")
    if size == exports.Size():
        commit = _git("rev-parse", "--short=12", "HEAD")
        whole = {"commit": commit, "rounds": exports.as_json(found)}
        print(f"{report.write(f'{commit}-exports.json', whole)}\n")


def _rounds(up: Field, names: list[str], rounds: int, size: Size) -> dict[str, list[Run]]:
    runs: dict[str, list[Run]] = defaultdict(list)
    for name in names:
        # warms caches and connections, and counts for nothing
        MEASURES[name](up, QUICK)
    for number in range(1, rounds + 1):
        for name in names:
            run = measure(name, up, size)
            runs[name].append(run)
            figures = "  ".join(f"{figure} {value:.4g}" for figure, value in run.figures.items())
            print(f"round {number}  {name:26} {figures}  others {run.foreign:.1%}", flush=True)
    return runs


def _about(up: Field, rounds: int) -> dict[str, str]:
    words = {
        "commit": _git("rev-parse", "--short=12", "HEAD"),
        "changed since": "yes" if _git("status", "--porcelain", "--untracked-files=no") else "no",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "rounds": str(rounds),
        "python": platform.python_version(),
        "cores": str(cpu.CORES),
    }
    words |= {f"postgresql {name}": value for name, value in settings_that_matter(up.admin).items()}
    return words


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


if __name__ == "__main__":
    if "DATABASE_URL" not in os.environ or "REDIS_URL" not in os.environ:
        sys.exit("DATABASE_URL and REDIS_URL are needed: run `make bench`.")
    # an asked-for end also stops the servers and drops the databases
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    sys.exit(main(sys.argv[1:]))
