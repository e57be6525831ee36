"""Readings, limits, flags, and the watch row of each session."""

from vitals.models.flag import Finding, Flag
from vitals.models.hand_over import HandOver, HandOverChair, ShiftTimes
from vitals.models.limits import LimitRule, LimitSet
from vitals.models.live import LiveEvent, Pulse, Watch
from vitals.models.quarantine import Quarantine
from vitals.models.reading import Reading, ReadingKey

__all__ = [
    "Finding",
    "Flag",
    "HandOver",
    "HandOverChair",
    "LimitRule",
    "LimitSet",
    "LiveEvent",
    "Pulse",
    "Quarantine",
    "Reading",
    "ReadingKey",
    "ShiftTimes",
    "Watch",
]
