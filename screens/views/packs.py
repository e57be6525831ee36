"""Packs: the page where one is taken, and each as a file."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from clinic import audit, clock
from clinic.access import Act, Principal
from clinic.models import Clinic
from clinic.refusals import Invalid
from reports.api import packs
from reports.packs.days import Days, day_of
from reports.packs.kinds import ABOUT, Kind
from screens.views.staff import for_staff
from sessions import queries as treatments
from sessions.models import Session


@for_staff(Act.TAKE_PACK)
def page(request: HttpRequest, by: Principal) -> HttpResponse:
    """The four packs, with the days they are over, and the sessions of one day."""
    return _page(request, by, trouble="")


def _page(request: HttpRequest, by: Principal, *, trouble: str) -> HttpResponse:
    now, zone = clock.now(), Clinic.objects.get(pk=by.clinic_id).zone
    today = now.astimezone(zone).date()
    day = today
    if request.GET.get("day"):
        try:
            day = day_of(request.GET, "day")
        except Invalid as refusal:
            trouble = refusal.message
    audit.record_look(by, "packs", "page")
    context = {
        "screen": "packs",
        "about": {kind.value: about for kind, about in ABOUT.items()},
        # what the address asked for stays in its fields, also when it was refused
        "asked": {name: request.GET.get(name) or default for name, default in _month(today).items()},
        "day": day,
        "sessions": _sessions(by, Days(day, day, zone)),
        "trouble": trouble,
    }
    return render(request, "screens/packs.html", context, status=422 if trouble else 200)


def _month(today: date) -> dict[str, str]:
    return {"from": today.replace(day=1).isoformat(), "until": today.isoformat()}


def _sessions(by: Principal, days: Days) -> list[Session]:
    """The sessions of the day that began: of one that was only planned there is nothing to take."""
    rows = treatments.sessions_of_day(by.clinic_id, days.since, days.until)
    return list(rows.filter(scheduled_at__gte=days.since, checked_in_at__isnull=False))


def _of_days(request: HttpRequest, by: Principal, kind: Kind) -> HttpResponseBase:
    """The pack; the page with the reason when its days cannot be had."""
    try:
        return packs.of_days(by, kind, request.GET)
    except Invalid as refusal:
        return _page(request, by, trouble=f"{ABOUT[kind].title}: {refusal.message}")


@for_staff(Act.TAKE_PACK)
def forms(request: HttpRequest, by: Principal) -> HttpResponseBase:
    return _of_days(request, by, Kind.FORMS)


@for_staff(Act.TAKE_PACK)
def drugs(request: HttpRequest, by: Principal) -> HttpResponseBase:
    return _of_days(request, by, Kind.DRUGS)


@for_staff(Act.TAKE_PACK)
def times(request: HttpRequest, by: Principal) -> HttpResponseBase:
    return _of_days(request, by, Kind.TIME)


# whose session it is stands before who may: ``packs.of_session`` asks for both
@for_staff(Act.SEE_SESSION)
def session_time(request: HttpRequest, by: Principal, session_id: UUID) -> HttpResponseBase:
    return packs.of_session(by, Kind.TIME, session_id, {})


@for_staff(Act.SEE_SESSION)
def incident(request: HttpRequest, by: Principal, session_id: UUID) -> HttpResponseBase:
    return packs.of_session(by, Kind.INCIDENT, session_id, {})
