"""What is answered when no view could: JSON to callers of the API, a plain page to people."""

import sys

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<h1>{title}</h1><p>{words}</p>"""


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Another clinic's address, an unknown one and a mistyped one answer alike."""
    return _answer(request, 404, "not_found", "Not found", "There is nothing here under that address.")


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours, or a database that is away: then 503, and the call may be sent again."""
    if isinstance(sys.exc_info()[1], DatabaseError):
        words = "The database did not answer. Go to the chairs, chart on paper, and try again."
        answer = _answer(request, 503, "try_later", "Not available now", words)
        answer.headers["Retry-After"] = "1"
        return answer
    words = "Something went wrong here. It is logged. What you had not saved may not be stored: look."
    return _answer(request, 500, "fault", "Something went wrong", words)


def _answer(request: HttpRequest, status: int, code: str, title: str, words: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse({"code": code, "message": words}, status=status)
    return HttpResponse(PAGE.format(title=title, words=words), status=status)
