"""The figures of flags, month by month: a page to read and print, and the same as files."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date

from clinic import audit, clock
from clinic.access import Act, Principal
from clinic.models import Clinic
from reports import flag_figures as sums
from reports.flag_sums import Asked, Figures, months_before
from screens import csv_file
from screens import flag_figures_page as page
from screens.views.staff import for_staff
from sessions import queries as treatments
from sessions.models import Protocol
from sessions.protocol import Route

SHOWN_AT_FIRST = 6
# months that a page can sum and still be read
LONGEST_SPAN = 36
ROUTE_WORDS = {Route.IV.value: "IV", Route.NASAL.value: "Nasal"}


@dataclass(frozen=True, slots=True)
class Question:
    """What the address asks for; ``trouble`` says why it could not be had as it was written."""

    asked: Asked
    protocols: list[Protocol]
    trouble: str

    @property
    def protocol_name(self) -> str:
        return next((row.name for row in self.protocols if row.code == self.asked.protocol), "")

    @property
    def route_words(self) -> str:
        return ROUTE_WORDS.get(self.asked.route, "")


@for_staff(Act.SEE_FIGURES)
def flag_figures(request: HttpRequest, by: Principal) -> HttpResponse:
    """Flags per session and by rule, what they led to, how soon they were taken, what was overdue."""
    question, found = _found(request, by, "page")
    parts = page.parts(found) if found.sessions.sessions else []
    context = {
        "screen": "flag-figures",
        "question": question,
        "asked": question.asked,
        "headlines": page.headlines(found) if parts else [],
        "parts": parts,
        "routes": ROUTE_WORDS.items(),
        "address": request.GET.urlencode(),
        "printed_at": clock.now(),
    }
    return render(request, "screens/flag_figures.html", context)


@for_staff(Act.SEE_FIGURES)
def flag_figures_csv(request: HttpRequest, by: Principal) -> HttpResponse:
    """The tables as a file: ``of=rules`` has a row per month and rule, else one per month."""
    question, found = _found(request, by, "file")
    name = f"{question.asked.first:%Y-%m}-{question.asked.last:%Y-%m}"
    if request.GET.get("of") == "rules":
        return csv_file.answer(f"flags-by-rule-{name}.csv", page.RULES_HEAD, page.rule_cells(found))
    return csv_file.answer(f"flags-by-month-{name}.csv", page.MONTHS_HEAD, page.month_cells(found))


def _found(request: HttpRequest, by: Principal, looked_at: str) -> tuple[Question, Figures]:
    now = clock.now()
    question = _question(request, by, now.astimezone(Clinic.objects.get(pk=by.clinic_id).zone).date())
    audit.record_look(by, "flag-figures", looked_at)
    return question, sums.figures(by.clinic_id, question.asked, at=now)


def _question(request: HttpRequest, by: Principal, today: date) -> Question:
    protocols = treatments.current_protocols(by.clinic_id)
    first, last, trouble = _months(request, today)
    protocol, route = request.GET.get("protocol", ""), request.GET.get("route", "")
    if protocol and protocol not in {row.code for row in protocols}:
        protocol, trouble = "", "There is no such protocol; shown are all."
    if route and route not in ROUTE_WORDS:
        route, trouble = "", "There is no such route; shown are both."
    zone = Clinic.objects.get(pk=by.clinic_id).zone
    return Question(Asked(first, last, zone, protocol, route), protocols, trouble)


def _months(request: HttpRequest, today: date) -> tuple[date, date, str]:
    """The months asked for, as their first days; the newest, with the reason, when they cannot be had."""
    usual = months_before(today, SHOWN_AT_FIRST - 1), today.replace(day=1)
    try:
        first, last = (
            _month(request.GET.get(name, ""), default)
            for name, default in zip(("from", "until"), usual, strict=True)
        )
    except ValueError:
        return *usual, f"A month is written such as 2026-11; shown are the last {SHOWN_AT_FIRST}."
    if first > last:
        return *usual, f"The first month lies after the last; shown are the last {SHOWN_AT_FIRST}."
    if first < months_before(last, LONGEST_SPAN - 1):
        return (
            months_before(last, LONGEST_SPAN - 1),
            last,
            f"At most {LONGEST_SPAN} months are shown at once.",
        )
    return first, last, ""


def _month(text: str, default: date) -> date:
    """raises: ValueError for what is no month, or one too far off to have a midnight."""
    if not text:
        return default
    day = parse_date(f"{text}-01")
    if day is None or not date(1990, 1, 1) <= day <= date(2200, 12, 1):
        raise ValueError(text)
    return day
