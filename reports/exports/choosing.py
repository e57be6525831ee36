"""Which sessions an export is of."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from datetime import time as of_day
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from clinic.models import Clinic, Membership
from clinic.refusals import Invalid
from reports.exports.asked import Filters
from sessions.indications import Indication
from sessions.models import Protocol, Session, SessionEvent
from sessions.protocol import Route
from vitals.limits import Priority
from vitals.models import Flag


def session_ids(clinic: Clinic, filters: Filters) -> list[UUID]:
    """The sessions that fit, in order of their keys. raises: Invalid for what the clinic does not know."""
    return list(that_fit(clinic, filters).order_by("id").values_list("id", flat=True))


def that_fit(clinic: Clinic, filters: Filters) -> QuerySet[Session]:
    """The sessions that fit, not read yet. raises: Invalid for what the clinic does not know."""
    rows = Session.objects.filter(_between(clinic.zone, filters.from_day, filters.until_day), clinic=clinic)
    if filters.route:
        _known("route", filters.route, list(Route))
        rows = rows.filter(protocol__route=filters.route)
    if filters.protocol:
        codes = Protocol.objects.filter(clinic=clinic).values_list("code", flat=True).distinct()
        _known("protocol", filters.protocol, sorted(codes))
        rows = rows.filter(protocol__code=filters.protocol)
    if filters.indication:
        _known("indication", filters.indication, list(Indication))
        rows = rows.filter(course__indication=filters.indication)
    if filters.staff:
        rows = rows.filter(_of_staff(clinic, filters.staff))
    if filters.flags:
        rows = rows.filter(_flagged(filters.flags))
    return rows


def _between(zone: ZoneInfo, first: date | None, last: date | None) -> Q:
    began, fits = Coalesce("checked_in_at", "scheduled_at"), Q()
    if first is not None:
        fits &= Q(GreaterThanOrEqual(began, datetime.combine(first, of_day(), zone)))
    if last is not None:
        fits &= Q(LessThan(began, datetime.combine(last + timedelta(days=1), of_day(), zone)))
    return fits


def _of_staff(clinic: Clinic, given: str) -> Q:
    members = Membership.objects.filter(clinic=clinic).values_list("user_id", flat=True)
    if given not in {str(user_id) for user_id in members}:
        raise Invalid("staff names no member of this clinic.", field="staff")
    charted = SessionEvent.objects.filter(session=OuterRef("pk"), by_id=given)
    return Q(nurse_id=given) | Q(Exists(charted))


def _flagged(flags: str) -> Q:
    """More than a re-check, and not of late readings."""
    rows = Flag.objects.filter(session=OuterRef("pk"), activated_at__isnull=False, late=False)
    if flags == "high":
        rows = rows.filter(peak=Priority.HIGH)
    return ~Q(Exists(rows)) if flags == "none" else Q(Exists(rows))


def _known(field: str, given: str, known: Iterable[str]) -> None:
    names = [str(name) for name in known]
    if given not in names:
        raise Invalid(f"{field} “{given}” is not one of: {', '.join(names)}.", field=field)
