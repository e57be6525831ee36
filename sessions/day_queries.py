"""Reads for the day's opening and closing: its entries, who may be the prescriber, and what is left open."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef

from clinic.models import Clinic, CredentialKind, MembershipRole, User
from sessions import day, known_scales, ledger, ledger_queries, queries, record, scales
from sessions.day import Kind, Point
from sessions.models import (
    DayEntry,
    FollowUpAnswer,
    FollowUpReview,
    FormFiling,
    Session,
    SessionEvent,
    StockItem,
)
from sessions.protocol import Route
from sessions.record import Entry
from sessions.states import PRESENT, State

# beyond this nobody closes a day for a form: it is on the forms' own board
FORMS_SINCE = timedelta(days=30)
AT_MOST = 50


@dataclass(frozen=True, slots=True)
class DaySpan:
    """A day of a clinic: from midnight to midnight in its zone, which may be 23 or 25 hours apart."""

    day: date
    start: datetime
    end: datetime


def day_of(clinic: Clinic, at: datetime) -> DaySpan:
    """The clinic's day that holds this moment."""
    zone = clinic.zone
    today = at.astimezone(zone).date()
    return DaySpan(
        today,
        datetime.combine(today, time(), zone),
        datetime.combine(today + timedelta(days=1), time(), zone),
    )


def entries(clinic_id: int, on: date) -> list[day.DayEntry]:
    """Every opening and closing of a day, by time."""
    rows = DayEntry.objects.filter(clinic_id=clinic_id, day=on).order_by("at")
    return [day.DayEntry(Kind(row.kind), row.at, row.by_name, row.items) for row in rows]


def prescribers(clinic_id: int, on: date) -> list[User]:
    """Members whose prescriber's credential is in date that day, by name."""
    rows = User.objects.filter(
        memberships__clinic_id=clinic_id,
        memberships__ended_at__isnull=True,
        memberships__role__in=[MembershipRole.NURSE, MembershipRole.SUPERVISOR, MembershipRole.ADMIN],
        credentials__kind=CredentialKind.PRESCRIBER,
        credentials__expires_on__gte=on,
        is_active=True,
    )
    return sorted(rows.distinct(), key=lambda user: user.shown_name())


def member_name(clinic_id: int, user_id: str) -> str | None:
    """The name of one who is or was a member of the clinic; None for anybody else."""
    user = User.objects.filter(memberships__clinic_id=clinic_id, id=user_id).first()
    return user.shown_name() if user else None


@dataclass(frozen=True, slots=True)
class Counted:
    """When a drug was last counted today, and by whom."""

    at: datetime
    by_name: str


def drug_count(clinic_id: int, span: DaySpan) -> Counted | None:
    """Today's last count of controlled drugs; None when nothing was counted."""
    counts = [one for one in _of_today(clinic_id, span) if one.kind is ledger.Kind.COUNT]
    last = max(counts, key=lambda one: one.at, default=None)
    return Counted(last.at, last.by_name) if last else None


def points(clinic_id: int, span: DaySpan, *, at: datetime) -> list[Point]:
    """What the treatment record leaves open at this moment."""
    return [
        *_open_sessions(clinic_id),
        *_reviews(clinic_id, span),
        *_ledger(clinic_id, span),
        *_forms(clinic_id, at),
        *_follow_ups(clinic_id),
    ]


def _named(session: Session) -> str:
    """A session in words that name no patient: where it sits and what it is."""
    place = f"Chair {session.chair.name}" if session.chair else "No chair"
    return f"{place}, {session.protocol.name}, {session.state.replace('_', ' ')}"


def _open_sessions(clinic_id: int) -> Iterable[Point]:
    rows = Session.objects.filter(clinic_id=clinic_id, state__in=[state.value for state in PRESENT])
    for row in rows.select_related("chair", "protocol").order_by("scheduled_at")[:AT_MOST]:
        yield Point("open_sessions", _named(row), row.id)


def _of_today(clinic_id: int, span: DaySpan) -> list[ledger.Movement]:
    """The drug movements that count and name a time of this day."""
    charted = ledger_queries.movements(clinic_id, at__gte=span.start, at__lt=span.end)
    return [one for one in ledger.newest(charted) if one.counts]


def _ledger(clinic_id: int, span: DaySpan) -> Iterable[Point]:
    """Of today's movements: sessions that do not add up, counts that differ, wastes that wait.

    What a count differs by is not said: whoever closes the day may be the next to count.
    """
    today = _of_today(clinic_id, span)
    sessions = dict.fromkeys(one.session for one in today if one.session is not None)
    for session_id, accounts in ledger_queries.accounts(clinic_id, sessions).items():
        for held in accounts:
            if not held.account.balanced:
                yield Point("ledger", f"{held.item.label}: {ledger.in_words(held.account)}", session_id)
    items = StockItem.objects.in_bulk({one.item for one in today})
    for item_id, lines in ledger_queries.registers(clinic_id, items).items():
        if ledger.open_variance(lines) is not None:
            yield Point("counts", items[item_id].label)
    for one in today:
        if one.waits:
            item = items[one.item]
            wasted = f"{ledger.shown(one.quantity)} {ledger.unit_words(item.unit, one.quantity)}"
            yield Point("unwitnessed", f"{wasted} of {item.label}", one.session)


def _reviews(clinic_id: int, span: DaySpan) -> Iterable[Point]:
    """Scales of today that ask for a named clinician's review and have none."""
    rows = SessionEvent.objects.filter(
        session__clinic_id=clinic_id,
        kind__in=["scale", "review-scale"],
        session__events__kind="scale",
        session__events__at__gte=span.start,
        session__events__at__lt=span.end,
    )
    by_session: dict[UUID, list[Entry]] = defaultdict(list)
    for row in rows.distinct():
        by_session[row.session_id].append(queries.entry_of(row))
    known = known_scales.scales()
    for session_id, held in by_session.items():
        for words in scales.awaiting_review(record.current(held), known):
            yield Point("reviews", words, session_id)


def _forms(clinic_id: int, at: datetime) -> Iterable[Point]:
    """Nasal treatments that ended and whose form nobody has filed."""
    rows = Session.objects.filter(
        clinic_id=clinic_id,
        protocol__route=Route.NASAL,
        state__in=[State.RELEASED, State.STOPPED, State.TRANSFERRED],
        dose_started_at__isnull=False,
        ended_at__gte=at - FORMS_SINCE,
    ).filter(~Exists(FormFiling.objects.filter(session=OuterRef("pk"))))
    zone = Clinic.objects.get(pk=clinic_id).zone
    for row in rows.order_by("ended_at")[:AT_MOST]:
        assert row.ended_at is not None, "the filter asks for it"  # noqa: S101
        due_at = (row.ended_at + timedelta(days=7)).astimezone(zone)
        yield Point("forms", f"Due {due_at:%-d %b}", row.id)


def _follow_ups(clinic_id: int) -> Iterable[Point]:
    rows = (
        FollowUpAnswer.objects.filter(follow_up__clinic_id=clinic_id)
        .exclude(worries=[])
        .filter(~Exists(FollowUpReview.objects.filter(follow_up=OuterRef("follow_up"))))
    )
    for row in rows.select_related("follow_up").order_by("answered_at")[:AT_MOST]:
        yield Point("follow_ups", f"Answered {row.answered_at:%-d %b}", row.follow_up.session_id)
