"""Keeping a session's baseline true: whatever arrives, is corrected or moved, relative limits start
from it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from vitals import flag_changes, judging, queries, technical
from vitals.baseline import baseline_of
from vitals.flag_changes import FlagChange
from vitals.panel import Panel
from vitals.rules import NO_BASELINE_CONDITION
from vitals.services.limit_sets import limit_set
from vitals.services.storage import WatchRow


def refresh(panel: Panel, *, more: Iterable[tuple[datetime, Mapping[str, float]]] = ()) -> bool:
    """Work the baseline out anew from what is stored. True when it changed.

    more: what this transaction is about to store.
    """
    if panel.dose_started_at is None:
        known = None
    else:
        stored = queries.readings(panel.session, until=panel.dose_started_at)
        measured = [(view.measured_at, view.values) for view in stored if view.superseded_by is None]
        known = baseline_of([*measured, *more], panel.dose_started_at)
    if known == panel.baseline:
        return False
    panel.baseline = known
    return True


def follow(
    watch: WatchRow, panel: Panel, changes: list[FlagChange], at: datetime, *, missing_rings: bool
) -> None:
    """Let the open flags follow a baseline that changed.

    missing_rings: the dose has just begun, so that a baseline there is not is a flag.
    """
    limits = limit_set(watch.limit_set_id)
    if missing_rings or flag_changes.open_flag(panel, NO_BASELINE_CONDITION) is not None:
        technical.mark_baseline(panel, limits, at, changes)
    judging.reassess(panel, limits, at, changes)
