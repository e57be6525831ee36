"""The monitoring form of a session, its values in order for copying, its PDF, and all forms of a clinic."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic import audit, clock
from clinic.access import Act, Principal
from clinic.refusals import NotFound
from reports import form_board, monitoring_form, words
from reports.form_board import Line, Standing
from reports.form_pdf import CERTAINTY, form_pdf
from reports.monitoring_form import Form
from screens import form_page
from screens.views.staff import for_staff
from sessions import queries as treatments

TITLES = {
    Standing.DUE: "To file",
    Standing.DIFFERS: "Filed, and changed since",
    Standing.OPEN: "Sessions under way",
    Standing.FILED: "Filed in the last 14 days",
}


def _form(by: Principal, session_id: UUID, at: datetime) -> Form:
    """The form, and that somebody looked at it. raises: NotFound, also for a session without one."""
    session = treatments.session(by.clinic_id, session_id)
    if not monitoring_form.has_form(session):
        raise NotFound
    form = monitoring_form.form_of(session, at=at)
    audit.record_look(by, "form", str(session.id), session_id=session.id)
    return form


@for_staff(Act.SEE_FORMS)
def form(request: HttpRequest, by: Principal, session_id: UUID) -> HttpResponse:
    at = clock.now()
    session = treatments.session(by.clinic_id, session_id)
    if not monitoring_form.has_form(session):
        context = {"screen": "form", "session": session, "words": monitoring_form.NO_FORM}
        return render(request, "screens/no_form.html", context)
    row = _form(by, session_id, at)
    context = {
        "screen": "form",
        "session": row.session,
        "form": row,
        "sections": form_page.sections(row, by),
        "look": form_page.look_of(row.due, filed=bool(row.filings), differs=bool(row.differs)),
        "differs": words.differs(row),
        "note": words.NEVER_SUBMITTED,
        "certainty": CERTAINTY,
        "moments": form_page.moments(row, at),
        "gaps_now": [gap for gap in row.gaps if gap.now],
        "gaps_later": [gap for gap in row.gaps if not gap.now],
    }
    return render(request, "screens/form.html", context)


@for_staff(Act.SEE_FORMS)
def copy(request: HttpRequest, by: Principal, session_id: UUID) -> HttpResponse:
    row = _form(by, session_id, clock.now())
    context = {
        "screen": "form",
        "session": row.session,
        "form": row,
        "sections": form_page.sections(row, by),
        "note": words.NEVER_SUBMITTED,
        "certainty": CERTAINTY,
    }
    return render(request, "screens/form_copy.html", context)


@for_staff(Act.SEE_FORMS)
def pdf(request: HttpRequest, by: Principal, session_id: UUID) -> HttpResponse:
    row = _form(by, session_id, clock.now())
    # the session's id and no name: the file's name is written to logs and disks
    name = f"monitoring-form-{session_id}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(form_pdf(row), content_type="application/pdf", headers=headers)


@for_staff(Act.SEE_FORMS)
def board(request: HttpRequest, by: Principal) -> HttpResponse:
    lines = form_board.board(by.clinic_id, at=clock.now())
    audit.record_look(by, "forms", "board")
    parts = [
        (title, standing, [_shown(line) for line in lines if line.standing is standing])
        for standing, title in TITLES.items()
    ]
    return render(request, "screens/forms.html", {"screen": "forms", "parts": parts})


def _shown(line: Line) -> dict[str, object]:
    due = line.form.due if line.form else None
    return {
        "line": line,
        "due": due,
        "look": form_page.look_of(
            due, filed=line.filed is not None, differs=line.standing is Standing.DIFFERS
        ),
        "gaps": [gap for gap in line.form.gaps if gap.now] if line.form else [],
        "differs": words.differs(line.form) if line.form else [],
    }
