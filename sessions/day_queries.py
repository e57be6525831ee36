"""Reads for the day's opening and closing: its entries, who may be the prescriber, and what is left open."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import Coalesce

from clinic.models import Clinic, CredentialKind, MembershipRole, User
from sessions import day
from sessions.day import Kind, Point
from sessions.models import (
    DayEntry,
    FollowUpAnswer,
    FollowUpReview,
    FormFiling,
    LedgerEntry,
    LedgerWitness,
    Session,
    Status,
)
from sessions.protocol import Route
from sessions.states import PRESENT, State

# a difference below this is the measuring of it: clinical facts, section 7, ledger fields
LEDGER_TOLERANCE = Decimal("0.1")
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
    row = (
        _current_ledger(clinic_id)
        .filter(kind="count", at__gte=span.start, at__lt=span.end)
        .order_by("-at")
        .first()
    )
    return Counted(row.at, row.by_name) if row else None


def points(clinic_id: int, span: DaySpan, *, at: datetime) -> list[Point]:
    """What the treatment record leaves open at this moment."""
    return [
        *_open_sessions(clinic_id),
        *_ledger(clinic_id, span),
        *_unwitnessed(clinic_id, span),
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


def _current_ledger(clinic_id: int) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(clinic_id=clinic_id, superseded_by__isnull=True).exclude(
        status=Status.ENTERED_IN_ERROR
    )


def _ledger(clinic_id: int, span: DaySpan) -> Iterable[Point]:
    """Sessions of today for which what was drawn is not what was given and wasted."""
    rows = _current_ledger(clinic_id).filter(at__gte=span.start, at__lt=span.end, session__isnull=False)
    sums: dict[UUID, dict[str, Decimal]] = {}
    for session_id, kind, total in (
        rows.values_list("session", "kind").annotate(total=Coalesce(Sum("quantity"), Decimal(0))).order_by()
    ):
        sums.setdefault(session_id, {})[kind] = total
    for session_id, of in sums.items():
        used = sum((of.get(kind, Decimal(0)) for kind in ("give", "waste", "return")), Decimal(0))
        left = of.get("draw", Decimal(0)) - used
        if abs(left) > LEDGER_TOLERANCE:
            yield Point("ledger", f"Drawn and not accounted for: {left.normalize():f}", session_id)


def _unwitnessed(clinic_id: int, span: DaySpan) -> Iterable[Point]:
    rows = _current_ledger(clinic_id).filter(kind="waste", at__gte=span.start, at__lt=span.end)
    rows = rows.filter(~Exists(LedgerWitness.objects.filter(ledger_entry=OuterRef("pk"))))
    for row in rows.select_related("item").order_by("at")[:AT_MOST]:
        words = f"{row.quantity.normalize():f} {row.item.unit} of {row.item.label}"
        yield Point("unwitnessed", f"{words}: {row.reason}" if row.reason else words, row.session_id)


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
