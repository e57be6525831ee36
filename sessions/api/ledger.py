"""The controlled-drug ledger over the API. No body says who acts: that is whoever is signed in."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic import audit, clock
from clinic.access import Act, Principal, check
from clinic.api import StrictSerializer, ZonedTime, signed_in
from clinic.refusals import Invalid
from sessions import ledger, ledger_queries, queries
from sessions.ledger import Kind, Line, Movement
from sessions.ledger_queries import SessionAccount
from sessions.models import StockItem
from sessions.products import PRODUCTS
from sessions.services import ledger as services

# without a span asked for, the register of all vials and kits goes back this far
SHOWN_BACK = timedelta(days=30)
_CHARTED = [kind.value for kind in Kind if kind is not Kind.RECEIVE]


def _quantity(**how: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=8, decimal_places=2, **how)


class NewStock(StrictSerializer):
    product = serializers.ChoiceField([product.code for product in PRODUCTS])
    label = serializers.CharField(max_length=40, help_text="what the clinic calls this vial or kit")  # type: ignore[assignment]  # a field of the body
    lot = serializers.CharField(max_length=40)
    ndc = serializers.CharField(max_length=16, required=False, default="")
    expires_on = serializers.DateField()
    quantity = _quantity(help_text="mL in the vial, or devices in the kit")
    at = ZonedTime(required=False, help_text="default now")


class NewLedgerEntry(StrictSerializer):
    item = serializers.UUIDField()
    kind = serializers.ChoiceField(_CHARTED)
    quantity = _quantity(help_text="in the item's unit; below zero only where an adjustment takes away")
    session = serializers.UUIDField(required=False)
    at = ZonedTime(required=False, help_text="default now")
    method = serializers.CharField(max_length=80, required=False, default="")
    reason = serializers.CharField(
        max_length=300,
        required=False,
        default="",
        help_text="of an adjustment or an expired lot; of a waste, why nobody witnesses it",
    )


class LedgerCorrection(StrictSerializer):
    quantity = _quantity(required=False)
    at = ZonedTime(required=False)
    method = serializers.CharField(max_length=80, required=False, allow_blank=True)
    unwitnessed = serializers.CharField(max_length=300, required=False, allow_blank=True)
    reason = serializers.CharField(max_length=300)
    entered_in_error = serializers.BooleanField(required=False, default=False)


class WitnessSignature(StrictSerializer):
    """Nothing is said: who signs is who is signed in."""


class StockAnswer(serializers.Serializer[Any]):
    """``balance`` is null for whoever counts: counts are blind."""

    id = serializers.UUIDField()
    product = serializers.CharField()
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of the body
    lot = serializers.CharField()
    ndc = serializers.CharField()
    expires_on = serializers.DateField()
    unit = serializers.CharField()
    mg_per_unit = serializers.FloatField()
    received_at = serializers.DateTimeField()
    balance = serializers.FloatField(allow_null=True)


class StockListed(serializers.Serializer[Any]):
    results = StockAnswer(many=True)


class LedgerEntryAnswer(serializers.Serializer[Any]):
    """One version of an entry. ``entry`` names it through all corrections."""

    entry = serializers.UUIDField()
    version = serializers.IntegerField()
    status = serializers.CharField()
    item = serializers.UUIDField()
    session = serializers.UUIDField(allow_null=True)
    kind = serializers.CharField()
    quantity = serializers.FloatField()
    unit = serializers.CharField()
    at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    by = serializers.CharField()
    method = serializers.CharField()
    reason = serializers.CharField()
    unwitnessed = serializers.CharField()
    witness = serializers.CharField(allow_null=True)
    witnessed_at = serializers.DateTimeField(allow_null=True)
    waits_for_witness = serializers.BooleanField()


class LedgerLine(LedgerEntryAnswer):
    """``balance`` and ``variance`` are null for whoever counts; ``superseded`` holds the versions before."""

    out_of_order = serializers.BooleanField()
    balance = serializers.FloatField(allow_null=True)
    variance = serializers.FloatField(allow_null=True)
    superseded = LedgerEntryAnswer(many=True)


class LedgerRegister(serializers.Serializer[Any]):
    results = LedgerLine(many=True)


class WaitingWaste(LedgerEntryAnswer):
    label = serializers.CharField()  # type: ignore[assignment]  # a field of the body
    may_witness = serializers.BooleanField()
    why_not = serializers.CharField(allow_null=True)


class WaitingWastes(serializers.Serializer[Any]):
    results = WaitingWaste(many=True)


class DrugAccount(serializers.Serializer[Any]):
    item = serializers.UUIDField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of the body
    unit = serializers.CharField()
    drawn = serializers.FloatField()
    given = serializers.FloatField()
    wasted = serializers.FloatField()
    returned = serializers.FloatField()
    variance = serializers.FloatField()
    drawn_mg = serializers.FloatField()
    given_mg = serializers.FloatField()
    wasted_mg = serializers.FloatField()
    returned_mg = serializers.FloatField()
    variance_mg = serializers.FloatField()
    balanced = serializers.BooleanField()
    words = serializers.CharField()


class SessionLedgerAnswer(serializers.Serializer[Any]):
    """One account for each vial or kit; together balanced when each of them is."""

    session = serializers.UUIDField()
    balanced = serializers.BooleanField()
    waits_for_witness = serializers.IntegerField()
    accounts = DrugAccount(many=True)
    entries = LedgerEntryAnswer(many=True)


class ItemsView(APIView):
    """The clinic's vials and kits of which something is left, and a new one."""

    @extend_schema(responses=StockListed, operation_id="ledger_items")
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_LEDGER)
        audit.record_look(by, "ledger", "items")
        told = ledger_queries.is_told_balances(by)
        return Response(
            {
                "results": [
                    {**_item(one.item), "balance": one.left if told else None}
                    for one in ledger_queries.holdings(by.clinic_id)
                ]
            }
        )

    @extend_schema(request=NewStock, responses={201: StockAnswer}, operation_id="receive_stock")
    def post(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.RECEIVE_STOCK)
        given = _valid(NewStock, request)
        now = clock.now()
        row = services.receive(
            by=by,
            at=given.get("at", now),
            recorded_at=now,
            product_code=given["product"],
            label=given["label"],
            lot=given["lot"],
            ndc=given["ndc"],
            expires_on=given["expires_on"],
            quantity=given["quantity"],
        )
        told = ledger_queries.is_told_balances(by)
        return Response({**_item(row.item), "balance": row.quantity if told else None}, status=201)


