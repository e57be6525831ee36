"""Exports of a million readings in each form: rows a second beside COPY of the same rows, and memory."""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import msgspec
import psycopg

from benchmarks import cpu, report, servers
from benchmarks.export_run import Made
from benchmarks.measures import FOREIGN_AT_MOST

FORMS = ("csv", "xlsx", "parquet")
# of COPY's rate, for the form that is the database's own text; and of a worker's memory, whatever it writes
CSV_AT_LEAST = 0.4
MB_AT_MOST = 300


@dataclass(frozen=True, slots=True)
class Size:
    """How many readings, of how many sessions, how often."""

    readings: int = 1_000_000
    sessions: int = 200
    rounds: int = 3


QUICK = Size(readings=50_000, sessions=10, rounds=1)


@dataclass(frozen=True, slots=True)
class Round:
    """One export and the COPY before it; foreign: the share of the machine that others used meanwhile."""

    form: str
    made: Made
    foreign: float

    @property
    def rate(self) -> float:
        return self.made.rows / (self.made.read_s + self.made.write_s)

    @property
    def cpu_of_copy(self) -> float:
        return self.made.cpu_s / self.made.copy_cpu_s

    @property
    def of_copy(self) -> float:
        return self.rate / (self.made.rows / self.made.copy_s)


def run(size: Size) -> list[Round]:
    """Seed a database of its own, then export from it; each export is a process of its own."""
    found: list[Round] = []
    with _seeded(size) as (admin, environment):

        def ours() -> set[int]:
            rows = admin.execute("SELECT pid FROM pg_stat_activity").fetchall()
            return cpu.tree(os.getpid()) | {pid for (pid,) in rows} | {postmaster}

        postmaster = cpu.parent_of(admin.info.backend_pid)
        for number in range(1, size.rounds + 1):
            for form in FORMS:
                meter = cpu.ForeignMeter(ours)
                told = servers.run(["-m", "benchmarks.export_run", form], environment)
                one = Round(form, msgspec.json.decode(told, type=Made), meter.share())
                found.append(one)
                print(f"round {number}  {form:8} {_words(one)}", flush=True)
    return found


@contextmanager
def _seeded(size: Size) -> Iterator[tuple[psycopg.Connection, Mapping[str, str]]]:
    with (
        psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin,
        tempfile.TemporaryDirectory(prefix="vigil-exports-") as folder,
    ):
        environment = {**servers.environment(servers.VIGIL), "EXPORT_DIR": folder}
        servers.create(admin, servers.VIGIL)
        try:
            servers.run(["manage.py", "migrate", "--verbosity", "0"], environment)
            words = ["-m", "benchmarks.export_run", "seed", str(size.readings), str(size.sessions)]
            servers.run(words, environment)
            with psycopg.connect(servers.address(servers.VIGIL), autocommit=True) as seeded:
                seeded.execute("VACUUM ANALYZE vitals_reading")
            yield admin, environment
        finally:
            servers.drop(admin, servers.VIGIL)


def _words(one: Round) -> str:
    made = one.made
    return (
        f"{one.rate:,.0f} rows/s, {one.of_copy:.0%} of COPY ({made.rows / made.copy_s:,.0f}), CPU"
        f" {one.cpu_of_copy:.1f} times COPY's;"
        f" read {made.read_s:.1f} s, written {made.write_s:.1f} s, {made.size / 1e6:.0f} MB,"
        f" memory {made.peak_mb:.0f} MB  others {one.foreign:.1%}"
    )


def table(found: Sequence[Round]) -> str:
    """Medians of the clean rounds, as Markdown; without a clean one, of all, and the verdict says so."""
    rows = [["form", "rows/s", "of COPY", "CPU, COPY = 1", "read s", "write s", "MB", "memory MB", "verdict"]]
    for form in FORMS:
        every = [one for one in found if one.form == form]
        clean = [one for one in every if one.foreign <= FOREIGN_AT_MOST]
        rows.append(_row(form, clean or every, is_clean=bool(clean)))
    return report.aligned(rows)


def _row(form: str, rounds: Sequence[Round], *, is_clean: bool) -> list[str]:
    peak = max(one.made.peak_mb for one in rounds)
    share = median(one.of_copy for one in rounds)
    met = peak <= MB_AT_MOST and (form != "csv" or share >= CSV_AT_LEAST)
    return [
        form,
        f"{median(one.rate for one in rounds):,.0f}",
        f"{share:.0%}",
        f"{median(one.cpu_of_copy for one in rounds):.1f}",
        f"{median(one.made.read_s for one in rounds):.1f}",
        f"{median(one.made.write_s for one in rounds):.1f}",
        f"{median(one.made.size for one in rounds) / 1e6:.0f}",
        f"{peak:.0f}",
        ("met" if met else "NOT MET") if is_clean else "inconclusive",
    ]


def as_json(found: Sequence[Round]) -> list[dict[str, Any]]:
    """Every round as it is kept."""
    return [
        {"form": one.form, **asdict(one.made), "foreign": round(one.foreign, 4), "of COPY": one.of_copy}
        for one in found
    ]
