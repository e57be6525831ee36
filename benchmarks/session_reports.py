"""Session reports: how many PDFs a worker's core makes in a minute, gathering and setting apart.

``python -m benchmarks.session_reports``, on a database of its own, prints rows as JSON; the target is that of
the usual session. CPU is the worker's; what the database does for it is in the wall time alone.
"""

import io
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import msgspec
import psycopg

from benchmarks import report
from benchmarks.servers import create, drop, environment, run

AT_LEAST_PER_MIN = 600
DATABASE = f"vigil_bench_{os.getpid()}_reports"
USUAL = "infusion, 2 h, 14 sets"


@dataclass(frozen=True, slots=True)
class Size:
    rounds: int = 60


QUICK = Size(rounds=8)


@dataclass(frozen=True, slots=True)
class Made:
    """One kind of session. Milliseconds, medians: (CPU of the worker, wall)."""

    kind: str
    readings: int
    pages: int
    gathering: tuple[float, float]
    setting: tuple[float, float]

    @property
    def per_min(self) -> float:
        """PDFs a minute of a core that does nothing else."""
        return 60_000 / (self.gathering[0] + self.setting[0])

    @property
    def verdict(self) -> str:
        if self.kind != USUAL:
            return ""
        return "met" if self.per_min >= AT_LEAST_PER_MIN else "NOT MET"


def measured(size: Size) -> list[Made]:
    """Make a database, measure in a process of its own, drop it."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
        try:
            create(admin, DATABASE)
            run(["manage.py", "migrate", "--verbosity", "0"], environment(DATABASE))
            told = run(["-m", "benchmarks.session_reports", str(size.rounds)], environment(DATABASE))
        finally:
            drop(admin, DATABASE)
    return msgspec.json.decode(told, type=list[Made])


HEAD = (
    "session",
    "readings",
    "pages",
    "gathered, ms CPU (wall)",
    "set, ms CPU (wall)",
    "PDFs/min/core",
    "target",
    "verdict",
)


def table(made: Sequence[Made]) -> str:
    return report.aligned([HEAD, *(_row(one) for one in made)])


def _row(one: Made) -> Sequence[str]:
    times = [f"{own:.1f} ({wall:.1f})" for own, wall in (one.gathering, one.setting)]
    target = f"≥ {AT_LEAST_PER_MIN}" if one.verdict else ""
    return (one.kind, str(one.readings), str(one.pages), *times, f"{one.per_min:.0f}", target, one.verdict)


def as_json(made: Sequence[Made]) -> list[dict[str, Any]]:
    return [asdict(one) | {"PDFs/min/core": one.per_min, "verdict": one.verdict} for one in made]


def _times(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median milliseconds of CPU and of wall time; the first call warms and does not count."""
    work()
    own, wall = [], []
    for _ in range(rounds):
        cpu_began, began = time.process_time(), time.perf_counter()
        work()
        wall.append((time.perf_counter() - began) * 1000)
        own.append((time.process_time() - cpu_began) * 1000)
    return median(own), median(wall)


def main(rounds: int) -> list[Made]:
    import pypdf

    from reports.session_report import SessionReport, report_of
    from reports.session_report.pdf import session_report_pdf
    from sessions import queries as treatments
    from sessions.models import Session
    from tests import builders, form_stage, report_stage
    from vitals import queries

    cast = builders.cast()
    at = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    sessions = {
        USUAL: report_stage.infused(cast, at),
        "nasal, 2 h, 6 sets": form_stage.released(cast, at + timedelta(hours=3), chair="4"),
        "streamed, 6 h": report_stage.streamed(cast, at),
    }
    found = []
    for kind, made in sessions.items():
        row = treatments.session(cast.clinic.pk, made.id)
        value = report_of(row)

        def gather(row: Session = row) -> object:
            return report_of(treatments.session(row.clinic_id, row.id))

        def set_(value: SessionReport = value) -> object:
            return session_report_pdf(value)

        pages = len(pypdf.PdfReader(io.BytesIO(session_report_pdf(value))).pages)
        found.append(
            Made(
                kind,
                len(queries.readings(row.id)),
                pages,
                _times(gather, rounds),
                _times(set_, rounds),
            )
        )
    return found


if __name__ == "__main__":
    import django

    django.setup()
    print(msgspec.json.encode(main(int(sys.argv[1]))).decode())
