"""Board, schedule, session and bedside. Everything that changes goes through the API."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic import audit, clock
from clinic.access import Act, Principal, may
from screens.chart_inputs import inputs_of
from screens.charts.figure import figure as draw
from screens.views.staff import for_staff
from sessions import follow_up_queries
from sessions import queries as treatments
from sessions.services import wording
from vitals import alerting, hand_over_queries
from vitals.api import words


@for_staff(Act.SEE_BOARD)
def board(request: HttpRequest, by: Principal) -> HttpResponse:
    return render(
        request,
        "screens/board.html",
        {
            "screen": "board",
            "may_acknowledge": may(by, Act.ACKNOWLEDGE),
            "sound_allowed": alerting.settings(by.clinic_id).sound_allowed,
        },
    )


@for_staff(Act.SEE_BOARD)
def today(request: HttpRequest, by: Principal) -> HttpResponse:
    views = follow_up_queries.follow_ups(by.clinic_id, at=clock.now())
    need = follow_up_queries.waiting_for_someone(views)
    context = {
        "screen": "today",
        "follow_ups_need_someone": need,
        "offered_chairs": hand_over_queries.offered_to(by),
    }
    return render(request, "screens/today.html", context)


@for_staff(Act.SEE_SESSION)
def session(request: HttpRequest, by: Principal, session_id: UUID) -> HttpResponse:
    return _session_page(request, by, session_id, "screens/session.html")


@for_staff(Act.SEE_SESSION)
def bedside(request: HttpRequest, by: Principal, session_id: UUID) -> HttpResponse:
    chips = [{"code": chip.code, "text": chip.text} for chip in wording.chips(by.clinic_id) if chip.shown]
    return _session_page(request, by, session_id, "screens/bedside.html", symptom_chips=chips)


def _session_page(
    request: HttpRequest, by: Principal, session_id: UUID, template: str, **more: Any
) -> HttpResponse:
    row = treatments.session(by.clinic_id, session_id)
    audit.record_look(by, "session", str(row.id), session_id=row.id)
    detail = msgspec.json.encode(words.session(row, by=by, at=clock.now()))
    context = {"session_id": session_id, "session_detail": msgspec.json.decode(detail), **more}
    return render(request, template, context)


@for_staff(Act.SEE_SESSION)
def figure(request: HttpRequest, by: Principal, session_id: UUID) -> HttpResponse:
    """The session's chart, as the plain dictionary that the page hands to Plotly."""
    row = treatments.session(by.clinic_id, session_id)
    drawn = draw(**inputs_of(row, by.clinic_id, at=clock.now()))
    return HttpResponse(msgspec.json.encode(drawn), content_type="application/json")
