"""Changing panels of several sessions at once, and all that hangs on them, in the caller's transaction."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from vitals import ticking
from vitals.flag_changes import FlagChange
from vitals.panel import Panel, decode, encode
from vitals.services import flag_rows, storage
from vitals.services.announcing import Announcement, announce
from vitals.services.limit_sets import limit_set

# what happened to its flags; None when the panel stays as it was
Change = Callable[[Panel], Sequence[FlagChange] | None]


def change_panels(
    session_ids: Iterable[UUID], change: Change, *, at: datetime
) -> dict[UUID, Sequence[FlagChange]]:
    """Lock these sessions' watch rows, change the panels of those still open, and wake the screens.

    returns: for each panel that changed, what happened to its flags.
    """
    rows = storage.lock_watch_rows(session_ids)
    changed: dict[UUID, Sequence[FlagChange]] = {}
    written = []
    for session_id, row in rows.items():
        panel = decode(row.panel)
        happened = change(panel) if row.is_open else None
        if happened is None:
            continue
        changed[session_id] = happened
        panel.version += 1
        alert_at = ticking.next_alert_at(panel, limit_set(row.limit_set_id))
        written.append((session_id, alert_at, encode(panel)))
    flag_rows.write_changes(rows, changed, raised_at=at)
    storage.write_watch_rows(written)
    announce([Announcement(rows[id_].clinic_id, id_, changes=happened) for id_, happened in changed.items()])
    return changed
