"""Handing chairs over: one page for who offers, who accepts, and who sets how long it may take."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic.access import Act, Principal, may
from screens.views.staff import for_staff
from vitals.services import shift_times


@for_staff(Act.HAND_OVER)
def hand_over(request: HttpRequest, by: Principal) -> HttpResponse:
    context = {
        "screen": "hand-over",
        "times": shift_times.times_of(by.clinic_id),
        "may_set_times": may(by, Act.MANAGE_ALERTING),
    }
    return render(request, "screens/hand_over.html", context)
