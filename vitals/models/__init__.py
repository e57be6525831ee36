"""Readings, limits, flags, and the watch row of each session."""

from vitals.models.flag import Finding, Flag
from vitals.models.limits import LimitChange, LimitRule, LimitSet
from vitals.models.live import LiveEvent, Pulse, Watch
from vitals.models.quarantine import Quarantine
from vitals.models.reading import Reading, ReadingKey
from vitals.models.replay import LimitReplay, LimitReplayResult

__all__ = [
    "Finding",
    "Flag",
    "LimitChange",
    "LimitReplay",
    "LimitReplayResult",
    "LimitRule",
    "LimitSet",
    "LiveEvent",
    "Pulse",
    "Quarantine",
    "Reading",
    "ReadingKey",
    "Watch",
]
