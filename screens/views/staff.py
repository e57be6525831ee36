"""The one way in: a page for signed-in members whose role is named for its act."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Literal, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.access import Act, Principal, check
from clinic.refusals import AccessDenied, NotFound

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Principal, P], HttpResponseBase]


def for_staff(
    act: Act, method: Literal["GET", "POST"] = "GET"
) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]]:
    """A page for signed-in members whose role is named for the act; it is given the principal.

    Times on it are the clinic's wall times. Another clinic's id and an unknown one are the same 404.
    """

    def decorate(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @require_http_methods([method])
        @login_required
        @wraps(view)
        def page(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            principal: Principal | None = getattr(request, "principal", None)
            if principal is None:
                return _refused(request, "Your account belongs to no clinic: ask an admin.")
            try:
                check(principal, act)
                with timezone.override(request.membership.clinic.zone):  # type: ignore[attr-defined]  # set with the principal
                    return view(request, principal, *args, **kwargs)
            except AccessDenied as refusal:
                return _refused(request, refusal.message)
            except NotFound as missing:
                raise Http404 from missing

        return page  # type: ignore[return-value]  # the decorators of Django are typed for any view

    return decorate


def _refused(request: HttpRequest, words: str) -> HttpResponse:
    return render(request, "screens/refused.html", {"refusal": words}, status=403)
