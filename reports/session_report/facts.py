"""All that a session report is made of, gathered in a fixed number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic.models import AuditEvent
from sessions import dosing, ledger_queries, record
from sessions import queries as treatments
from sessions.dosing import Dose
from sessions.ledger import Movement
from sessions.ledger_queries import SessionAccount
from sessions.models import FollowUp, Session, SessionEvent
from sessions.protocol import ProtocolRules
from sessions.record import Entry
from sessions.services import wording
from sessions.states import State
from sessions.symptoms import Chip
from vitals import queries
from vitals.limits import LimitSet
from vitals.models import LimitChange
from vitals.panel import Panel
from vitals.queries import FlagView, ReadingView
from vitals.services.limit_sets import limit_set

# more than any session has; a monitor that comes and goes all day raises some dozens
FLAGS_AT_MOST = 2000


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """One session's record as it stands.

    events:  every version of every entry; ``entries``: what counts of them, by time.
    views:   every version of every reading, by time; ``flags`` by when they were opened.
    number:  the session's place among those of its course in which a dose began.
    roles:   (entry, version) → the role in which its author charted it, as the audit keeps it.
    changes: limits changed for this patient that held in this session.
    as_of:   when the newest of all this was charted.
    """

    session: Session
    rules: ProtocolRules
    events: Sequence[SessionEvent]
    entries: Sequence[Entry]
    views: Sequence[ReadingView]
    flags: Sequence[FlagView]
    panel: Panel | None
    limits: LimitSet | None
    changes: Sequence[LimitChange]
    accounts: Sequence[SessionAccount]
    movements: Sequence[Movement]
    chips: Sequence[Chip]
    follow_ups: Sequence[FollowUp]
    roles: Mapping[tuple[str, int], str]
    number: int
    dose: Dose
    as_of: datetime

    @property
    def finished(self) -> bool:
        return self.session.ended_at is not None

    def clock(self, at: datetime) -> str:
        """The clinic's clock; with the day, where it is not that of the session."""
        local = at.astimezone(self.session.clinic.zone)
        day = self.begun.astimezone(self.session.clinic.zone).date()
        return f"{local:%H:%M}" if local.date() == day else f"{local:%-d %b %H:%M}"

    def day_and_clock(self, at: datetime) -> str:
        return f"{at.astimezone(self.session.clinic.zone):%-d %b %Y %H:%M}"

    @property
    def begun(self) -> datetime:
        """The check-in, or the plan while nobody checked in."""
        return self.session.checked_in_at or self.session.scheduled_at


def gathered(session: Session) -> ReportFacts:
    """Everything about one session. ``session`` as ``sessions.queries.session`` reads it."""
    rules = treatments.rules_of(session.protocol_id)
    events = treatments.events(session.id)
    entries = record.current(treatments.entry_of(event) for event in events)
    views = queries.readings(session.id)
    flags = queries.flags(session.clinic_id, session_id=session.id, at_most=FLAGS_AT_MOST)[::-1]
    watched = queries.panel_of(session)
    panel = watched[0] if watched else None
    accounts = ledger_queries.accounts(session.clinic_id, [session.id])[session.id]
    movements = ledger_queries.movements(session.clinic_id, session_id=session.id) if accounts else []
    follow_ups = list(
        FollowUp.objects.filter(session=session)
        .select_related("answer")
        .prefetch_related("reviews")
        .order_by("due_at")
    )
    return ReportFacts(
        session=session,
        rules=rules,
        events=events,
        entries=entries,
        views=views,
        flags=flags,
        panel=panel,
        limits=limit_set(watched[1].limit_set_id) if watched else None,
        changes=_changes(panel, session),
        accounts=accounts,
        movements=movements,
        chips=wording.chips(session.clinic_id),
        follow_ups=follow_ups,
        roles=_roles(session.id),
        number=_number(session),
        dose=dosing.dose_of(entries, rules),
        as_of=_as_of(session, events, views, flags, movements, follow_ups),
    )


def _changes(panel: Panel | None, session: Session) -> list[LimitChange]:
    until = session.ended_at
    held = [
        one.id
        for one in (panel.patient_limits if panel else ())
        if one.until_at > one.from_at and (until is None or one.from_at < until)
    ]
    if not held:
        return []
    return list(
        LimitChange.objects.select_related("limit_set").filter(pk__in=held).order_by("from_at", "code")
    )


def _roles(session_id: UUID) -> dict[tuple[str, int], str]:
    rows = AuditEvent.objects.filter(session_id=session_id, subject="session", details__has_key="entry")
    kept = rows.values_list("details__entry", "details__version", "role")
    return {(entry, version): role for entry, version, role in kept}


def _number(session: Session) -> int:
    earlier = Session.objects.filter(
        course_id=session.course_id,
        dose_started_at__lt=session.dose_started_at or session.scheduled_at,
    )
    return earlier.exclude(state=State.CANCELLED).exclude(pk=session.pk).count() + 1


def _as_of(
    session: Session,
    events: Sequence[SessionEvent],
    views: Sequence[ReadingView],
    flags: Sequence[FlagView],
    movements: Sequence[Movement],
    follow_ups: Sequence[FollowUp],
) -> datetime:
    """When the newest of it was charted; the schedule of a session of which nothing was."""
    moments: list[datetime | None] = [event.recorded_at for event in events]
    moments += [view.received_at for view in views]
    for one in flags:
        flag = one.flag
        moments += [flag.raised_at, flag.activated_at, flag.acknowledged_at, flag.resolved_at]
    for movement in movements:
        moments += [movement.recorded_at, movement.witness.at if movement.witness else None]
    for row in follow_ups:
        answer = getattr(row, "answer", None)
        moments += [row.sent_at, answer.answered_at if answer else None]
        moments += [review.at for review in row.reviews.all()]
    return max((one for one in moments if one is not None), default=session.scheduled_at)
