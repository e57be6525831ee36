"""What a chart is drawn from: the plain values that callers build. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

MarkKind = Literal["dose", "dose-end", "symptom", "flag", "correction", "note"]
Priority = Literal["note", "low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class ChartReading:
    """One stored row as the chart needs it: newest versions only, a moment may come in several rows.

    values: the judged columns that hold a number, by vital, in the vital's unit.
    doubtful, absent: vital to the reason why its value is not used, or could not be measured.
    """

    measured_at: datetime
    values: Mapping[str, float]
    recorded_by: str = ""
    late: bool = False
    doubtful: Mapping[str, str] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at one moment; `vital` and `priority` where it belongs to a value."""

    kind: MarkKind
    at: datetime
    text: str
    vital: str | None = None
    priority: Priority | None = None


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One row of the session's limits, threshold in the vital's unit; ``own``: changed for this patient."""

    vital: str
    direction: Literal["high", "low"]
    priority: Priority
    threshold: float
    code: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class TypicalPoint:
    """The typical response at a minute since the dose began, mmHg; low and high where a spread is known."""

    minute: float
    mean: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class ChartWindow:
    """The session's clocks. `zero_at` is the dose start, or the check-in while nothing was given."""

    zero_at: datetime
    dosed: bool
    dose_ended_at: datetime | None = None
    ends_at: datetime | None = None
