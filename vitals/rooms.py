"""What the patient's own screen shows: who comes, when, how long still. No value, no name of the patient."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.access import Principal
from clinic.models import Chair, Clinic, User
from vitals import covering, flag_changes, rules
from vitals.models import Flag, Watch
from vitals.panel import Panel, decode

# "Your nurse is coming" stands this long after somebody took the call
COMING_FOR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Call:
    """The newest call: still open, or taken, and then a nurse is coming."""

    called_at: datetime
    taken_at: datetime | None


@dataclass(frozen=True, slots=True)
class RoomView:
    """One chair's screen. ``watched`` is False for an empty chair; then all else is empty."""

    clinic: Clinic
    chair: str
    watched: bool = False
    nurse: str = ""
    next_check_at: datetime | None = None
    time_began_at: datetime | None = None
    earliest_release_at: datetime | None = None
    call: Call | None = None


def room(by: Principal, *, at: datetime) -> RoomView:
    """The screen of the principal's chair, from its open watch row."""
    assert by.chair_id is not None, "a room is a chair's"  # noqa: S101
    chair = Chair.objects.select_related("clinic").get(clinic_id=by.clinic_id, pk=by.chair_id)
    watch = (
        Watch.objects.select_related("session")
        .filter(clinic_id=by.clinic_id, chair_id=by.chair_id, is_open=True)
        .first()
    )
    if watch is None:
        return RoomView(chair.clinic, chair.name)
    panel = decode(watch.panel)
    comes_id = covering.asked_id(watch.session.nurse_id, panel.cover)
    nurse = User.objects.filter(pk=comes_id).first() if comes_id else None
    return RoomView(
        clinic=chair.clinic,
        chair=chair.name,
        watched=True,
        nurse=(nurse.first_name or nurse.shown_name()) if nurse else "",
        next_check_at=panel.due.at if panel.due else None,
        time_began_at=panel.dose_started_at,
        earliest_release_at=panel.window_ends_at,
        call=_call(panel, at),
    )


def _call(panel: Panel, at: datetime) -> Call | None:
    open_ = flag_changes.open_flag(panel, rules.CALL_CONDITION)
    if open_ is not None:
        return Call(open_.opened_at, None)
    taken = (
        Flag.objects.filter(
            session_id=panel.session,
            condition=rules.CALL_CONDITION,
            acknowledged_at__gt=at - COMING_FOR,
        )
        .order_by("-opened_at")
        .first()
    )
    return Call(taken.opened_at, taken.acknowledged_at) if taken else None
