"""What the record page shows of the ledger: this session's drug, and the forms that chart it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from clinic.access import Act, Principal, may
from sessions import dosing, ledger, ledger_queries, queries
from sessions.dosing import Dose
from sessions.ledger import Line
from sessions.ledger_queries import Holding, SessionAccount
from sessions.models import Session
from sessions.products import Unit
from sessions.protocol import Route

# how far back the forms offer a time, in minutes; what lies further back is charted over the API
BACK_MIN = (5, 10, 15, 30, 60)


@dataclass(frozen=True, slots=True)
class AccountShown:
    """One vial or kit of this session: its sum line, and what the forms begin with.

    give: what is charted as the dose and not yet as given; leftover: drawn and not accounted for. None for
    nothing.
    """

    of: SessionAccount
    words: str
    give: Decimal | None
    leftover: Decimal | None


@dataclass(frozen=True, slots=True)
class EntryShown:
    line: Line
    label: str
    unit: str


@dataclass(frozen=True, slots=True)
class LedgerPart:
    accounts: list[AccountShown]
    entries: list[EntryShown]
    waiting: int
    stock: list[Holding]
    moments: list[datetime]
    today: date
    may_chart: bool
    is_over: bool


def part(row: Session, by: Principal, at: datetime) -> LedgerPart:
    """The session's accounts and entries, and the stock of its route to draw from."""
    accounts = ledger_queries.accounts(by.clinic_id, [row.id])[row.id]
    units = {one.item.id: one.item for one in accounts}
    lines = ledger.register(ledger_queries.movements(by.clinic_id, session_id=row.id))
    route = Route(row.protocol.route)
    dose = dosing.dose_of(queries.entries(row.id), queries.rules_of(row.protocol_id))
    return LedgerPart(
        accounts=[_shown(dose, at, one) for one in accounts],
        entries=[
            EntryShown(line, units[line.movement.item].label, units[line.movement.item].unit)
            for line in lines
        ],
        waiting=sum(line.movement.waits for line in lines),
        stock=[one for one in ledger_queries.holdings(by.clinic_id) if one.product.route == route],
        moments=[at - timedelta(minutes=minutes) for minutes in BACK_MIN],
        today=at.astimezone(row.clinic.zone).date(),
        may_chart=may(by, Act.CHART_LEDGER),
        is_over=row.ended_at is not None,
    )


def _shown(dose: Dose, at: datetime, one: SessionAccount) -> AccountShown:
    leftover = one.account.variance if one.account.variance > 0 else None
    charted = _dose_charted(dose, at, one) - one.account.given
    give = min(charted, leftover) if leftover is not None and charted > 0 else None
    return AccountShown(one, ledger.in_words(one.account), give, leftover)


def _dose_charted(dose: Dose, at: datetime, one: SessionAccount) -> Decimal:
    """What is charted as the session's dose, in the unit of the vial or kit.

    While an infusion runs, all of it: what the patient did not get is known when it has ended.
    """
    if one.account.unit is Unit.DEVICE:
        return Decimal(len(dose.devices))
    mg = dose.given_mg(at) if dose.ended_at else dose.total_mg or 0.0
    return ledger.quantity_of(Decimal(str(mg)), one.account.mg_per_unit)
