"""When the newest of a pack was charted: its files are dated so, and no clock is in their bytes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from sessions.models import FormFiling, SessionEvent
from vitals import queries as readings


def newest_charted(session_ids: Sequence[UUID], default: datetime) -> datetime:
    """When the newest entry, reading or filing of these sessions came; the default when there is none.

    The caller has checked that the sessions are of the clinic.
    """
    found = [
        rows.filter(session_id__in=session_ids).aggregate(newest=Max("recorded_at"))["newest"]
        for rows in (SessionEvent.objects, FormFiling.objects)
    ]
    found += readings.newest_received(session_ids).values()
    return max((at for at in found if at is not None), default=default)
