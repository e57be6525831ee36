"""The figures of a clinic: an overview, a page to read and print for each subject, their tables as files."""

from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date

from clinic import audit, clock
from clinic.access import Act, Principal
from clinic.models import Clinic
from clinic.refusals import NotFound
from reports import flag_figures as flag_sums
from reports.asked import Asked, months_before
from screens import csv_file
from screens.charts.desk import small
from screens.figures import flags
from screens.figures.parts import ROUTE_WORDS, file_rows
from screens.figures.subjects import BY_KEY, FLAGS, SUBJECTS, Subject
from screens.views.staff import for_staff
from sessions import queries as treatments
from sessions.indications import WORDS as INDICATIONS
from sessions.models import Protocol

SHOWN_AT_FIRST = 6
# months that a page can sum and still be read
LONGEST_SPAN = 36
SCREEN = "figures"


@dataclass(frozen=True, slots=True)
class Question:
    """What the address asks for; ``trouble`` says why it could not be had as it was written."""

    asked: Asked
    protocols: list[Protocol]
    trouble: str
    at: datetime

    @property
    def narrowed(self) -> str:
        """What was chosen, in words; empty for all of it."""
        protocol = next((row.name for row in self.protocols if row.code == self.asked.protocol), "")
        indication = next((words for one, words in INDICATIONS.items() if one == self.asked.indication), "")
        words = (protocol, ROUTE_WORDS.get(self.asked.route, ""), indication)
        return " · ".join(word for word in words if word)


@for_staff(Act.SEE_FIGURES)
def overview(request: HttpRequest, by: Principal) -> HttpResponse:
    """Every subject in one sentence, with its first chart made small."""
    question = _question(request, by, SCREEN, "page")
    cards = []
    for subject in SUBJECTS:
        page = subject.make(by.clinic_id, question.asked, question.at)
        figure = page.parts[0].figure if page.parts else None
        cards.append({"subject": subject, "page": page, "figure": small(figure) if figure else None})
    context = {**_context(request, question), "cards": cards}
    return render(request, "screens/figures/overview.html", context)


@for_staff(Act.SEE_FIGURES)
def subject(request: HttpRequest, by: Principal, subject: str) -> HttpResponse:
    """One subject: large figures, then each part as a sentence, a chart and its table."""
    return _page(request, by, _known(subject))


@for_staff(Act.SEE_FIGURES)
def flag_figures(request: HttpRequest, by: Principal) -> HttpResponse:
    """Flags per session and by rule, what they led to, how soon they were taken, what was overdue."""
    return _page(request, by, FLAGS)


@for_staff(Act.SEE_FIGURES)
def subject_csv(request: HttpRequest, by: Principal, subject: str) -> HttpResponse:
    """One table of a subject as a file: the part that ``of`` names, else the first."""
    known = _known(subject)
    question = _question(request, by, f"{SCREEN}-{known.key}", "file")
    parts = known.make(by.clinic_id, question.asked, question.at).parts
    wanted = request.GET.get("of", "")
    found = next((part for part in parts if part.key == wanted), None)
    if wanted and parts and found is None:
        raise NotFound
    head, rows = file_rows(found or parts[0]) if parts else (("nothing to count",), [])
    part = f"-{wanted}" if found else ""
    return csv_file.answer(f"{known.key}{part}-{_span(question)}.csv", head, rows)


@for_staff(Act.SEE_FIGURES)
def flag_figures_csv(request: HttpRequest, by: Principal) -> HttpResponse:
    """The tables of flags as a file: ``of=rules`` has a row per month and rule, else one per month."""
    question = _question(request, by, "flag-figures", "file")
    found = flag_sums.figures(by.clinic_id, question.asked, at=question.at)
    if request.GET.get("of") == "rules":
        return csv_file.answer(
            f"flags-by-rule-{_span(question)}.csv", flags.RULES_HEAD, flags.rule_cells(found)
        )
    return csv_file.answer(
        f"flags-by-month-{_span(question)}.csv", flags.MONTHS_HEAD, flags.month_cells(found)
    )


def _known(key: str) -> Subject:
    if key not in BY_KEY:
        raise NotFound
    return BY_KEY[key]


def _page(request: HttpRequest, by: Principal, subject: Subject) -> HttpResponse:
    looked = "flag-figures" if subject is FLAGS else f"{SCREEN}-{subject.key}"
    question = _question(request, by, looked, "page")
    page = subject.make(by.clinic_id, question.asked, question.at)
    return render(
        request,
        "screens/figures/page.html",
        {**_context(request, question), "subject": subject, "page": page},
    )


def _context(request: HttpRequest, question: Question) -> dict[str, object]:
    return {
        "screen": SCREEN,
        "question": question,
        "asked": question.asked,
        "subjects": SUBJECTS,
        "routes": ROUTE_WORDS.items(),
        "indications": [(one.value, words) for one, words in INDICATIONS.items()],
        "address": _address(request),
        "printed_at": question.at,
    }


def _address(request: HttpRequest) -> str:
    """What the address asks for, to be carried to the pages and files beside this one."""
    asked = request.GET.copy()
    asked.pop("of", None)
    return asked.urlencode()


def _span(question: Question) -> str:
    return f"{question.asked.first:%Y-%m}-{question.asked.last:%Y-%m}"


def _question(request: HttpRequest, by: Principal, looked: str, at: str) -> Question:
    """What the address asks for; the look is recorded."""
    now = clock.now()
    zone = Clinic.objects.get(pk=by.clinic_id).zone
    audit.record_look(by, looked, at)
    protocols = treatments.current_protocols(by.clinic_id)
    first, last, trouble = _months(request, now.astimezone(zone).date())
    chosen: dict[str, str] = {}
    known = (
        ("protocol", {row.code for row in protocols}, "There is no such protocol; shown are all."),
        ("route", set(ROUTE_WORDS), "There is no such route; shown are both."),
        ("indication", {one.value for one in INDICATIONS}, "There is no such indication; shown are all."),
    )
    for name, codes, words in known:
        chosen[name] = request.GET.get(name, "")
        if chosen[name] and chosen[name] not in codes:
            chosen[name], trouble = "", words
    return Question(Asked(first, last, zone, **chosen), protocols, trouble, now)


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
