"""The day with what stands above the treatment record: flags, refused messages, what monitors sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from clinic.access import Principal
from clinic.models import Clinic, Device
from sessions import day, day_queries
from sessions.day import DayState, Point
from sessions.day_queries import AT_MOST, DaySpan
from sessions.models import DayEntry, Occupancy
from sessions.services import days
from vitals.flagstates import FlagState
from vitals.models import Flag, Quarantine

# of each session only its newest rows are looked through for a monitor's last: a bound on the cost
NEWEST_ROWS = 200
# and of what was refused only as many
NEWEST_REFUSED = 500


def day_of(clinic: Clinic, at: datetime) -> DayState:
    """How the clinic's day stands at this moment, with everything that is left open."""
    span = day_queries.day_of(clinic, at)
    return day.day_state(day_queries.entries(clinic.pk, span.day), _points(clinic, span, at))


def close_day(*, by: Principal, at: datetime, reason: str) -> DayEntry:
    """Close the day with what is left open now. raises: as ``sessions.services.days.close_day``."""
    clinic = Clinic.objects.get(pk=by.clinic_id)
    points = _points(clinic, day_queries.day_of(clinic, at), at)
    return days.close_day(by=by, at=at, points=points, reason=reason)


def _points(clinic: Clinic, span: DaySpan, at: datetime) -> list[Point]:
    return [*day_queries.points(clinic.pk, span, at=at), *_flags(clinic.pk)]


def _flags(clinic_id: int) -> Iterable[Point]:
    """Flags that still wait for somebody: live ones that nobody took, and late ones that nobody reviewed."""
    rows = Flag.objects.filter(
        clinic_id=clinic_id,
        resolved_at__isnull=True,
        state__in=[FlagState.ACTIVE.value, FlagState.LATCHED.value],
    )
    for row in rows.order_by("opened_at")[:AT_MOST]:
        yield Point("late_flags" if row.late else "flags", row.text, row.session_id)


@dataclass(frozen=True, slots=True)
class MonitorSeen:
    """A monitor at a chair, and when anything last came from it today; ``refused`` when it was not taken."""

    name: str
    chair: str
    at: datetime | None
    refused: bool = False


def monitors(clinic: Clinic, at: datetime) -> list[MonitorSeen]:
    """The clinic's monitors by chair, with the last that each sent today.

    Before anybody is seated a test reading is refused ("no session in that chair"): that too shows that the
    monitor, its gateway and we hear each other.
    """
    span = day_queries.day_of(clinic, at)
    devices = list(
        Device.objects.select_related("chair")
        .filter(clinic=clinic, is_active=True, chair__isnull=False)
        .order_by("chair__position", "name")
    )
    taken = _last_taken(devices, span)
    refused = _last_refused(clinic.pk, span)
    seen = []
    for device in devices:
        assert device.chair is not None, "the filter asks for it"  # noqa: S101
        came, sent_back = taken.get(device.pk), refused.get(device.pk)
        is_refused = sent_back is not None and (came is None or came < sent_back)
        seen.append(
            MonitorSeen(device.name, device.chair.name, sent_back if is_refused else came, is_refused)
        )
    return seen


def _last_refused(clinic_id: int, span: DaySpan) -> dict[UUID, datetime]:
    """When the last refused message of each device came in today, among the clinic's newest."""
    rows = Quarantine.objects.filter(clinic_id=clinic_id).order_by("-id").values_list("device", "received_at")
    last: dict[UUID, datetime] = {}
    for device_id, received_at in rows[:NEWEST_REFUSED]:
        if device_id is not None and received_at >= span.start:
            last.setdefault(device_id, received_at)
    return last


def _last_taken(devices: list[Device], span: DaySpan) -> dict[UUID, datetime]:
    """When the last reading of each device came in today, through the sessions that sat in its chair.

    Readings have no index by device, and need none: a device is asked for among the newest rows of the few
    sessions that its chair has held since midnight.
    """
    chairs = {device.chair_id for device in devices if device.chair_id is not None}
    seated: dict[UUID, list[UUID]] = {}
    for chair_id, session_id in (
        Occupancy.objects.filter(chair_id__in=chairs, from_at__lt=span.end)
        .exclude(to_at__lt=span.start)
        .values_list("chair_id", "session_id")
    ):
        seated.setdefault(chair_id, []).append(session_id)
    pairs = [
        (device.pk, session_id)
        for device in devices
        if device.chair_id is not None
        for session_id in seated.get(device.chair_id, ())
    ]
    if not pairs:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT g.device, max(r.received_at) FROM unnest(%s::uuid[], %s::uuid[]) AS g(device, session)"
            " CROSS JOIN LATERAL (SELECT device_id, received_at FROM vitals_reading"
            "   WHERE session_id = g.session AND measured_at >= %s"
            "   ORDER BY measured_at DESC LIMIT %s) r"
            " WHERE r.device_id = g.device GROUP BY g.device",
            [[d for d, _ in pairs], [s for _, s in pairs], span.start, NEWEST_ROWS],
        )
        return dict(cursor.fetchall())
