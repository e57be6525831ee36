"""The controlled-drug ledger's pages: stock, the register of one vial or kit, the count, reconciliation."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date

from clinic import audit, clock
from clinic.access import Act, Principal
from clinic.models import Clinic
from clinic.refusals import AccessDenied
from reports import ledger_tables
from screens import csv_file
from screens.views.staff import for_staff
from sessions import ledger, ledger_queries
from sessions.ledger import Line
from sessions.ledger_queries import Holding, SessionRow
from sessions.models import Session, StockItem
from sessions.products import PRODUCTS

USED_UP_SHOWN = 20
# accounts of sessions that do not agree stay on the front page this long; reconciliation shows them all
VARIANCES_FOR = timedelta(days=30)
# a span that a page can sum while somebody waits
LONGEST_SPAN = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class CountVariance:
    """A count that did not agree, with its vial or kit."""

    item: StockItem
    line: Line


@for_staff(Act.SEE_LEDGER)
def stock(request: HttpRequest, by: Principal) -> HttpResponse:
    """What is there and what waits for somebody."""
    now = clock.now()
    audit.record_look(by, "ledger", "stock")
    at_hand = ledger_queries.holdings(by.clinic_id)
    told = ledger_queries.is_told_balances(by)
    context = {
        "screen": "ledger",
        "at_hand": at_hand,
        "used_up": ledger_queries.used_up(by.clinic_id, most=USED_UP_SHOWN),
        "waiting": ledger_queries.waiting(by),
        "told": told,
        "count_variances": _count_variances(by.clinic_id, at_hand) if told else [],
        "session_variances": _session_variances(by.clinic_id, now) if told else [],
        "products": PRODUCTS,
        "today": now.astimezone(_zone_of(by)).date(),
    }
    return render(request, "screens/ledger/stock.html", context)


def _count_variances(clinic_id: int, held: list[Holding]) -> list[CountVariance]:
    registers = ledger_queries.registers(clinic_id, [one.item.id for one in held])
    found = ((one.item, ledger.open_variance(registers[one.item.id])) for one in held)
    return [CountVariance(item, line) for item, line in found if line is not None]


def _session_variances(clinic_id: int, now: datetime) -> list[SessionRow]:
    """Of sessions that are over: one that goes on has still something in the syringe."""
    rows = ledger_queries.session_rows(clinic_id, now - VARIANCES_FOR, now + timedelta(minutes=1))
    return [row for row in rows if row.is_over and not row.of.account.balanced]


@for_staff(Act.CHART_LEDGER)
def count(request: HttpRequest, by: Principal) -> HttpResponse:
    """The blind count: what is there is typed in, and nothing says what should be."""
    context = {"screen": "ledger", "holdings": ledger_queries.holdings(by.clinic_id)}
    return render(request, "screens/ledger/count.html", context)


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One line of a register, with the session it was for."""

    line: Line
    session: Session | None


@for_staff(Act.SEE_LEDGER)
def item(request: HttpRequest, by: Principal, item_id: UUID) -> HttpResponse:
    """The register of one vial or kit."""
    row = ledger_queries.item(by.clinic_id, item_id)
    audit.record_look(by, "ledger", str(row.id))
    lines = ledger_queries.registers(by.clinic_id, [row.id])[row.id]
    wanted = {line.movement.session for line in lines if line.movement.session}
    sessions = Session.objects.select_related("patient").filter(clinic_id=by.clinic_id).in_bulk(wanted)
    context = {
        "screen": "ledger",
        "item": row,
        "product": ledger_queries.product_of(row),
        "rows": [RegisterRow(line, _session_of(line, sessions)) for line in lines],
        "balance": lines[-1].balance if lines else 0,
        "told": ledger_queries.is_told_balances(by),
        "printed_at": clock.now(),
    }
    return render(request, "screens/ledger/item.html", context)


def _session_of(line: Line, sessions: dict[UUID, Session]) -> Session | None:
    session_id = line.movement.session
    return sessions[session_id] if session_id else None


@dataclass(frozen=True, slots=True)
class Days:
    """The days a reconciliation is over, both ends in it, in the clinic's zone."""

    first: date
    last: date
    since: datetime
    until: datetime
    trouble: str


def _days(request: HttpRequest, by: Principal) -> Days:
    """The span asked for; today, with the reason in words, when it cannot be had."""
    zone = _zone_of(by)
    today = clock.now().astimezone(zone).date()
    first, last, trouble = today, today, ""
    try:
        asked = [_day(request.GET.get(name, ""), today) for name in ("from", "until")]
    except ValueError:
        trouble = "A day is written such as 2026-11-23; shown is today."
    else:
        first, last = asked
        if first > last:
            first, last, trouble = today, today, "The first day lies after the last; shown is today."
        elif last - first > LONGEST_SPAN:
            first, last = last - LONGEST_SPAN, last
            trouble = f"At most {LONGEST_SPAN.days} days are shown at once."
    # midnights by the calendar: a day may have 23 or 25 hours
    since = datetime.combine(first, time(), zone)
    until = datetime.combine(last + timedelta(days=1), time(), zone)
    return Days(first, last, since, until, trouble)


def _day(text: str, default: date) -> date:
    """raises: ValueError for what is no day, or one too far off to have a midnight."""
    if not text:
        return default
    day = parse_date(text)
    if day is None or not date(1900, 1, 1) <= day <= date(2200, 12, 31):
        raise ValueError(text)
    return day


def _zone_of(by: Principal) -> ZoneInfo:
    return Clinic.objects.get(pk=by.clinic_id).zone


@for_staff(Act.SEE_LEDGER)
def reconciliation(request: HttpRequest, by: Principal) -> HttpResponse:
    """Per session and per vial or kit: what was drawn, given, wasted, returned, and what differs."""
    days = _days(request, by)
    audit.record_look(by, "ledger", "reconciliation")
    found = ledger_queries.reconciliation(by.clinic_id, days.since, days.until)
    context = {
        "screen": "ledger",
        "days": days,
        "sessions": found.sessions,
        "items": found.items,
        "differing": sum(row.is_over and not row.of.account.balanced for row in found.sessions),
        "going_on": sum(not row.is_over for row in found.sessions),
        "told": ledger_queries.is_told_balances(by),
        "printed_at": clock.now(),
    }
    return render(request, "screens/ledger/reconciliation.html", context)


@for_staff(Act.SEE_LEDGER)
def reconciliation_csv(request: HttpRequest, by: Principal) -> HttpResponse:
    """The same as a file: ``of=sessions`` is the dispensing record, ``of=stock`` the vials and kits."""
    days = _days(request, by)
    audit.record_look(by, "ledger", "reconciliation-file")
    found = ledger_queries.reconciliation(by.clinic_id, days.since, days.until)
    name = f"{days.first.isoformat()}-{days.last.isoformat()}"
    if request.GET.get("of") != "stock":
        zone = _zone_of(by)
        lines = [ledger_tables.session_cells(row, zone) for row in found.sessions]
        return csv_file.answer(f"ledger-sessions-{name}.csv", ledger_tables.SESSION_HEAD, lines)
    if not ledger_queries.is_told_balances(by):
        raise AccessDenied("Balances are not shown to whoever counts.")
    rows = [ledger_tables.item_cells(row) for row in found.items]
    return csv_file.answer(f"ledger-stock-{name}.csv", ledger_tables.ITEM_HEAD, rows)
