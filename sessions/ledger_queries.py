"""Reads of the controlled-drug ledger; each begins with the clinic."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, DecimalField, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from clinic.access import MAY, Act, Principal, may
from clinic.refusals import NotFound
from sessions import ledger
from sessions.ledger import Account, Kind, Line, Movement, Span, Witnessed
from sessions.models import LedgerEntry, Session, Status, StockItem
from sessions.products import BY_CODE, Product, Unit

_COUNTING = Q(entries__superseded_by__isnull=True) & ~Q(entries__status=Status.ENTERED_IN_ERROR)
_OF_WHAT_WAS_DRAWN = Q(entries__kind=Kind.WASTE, entries__session__isnull=False)
_SIGN = Case(
    *(When(entries__kind=kind, then=Value(sign)) for kind, sign in ledger.SIGN.items()), default=Value(0)
)
_QUANTITY: "DecimalField[Decimal, Decimal]" = DecimalField(max_digits=12, decimal_places=2)


def is_told_balances(by: Principal) -> bool:
    """Whether a person is shown balances and variances. Whoever counts is not: counts are blind."""
    return may(by, Act.ADJUST_LEDGER) or not may(by, Act.CHART_LEDGER)


@dataclass(frozen=True, slots=True)
class Holding:
    """One vial or kit with what is left of it by the register."""

    item: StockItem
    product: Product
    left: Decimal


def holdings(clinic_id: int) -> list[Holding]:
    """The vials and kits of which something is left, the one that expires first on top."""
    rows = _with_what_is_left(clinic_id).exclude(left=0).order_by("expires_on", "label")
    return [Holding(row, product_of(row), row.left) for row in rows]


def used_up(clinic_id: int, *, most: int) -> list[Holding]:
    """The vials and kits of which nothing is left, newest first."""
    rows = _with_what_is_left(clinic_id).filter(left=0).order_by("-received_at", "label")[:most]
    return [Holding(row, product_of(row), row.left) for row in rows]


def _with_what_is_left(clinic_id: int) -> QuerySet[Any]:
    """The clinic's vials and kits with ``left``: ``ledger.balance`` as the database sums it, for lists."""
    left = Coalesce(
        Sum(F("entries__quantity") * _SIGN, filter=_COUNTING & ~_OF_WHAT_WAS_DRAWN, output_field=_QUANTITY),
        Value(Decimal(0)),
        output_field=_QUANTITY,
    )
    return StockItem.objects.filter(clinic_id=clinic_id).annotate(left=left)


def item(clinic_id: int, item_id: UUID) -> StockItem:
    """One vial or kit of the clinic. raises: NotFound."""
    found = StockItem.objects.filter(clinic_id=clinic_id, id=item_id).first()
    if found is None:
        raise NotFound
    return found


def items_touched(clinic_id: int, since: datetime) -> dict[UUID, StockItem]:
    """The vials and kits with a movement that names a time from ``since`` on."""
    touched = LedgerEntry.objects.filter(clinic_id=clinic_id, at__gte=since).values("item_id")
    return {row.id: row for row in StockItem.objects.filter(clinic_id=clinic_id, id__in=touched)}


def product_of(item: StockItem) -> Product:
    return BY_CODE[item.product]


def movements(clinic_id: int, **chosen: Any) -> list[Movement]:
    """All versions of the clinic's movements that the filter chooses, in the order of charting."""
    return [movement_of(row) for row in _rows(clinic_id).filter(**chosen)]


def _rows(clinic_id: int) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(clinic_id=clinic_id).select_related("witness").order_by("id")


def movement_of(row: LedgerEntry) -> Movement:
    """A row as the plain value that sums are made of."""
    witness = getattr(row, "witness", None)
    return Movement(
        number=row.id,
        entry=row.entry,
        version=row.version,
        status=row.status,
        item=row.item_id,
        session=row.session_id,
        kind=Kind(row.kind),
        quantity=row.quantity,
        at=row.at,
        recorded_at=row.recorded_at,
        by_id=row.by_id,
        by_name=row.by_name,
        station=row.station,
        method=row.method,
        reason=row.reason,
        unwitnessed=row.unwitnessed,
        witness=Witnessed(witness.by_name, witness.at) if witness else None,
    )


def registers(clinic_id: int, item_ids: Iterable[UUID]) -> dict[UUID, list[Line]]:
    """The register of each of these vials and kits."""
    by_item: dict[UUID, list[Movement]] = {item_id: [] for item_id in item_ids}
    for movement in movements(clinic_id, item_id__in=list(by_item)):
        by_item[movement.item].append(movement)
    return {item_id: ledger.register(found) for item_id, found in by_item.items()}


@dataclass(frozen=True, slots=True)
class SessionAccount:
    """What became of what one session had of one vial or kit, and who gave it."""

    item: StockItem
    product: Product
    account: Account
    gave: tuple[str, ...]


