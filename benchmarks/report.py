"""From runs to the table: medians of clean rounds, ratios to the reference of the same run, verdicts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measures import FOREIGN_AT_MOST, Run

RESULTS = Path(__file__).parent / "results"
CLEAN_ROUNDS_AT_LEAST = 3
UNITS = {
    "rate": "sets/s",
    "cpu": "CPU s / 1000 sets",
    "p50": "p50 ms",
    "p99": "p99 ms",
    "longest": "longest ms",
}


@dataclass(frozen=True, slots=True)
class Target:
    """``figure`` of ``ours``, divided by the reference's where there is one, at most or at least a limit."""

    code: str
    work: str
    figure: str
    ours: str
    reference: str | None = None
    at_most: float | None = None
    at_least: float | None = None


TARGETS = (
    Target("T1", "one set per request", "cpu", "ours, one", "F, one", at_most=1 / 20),
    Target("T1", "one set per request", "rate", "ours, one", "F, one", at_least=15),
    Target("T2", "batches of 1000", "rate", "ours, 1000", "COPY, 1000", at_least=0.4),
    Target("T2", "batches of 1000", "cpu", "ours, 1000", "COPY, 1000", at_most=4),
    Target("T3", "batches of 100", "cpu", "ours, 100", "COPY, 100", at_most=4),
    Target("–", "100 sets of 100 sessions", "cpu", "ours, 100 of 100 sessions", "COPY, 100"),
    Target("T4", "POST to a drawn tile, 200 sets/s", "p50", "ours, browser", at_most=60),
    Target("T4", "POST to a drawn tile, 200 sets/s", "p99", "ours, browser", at_most=300),
    Target("–", "frame of a wall of 24 chairs, 24 sets/s", "longest", "ours, frames", at_most=100),
    Target("T4", "POST to the stream, idle", "p50", "ours, idle", "F, idle", at_most=1 / 3),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table."""

    target: Target
    ours: Sequence[float]
    reference: Sequence[float]

    @property
    def value(self) -> float | None:
        """What is held against the limit; None without a clean round."""
        if not self.ours or (self.target.reference and not self.reference):
            return None
        return median(self.ours) / median(self.reference) if self.target.reference else median(self.ours)

    @property
    def verdict(self) -> str:
        counts = [len(self.ours)] + ([len(self.reference)] if self.target.reference else [])
        value = self.value
        if value is None or min(counts) < CLEAN_ROUNDS_AT_LEAST:
            return "inconclusive"
        if self.target.at_most is not None:
            return "met" if value <= self.target.at_most else "NOT MET"
        if self.target.at_least is not None:
            return "met" if value >= self.target.at_least else "NOT MET"
        return "no target"


def lines(runs: Mapping[str, Sequence[Run]]) -> list[Line]:
    """The table of these runs."""

    def clean(name: str | None, figure: str) -> list[float]:
        return [run.figures[figure] for run in runs.get(name or "", ()) if run.is_clean]

    return [
        Line(target, clean(target.ours, target.figure), clean(target.reference, target.figure))
        for target in TARGETS
        if target.ours in runs
    ]


def table(found: Sequence[Line]) -> str:
    """The lines as Markdown: median (least–most) of the clean rounds."""
    rows = [
        ["", "work", "figure", "ours", "reference", "ratio", "target", "verdict"],
        ["---"] * 8,
        *(_row(line) for line in found),
    ]
    return _drawn(rows)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows of text as a Markdown table, the first one its head."""
    head, *others = rows
    return _drawn([head, ["---"] * len(head), *others])


def _drawn(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    )


def _row(line: Line) -> list[str]:
    target = line.target
    reference = f"{target.reference}: {_spread(line.reference)}" if target.reference else ""
    ratio = f"{line.value:.3g}" if target.reference and line.value is not None else ""
    return [
        target.code,
        target.work,
        UNITS[target.figure],
        _spread(line.ours),
        reference,
        ratio,
        _limit(target),
        line.verdict,
    ]


def _limit(target: Target) -> str:
    if target.at_most is not None:
        return f"≤ {target.at_most:.3g}"
    return f"≥ {target.at_least:.3g}" if target.at_least is not None else ""


def _spread(values: Sequence[float]) -> str:
    if not values:
        return "–"
    return f"{_shown(median(values))} ({_shown(min(values))}–{_shown(max(values))})"


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def keep(runs: Mapping[str, Sequence[Run]], about: Mapping[str, Any], *, commit: str) -> Path:
    """Write everything that was measured to ``results/<commit>.json``."""
    whole = {
        **about,
        "foreign CPU at most": FOREIGN_AT_MOST,
        "targets": [
            {
                "code": line.target.code,
                "work": line.target.work,
                "figure": UNITS[line.target.figure],
                "value": line.value,
                "limit": _limit(line.target),
                "verdict": line.verdict,
            }
            for line in lines(runs)
        ],
        "runs": {
            name: [
                {"foreign": round(run.foreign, 4), "clean": run.is_clean, **run.figures, **run.notes}
                for run in each
            ]
            for name, each in runs.items()
        },
    }
    return write(f"{commit}.json", whole)


def write(name: str, whole: Mapping[str, Any]) -> Path:
    """Keep a result under its name."""
    path = RESULTS / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
    return path
