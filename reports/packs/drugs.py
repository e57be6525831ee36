"""The pack of controlled drugs: the ledger of some days, its sums, what does not agree, a sheet to sign."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from clinic.models import Clinic
from reports import ledger_tables
from reports.csv_table import moment, times
from reports.packs import parts
from reports.packs.archive import premises
from reports.packs.days import Days
from reports.packs.kinds import ABOUT, Kind, Pack, Part
from sessions import ledger, ledger_queries
from sessions.ledger import Line, Span
from sessions.ledger_queries import ItemRow, Reconciliation, SessionRow

BALANCE_HEAD = (
    "vial or kit",
    "product",
    "lot",
    "NDC",
    "expires on",
    "unit",
    "opening",
    "received",
    "adjusted",
    "given",
    "wasted in sessions",
    "wasted from stock",
    "drawn and not accounted for",
    "closing",
    "drawn",
    "returned to stock",
    "last count",
    *moment("last count at"),
    "variance of the last count",
)
COUNT_HEAD = (
    "vial or kit",
    "product",
    "unit",
    "counted",
    "by the register",
    "variance",
    *moment("at"),
    *moment("recorded at"),
    "by",
)
WASTE_HEAD = (
    "vial or kit",
    "product",
    "lot",
    "unit",
    "wasted",
    "mg",
    *moment("at"),
    "by",
    "method",
    "session",
    "witness",
    *moment("witnessed at"),
    "why unwitnessed",
)
ADJUSTMENT_HEAD = ("vial or kit", "product", "unit", "adjusted", *moment("at"), "by", "reason")
DIFFERENCE_HEAD = ("what", "vial or kit", "product", "unit", "differs by", "session", *moment("at"), "words")

EQUATION = (
    "Opening + received + adjusted − given − wasted − drawn and not accounted for = closing. What was drawn"
    " for a session and went back to stock unused is in no column of it: it left and came back."
)
FILES = {
    "balance": f"Each vial and kit over these days. {EQUATION}",
    "sessions": "The dispensing record: what each session had of each vial or kit, and what became of it.",
    "register": "Every movement and count of these days, in every version, with the running balance.",
    "counts": "The counts, beside the balance by the register at that moment.",
    "wastes": "What was wasted, with its witness, or why there was none.",
    "adjustments": "What was adjusted, with the reason.",
    "discrepancies": "What does not agree: counts, sessions that are over, wastes that nobody witnessed.",
    "reconciliation": "The sums, what does not agree, and lines for signatures, on paper.",
}


def pack(clinic: Clinic, days: Days, *, bom: bool) -> Pack:
    found = ledger_queries.reconciliation(clinic.pk, days.since, days.until)
    registers = ledger_queries.registers(clinic.pk, [row.item.id for row in found.items])
    lines = [(row, line) for row in found.items for line in registers[row.item.id]]
    held = [(row, line) for row, line in lines if days.since <= line.movement.at < days.until]
    as_of = _as_of((line for _, line in lines), days.since)
    return Pack(
        kind=Kind.DRUGS,
        stem=f"controlled-drugs-{days.name}",
        covers={**days.covers, "premises": premises(clinic)},
        as_of=as_of,
        parts=_parts(clinic, days, found, held, as_of, bom),
        counts={"items": len(found.items), "sessions": len(found.sessions), "movements": len(held)},
        notes=(f"How the sums agree. {EQUATION}",),
    )


def _as_of(lines: Iterable[Line], default: datetime) -> datetime:
    versions = [version for line in lines for version in line.versions]
    charted = [version.recorded_at for version in versions]
    signed = [version.witness.at for version in versions if version.witness]
    return max(charted + signed, default=default)


Held = list[tuple[ItemRow, Line]]


def _parts(
    clinic: Clinic, days: Days, found: Reconciliation, held: Held, as_of: datetime, bom: bool
) -> Iterator[Part]:
    zone = days.zone
    counting = [(row, line) for row, line in held if line.movement.counts]
    differences = _differences(found, counting, days)
    tables: dict[str, tuple[tuple[str, ...], Iterable[list[object]]]] = {
        "balance": (BALANCE_HEAD, (_balance_cells(row, days) for row in found.items)),
        "sessions": (
            ledger_tables.SESSION_HEAD,
            (ledger_tables.session_cells(row, zone) for row in found.sessions),
        ),
        "register": (
            ledger_tables.REGISTER_HEAD,
            (cells for row, line in held for cells in ledger_tables.register_cells(row.item, line, zone)),
        ),
        "counts": (COUNT_HEAD, (_count_cells(row, line, days) for row, line in _counts(counting))),
        "wastes": (WASTE_HEAD, (_waste_cells(row, line, days) for row, line in _wastes(counting))),
        "adjustments": (
            ADJUSTMENT_HEAD,
            (_adjustment_cells(row, line, days) for row, line in _adjustments(counting)),
        ),
        "discrepancies": (DIFFERENCE_HEAD, differences),
    }
    for name, (head, rows) in tables.items():
        yield parts.table(name, FILES[name], head, rows, bom=bom)
    data = _sheet(clinic, days, found, counting, differences)
    yield parts.sheet("reconciliation", FILES["reconciliation"], data, as_of=as_of)


def unaccounted(span: Span) -> Decimal:
    """Drawn in the days, less what was given, wasted and returned in them.

    Below zero when something that was drawn before them was given in them.
    """
    return span.drawn - span.given - span.wasted - span.returned


def _balance_cells(row: ItemRow, days: Days) -> list[object]:
    span, count = row.span, row.span.last_count
    return [
        row.item.label,
        row.product.name,
        row.item.lot,
        row.item.ndc,
        row.item.expires_on,
        row.item.unit,
        span.opening,
        span.received,
        span.adjusted,
        span.given,
        span.wasted,
        span.wasted_from_stock,
        unaccounted(span),
        span.closing,
        span.drawn,
        span.returned,
        count.movement.quantity if count else "",
        *times(count.movement.at if count else None, days.zone),
        count.variance if count else "",
    ]


def _counts(held: Held) -> Held:
    return [(row, line) for row, line in held if line.variance is not None]


def _wastes(held: Held) -> Held:
    return [(row, line) for row, line in held if line.movement.kind is ledger.Kind.WASTE]


def _adjustments(held: Held) -> Held:
    return [(row, line) for row, line in held if line.movement.kind is ledger.Kind.ADJUST]


def _count_cells(row: ItemRow, line: Line, days: Days) -> list[object]:
    movement = line.movement
    return [
        row.item.label,
        row.product.name,
        row.item.unit,
        movement.quantity,
        line.balance,
        line.variance,
        *times(movement.at, days.zone),
        *times(movement.recorded_at, days.zone),
        movement.by_name,
    ]


def _waste_cells(row: ItemRow, line: Line, days: Days) -> list[object]:
    movement, witness = line.movement, line.movement.witness
    return [
        row.item.label,
        row.product.name,
        row.item.lot,
        row.item.unit,
        movement.quantity,
        ledger.mg_of(movement.quantity, row.item.mg_per_unit),
        *times(movement.at, days.zone),
        movement.by_name,
        movement.method,
        movement.session or "",
        witness.by_name if witness else "",
        *times(witness.at if witness else None, days.zone),
        movement.unwitnessed,
    ]


def _adjustment_cells(row: ItemRow, line: Line, days: Days) -> list[object]:
    movement = line.movement
    return [
        row.item.label,
        row.product.name,
        row.item.unit,
        movement.quantity,
        *times(movement.at, days.zone),
        movement.by_name,
        movement.reason,
    ]


def _differences(found: Reconciliation, held: Held, days: Days) -> list[list[object]]:
    """What does not agree, as rows: counts, sessions that are over, wastes without a witness."""
    counted = [
        _difference("count", row, line, days, line.variance, "counted, less the balance by the register")
        for row, line in _counts(held)
        if line.variance
    ]
    sessions = [
        _session_difference(row, days)
        for row in found.sessions
        if row.is_over and not row.of.account.balanced
    ]
    unseen = [
        _difference(
            "waste without witness",
            row,
            line,
            days,
            line.movement.quantity,
            line.movement.unwitnessed or "waits for its witness",
        )
        for row, line in _wastes(held)
        if line.movement.witness is None
    ]
    return counted + sessions + unseen


def _difference(
    what: str, row: ItemRow, line: Line, days: Days, by: Decimal | None, words: str
) -> list[object]:
    return [
        what,
        row.item.label,
        row.product.name,
        row.item.unit,
        by,
        line.movement.session or "",
        *times(line.movement.at, days.zone),
        words,
    ]


def _session_difference(row: SessionRow, days: Days) -> list[object]:
    account = row.of.account
    return [
        "session",
        row.of.item.label,
        row.of.product.name,
        row.of.item.unit,
        account.variance,
        row.session.id,
        *times(row.session.dose_started_at or row.session.scheduled_at, days.zone),
        ledger.in_words(account),
    ]


# --- on paper

SIGNED_BY = ("Reconciled by", "Witness")


def _sheet(
    clinic: Clinic, days: Days, found: Reconciliation, held: Held, differences: list[list[object]]
) -> dict[str, Any]:
    address = premises(clinic)
    return {
        "title": f"{ABOUT[Kind.DRUGS].title}, {days.words}",
        "subtitle": f"{clinic.name}{f', {address}' if address else ''}",
        "footer": f"{clinic.name} · controlled drugs {days.words}",
        "landscape": True,
        "boxes": [_verdict(found, differences)],
        "sections": [
            _balances(found.items),
            _listed("What does not agree", differences),
            _adjusted(held, days),
            _wasted(held, days),
        ],
        "signatures": list(SIGNED_BY),
        "note": f"{EQUATION} Each movement stands in register.csv, each session in sessions.csv.",
    }


def _verdict(found: Reconciliation, differences: list[list[object]]) -> str:
    if differences:
        return f"What does not agree, or was not witnessed: {len(differences)}. Each is listed below."
    going_on = len({row.session.id for row in found.sessions if not row.is_over})
    still = f" {going_on} sessions still go on." if going_on else ""
    return f"Counts and sessions that are over agree, and every waste was witnessed.{still}"


def _balances(items: list[ItemRow]) -> dict[str, Any]:
    return parts.section(
        f"Vials and kits: {len(items)}",
        says=[] if items else ["No vial or kit was in stock in these days."],
        head=(
            "Vial or kit",
            "Unit",
            "Opening",
            "Received",
            "Adjusted",
            "Given",
            "Wasted",
            "Wasted from stock",
            "Not accounted for",
            "Closing",
            "Counted",
            "Variance",
        ),
        widths=(3.4, 0.8, 1.1, 1.1, 1.1, 1, 1, 1.1, 1.2, 1.1, 1.1, 1.1),
        numbers=range(2, 12),
        rows=[
            [
                f"{row.item.label} · {row.product.name} · lot {row.item.lot}",
                row.item.unit,
                *(ledger.shown(value) for value in _sums(row.span)),
                ledger.shown(row.span.last_count.movement.quantity) if row.span.last_count else "none",
                ledger.shown(row.span.last_count.variance or ledger.ZERO) if row.span.last_count else "",
            ]
            for row in items
        ],
    )


def _sums(span: Span) -> tuple[Decimal, ...]:
    return (
        span.opening,
        span.received,
        span.adjusted,
        span.given,
        span.wasted,
        span.wasted_from_stock,
        unaccounted(span),
        span.closing,
    )


def _listed(title: str, differences: list[list[object]]) -> dict[str, Any]:
    return parts.section(
        f"{title}: {len(differences)}",
        head=("What", "Vial or kit", "Differs by", "When", "In words"),
        widths=(1.4, 1.6, 1, 1.4, 3.4),
        numbers=(2,),
        rows=[
            [
                str(what),
                str(label),
                f"{ledger.shown(by)} {unit}" if isinstance(by, Decimal) else "",
                str(local)[:16],
                str(words),
            ]
            for what, label, _, unit, by, _, _, local, words in differences
        ],
    )


def _adjusted(held: Held, days: Days) -> dict[str, Any]:
    rows = _adjustments(held)
    return parts.section(
        f"Adjustments: {len(rows)}",
        head=("Vial or kit", "Adjusted", "When", "By", "Reason"),
        widths=(1.6, 1, 1.4, 1.6, 3),
        numbers=(1,),
        rows=[
            [
                row.item.label,
                f"{ledger.shown(line.movement.quantity)} {row.item.unit}",
                _clock(line.movement.at, days),
                line.movement.by_name,
                line.movement.reason,
            ]
            for row, line in rows
        ],
    )


def _wasted(held: Held, days: Days) -> dict[str, Any]:
    rows = _wastes(held)
    return parts.section(
        f"Wasted: {len(rows)}",
        head=("Vial or kit", "Wasted", "When", "By", "Method", "Witness"),
        widths=(1.6, 1, 1.4, 1.6, 1.6, 2.2),
        numbers=(1,),
        rows=[
            [
                row.item.label,
                f"{ledger.shown(line.movement.quantity)} {row.item.unit}",
                _clock(line.movement.at, days),
                line.movement.by_name,
                line.movement.method,
                _seen_by(line, days),
            ]
            for row, line in rows
        ],
    )


def _seen_by(line: Line, days: Days) -> str:
    witness = line.movement.witness
    if witness is not None:
        return f"{witness.by_name}, {_clock(witness.at, days)}"
    return f"none: {line.movement.unwitnessed or 'waits for its witness'}"


def _clock(at: datetime, days: Days) -> str:
    return f"{at.astimezone(days.zone):%-d %b %Y %H:%M}"
