"""The controlled-drug ledger as tables: the reconciliation's two, and the register with all it holds."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from reports.csv_table import moment, times
from sessions import ledger
from sessions.ledger import Line, Movement
from sessions.ledger_queries import ItemRow, SessionRow
from sessions.models import StockItem

SESSION_HEAD = (
    "date",
    "patient",
    "record number",
    "address",
    "drug",
    "form",
    "strength",
    "vial or kit",
    "lot",
    "NDC",
    "unit",
    "drawn",
    "given",
    "wasted",
    "returned",
    "variance",
    "given mg",
    "variance mg",
    "given by",
    "session over",
)


def session_cells(row: SessionRow, zone: ZoneInfo) -> list[object]:
    session, account = row.session, row.of.account
    patient, product = session.patient, row.of.product
    return [
        (session.dose_started_at or session.scheduled_at).astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        f"{patient.given_name} {patient.family_name}",
        patient.mrn,
        patient.address,
        product.drug,
        product.form,
        product.strength,
        row.of.item.label,
        row.of.item.lot,
        row.of.item.ndc,
        account.unit.value,
        account.drawn,
        account.given,
        account.wasted,
        account.returned,
        account.variance,
        ledger.mg_of(account.given, account.mg_per_unit),
        account.variance_mg,
        ", ".join(row.of.gave),
        "yes" if row.is_over else "no",
    ]


ITEM_HEAD = (
    "vial or kit",
    "product",
    "lot",
    "NDC",
    "expires on",
    "unit",
    "at the beginning",
    "received",
    "drawn",
    "returned",
    "wasted from stock",
    "adjusted",
    "at the end",
    "last count",
    "variance of the last count",
)


def item_cells(row: ItemRow) -> list[object]:
    span = row.span
    return [
        row.item.label,
        row.product.name,
        row.item.lot,
        row.item.ndc,
        row.item.expires_on.isoformat(),
        row.item.unit,
        span.opening,
        span.received,
        span.drawn,
        span.returned,
        span.wasted_from_stock,
        span.adjusted,
        span.closing,
        span.last_count.movement.quantity if span.last_count else "",
        span.last_count.variance if span.last_count else "",
    ]


# a movement in one of its versions; those of one vial or kit stand together, in the order of charting
REGISTER_HEAD = (
    "vial or kit",
    "lot",
    "NDC",
    "unit",
    "entry",
    "version",
    "status",
    "counts",
    "kind",
    "quantity",
    "effect",
    "balance",
    *moment("at"),
    *moment("recorded at"),
    "by",
    "session",
    "method",
    "reason",
    "witness",
    *moment("witnessed at"),
    "why unwitnessed",
    "out of order",
)


def register_cells(item: StockItem, line: Line, zone: ZoneInfo) -> Iterator[list[object]]:
    """Every version of one movement, oldest first; the balance stands at the one that counts."""
    for movement in line.versions:
        newest = movement is line.movement
        yield [
            item.label,
            item.lot,
            item.ndc,
            item.unit,
            *_movement_cells(movement, zone, line if newest else None),
        ]


def _movement_cells(movement: Movement, zone: ZoneInfo, line: Line | None) -> list[object]:
    witness = movement.witness
    return [
        movement.entry,
        movement.version,
        movement.status,
        line is not None and movement.counts,
        ledger.WORDS[movement.kind].lower(),
        movement.quantity,
        line.effect if line else "",
        line.balance if line else "",
        *times(movement.at, zone),
        *times(movement.recorded_at, zone),
        movement.by_name,
        movement.session or "",
        movement.method,
        movement.reason,
        witness.by_name if witness else "",
        *times(witness.at if witness else None, zone),
        movement.unwitnessed,
        line is not None and line.out_of_order,
    ]