def accounts(clinic_id: int, session_ids: Iterable[UUID]) -> dict[UUID, list[SessionAccount]]:
    """The accounts of sessions, by session; each in the order in which its vials and kits were touched."""
    by_key: dict[tuple[UUID, UUID], list[Movement]] = defaultdict(list)
    wanted = list(session_ids)
    for movement in movements(clinic_id, session_id__in=wanted):
        assert movement.session is not None, "chosen by their session"  # noqa: S101
        by_key[movement.session, movement.item].append(movement)
    items = StockItem.objects.in_bulk({item_id for _, item_id in by_key})
    found: dict[UUID, list[SessionAccount]] = {session_id: [] for session_id in wanted}
    for (session_id, item_id), of_both in by_key.items():
        row = items[item_id]
        gave = (one.by_name for one in ledger.newest(of_both) if one.kind is Kind.GIVE and one.counts)
        account = ledger.account(of_both, unit=Unit(row.unit), mg_per_unit=row.mg_per_unit)
        found[session_id].append(SessionAccount(row, product_of(row), account, tuple(dict.fromkeys(gave))))
    return found


@dataclass(frozen=True, slots=True)
class Waiting:
    """A waste that waits for its witness, and why this person cannot be it; None when they can."""

    movement: Movement
    item: StockItem
    why_not: str | None


def waiting(by: Principal) -> list[Waiting]:
    """The wastes that wait for a witness, oldest first, with whether the caller may be it."""
    rows = LedgerEntry.objects.filter(
        clinic_id=by.clinic_id,
        kind=Kind.WASTE,
        unwitnessed="",
        witness__isnull=True,
        superseded_by__isnull=True,
    ).exclude(status=Status.ENTERED_IN_ERROR)
    items = {row.entry: row.item for row in rows.select_related("item")}
    versions: dict[UUID, list[Movement]] = defaultdict(list)
    for movement in movements(by.clinic_id, entry__in=list(items)):
        versions[movement.entry].append(movement)
    return [Waiting(of_one[-1], items[entry], why_not(by, of_one)) for entry, of_one in versions.items()]


def why_not(by: Principal, versions: list[Movement]) -> str | None:
    """Why the caller may not witness a waste; None when they may."""
    if not may(by, Act.WITNESS):
        return f"Witnessing is open to: {', '.join(sorted(MAY[Act.WITNESS]))}."
    return ledger.why_not_witness(versions, by.user_id, by.station)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One line of the reconciliation: a session and one vial or kit it had something of."""

    session: Session
    of: SessionAccount

    @property
    def is_over(self) -> bool:
        return self.session.ended_at is not None


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One line of the reconciliation: a vial or kit over the span."""

    item: StockItem
    product: Product
    span: Span


@dataclass(frozen=True, slots=True)
class Reconciliation:
    sessions: list[SessionRow]
    items: list[ItemRow]


def session_rows(clinic_id: int, since: datetime, until: datetime) -> list[SessionRow]:
    """The sessions with a movement in the span, each with all of its own account, by time."""
    touched = LedgerEntry.objects.filter(
        clinic_id=clinic_id, session__isnull=False, at__gte=since, at__lt=until
    ).values("session_id")
    sessions = (
        Session.objects.select_related("patient", "protocol")
        .filter(clinic_id=clinic_id, id__in=touched)
        .order_by("scheduled_at", "id")
    )
    by_session = accounts(clinic_id, [row.id for row in sessions])
    return [SessionRow(row, of) for row in sessions for of in by_session[row.id]]


def reconciliation(clinic_id: int, since: datetime, until: datetime) -> Reconciliation:
    """Per session and per vial or kit: what came, what went, and what does not agree.

    Vials and kits that were used up before the span, and untouched in it, are left out.
    """
    touched = LedgerEntry.objects.filter(clinic_id=clinic_id, at__gte=since).values("item_id")
    held = _with_what_is_left(clinic_id).filter(~Q(left=0) | Q(id__in=touched)).order_by("product", "label")
    rows = list(held)
    by_item: dict[UUID, list[Movement]] = defaultdict(list)
    for movement in movements(clinic_id, item_id__in=[row.id for row in rows]):
        by_item[movement.item].append(movement)
    items = [ItemRow(row, product_of(row), ledger.span(by_item[row.id], since, until)) for row in rows]
    return Reconciliation(
        session_rows(clinic_id, since, until), [one for one in items if not one.span.is_empty]
    )


def last_count(clinic_id: int) -> Movement | None:
    """The last count of a controlled drug that counts, whenever it was; None when none was ever charted."""
    row = (
        _rows(clinic_id)
        .filter(kind=Kind.COUNT, superseded_by__isnull=True)
        .exclude(status=Status.ENTERED_IN_ERROR)
        .order_by("-at", "-id")
        .first()
    )
    return movement_of(row) if row else None


def counted_since(clinic_id: int, since: datetime) -> set[UUID]:
    """The vials and kits that were counted, and the count charted, from this moment on."""
    rows = LedgerEntry.objects.filter(
        clinic_id=clinic_id,
        kind=Kind.COUNT,
        at__gte=since,
        recorded_at__gte=since,
        superseded_by__isnull=True,
    ).exclude(status=Status.ENTERED_IN_ERROR)
    return set(rows.values_list("item_id", flat=True))
