"""Readings, limits, flags, and the watch row of each session."""

from vitals.models.alerting import AlertingSwitch, AlertTarget, Notification, PushKey
from vitals.models.flag import Finding, Flag
from vitals.models.hand_over import HandOver, HandOverChair, ShiftTimes
from vitals.models.limits import LimitChange, LimitRule, LimitSet
from vitals.models.live import LiveEvent, Pulse, Watch
from vitals.models.quarantine import Quarantine
from vitals.models.reading import Reading, ReadingKey
from vitals.models.replay import LimitReplay, LimitReplayResult

__all__ = [
    "AlertTarget",
    "AlertingSwitch",
    "Finding",
    "Flag",
    "HandOver",
    "HandOverChair",
    "LimitChange",
    "LimitReplay",
    "LimitReplayResult",
    "LimitRule",
    "LimitSet",
    "LiveEvent",
    "Notification",
    "Pulse",
    "PushKey",
    "Quarantine",
    "Reading",
    "ReadingKey",
    "ShiftTimes",
    "Watch",
]
