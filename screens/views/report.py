"""The session report: as a page that can be printed, and as the PDF."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe

from clinic import audit
from clinic.access import Act, Principal
from reports.session_report import chart as report_chart
from reports.session_report import report_of
from reports.session_report.pdf import session_report_pdf
from reports.session_report.value import SessionReport, how_to_verify
from screens.views.staff import for_staff
from sessions import queries as treatments
from sessions.models import Session


def _seen(by: Principal, session_id: UUID) -> tuple[Session, SessionReport]:
    """The report, and that somebody looked at it. raises: NotFound."""
    session = treatments.session(by.clinic_id, session_id)
    report = report_of(session)
    audit.record_look(by, "report", str(session.id), session_id=session.id)
    return session, report


@for_staff(Act.SEE_REPORT)
def report(request: HttpRequest, by: Principal, session_id: UUID) -> HttpResponse:
    session, row = _seen(by, session_id)
    context = {
        "screen": "report",
        "session": session,
        "report": row,
        # our own drawing: an XML writer put every word in it
        "chart": mark_safe(report_chart.svg(row.chart)) if row.chart else "",  # noqa: S308
        "verify": how_to_verify(row),
    }
    return render(request, "screens/report.html", context)


@for_staff(Act.SEE_REPORT)
def pdf(request: HttpRequest, by: Principal, session_id: UUID) -> HttpResponse:
    _, row = _seen(by, session_id)
    # the session's id and no name: the file's name is written to logs and disks
    headers = {"Content-Disposition": f'inline; filename="session-report-{session_id}.pdf"'}
    return HttpResponse(session_report_pdf(row), content_type="application/pdf", headers=headers)
