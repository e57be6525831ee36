"""The record page: the whole treatment in order, each part beside the forms that chart it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic import audit, clock
from clinic.access import Act, Principal
from screens.record_parts import (
    correction,
    dose,
    entries,
    form,
    gate,
    ledger,
    news,
    readiness,
    scales,
    symptoms,
)
from screens.views.staff import for_staff
from sessions import queries as treatments
from sessions import states


@for_staff(Act.SEE_SESSION)
def record(request: HttpRequest, by: Principal, session_id: UUID) -> HttpResponse:
    row = treatments.session(by.clinic_id, session_id)
    audit.record_look(by, "session", str(row.id), session_id=row.id)
    at = clock.now()
    context = {
        "screen": "record",
        "session": row,
        "at": at,
        "gate": gate.part(row, by, at),
        "dose": dose.part(row, by, at),
        "ledger": ledger.part(row, by, at),
        "form_part": form.part(row, by, at),
        "symptoms": symptoms.part(row, by, at),
        "news": news.part(row, by, at),
        "scales": scales.part(row, by, at),
        "readiness": readiness.part(row, by, at),
        "entries": entries.part(row, by, at),
    }
    return render(request, "screens/record.html", context)


@for_staff(Act.CORRECT_ENTRY)
def correct(request: HttpRequest, by: Principal, entry: UUID) -> HttpResponse:
    """The form that corrects one entry."""
    event = treatments.entry(by.clinic_id, entry)
    row = treatments.session(by.clinic_id, event.session_id)
    audit.record_look(by, "session", str(row.id), session_id=row.id)
    context = {
        "screen": "record",
        "session": row,
        "event": event,
        "act": states.WORDS.get(event.kind, event.kind),
        "fields": correction.fields_of(event, row.protocol.route),
    }
    return render(request, "screens/correct_entry.html", context)
