"""Recorded vitals of real patients, which lie beside the checkout and are never part of it."""

import csv
from dataclasses import dataclass
from pathlib import Path

import pytest

from clinic.local.state import ROOT

FOLDER = ROOT.parent / "shared" / "data" / "vitals"
FILES = 39
ABSENT = "the recorded vitals are not here: ../shared/data/vitals beside the checkout is needed"
COLUMNS = {
    "sbp": "systolic",
    "dbp": "diastolic",
    "map": "mean",
    "hr": "heart_rate",
    "rr": "respiratory_rate",
    "spo2": "spo2",
    "temp": "temperature",
}


@dataclass(frozen=True)
class Recording:
    """One patient's window: (minute since its start, vital's name → value as recorded), in order of time."""

    name: str
    rows: tuple[tuple[int, dict[str, float]], ...]


def recordings() -> list[Recording]:
    """All of them; skips the test, saying why, where they do not lie beside the checkout."""
    paths = sorted(FOLDER.glob("*.csv"))
    if not paths:
        pytest.skip(ABSENT)
    found = [Recording(path.stem, tuple(_rows(path))) for path in paths]
    assert len(found) == FILES
    return found


def _rows(path: Path) -> list[tuple[int, dict[str, float]]]:
    with path.open(newline="") as lines:
        return [
            (
                int(float(line["offset_min"])),
                {ours: float(line[theirs]) for theirs, ours in COLUMNS.items() if line[theirs]},
            )
            for line in csv.DictReader(lines)
        ]
