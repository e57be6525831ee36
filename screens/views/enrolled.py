"""Browsers that show without a sign-in: patients' own screens and those on the wall, on one page."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic import rooms, walls
from clinic.access import Act, Principal
from clinic.refusals import Refusal
from screens.views.staff import for_staff

# browsers keep a cookie no longer than 400 days; each look at the screen's page begins them anew
COOKIE_LASTS_S = 400 * 24 * 3600


@for_staff(Act.ENROL_ROOM)
def screens(request: HttpRequest, by: Principal) -> HttpResponse:
    return page(request, by)


def page(request: HttpRequest, by: Principal, refusal: Refusal | None = None) -> HttpResponse:
    """The list of screens; with a refusal, what was asked for stands in the form again, beside why not."""
    context = {
        "screen": "screens",
        "rooms": rooms.screens(by.clinic_id),
        "walls": walls.walls(by.clinic_id),
        "asked": request.POST,
        "refusal": refusal,
        "night_from": walls.NIGHT_FROM,
        "night_until": walls.NIGHT_UNTIL,
        "longest_name": walls.LONGEST_NAME,
    }
    return render(request, "screens/enrolled.html", context, status=refusal.status if refusal else 200)


def keep_cookie(response: HttpResponse, name: str, key: str) -> None:
    response.set_cookie(
        name,
        key,
        max_age=COOKIE_LASTS_S,
        httponly=True,
        secure=settings.BEHIND_TLS,
        samesite="Strict",
    )
