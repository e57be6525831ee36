"""Whose eyes a signed-in request looks through, the membership of the active clinic; and in which browser."""

import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from clinic.access import Principal, acts_of
from clinic.models import Clinic, Membership
from clinic.refusals import NotFound
from clinic.tokens import LONGEST_KEY, principal_of_member, station_of

ACTIVE_CLINIC = "clinic"
# one random key per browser, whoever signs in there; 400 days is the longest that browsers keep a cookie
STATION = "vigil_station"
STATION_LASTS_S = 400 * 24 * 3600
SAFE = frozenset({"GET", "HEAD"})


class MembershipMiddleware:
    """Sets ``request.membership`` and ``request.principal``; both None when nobody is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        membership = active_membership(request)
        request.membership = membership  # type: ignore[attr-defined]  # read by views through principal_of
        key = station_key(request)
        made = "" if key else secrets.token_urlsafe(32)
        # a page may be drawn for the key that its answer brings; what is written needs one that was kept
        speaks = key or (made if request.method in SAFE else "")
        station = station_of(speaks) if speaks else ""
        request.principal = principal_of_member(membership, station=station) if membership else None  # type: ignore[attr-defined]
        response = self.get_response(request)
        if membership and "Cache-Control" not in response.headers:
            # pages of a signed-in person hold patients' data: no shared or disk cache may keep them
            response.headers["Cache-Control"] = "no-store"
        if membership and made:
            response.set_cookie(
                STATION,
                made,
                max_age=STATION_LASTS_S,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response


def station_key(request: HttpRequest) -> str:
    """The key that names the browser; empty for one that has none yet, or keeps what cannot be one."""
    key = request.COOKIES.get(STATION, "")
    return key if len(key) <= LONGEST_KEY else ""


def active_membership(request: HttpRequest) -> Membership | None:
    """The membership of the clinic chosen in this session, else the person's first one still open."""
    if not request.user.is_authenticated:
        return None
    memberships = Membership.objects.select_related("clinic", "user").filter(
        user_id=request.user.pk, ended_at__isnull=True
    )
    chosen = request.session.get(ACTIVE_CLINIC)
    if chosen is not None:
        found = memberships.filter(clinic_id=chosen).first()
        if found is not None:
            return found
    return memberships.order_by("pk").first()


def clinics_of(request: HttpRequest) -> list[Clinic]:
    """The clinics the signed-in person may choose between, by name."""
    if not request.user.is_authenticated:
        return []
    return list(
        Clinic.objects.filter(
            memberships__user_id=request.user.pk, memberships__ended_at__isnull=True
        ).order_by("name")
    )


def choose_clinic(request: HttpRequest, clinic_id: int) -> None:
    """Look through another of one's memberships from now on. raises: NotFound for a clinic not one's own."""
    if clinic_id not in {clinic.pk for clinic in clinics_of(request)}:
        raise NotFound
    request.session[ACTIVE_CLINIC] = clinic_id


def staff_context(request: HttpRequest) -> dict[str, Any]:
    """What every template may count on: the clinic, the person, and what that person may do."""
    membership: Membership | None = getattr(request, "membership", None)
    principal: Principal | None = getattr(request, "principal", None)
    if membership is None or principal is None:
        return {"clinic": None, "clinics": [], "me": None, "may": frozenset()}
    return {
        "clinic": membership.clinic,
        "clinics": clinics_of(request),
        "me": {
            "id": str(principal.user_id),
            "name": principal.name,
            "role": membership.get_role_display(),
        },
        "may": acts_of(principal),
    }
