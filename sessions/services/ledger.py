"""The controlled-drug ledger's writes: receive, chart, correct, witness.

Each locks its vial or kit, keeps a row, and then lets the sums say whether the register still holds; when it
does not, everything is refused and nothing of it stays. Nobody signs for another: who acts is who is signed
in.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from clinic import audit
from clinic.access import Act, Principal, check
from clinic.models import Clinic
from clinic.refusals import AccessDenied, Conflict, Invalid, NotAllowed, NotFound
from sessions import ledger, ledger_queries, queries
from sessions.ledger import Kind
from sessions.models import LedgerEntry, LedgerWitness, Status, StockItem
from sessions.products import BY_CODE, Unit
from sessions.services.changes.doing import AHEAD

# labeller, product and package as they are printed; the package may be missing
NDC = re.compile(r"\d{4,5}-\d{3,4}(-\d{1,2})?")
_ACT_OF = {Kind.ADJUST: Act.ADJUST_LEDGER, Kind.RECEIVE: Act.RECEIVE_STOCK}


def receive(
    *,
    by: Principal,
    at: datetime,
    recorded_at: datetime,
    product_code: str,
    label: str,
    lot: str,
    ndc: str,
    expires_on: date,
    quantity: Decimal,
) -> LedgerEntry:
    """Take one vial or kit into stock. Returns its first entry.

    label: what the clinic calls it; written on it, and its own for good.
    quantity: mL in the vial, or devices in the kit.
    raises: AccessDenied; Invalid; Conflict when the clinic has this label already.
    """
    check(by, Act.RECEIVE_STOCK)
    _check_time(at, recorded_at)
    product = BY_CODE.get(product_code)
    if product is None:
        raise Invalid(f"product “{product_code}” is not one of these: {', '.join(BY_CODE)}.", field="product")
    _check_quantity(Kind.RECEIVE, quantity, product.unit)
    with transaction.atomic():
        try:
            with transaction.atomic():
                item = StockItem.objects.create(
                    clinic_id=by.clinic_id,
                    product=product.code,
                    label=label,
                    lot=lot,
                    ndc=_ndc(ndc, product.ndc),
                    expires_on=_not_expired(expires_on, _day(by.clinic_id, at)),
                    unit=product.unit,
                    mg_per_unit=product.mg_per_unit,
                    received_at=at,
                )
        except IntegrityError as error:
            if "stock_label_once" not in str(error):
                raise
            raise Conflict(f"label “{label}” is taken by another vial or kit.", field="label") from error
        return _keep(by=by, item=item, kind=Kind.RECEIVE, quantity=quantity, at=at, recorded_at=recorded_at)


def chart(
    *,
    by: Principal,
    at: datetime,
    recorded_at: datetime,
    item_id: UUID,
    kind: Kind,
    quantity: Decimal,
    session_id: UUID | None = None,
    method: str = "",
    reason: str = "",
) -> LedgerEntry:
    """Chart one movement, or a count.

    reason: of an adjustment, of a draw from an expired lot, or why nobody witnesses a waste. A waste without
            one waits for its witness.
    raises: AccessDenied; NotFound for a vial, kit or session not in the clinic; Invalid naming what the sums
            do not allow.
    """
    check(by, _ACT_OF.get(kind, Act.CHART_LEDGER))
    if kind is Kind.RECEIVE:
        raise Invalid("kind “receive” makes a vial or kit of its own: it is charted as stock.", field="kind")
    with transaction.atomic():
        item = _locked(by.clinic_id, item_id)
        _check_session(by.clinic_id, kind, session_id)
        _check_time(at, recorded_at)
        _check_quantity(kind, quantity, Unit(item.unit))
        if kind is Kind.ADJUST and not reason:
            raise Invalid("reason is empty: an adjustment needs one.", field="reason")
        expired = kind is Kind.DRAW and item.expires_on < _day(by.clinic_id, at)
        if expired and not reason:
            raise Invalid(
                f"reason is needed: lot {item.lot} of {item.label} expired on {item.expires_on.isoformat()}.",
                field="reason",
            )
        row = _keep(
            by=by,
            item=item,
            kind=kind,
            quantity=quantity,
            at=at,
            recorded_at=recorded_at,
            session_id=session_id,
            method=method,
            reason="" if kind is Kind.WASTE else reason,
            unwitnessed=reason if kind is Kind.WASTE else "",
        )
        _check_sums(row)
    return row


def correct(
    *,
    by: Principal,
    at: datetime,
    entry: UUID,
    reason: str,
    changes: Mapping[str, Any],
    entered_in_error: bool = False,
) -> LedgerEntry:
    """Put another version in the place of an entry's newest; what it replaces stays, with the reason.

    changes: any of quantity, at, method, unwitnessed. A wrong vial, kind or session was entered in error and
             is charted anew. A waste's new version asks for its witness again.
    raises: AccessDenied; NotFound; NotAllowed for what was entered in error already; Invalid.
    """
    check(by, Act.CORRECT_ENTRY)
    if not reason:
        raise Invalid("reason is empty: a correction needs one.", field="reason")
    with transaction.atomic():
        item = _locked(by.clinic_id, _newest(by.clinic_id, entry).item_id)
        held = _newest(by.clinic_id, entry)
        kind = Kind(held.kind)
        check(by, _ACT_OF.get(kind, Act.CHART_LEDGER))
        if held.status == Status.ENTERED_IN_ERROR:
            raise NotAllowed(
                "This entry was entered in error.", missing=["an entry that counts: chart it anew"]
            )
        said = {name: getattr(held, name) for name in ("quantity", "at", "method", "unwitnessed")}
        if {**said, **changes} == said and not entered_in_error:
            raise Invalid("Nothing is changed by this correction.", field="quantity")
        said.update(changes)
        _check_time(said["at"], at)
        _check_quantity(kind, said["quantity"], Unit(item.unit))
        row = _keep(
            by=by,
            item=item,
            kind=kind,
            recorded_at=at,
            session_id=held.session_id,
            reason=reason,
            entry=held.entry,
            version=held.version + 1,
            supersedes=held,
            status=Status.ENTERED_IN_ERROR if entered_in_error else Status.AMENDED,
            **said,
        )
        _check_sums(row)
    return row


def witness(*, by: Principal, at: datetime, entry: UUID) -> LedgerWitness:
    """Sign as the one who saw a waste. Signing twice is signing once.

    raises: AccessDenied to whoever acted; NotFound; NotAllowed at a station that acted, or when there is
            nothing to witness; Conflict when somebody else has signed.
    """
    check(by, Act.WITNESS)
    with transaction.atomic():
        _locked(by.clinic_id, _newest(by.clinic_id, entry).item_id)
        versions = ledger_queries.movements(by.clinic_id, entry=entry)
        row = _newest(by.clinic_id, entry)
        if row.kind != Kind.WASTE or row.status == Status.ENTERED_IN_ERROR:
            raise NotAllowed("Only a waste that counts is witnessed.", missing=["a waste that counts"])
        if any(version.by_id == by.user_id for version in versions):
            raise AccessDenied("You charted this waste: another member of staff signs for it.")
        signed = LedgerWitness.objects.filter(ledger_entry=row).first()
        if signed is not None and signed.by_id == by.user_id:
            return signed
        if signed is not None:
            raise Conflict(f"{signed.by_name} has signed as witness already.")
        why_not = ledger.why_not_witness(versions, by.user_id, by.station)
        if why_not is not None:
            raise NotAllowed(why_not, missing=["another device"])
        made = LedgerWitness.objects.create(
            ledger_entry=row,
            acted_by_id=row.by_id,
            by_id=by.actor_id,
            by_name=by.name,
            at=at,
            station=by.station,
        )
        _audit(row, by=by, act=Act.WITNESS)
    return made


def _locked(clinic_id: int, item_id: UUID) -> StockItem:
    """The vial or kit, locked until the transaction ends: sums are made over what nobody else moves."""
    found = StockItem.objects.select_for_update().filter(clinic_id=clinic_id, id=item_id).first()
    if found is None:
        raise NotFound
    return found


def _newest(clinic_id: int, entry: UUID) -> LedgerEntry:
    rows = LedgerEntry.objects.filter(clinic_id=clinic_id, entry=entry)
    found = rows.order_by("-version").first()
    if found is None:
        raise NotFound
    return found


def _day(clinic_id: int, at: datetime) -> date:
    return at.astimezone(Clinic.objects.get(pk=clinic_id).zone).date()


def _ndc(given: str, of_product: str) -> str:
    """The NDC as printed on the package. raises: Invalid."""
    ndc = given or of_product
    if not ndc:
        raise Invalid("ndc is needed: it is printed on the package.", field="ndc")
    if NDC.fullmatch(ndc) is None:
        raise Invalid(f"ndc “{ndc}” is not written as on a package, such as 50458-028-02.", field="ndc")
    if not ndc.startswith(of_product):
        raise Invalid(f"ndc “{ndc}” is not of this product, whose NDC is {of_product}.", field="ndc")
    return ndc


def _not_expired(expires_on: date, day: date) -> date:
    if expires_on < day:
        raise Invalid(
            f"expires_on {expires_on.isoformat()} lies before the receipt on {day.isoformat()}.",
            field="expires_on",
        )
    return expires_on


def _check_time(at: datetime, recorded_at: datetime) -> None:
    if at > recorded_at + AHEAD:
        raise Invalid(f"at {at.isoformat()} is in the future.", field="at")


def _check_quantity(kind: Kind, quantity: Decimal, unit: Unit) -> None:
    """Above zero, save for a count of nothing and for an adjustment downwards; devices are whole."""
    said = f"quantity {ledger.shown(quantity)} {ledger.unit_words(unit, quantity)}"
    if quantity < 0 and kind is not Kind.ADJUST:
        raise Invalid(f"{said} is below zero.", field="quantity")
    if quantity == 0 and kind is not Kind.COUNT:
        raise Invalid(f"{said}: “{ledger.WORDS[kind].lower()}” needs an amount.", field="quantity")
    if unit is Unit.DEVICE and quantity != quantity.to_integral_value():
        raise Invalid(f"{said}: devices are counted whole.", field="quantity")


def _check_session(clinic_id: int, kind: Kind, session_id: UUID | None) -> None:
    if session_id is not None:
        queries.require_session(clinic_id, session_id)
        if kind not in ledger.MAY_BE_OF_A_SESSION:
            raise Invalid(f"kind “{kind}” is not of a session.", field="session")
    elif kind in ledger.OF_A_SESSION:
        raise Invalid(f"session is needed: for whom is it {ledger.WORDS[kind].lower()}?", field="session")


def _check_sums(row: LedgerEntry) -> None:
    """Refuse what the register or the session's account cannot hold, with this row in it already.

    The words name no balance: whoever counts is not to know it.
    """
    item, unit = row.item, Unit(row.item.unit)
    said = f"quantity {ledger.shown(row.quantity)} {ledger.unit_words(unit, row.quantity)}"
    if ledger.balance(ledger_queries.movements(row.clinic_id, item_id=item.id)) < 0:
        raise Invalid(
            f"{said} is not possible: the register of {item.label} would fall below zero.", field="quantity"
        )
    if row.session_id is None:
        return
    of_session = ledger_queries.movements(row.clinic_id, item_id=item.id, session_id=row.session_id)
    account = ledger.account(of_session, unit=unit, mg_per_unit=item.mg_per_unit)
    if account.overspent:
        spent = account.drawn - account.variance
        most = ledger.TOLERANCE[unit]
        raise Invalid(
            f"{said} is not possible: given, wasted and returned would be {ledger.shown(spent)} of"
            f" {ledger.shown(account.drawn)} {unit} drawn from {item.label} for this session"
            + (f"; at most {ledger.shown(most)} {unit} may differ." if most else "."),
            field="quantity",
        )


def _keep(
    *,
    by: Principal,
    item: StockItem,
    kind: Kind,
    quantity: Decimal,
    at: datetime,
    recorded_at: datetime,
    entry: UUID | None = None,
    **columns: Any,
) -> LedgerEntry:
    """Keep one version and its audit row, in the caller's transaction."""
    row = LedgerEntry.objects.create(
        entry=entry or uuid.uuid4(),
        clinic_id=by.clinic_id,
        item=item,
        kind=kind,
        quantity=quantity,
        at=at,
        recorded_at=recorded_at,
        by_id=by.actor_id,
        by_name=by.name,
        station=by.station,
        **columns,
    )
    _audit(row, by=by, act=_ACT_OF.get(kind, Act.CHART_LEDGER) if row.version == 1 else Act.CORRECT_ENTRY)
    return row


def _audit(row: LedgerEntry, *, by: Principal, act: Act) -> None:
    """The audit row of one version: what moved, and a digest that vouches for its words."""
    audit.record(
        [
            audit.Entry(
                by=by,
                act=act,
                subject="ledger",
                subject_id=str(row.item_id),
                session_id=row.session_id,
                details={
                    "entry": str(row.entry),
                    "version": row.version,
                    "status": row.status,
                    "kind": row.kind,
                    "quantity": str(row.quantity),
                    "at": row.at.isoformat(),
                    "digest": digest(row),
                },
            )
        ]
    )


def digest(row: LedgerEntry) -> str:
    """SHA-256 over what a version says."""
    said = [
        str(row.entry),
        row.version,
        row.status,
        str(row.item_id),
        str(row.session_id),
        row.kind,
        f"{row.quantity:.2f}",
        row.at.isoformat(),
        row.recorded_at.isoformat(),
        str(row.by_id),
        row.method,
        row.reason,
        row.unwitnessed,
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
