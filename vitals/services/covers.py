"""The cover of a chair as its panel shows it, with the clinic's own time for how long it may wait."""

from collections.abc import Iterable
from datetime import timedelta

from sessions import covering as entered
from sessions.record import Entry
from vitals import covering
from vitals.covering import Cover
from vitals.services.shift_times import times_of


def cover_of(entries: Iterable[Entry], clinic_id: int) -> Cover | None:
    """What the session's current entries say of a cover; None when there is none."""
    held = entered.cover(entries)
    if held is None:
        return None
    return covering.shown(held, timedelta(minutes=times_of(clinic_id).cover_min))
