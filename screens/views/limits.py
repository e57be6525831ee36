"""The clinic's limits: its versions by protocol, and one version with its rows, its form, its signature."""

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic.access import Act, Principal, may
from screens.limits_page import blank_rows, groups_of
from screens.views.staff import for_staff
from vitals import limit_queries
from vitals.limit_checks import MUST_WATCH
from vitals.limit_differences import count_words
from vitals.limit_queries import Standing
from vitals.services import limit_drafts


@for_staff(Act.SEE_LIMITS)
def versions(request: HttpRequest, by: Principal) -> HttpResponse:
    """Every version by protocol, which is in use, and the sessions that still keep an older one."""
    found = limit_queries.versions(by.clinic_id)
    protocols = []
    for name, group in groupby(found, key=lambda view: view.protocol):
        views = list(group)
        used = next(view for view in views if view.standing is Standing.IN_USE)
        older = [one for view in views if view is not used for one in view.sessions]
        protocols.append({"name": name, "versions": views, "in_use": used, "older": older})
    return render(request, "screens/limits/versions.html", {"screen": "limits", "protocols": protocols})


@for_staff(Act.SEE_LIMITS)
def version(request: HttpRequest, by: Principal, limit_set_id: int) -> HttpResponse:
    """One version: its rows in words beside those in use; a draft is changed and signed here."""
    detail = limit_queries.version(by.clinic_id, limit_set_id)
    drafting = detail.view.standing is Standing.DRAFT
    editing = drafting and may(by, Act.DRAFT_LIMITS)
    symptoms = sorted(limit_drafts.known_symptoms(by.clinic_id)) if editing else []
    reasons = [
        {"code": one.code, "words": one.words, "reason": detail.not_watched.get(one.code, "")}
        for one in MUST_WATCH
        if not one.is_watched(detail.limits.rules) or one.code in detail.not_watched
    ]
    context = {
        "screen": "limits",
        "view": detail.view,
        "detail": detail,
        "drafting": drafting,
        "editing": editing,
        "groups": groups_of(detail.limits, detail.changes if drafting else (), symptoms, editing=editing),
        "summary": count_words(detail.changes),
        "reasons": reasons,
        "blank": blank_rows(symptoms) if editing else (),
    }
    return render(request, "screens/limits/version.html", context)
