"""The check-in at home: one page behind a link, without sign-in, without script, without a name.

It takes no CSRF token. Such a token guards what a browser sends along by itself, and here nothing is: the
key in the address is the whole authority, and who knows it may answer anyhow. The page sends no referrer, so
that the key stays out of other servers' logs; browsers then name no origin, and the token's check would
refuse the patient's own answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from clinic import clock
from clinic.refusals import NotFound
from sessions import follow_up
from sessions.follow_up import Form, Question
from sessions.services import follow_ups

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the page shows it, with what was chosen before and why that cannot be taken."""

    question: Question
    options: Sequence[tuple[str, str]]
    chosen: Sequence[str] = field(default=())
    error: str = ""


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "POST"])
def check_in(request: HttpRequest, key: str) -> HttpResponse:
    """Ask, or keep the answers. An unknown, a used and an expired link get the same polite page."""
    at = clock.now()
    try:
        row = follow_ups.open_check_in(key, at=at)
        questions = follow_up.asked(row.kind, row.session.course.indication)
        form = {name: request.POST.getlist(name) for name in request.POST}
        given = follow_up.read(form, questions)
        if request.method == "POST" and not given.errors:
            kept = follow_ups.answer(key, given.answers, at=at)
            context = {"clinic_of_patient": row.clinic, "harm": follow_up.HARM in _true(kept.answers)}
            return _page(request, "screens/check_in_done.html", context)
    except NotFound:
        return _page(request, "screens/check_in_closed.html", {}, status=404)
    errors = given.errors if request.method == "POST" else {}
    context = {
        "clinic_of_patient": row.clinic,
        "asked": [
            Asked(one, _options(one), form.get(one.code, ()), errors.get(one.code, "")) for one in questions
        ],
        "errors": errors,
    }
    return _page(request, "screens/check_in.html", context, status=422 if errors else 200)


def _true(answers: dict[str, object]) -> set[str]:
    return {code for code, answer in answers.items() if answer is True}


def _options(question: Question) -> list[tuple[str, str]]:
    if question.form is Form.SCALE:
        numbers = range(follow_up.SCALE_FROM, follow_up.SCALE_TO + 1)
        return [(str(number), str(number)) for number in numbers]
    if question.form is Form.YES_NO:
        return [("yes", "Yes"), ("no", "No")]
    return [(choice.code, choice.text) for choice in question.choices]


def _page(request: HttpRequest, template: str, context: dict[str, object], status: int = 200) -> HttpResponse:
    response = render(request, template, context, status=status)
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response
