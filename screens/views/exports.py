"""The page on which an admin gets anything out: asking, watching it, fetching it; and schedules."""

from uuid import UUID

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from clinic import audit, clock
from clinic.access import Act, Principal
from clinic.models import Clinic
from clinic.refusals import NotAllowed
from reports.exports import jobs, schedules, telling
from screens import exports_page as page
from screens.views.staff import for_staff


@for_staff(Act.SEE_EXPORTS)
def exports(request: HttpRequest, by: Principal) -> HttpResponse:
    """The form, as its address fills it; the exports there were; the schedules."""
    at = clock.now()
    names = telling.names_of(by.clinic_id)
    today = at.astimezone(Clinic.objects.get(pk=by.clinic_id).zone).date()
    audit.record_look(by, "export", "list")
    context = {
        "screen": "exports",
        "form": page.form(request.GET, names, today),
        "exports": page.shown(jobs.newest(by), names, at=at),
        "schedules": page.shown_schedules(schedules.listed(by), names, at=at),
        "stores": settings.EXPORT_STORES,
    }
    return render(request, "screens/exports/page.html", context)


@for_staff(Act.SEE_EXPORTS)
def file(request: HttpRequest, by: Principal, export_id: UUID) -> HttpResponseBase:
    """A finished export's file, for a browser that is signed in; whether she may is looked at anew."""
    try:
        found = jobs.fetch(by=by, export_id=export_id, at=clock.now())
    except NotAllowed as refusal:
        return render(request, "screens/refused.html", {"refusal": refusal.message}, status=refusal.status)
    return FileResponse(found.file, as_attachment=True, filename=found.name.rpartition("/")[2])
