"""The page of a serious adverse event: four calm steps, charted once."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic import audit
from clinic.access import Act, Principal
from screens.views.staff import for_staff
from sessions import adverse_events
from sessions import queries as treatments


@for_staff(Act.ADVERSE_EVENT)
def adverse_event(request: HttpRequest, by: Principal, session_id: UUID) -> HttpResponse:
    row = treatments.session(by.clinic_id, session_id)
    audit.record_look(by, "session", str(row.id), session_id=row.id)
    context = {
        "screen": "adverse-event",
        "session": row,
        "criteria": adverse_events.CRITERION_WORDS.items(),
        "outcomes": adverse_events.OUTCOME_WORDS.items(),
        "suspected": adverse_events.SUSPECTED_WORDS.items(),
    }
    return render(request, "screens/adverse_event.html", context)
