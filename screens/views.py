"""What people see. Views fetch, make one call and render; everything that changes goes through the API."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

import msgspec
from django.contrib.auth.decorators import login_not_required, login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.db import DatabaseError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET, require_POST

from clinic import audit, clock, middleware
from clinic.access import Act, Principal, check, may
from clinic.refusals import AccessDenied, NotFound
from screens.chart_inputs import inputs_of
from screens.charts.figure import figure as draw
from screens.status import counts_of, parts_of, ready
from sessions import queries as treatments
from vitals import queries
from vitals.api import words

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Principal, P], HttpResponse]


def for_staff(act: Act) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """A page for signed-in members whose role is named for the act; it is given the principal.

    Another clinic's id and an unknown one are the same 404.
    """

    def decorate(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @require_GET
        @login_required
        @wraps(view)
        def page(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            principal: Principal | None = getattr(request, "principal", None)
            if principal is None:
                return _refused(request, "Your account belongs to no clinic: ask an admin.")
            try:
                check(principal, act)
                return view(request, principal, *args, **kwargs)
            except AccessDenied as refusal:
                return _refused(request, refusal.message)
            except NotFound as missing:
                raise Http404 from missing

        return page  # type: ignore[return-value]  # the decorators of Django are typed for any view

    return decorate


def _refused(request: HttpRequest, words: str) -> HttpResponse:
    return render(request, "screens/refused.html", {"refusal": words}, status=403)


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    template_name = "screens/sign_in.html"
    redirect_authenticated_user = True


class SignOut(LogoutView):
    """By POST only, so that no link signs anybody out."""


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The first page: the board, where everybody begins."""
    return redirect("board-page")


@require_POST
@login_required
def choose_clinic(request: HttpRequest) -> HttpResponse:
    """Go on in another of one's clinics."""
    asked = request.POST.get("clinic", "")
    try:
        middleware.choose_clinic(request, int(asked) if asked.isdigit() else 0)
    except NotFound as missing:
        raise Http404 from missing
    return redirect("board-page")


@for_staff(Act.SEE_BOARD)
def board(request: HttpRequest, by: Principal) -> HttpResponse:
    return render(
        request,
        "screens/board.html",
        {"screen": "board", "may_acknowledge": may(by, Act.ACKNOWLEDGE)},
    )


@for_staff(Act.SEE_BOARD)
def today(request: HttpRequest, by: Principal) -> HttpResponse:
    return render(request, "screens/today.html", {"screen": "today"})


@for_staff(Act.SEE_SESSION)
def session(request: HttpRequest, by: Principal, session_id: UUID) -> HttpResponse:
    return _session_page(request, by, session_id, "screens/session.html")


@for_staff(Act.SEE_SESSION)
def bedside(request: HttpRequest, by: Principal, session_id: UUID) -> HttpResponse:
    return _session_page(request, by, session_id, "screens/bedside.html")


def _session_page(request: HttpRequest, by: Principal, session_id: UUID, template: str) -> HttpResponse:
    row = treatments.session(by.clinic_id, session_id)
    audit.record_look(by, "session", str(row.id), session_id=row.id)
    detail = msgspec.json.encode(words.session(row, by=by, at=clock.now()))
    context = {"session_id": session_id, "session_detail": msgspec.json.decode(detail)}
    return render(request, template, context)


@for_staff(Act.SEE_SESSION)
def figure(request: HttpRequest, by: Principal, session_id: UUID) -> HttpResponse:
    """The session's chart, as the plain dictionary that the page hands to Plotly."""
    row = treatments.session(by.clinic_id, session_id)
    drawn = draw(**inputs_of(row, by.clinic_id))
    return HttpResponse(msgspec.json.encode(drawn), content_type="application/json")


@for_staff(Act.SEE_STATUS)
def status(request: HttpRequest, by: Principal) -> HttpResponse:
    parts = parts_of()
    context = {
        "screen": "status",
        "parts": parts,
        "all_work": all(part.works for part in parts),
        "counts": counts_of(by.clinic_id),
    }
    return render(request, "screens/status.html", context)


@for_staff(Act.SEE_QUARANTINE)
def quarantine(request: HttpRequest, by: Principal) -> HttpResponse:
    rows = queries.quarantined(by.clinic_id)
    audit.record_look(by, "quarantine", "list")
    return render(request, "screens/quarantine.html", {"screen": "quarantine", "rows": rows})


@require_GET
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Ready when a row can be written and every migration is done; says what is not."""
    try:
        with transaction.atomic():
            missing = ready()
    except DatabaseError as error:
        connection.close()
        missing = [f"the database does not take a row: {type(error).__name__}"]
    return JsonResponse({"ready": not missing, "missing": missing}, status=503 if missing else 200)
