"""The record page: the whole treatment in order, each part beside the forms that chart it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic import audit, clock
from clinic.access import Act, Principal
from screens.views.staff import for_staff
from sessions import queries as treatments


@for_staff(Act.SEE_SESSION)
def record(request: HttpRequest, by: Principal, session_id: UUID) -> HttpResponse:
    row = treatments.session(by.clinic_id, session_id)
    audit.record_look(by, "session", str(row.id), session_id=row.id)
    at = clock.now()
    context = {"screen": "record", "session": row, "at": at}
    return render(request, "screens/record.html", context)
