"""Reads of the treatment record; each begins with the clinic."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from clinic.refusals import NotAllowed, NotFound
from sessions import known_scales, record, scales
from sessions.checklist import Item, Kind, Phase
from sessions.models import Course, FollowUpAnswer, Occupancy, Protocol, Session, SessionEvent
from sessions.protocol import Anchor, DoseRules, ProtocolRules, Route, StepRule
from sessions.record import Entry
from sessions.states import PRESENT


@lru_cache(maxsize=512)
def rules_of(protocol_id: int) -> ProtocolRules:
    """A protocol version as plain values. Versions are never edited, so it is read once per process."""
    row = Protocol.objects.prefetch_related("steps", "items").get(pk=protocol_id)
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
        items=tuple(
            Item(Phase(item.phase), item.code, Kind(item.kind), item.text, item.source)
            for item in row.items.order_by("phase", "position")
        ),
        dose=DoseRules(
            decide_above_systolic=row.decide_above_systolic,
            decide_above_diastolic=row.decide_above_diastolic,
            most_mg_per_kg=float(row.most_mg_per_kg),
            most_mg_per_kg_within_min=row.most_mg_per_kg_within_min,
            shortest_infusion_min=row.shortest_infusion_min,
            weight_good_for_days=row.weight_good_for_days,
            device_mg=row.device_mg,
            device_rest_min=row.device_rest_min,
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
        Session.objects.select_related("patient", "chair", "protocol", "nurse", "clinic", "course")
        .filter(clinic_id=clinic_id, id=session_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def courses(clinic_id: int, patient_id: UUID) -> list[Course]:
    """A patient's courses, newest first."""
    rows = Course.objects.filter(clinic_id=clinic_id, patient_id=patient_id)
    return list(rows.order_by("-opened_at", "id"))


def course(clinic_id: int, course_id: UUID) -> Course:
    """One course of the clinic with its patient. raises: NotFound."""
    found = (
        Course.objects.select_related("patient", "clinic").filter(clinic_id=clinic_id, id=course_id).first()
    )
    if found is None:
        raise NotFound
    return found


def sessions_of_course(course_id: UUID) -> list[Session]:
    """A course's sessions in order of time."""
    rows = Session.objects.select_related("protocol").filter(course_id=course_id)
    return list(rows.order_by("scheduled_at", "id"))


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
    """Every version of every entry of a session, newest first, each with what replaced it."""
    rows = SessionEvent.objects.filter(session_id=session_id).select_related("superseded_by")
    return list(rows.order_by("-at", "-recorded_at", "-version"))


def entry(clinic_id: int, entry_id: UUID) -> SessionEvent:
    """The newest version of an entry of the clinic. raises: NotFound."""
    versions = SessionEvent.objects.filter(session__clinic_id=clinic_id, entry=entry_id)
    newest = versions.order_by("-version").first()
    if newest is None:
        raise NotFound
    return newest


def is_superseded(row: SessionEvent) -> bool:
    """True for a version that another replaced; rows come from ``events``."""
    return hasattr(row, "superseded_by")


def entries(session_id: UUID) -> list[Entry]:
    """What counts of a session's record: the newest version of each entry, by time."""
    rows = SessionEvent.objects.filter(session_id=session_id)
    return record.current(entry_of(row) for row in rows)


def entries_of_course(course_id: UUID, *kinds: str) -> dict[UUID, list[Entry]]:
    """What counts of these kinds in all sessions of a course, by session."""
    rows = SessionEvent.objects.filter(session__course_id=course_id, kind__in=kinds)
    found: dict[UUID, list[Entry]] = defaultdict(list)
    for row in rows:
        found[row.session_id].append(entry_of(row))
    return {session_id: record.current(versions) for session_id, versions in found.items()}


def entry_of(row: SessionEvent) -> Entry:
    """A row as the plain value that the pure rooms read."""
    return Entry(
        id=row.id,
        entry=row.entry,
        version=row.version,
        status=row.status,
        kind=row.kind,
        at=row.at,
        recorded_at=row.recorded_at,
        by_id=row.by_id,
        by_name=row.by_name,
        late=row.late,
        text=row.text,
        details=row.details,
    )


@dataclass(frozen=True, slots=True)
class FollowUpResult:
    """What a patient answered at home after one session of a course."""

    session_id: UUID
    kind: str
    answered_at: datetime
    answers: Mapping[str, Any]


def follow_up_results(course_id: UUID) -> list[FollowUpResult]:
    """Every answered check-in of a course by time: its values are response over the course."""
    rows = FollowUpAnswer.objects.filter(follow_up__session__course_id=course_id)
    return [
        FollowUpResult(row.follow_up.session_id, row.follow_up.kind, row.answered_at, row.answers)
        for row in rows.select_related("follow_up").order_by("answered_at")
    ]


@dataclass(frozen=True, slots=True)
class ScaleResult:
    """One scale as it was taken in a session of a course; ``words`` are its band's."""

    session_id: UUID
    name: str
    at: datetime
    total: int
    words: str


def scale_results(course_id: UUID) -> dict[str, list[ScaleResult]]:
    """The totals of a course's scales by code and time; those that are not complete are left out."""
    rows = SessionEvent.objects.filter(
        session__course_id=course_id, kind__in=["scale", "review-scale"]
    ).order_by("at")
    by_session: dict[UUID, list[Entry]] = defaultdict(list)
    for row in rows:
        by_session[row.session_id].append(entry_of(row))
    found: dict[str, list[ScaleResult]] = defaultdict(list)
    for session_id, held in by_session.items():
        for one in scales.taken(record.current(held), known_scales.scales()):
            if one.total is not None:
                found[one.scale].append(ScaleResult(session_id, one.name, one.at, one.total, one.words))
    return {code: sorted(results, key=lambda result: result.at) for code, results in found.items()}


def require_session(clinic_id: int, session_id: UUID) -> None:
    """raises: NotFound unless the clinic has this session."""
    if not Session.objects.filter(clinic_id=clinic_id, id=session_id).exists():
        raise NotFound


@dataclass(frozen=True, slots=True)
class Seat:
    """One session's time in a chair; ``to_at`` is None while it sits there."""

    session_id: UUID
    from_at: datetime
    to_at: datetime | None

    def holds(self, at: datetime) -> bool:
        return self.from_at <= at and (self.to_at is None or at <= self.to_at)


def seats(chair_ids: Iterable[UUID], since: datetime, until: datetime) -> dict[UUID, list[Seat]]:
    """Who sat in these chairs at any time of the span, by chair."""
    rows = Occupancy.objects.filter(chair_id__in=set(chair_ids), from_at__lte=until).filter(
        Q(to_at__isnull=True) | Q(to_at__gte=since)
    )
    found: dict[UUID, list[Seat]] = defaultdict(list)
    for chair_id, session_id, from_at, to_at in rows.values_list(
        "chair_id", "session_id", "from_at", "to_at"
    ):
        found[chair_id].append(Seat(session_id, from_at, to_at))
    return found


def seated_at(chair: Iterable[Seat], at: datetime) -> UUID:
    """The session that sat in a chair at a moment.

    raises: NotAllowed when nobody sat there then, or when it is in doubt who did.
    """
    sat = {seat.session_id for seat in chair if seat.holds(at)}
    if len(sat) != 1:
        words = "nobody sat" if not sat else "it is in doubt who sat"
        raise NotAllowed(
            f"At {at.isoformat()} {words} in that chair.", missing=["a session in that chair at that time"]
        )
    return sat.pop()