class EntriesView(APIView):
    """Chart a draw, what was given, wasted or returned, a blind count, or an adjustment."""

    @extend_schema(
        request=NewLedgerEntry, responses={201: LedgerEntryAnswer}, operation_id="chart_ledger_entry"
    )
    def post(self, request: Request) -> Response:
        by = signed_in(request)
        given = _valid(NewLedgerEntry, request)
        now = clock.now()
        row = services.chart(
            by=by,
            at=given.get("at", now),
            recorded_at=now,
            item_id=given["item"],
            kind=Kind(given["kind"]),
            quantity=given["quantity"],
            session_id=given.get("session"),
            method=given["method"],
            reason=given["reason"],
        )
        return Response(_entry(ledger_queries.movement_of(row), row.item), status=201)


class WitnessView(APIView):
    """Sign as the one who saw a waste: another person than the one who charted it, at another station."""

    @extend_schema(
        request=WitnessSignature, responses={201: LedgerEntryAnswer}, operation_id="witness_ledger_entry"
    )
    def post(self, request: Request, entry: UUID) -> Response:
        by = signed_in(request)
        _valid(WitnessSignature, request)
        signed = services.witness(by=by, at=clock.now(), entry=entry)
        row = signed.ledger_entry
        return Response(_entry(ledger_queries.movement_of(row), row.item), status=201)


class CorrectView(APIView):
    """A new version of an entry, with its reason; the old one stays readable."""

    @extend_schema(
        request=LedgerCorrection, responses={201: LedgerEntryAnswer}, operation_id="correct_ledger_entry"
    )
    def post(self, request: Request, entry: UUID) -> Response:
        by = signed_in(request)
        changes = _valid(LedgerCorrection, request)
        row = services.correct(
            by=by,
            at=clock.now(),
            entry=entry,
            reason=changes.pop("reason"),
            entered_in_error=changes.pop("entered_in_error"),
            changes=changes,
        )
        return Response(_entry(ledger_queries.movement_of(row), row.item), status=201)


class RegisterView(APIView):
    """The register: every entry in the order of charting, with the running balance of its vial or kit."""

    @extend_schema(
        parameters=[
            OpenApiParameter("item", UUID, description="one vial or kit; then all of its register"),
            OpenApiParameter("since", datetime, description="default 30 days back; none for one item"),
            OpenApiParameter("until", datetime),
        ],
        responses=LedgerRegister,
        operation_id="ledger_register",
    )
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_LEDGER)
        item_id = _uuid(request.query_params.get("item"), "item")
        since = _moment(request.query_params.get("since"), "since")
        until = _moment(request.query_params.get("until"), "until")
        if item_id is not None:
            items = {item_id: ledger_queries.item(by.clinic_id, item_id)}
        else:
            since = since or clock.now() - SHOWN_BACK
            items = ledger_queries.items_touched(by.clinic_id, since)
        audit.record_look(by, "ledger", str(item_id or "register"))
        lines = [
            line
            for of_item in ledger_queries.registers(by.clinic_id, items).values()
            for line in of_item
            if (since is None or line.movement.at >= since) and (until is None or line.movement.at < until)
        ]
        lines.sort(key=lambda line: line.versions[0].number)
        told = ledger_queries.is_told_balances(by)
        return Response({"results": [_line(line, items[line.movement.item], told=told) for line in lines]})


