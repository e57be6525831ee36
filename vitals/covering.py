"""Who stands in for a chair's nurse, and to whom she hands the chair, as the panel shows it. Pure."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from sessions import covering


class Cover(msgspec.Struct):
    """Cover asked for a chair. Untaken, it is shown more strongly from ``strong_at`` on."""

    asked_by: str
    asked_by_id: UUID | None
    asked_at: datetime
    strong_at: datetime
    reason: str = ""
    taken_by: str | None = None
    taken_by_id: UUID | None = None
    taken_at: datetime | None = None


class HandingOver(msgspec.Struct):
    """A hand-over under way, in which this chair is not yet accepted."""

    id: UUID
    to: str
    to_id: UUID
    began_at: datetime


def shown(held: covering.Cover, strong_after: timedelta) -> Cover:
    """A cover as the panel carries it."""
    return Cover(
        asked_by=held.asked_by,
        asked_by_id=held.asked_by_id,
        asked_at=held.asked_at,
        strong_at=held.asked_at + strong_after,
        reason=held.reason,
        taken_by=held.taken_by,
        taken_by_id=held.taken_by_id,
        taken_at=held.taken_at,
    )


def asked_id(nurse_id: UUID | None, cover: Cover | None) -> UUID | None:
    """Whom anything at this chair is asked of first: who covers it, else its nurse."""
    return cover.taken_by_id if cover is not None and cover.taken_by_id is not None else nurse_id
