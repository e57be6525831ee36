"""Stored rows joined to the moments they were measured at, and times as minutes of the session. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from screens.charts.inputs import ChartReading, ChartWindow


@dataclass(slots=True)
class Moment:
    """All that was measured at one time, paired from its rows."""

    measured_at: datetime
    values: dict[str, float] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    doubtful: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    authors: list[str] = field(default_factory=list)


def paired(readings: Iterable[ChartReading]) -> list[Moment]:
    """Join the rows of one `measured_at`, oldest moment first; a value given twice keeps the later row's."""
    moments: dict[datetime, Moment] = {}
    for reading in readings:
        moment = moments.setdefault(reading.measured_at, Moment(reading.measured_at))
        moment.values.update(reading.values)
        if reading.late:
            moment.late.update(reading.values)
        else:
            moment.late.difference_update(reading.values)
        moment.doubtful.update(reading.doubtful)
        moment.absent.update(reading.absent)
        if reading.recorded_by and reading.recorded_by not in moment.authors:
            moment.authors.append(reading.recorded_by)
    return [moments[at] for at in sorted(moments)]


def minutes_at(at: datetime, window: ChartWindow) -> float:
    """How long after the session's zero, in minutes to two decimals; negative before it."""
    return round((at - window.zero_at).total_seconds() / 60, 2)