class WaitingView(APIView):
    """What waits for a witness, with whether the caller may be it."""

    @extend_schema(responses=WaitingWastes, operation_id="ledger_waiting")
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_LEDGER)
        audit.record_look(by, "ledger", "waiting")
        return Response(
            {
                "results": [
                    {
                        **_entry(one.movement, one.item),
                        "label": one.item.label,
                        "may_witness": one.why_not is None,
                        "why_not": one.why_not,
                    }
                    for one in ledger_queries.waiting(by)
                ]
            }
        )


class SessionLedgerView(APIView):
    """What was drawn for a session, and what became of it."""

    @extend_schema(responses=SessionLedgerAnswer, operation_id="session_ledger")
    def get(self, request: Request, session_id: UUID) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_LEDGER)
        queries.require_session(by.clinic_id, session_id)
        audit.record_look(by, "ledger", str(session_id), session_id=session_id)
        return Response(session_ledger(by, session_id))


def session_ledger(by: Principal, session_id: UUID) -> dict[str, Any]:
    """A session's ledger as the API says it."""
    accounts = ledger_queries.accounts(by.clinic_id, [session_id])[session_id]
    movements = ledger.newest(ledger_queries.movements(by.clinic_id, session_id=session_id))
    items = {one.item.id: one.item for one in accounts}
    return {
        "session": session_id,
        "balanced": all(one.account.balanced for one in accounts),
        "waits_for_witness": sum(movement.waits for movement in movements),
        "accounts": [_account(one) for one in accounts],
        "entries": [_entry(movement, items[movement.item]) for movement in movements],
    }


def _account(one: SessionAccount) -> dict[str, Any]:
    account = one.account
    sums = {name: getattr(account, name) for name in ("drawn", "given", "wasted", "returned", "variance")}
    mg = {f"{name}_mg": ledger.mg_of(quantity, account.mg_per_unit) for name, quantity in sums.items()}
    return {
        "item": one.item.id,
        "label": one.item.label,
        "unit": account.unit,
        **sums,
        **mg,
        "balanced": account.balanced,
        "words": ledger.in_words(account),
    }


def _item(row: StockItem) -> dict[str, Any]:
    return {
        "id": row.id,
        "product": row.product,
        "name": ledger_queries.product_of(row).name,
        "label": row.label,
        "lot": row.lot,
        "ndc": row.ndc,
        "expires_on": row.expires_on,
        "unit": row.unit,
        "mg_per_unit": row.mg_per_unit,
        "received_at": row.received_at,
    }


def _entry(movement: Movement, item: StockItem) -> dict[str, Any]:
    return {
        "entry": movement.entry,
        "version": movement.version,
        "status": movement.status,
        "item": movement.item,
        "session": movement.session,
        "kind": movement.kind,
        "quantity": movement.quantity,
        "unit": item.unit,
        "at": movement.at,
        "recorded_at": movement.recorded_at,
        "by": movement.by_name,
        "method": movement.method,
        "reason": movement.reason,
        "unwitnessed": movement.unwitnessed,
        "witness": movement.witness.by_name if movement.witness else None,
        "witnessed_at": movement.witness.at if movement.witness else None,
        "waits_for_witness": movement.waits,
    }


def _line(line: Line, item: StockItem, *, told: bool) -> dict[str, Any]:
    return {
        **_entry(line.movement, item),
        "out_of_order": line.out_of_order,
        "balance": line.balance if told else None,
        "variance": line.variance if told else None,
        "superseded": [_entry(movement, item) for movement in line.struck],
    }


def _valid(body: type[StrictSerializer], request: Request) -> dict[str, Any]:
    read = body(data=request.data)
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)


def _moment(text: str | None, name: str) -> datetime | None:
    """A time of a query; None when not given. raises: Invalid without a zone."""
    if not text:
        return None
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Invalid(f"{name} “{text}” is not a time with a zone, such as 2026-11-23T10:40:00Z.", field=name)
    return at


def _uuid(text: str | None, name: str) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(f"{name} “{text}” is not an id.", field=name) from error
