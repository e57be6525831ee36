"""The day's own pages: opening, closing, and the sheet for when nothing works."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic import audit, clock
from clinic.access import Act, Principal
from clinic.models import Clinic
from screens import down_time as sheets
from screens.views.staff import for_staff
from sessions import day, day_queries
from vitals.services import days


@for_staff(Act.OPEN_DAY)
def opening(request: HttpRequest, by: Principal) -> HttpResponse:
    """The checklist of the morning; a day that was opened shows what was answered."""
    clinic, at = Clinic.objects.get(pk=by.clinic_id), clock.now()
    span = day_queries.day_of(clinic, at)
    state = days.day_of(clinic, at)
    answers = state.opened.items if state.opened else {}
    context = {
        "screen": "today",
        "span": span,
        "state": state,
        "questions": [(question, answers.get(question.code, {})) for question in day.OPENING],
        "prescribers": day_queries.prescribers(clinic.pk, span.day),
        "drug_count": day_queries.drug_count(clinic.pk, span),
        "monitors": days.monitors(clinic, at),
        "at": at,
    }
    return render(request, "screens/day/open.html", context)


@for_staff(Act.OPEN_DAY)
def closing(request: HttpRequest, by: Principal) -> HttpResponse:
    """What is left open, each with the way to it; and the button that closes the day."""
    clinic, at = Clinic.objects.get(pk=by.clinic_id), clock.now()
    state = days.day_of(clinic, at)
    context = {
        "screen": "today",
        "span": day_queries.day_of(clinic, at),
        "state": state,
        "found": day.found(state.points),
        "left": len(state.points),
        "at": at,
    }
    return render(request, "screens/day/close.html", context)


@for_staff(Act.SEE_SESSION)
def down_time(request: HttpRequest, by: Principal) -> HttpResponse:
    """A sheet of paper for each open session, to go on with by hand; who printed it is kept per session."""
    at = clock.now()
    found = sheets.sheets_of(by.clinic_id, at)
    with transaction.atomic():
        audit.record(
            [
                audit.Entry(
                    by=by,
                    act="look",
                    subject="down-time-sheet",
                    subject_id=str(sheet.session.id),
                    session_id=sheet.session.id,
                )
                for sheet in found
            ]
        )
    context = {
        "sheets": found,
        "blanks": range(sheets.blanks_beside(len(found))),
        "blank_lines": sheets.lines_of([]),
        "at": at,
    }
    return render(request, "screens/day/down_time.html", context)
