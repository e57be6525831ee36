"""``python -m benchmarks.whole``: a clinic of a million readings taken out, beside COPY of the same rows.

Prints, for each way: seconds, rows of readings per second, and the most memory the process held. Needs
DATABASE_URL, whose server gets a database of its own: run it by ``python -m clinic.local run --``.
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.whole_stage import Database, database

ROWS = 1_000_000
SESSIONS = 10
# values as a monitor shows them; every reading has its key, as the corridor writes it
FILL = """
CREATE TEMP TABLE made AS
SELECT s.clinic_id, gen_random_uuid() AS id, s.id AS session_id,
       s.dose_started_at + number * interval '1 second' AS at, d.id AS device_id, number
FROM (SELECT * FROM infusions_session ORDER BY id) s, generate_series(1, {each}) AS number,
     (SELECT id FROM clinic_device LIMIT 1) d;
INSERT INTO vitals_readingkey (clinic_id, id, digest, measured_at) SELECT clinic_id, id, number, at FROM made;
INSERT INTO vitals_reading (clinic_id, id, session_id, measured_at, received_at, systolic, diastolic, mean,
    heart_rate, respiratory_rate, spo2, temperature, device_id)
SELECT clinic_id, id, session_id, at, at, 105 + number % 45, 60 + number % 30, 85 + number % 20,
    60 + number % 39, 12 + number % 8, 96 + number % 4, 36 + number % 10 / 10.0, device_id FROM made;
ANALYZE;
"""
STAGE = f"import sys; from benchmarks.stage import *; import django; django.setup(); seed({SESSIONS})"
COPY = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as connection, open(os.devnull, "wb") as out:
    for table in ("vitals_reading", "vitals_readingkey"):
        with connection.cursor().copy(f"COPY (SELECT * FROM {table}) TO STDOUT (FORMAT csv, HEADER)") as copy:
            for row in copy:
                out.write(row)
"""


@dataclass(frozen=True, slots=True)
class Took:
    """One way: seconds, and the most memory its process held."""

    seconds: float
    most_mb: float


def took(of: Database, *words: str) -> Took:
    environment = {**os.environ, "DATABASE_URL": of.url, "DJANGO_SETTINGS_MODULE": "clinic.settings"}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise RuntimeError(process.stderr.read().decode() if process.stderr else "")
    return Took(seconds, used.ru_maxrss / 1024)


def main() -> None:
    with database() as source, database() as second, tempfile.TemporaryDirectory() as place:
        for each in (source, second):
            each.manage("migrate", "--verbosity", "0")
        took(source, "-c", STAGE)
        with psycopg.connect(source.url, autocommit=True) as connection:
            connection.execute(FILL.format(each=ROWS // SESSIONS))
        folder = Path(place) / "bench"
        ways = {
            "COPY TO, two tables": ("-c", COPY),
            "export_sessions": ("manage.py", "export_sessions", "--everything", "--clinic", "Bench", "--to"),
            "verify.py": (str(folder / "verify.py"),),
            "import_sessions": ("manage.py", "import_sessions", str(folder)),
        }
        ways["export_sessions"] += (str(folder),)
        for name, words in ways.items():
            one = took(second if "import" in name else source, *words)
            rate = ROWS / one.seconds
            print(f"{name:20} {one.seconds:6.1f} s {rate:9.0f} readings/s {one.most_mb:5.0f} MB", flush=True)


if __name__ == "__main__":
    main()
