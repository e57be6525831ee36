"""The front door: signing in and out, the first page, and which clinic one looks at."""

from django.contrib.auth.decorators import login_not_required, login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from clinic import middleware
from clinic.refusals import NotFound


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
