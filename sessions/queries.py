"""Reads of the treatment record; each begins with the clinic."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.db.models import Q, QuerySet

from clinic import queries as ground
from clinic.refusals import Invalid, NotAllowed, NotFound
from sessions.models import Occupancy, Protocol, Session, SessionEvent
from sessions.protocol import Anchor, ProtocolRules, Route, StepRule
from sessions.states import PRESENT


@lru_cache(maxsize=512)
def rules_of(protocol_id: int) -> ProtocolRules:
    """A protocol version as plain values. Versions are never edited, so it is read once per process."""
    row = Protocol.objects.prefetch_related("steps").get(pk=protocol_id)
    return ProtocolRules(
        code=row.code,
        version=row.version,
        route=Route(row.route),
        total_min=row.total_min,
        post_min=row.post_min,
        planned_dose_min=row.planned_dose_min,
        steps=tuple(
            StepRule(
                label=step.label,
                anchor=Anchor(step.anchor),
                first_min=step.first_min,
                needs=tuple(step.needs),
                opens_min=step.opens_min,
                closes_min=step.closes_min,
                every_min=step.every_min,
                until=Anchor(step.until) if step.until else None,
            )
            for step in row.steps.order_by("position")
        ),
    )


def current_protocol(clinic_id: int, code: str) -> Protocol | None:
    """The newest version of the clinic's protocol with this code."""
    return Protocol.objects.filter(clinic_id=clinic_id, code=code).order_by("-version").first()


def current_protocols(clinic_id: int) -> list[Protocol]:
    """The newest version of each of the clinic's protocols, by name."""
    rows = Protocol.objects.filter(clinic_id=clinic_id).order_by("code", "-version").distinct("code")
    return sorted(rows, key=lambda row: row.name)


def session(clinic_id: int, session_id: UUID) -> Session:
    """One session of the clinic with what its pages show. raises: NotFound."""
    found = (
        Session.objects.select_related("patient", "chair", "protocol", "nurse", "clinic")
        .filter(clinic_id=clinic_id, id=session_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def sessions_of_day(clinic_id: int, start: datetime, end: datetime) -> QuerySet[Session]:
    """Sessions scheduled in the span, and those from before it that still sit in a chair."""
    return (
        Session.objects.select_related("patient", "chair", "protocol", "nurse")
        .filter(clinic_id=clinic_id)
        .filter(scheduled_at__lt=end)
        .filter(Q(scheduled_at__gte=start) | Q(state__in=[s.value for s in PRESENT]))
        .order_by("scheduled_at", "id")
    )


def events(session_id: UUID) -> list[SessionEvent]:
    """All events of a session, newest first."""
    return list(SessionEvent.objects.filter(session_id=session_id).order_by("-at", "-recorded_at"))


def dosed_at(session_id: UUID) -> list[datetime]:
    """When the dose was started and each device or bolus given, in order of time."""
    given = SessionEvent.objects.filter(session_id=session_id, kind__in=["start", "dose"])
    return list(given.order_by("at").values_list("at", flat=True))


def occupants(chair_ids: Sequence[UUID], since: datetime) -> list[Occupancy]:
    """Who sat in these chairs at any time from ``since`` on."""
    return list(
        Occupancy.objects.filter(chair_id__in=chair_ids)
        .filter(Q(to_at__isnull=True) | Q(to_at__gte=since))
        .order_by("from_at")
    )


def require_session(clinic_id: int, session_id: UUID) -> None:
    """raises: NotFound unless the clinic has this session."""
    if not Session.objects.filter(clinic_id=clinic_id, id=session_id).exists():
        raise NotFound


def seated_session(clinic_id: int, chair: str | None, own_chair_id: UUID | None, at: datetime) -> UUID:
    """The session that sat in a chair at a moment: the chair named, or the device's own.

    raises: NotFound for a chair not in the clinic; Invalid when no chair is known; NotAllowed when nobody
    sat there then, or when it is in doubt who did.
    """
    if chair is not None:
        chair_id = ground.chair_named(clinic_id, chair).id
    elif own_chair_id is not None:
        chair_id = own_chair_id
    else:
        raise Invalid("session or chair is needed: this sender is bound to no chair.", field="session")
    seated = list(
        Occupancy.objects.filter(chair_id=chair_id, session__clinic_id=clinic_id, from_at__lte=at)
        .filter(Q(to_at__isnull=True) | Q(to_at__gte=at))
        .values_list("session_id", flat=True)[:2]
    )
    if len(seated) != 1:
        words = "nobody sat" if not seated else "it is in doubt who sat"
        raise NotAllowed(
            f"At {at.isoformat()} {words} in that chair.", missing=["a session in that chair at that time"]
        )
    return seated[0]
