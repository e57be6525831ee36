"""The demo's controlled drugs: vials and kits in stock, and what its sessions had of them.

Entered as if it had been charted live, in the order of time; the newest waste waits for its witness.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import partial
from uuid import UUID

from django.db import transaction

from clinic.access import Principal
from clinic.models import Clinic, Membership
from clinic.tokens import principal_of_member
from sessions import ledger
from sessions.ledger import Kind
from sessions.models import LedgerEntry, Session, StockItem
from sessions.products import BY_CODE
from sessions.protocol import Route
from sessions.services import ledger as services
from sessions.states import PRESENT
from vitals.demo import charting

RECEIVED_BEFORE = timedelta(hours=4)
DRAWN_BEFORE = timedelta(minutes=5)
WASTED_AFTER = timedelta(minutes=4)
VIALS, VIAL_ML = 2, Decimal(10)
VIAL = BY_CODE["ketamine-50"]
DEVICE = BY_CODE["esketamine-28"]
# a made-up NDC: nobody's product
NDC = "00000-0050"
METHOD = "Deactivation pouch"

Step = tuple[datetime, Callable[[], object]]


@dataclass(frozen=True, slots=True)
class Keepers:
    """Who charts and who witnesses, each on a device of their own."""

    charts: Principal
    witnesses: Principal


@transaction.atomic
def stock(clinic: Clinic, by: Principal, at: datetime) -> None:
    """Give the sessions under way their ledger. Doing it again changes nothing."""
    rows = (
        Session.objects.select_related("protocol", "nurse")
        .filter(clinic=clinic, state__in=[state.value for state in PRESENT], dose_started_at__isnull=False)
        .exclude(id__in=LedgerEntry.objects.filter(session__isnull=False).values("session_id"))
        .order_by("dose_started_at")
    )
    infusions = [row for row in rows if row.protocol.route == Route.IV]
    sprays = [row for row in rows if row.protocol.route == Route.NASAL]
    if not infusions and not sprays:
        return
    received_at = at - RECEIVED_BEFORE
    vials = [_vial(clinic, by, received_at, number) for number in range(1, VIALS + 1)]
    last = max((row.dose_ended_at for row in infusions if row.dose_ended_at), default=None)
    steps: list[Step] = []
    for number, row in enumerate(infusions):
        waits = row.dose_ended_at is not None and row.dose_ended_at == last
        steps += _infusion(_keepers(row, by), row, vials[number % VIALS], waits=waits)
    for row in sprays:
        kit = _kit(clinic, by, received_at, row)
        steps += _sprays(_keepers(row, by), row, kit)
    for moment, charted in sorted(steps, key=lambda step: step[0]):
        if moment <= at:
            charted()


def _keepers(row: Session, by: Principal) -> Keepers:
    membership = Membership.objects.select_related("user").get(clinic_id=row.clinic_id, user=row.nurse)
    return Keepers(
        replace(principal_of_member(membership), station=f"demo tablet {row.nurse_id}"[:64]),
        replace(by, station="demo desk"),
    )


def _vial(clinic: Clinic, by: Principal, at: datetime, number: int) -> UUID:
    label = f"K-{at.astimezone(clinic.zone):%m%d}-{number}"
    held = StockItem.objects.filter(clinic=clinic, label=label).first()
    if held is not None:
        return held.id
    return services.receive(
        by=by,
        at=at,
        recorded_at=at,
        product_code=VIAL.code,
        label=label,
        lot=charting.LOT,
        ndc=NDC,
        expires_on=(at + timedelta(days=400)).date(),
        quantity=VIAL_ML,
    ).item_id


def _kit(clinic: Clinic, by: Principal, at: datetime, row: Session) -> UUID:
    """A kit of as many devices as the session has planned: they come in twos and threes."""
    devices = row.planned_devices or 2
    return services.receive(
        by=by,
        at=at,
        recorded_at=at,
        product_code=DEVICE.code,
        label=f"E-{at.astimezone(clinic.zone):%m%d}-{str(row.id)[:4]}",
        lot=charting.LOT,
        ndc=f"{DEVICE.ndc}-0{devices}",
        expires_on=((row.dose_started_at or at) + charting.DEVICES_LAST).date(),
        quantity=Decimal(devices),
    ).item_id


def _chart(by: Principal, row: Session, item_id: UUID, kind: Kind, quantity: Decimal, at: datetime) -> UUID:
    return services.chart(
        by=by,
        at=at,
        recorded_at=at,
        item_id=item_id,
        kind=kind,
        quantity=quantity,
        session_id=row.id,
        method=METHOD if kind is Kind.WASTE else "",
    ).entry


def _waste(
    keepers: Keepers, row: Session, item_id: UUID, left: Decimal, at: datetime, *, waits: bool
) -> None:
    entry = _chart(keepers.charts, row, item_id, Kind.WASTE, left, at)
    if not waits:
        services.witness(by=keepers.witnesses, at=at + timedelta(minutes=1), entry=entry)


def _infusion(keepers: Keepers, row: Session, item_id: UUID, *, waits: bool) -> list[Step]:
    """Drawn a little more than the dose; the dose given when the infusion has ended, the rest wasted."""
    assert row.dose_started_at is not None, "chosen by it"  # noqa: S101
    dose = ledger.quantity_of(row.dose_mg or Decimal(0), VIAL.mg_per_unit)
    drawn = (dose + Decimal("0.05")).quantize(Decimal("0.1"), ROUND_CEILING)
    chart = partial(_chart, keepers.charts, row, item_id)
    drawn_at = row.dose_started_at - DRAWN_BEFORE
    steps: list[Step] = [(drawn_at, partial(chart, Kind.DRAW, drawn, drawn_at))]
    if row.dose_ended_at is not None:
        wasted_at = row.dose_ended_at + WASTED_AFTER
        waste = partial(_waste, keepers, row, item_id, drawn - dose, wasted_at, waits=waits)
        steps += [
            (row.dose_ended_at, partial(chart, Kind.GIVE, dose, row.dose_ended_at)),
            (wasted_at, waste),
        ]
    return steps


def _sprays(keepers: Keepers, row: Session, item_id: UUID) -> list[Step]:
    """Every planned device drawn at the start, and given as the session charts it."""
    assert row.dose_started_at is not None, "chosen by it"  # noqa: S101
    drawn_at = row.dose_started_at - DRAWN_BEFORE
    given_at = row.dose_ended_at or row.dose_started_at
    chart = partial(_chart, keepers.charts, row, item_id)
    return [
        (drawn_at, partial(chart, Kind.DRAW, Decimal(row.planned_devices or 2), drawn_at)),
        (given_at, partial(chart, Kind.GIVE, Decimal(row.devices_given), given_at)),
    ]
