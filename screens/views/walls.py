"""Screens on the wall: making this browser one, and the board it then shows."""

from datetime import time
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from clinic import clock, version
from clinic import walls as screens
from clinic.access import Act, Principal
from clinic.refusals import Invalid, NotAllowed
from clinic.tokens import WALL_COOKIE, wall_of_key
from screens.views import enrolled
from screens.views.staff import for_staff


@for_staff(Act.ENROL_WALL, method="POST")
def enrol(request: HttpRequest, by: Principal) -> HttpResponse:
    """Make this browser a wall screen; who is signed in here is signed out."""
    try:
        key = screens.enrol(
            by=by,
            name=request.POST.get("name", ""),
            night_from=_time(request, "night_from", screens.NIGHT_FROM),
            night_until=_time(request, "night_until", screens.NIGHT_UNTIL),
        )
    except (Invalid, NotAllowed) as refusal:
        return enrolled.page(request, by, refusal)
    logout(request)
    response = redirect("wall-page")
    enrolled.keep_cookie(response, WALL_COOKIE, key)
    return response


@require_GET
@login_not_required
def wall(request: HttpRequest) -> HttpResponse:
    """The screen itself. A browser that is no wall screen, or no longer, is told so."""
    key = request.COOKIES.get(WALL_COOKIE, "")
    screen = wall_of_key(key)
    # whoever may be signed in here too: this page is the screen's
    nobody: dict[str, Any] = {"me": None, "clinics": [], "may": frozenset()}
    if screen is None:
        response = render(request, "screens/wall_not_set.html", nobody | {"clinic": None}, status=403)
    else:
        at = clock.now().astimezone(screen.clinic.zone).time()
        night = screens.is_night(screen.night_from, screen.night_until, at)
        context = {"clinic": screen.clinic, "wall": screen, "night": night, "version": version.served()}
        response = render(request, "screens/wall.html", nobody | context)
        enrolled.keep_cookie(response, WALL_COOKIE, key)
    response.headers["Cache-Control"] = "no-store"
    return response


def _time(request: HttpRequest, name: str, otherwise: time) -> time:
    """A time of day such as 19:00. raises: Invalid."""
    text = request.POST.get(name, "")
    try:
        return time.fromisoformat(text).replace(tzinfo=None) if text else otherwise
    except ValueError as error:
        raise Invalid(f"“{text}” is no time of day such as 19:00.", field=name) from error
