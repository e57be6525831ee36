"""Patients' own screens: making this browser one, and the screen itself."""

from uuid import UUID

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from clinic import clock
from clinic import rooms as screens
from clinic.access import Act, Principal
from clinic.refusals import NotFound
from clinic.tokens import ROOM_COOKIE, room_of
from screens.views.enrolled import keep_cookie
from screens.views.staff import for_staff


# open to all staff here, so that another clinic's chair is not found by anybody; the service says who may
@for_staff(Act.SEE_BOARD, method="POST")
def enrol(request: HttpRequest, by: Principal) -> HttpResponse:
    """Make this browser the patient's screen of a chair; who is signed in here is signed out."""
    try:
        chair_id = UUID(request.POST.get("chair", ""))
    except ValueError as error:
        raise NotFound from error
    key = screens.enrol(by=by, chair_id=chair_id, at=clock.now())
    logout(request)
    response = redirect("room-page")
    keep_cookie(response, ROOM_COOKIE, key)
    return response


@require_GET
@login_not_required
def room(request: HttpRequest) -> HttpResponse:
    """The screen itself. A browser that is no chair's screen, or no longer, is told so."""
    by = room_of(request)
    if by is None:
        response = render(request, "screens/room_not_set.html", status=403)
    else:
        response = render(request, "screens/room.html")
        keep_cookie(response, ROOM_COOKIE, request.COOKIES[ROOM_COOKIE])
    response.headers["Cache-Control"] = "no-store"
    return response
