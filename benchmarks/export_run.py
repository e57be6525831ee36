"""``python -m benchmarks.export_run``: seeds a clinic, or makes one export of it; answers with JSON.

A process of its own for each, so that its memory is that of one export.
"""

import dataclasses
import os
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg import sql

from benchmarks import cpu


@dataclass(frozen=True, slots=True)
class Made:
    """What one export took, and COPY of the same rows just before it.

    peak_mb: resident memory of the whole process at its highest. size: bytes of the file.
    cpu_s, copy_cpu_s: of the process and of the backend that works for it.
    """

    rows: int
    size: int
    copy_s: float
    read_s: float
    write_s: float
    peak_mb: float
    cpu_s: float
    copy_cpu_s: float


def seed(readings: int, sessions: int) -> None:
    from clinic import clock
    from tests import builders
    from tests.export_stage import many_readings

    clinic = builders.clinic("Bench", chairs=sessions)
    nurse = builders.member(clinic, "nurse")
    builders.member(clinic, "admin", "admin")
    device = builders.device(clinic)
    began_at = clock.now() - timedelta(days=2)
    ids = [builders.dosing(nurse, clinic, began_at, chair=str(number + 1)).id for number in range(sessions)]
    assert device.actor_id is not None
    many_readings(clinic.pk, device.actor_id, ids, each=readings // sessions, first_at=began_at)


def make(form: str) -> Made:
    """COPY of the readings as they are, then their export in this form."""
    from django.conf import settings

    from clinic import clock
    from clinic.jobs import JobState
    from clinic.models import Membership
    from clinic.tokens import principal_of_member
    from reports import tasks
    from reports.exports import jobs
    from reports.exports.asked import Asked, FormName
    from reports.exports.forms import FORMS

    by = principal_of_member(Membership.objects.get(user__username="admin"))
    copy_cpu_s = -_cpu_s()
    copy_s = _copy(by.clinic_id, Path(settings.EXPORT_DIR) / "copied")
    copy_cpu_s += _cpu_s()
    assert tasks.run_export, "a worker has it loaded"
    wrote_s = 0.0

    def write(*what: Any) -> None:
        nonlocal wrote_s
        began = time.perf_counter()
        plain.write(*what)
        wrote_s = time.perf_counter() - began

    name = FormName(form)
    plain = FORMS[name]
    FORMS[name] = dataclasses.replace(plain, write=write)
    row = jobs.ask(by=by, asked=Asked(contents=("readings",), form=name), at=clock.now())
    cpu_s, began = -_cpu_s(), time.perf_counter()
    while jobs.work(row.pk, at=clock.now()):
        pass
    whole_s = time.perf_counter() - began
    cpu_s += _cpu_s()
    row.refresh_from_db()
    assert row.state == JobState.DONE, row.trouble
    assert row.rows is not None
    assert row.size is not None
    return Made(
        rows=row.rows,
        size=row.size,
        copy_s=copy_s,
        read_s=whole_s - wrote_s,
        write_s=wrote_s,
        peak_mb=_peak_mb(),
        cpu_s=cpu_s,
        copy_cpu_s=copy_cpu_s,
    )


def _copy(clinic_id: int, path: Path) -> float:
    """Seconds for COPY of the same rows, as they lie in the table, into a file, by the same driver."""
    from django.db import connection

    connection.ensure_connection()
    assert connection.connection is not None, "just ensured"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = sql.SQL("COPY (SELECT * FROM vitals_reading WHERE clinic_id = {}) TO STDOUT (FORMAT csv)")
    began = time.perf_counter()
    with (
        path.open("wb") as file,
        psycopg.ClientCursor(connection.connection).copy(rows.format(sql.Literal(clinic_id))) as copy,
    ):
        for data in copy:
            file.write(data)
    took = time.perf_counter() - began
    path.unlink()
    return took


def _cpu_s() -> float:
    """CPU seconds so far of this process and of its backend."""
    from django.db import connection

    assert connection.connection is not None, "just used"
    return sum(cpu.cpu_s([os.getpid(), connection.connection.info.backend_pid]).values())


def _peak_mb() -> float:
    told = Path("/proc/self/status").read_text()
    [line] = [line for line in told.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    import django

    django.setup()
    what, *words = sys.argv[1:]
    if what == "seed":
        seed(*map(int, words))
    else:
        print(msgspec.json.encode(make(what)).decode())
