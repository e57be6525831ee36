"""The check-ins after sessions, for staff: what needs someone on top, each answer as it was given."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic import audit, clock
from clinic.access import Act, Principal
from screens.views.staff import for_staff
from sessions import follow_up_queries


@for_staff(Act.SEE_FOLLOW_UPS)
def follow_ups(request: HttpRequest, by: Principal) -> HttpResponse:
    at = clock.now()
    views = follow_up_queries.follow_ups(by.clinic_id, at=at)
    audit.record_look(by, "follow-ups", "list")
    context = {
        "screen": "follow-ups",
        "at": at,
        "needing": [view for view in views if view.needs_someone],
        "waiting": [view for view in views if view.is_open and not view.needs_someone],
        "closed": [view for view in views if not view.is_open],
    }
    return render(request, "screens/follow_ups.html", context)
