"""Confirmation: a breach that waits for the next distinct measurement. Pure.

Per level (medium, high) a flag holds at most one track. A measurement counts when it was taken long enough
after the one before; one taken too long after begins anew. A track ends when it has what it needs, when a
measurement does not meet its level, or when nobody measured again in time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from vitals.limits import RANK, LimitRule, Priority
from vitals.panel import Confirming, PanelFlag


def track_of(flag: PanelFlag, level: Priority) -> Confirming | None:
    return next((track for track in flag.confirming if track.priority is level), None)


def count(flag: PanelFlag, level: Priority, rules: Sequence[LimitRule], at: datetime) -> Confirming | None:
    """Count a measurement that meets rows of this level; the track when it has all it needs, else None.

    rules: the rows that are met, of this level or above; the one that needs least says how many readings.
    """
    rule = min(rules, key=lambda one: (one.readings, -one.level))
    track = track_of(flag, level)
    if track is None or at - track.counted_at > timedelta(seconds=rule.within_s):
        drop(flag, level)
        flag.confirming.append(_begun(level, rule, at))
        flag.confirming.sort(key=lambda one: RANK[one.priority])
        return None
    if at - track.counted_at < timedelta(seconds=rule.apart_s):
        return None
    track.count += 1
    if track.count >= track.needs:
        drop(flag, level)
        return track
    track.counted_at = at
    track.recheck_at = at + timedelta(seconds=rule.recheck_s)
    track.unless_by = track.recheck_at + timedelta(seconds=rule.grace_s)
    return None


def _begun(level: Priority, rule: LimitRule, at: datetime) -> Confirming:
    recheck_at = at + timedelta(seconds=rule.recheck_s)
    return Confirming(
        priority=level,
        since=at,
        counted_at=at,
        count=1,
        needs=rule.readings,
        recheck_at=recheck_at,
        unless_by=recheck_at + timedelta(seconds=rule.grace_s),
    )


def drop(flag: PanelFlag, level: Priority) -> None:
    flag.confirming = [track for track in flag.confirming if track.priority is not level]


def drop_up_to(flag: PanelFlag, level: Priority) -> None:
    """The flag has this level now: nothing at or below it waits any more."""
    flag.confirming = [track for track in flag.confirming if RANK[track.priority] > RANK[level]]


def highest(flag: PanelFlag) -> Priority | None:
    """The highest priority that waits to be confirmed."""
    return max((track.priority for track in flag.confirming), key=RANK.__getitem__, default=None)


def not_rechecked(flag: PanelFlag, at: datetime) -> Confirming | None:
    """The highest track whose re-check did not come in time."""
    late = [track for track in flag.confirming if track.unless_by <= at]
    return max(late, key=lambda track: RANK[track.priority], default=None)
