"""The routes of the controlled-drug ledger."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from clinic import clock
from sessions.ledger import Kind
from sessions.services import ledger
from tests.integration.routes.kinds import Foreign, Own, Route

ENTRIES = "/api/v1/ledger/entries/"
TABLE: dict[str, list[Route]] = {
    "api/v1/ledger/": [
        Own("/api/v1/ledger/", "results", right="supervisor"),
        Foreign("GET", "/api/v1/ledger/?item={vial}"),
        Foreign("GET", "/api/v1/ledger/?item={vial}&since=2020-01-01T00:00:00Z"),
    ],
    "api/v1/ledger/items/": [Own("/api/v1/ledger/items/", "results")],
    "api/v1/ledger/entries/": [
        Foreign(
            "POST", ENTRIES, {"item": "{vial}", "session": "{session}", "kind": "draw", "quantity": "0.5"}
        ),
        Foreign("POST", ENTRIES, {"item": "{vial}", "kind": "count", "quantity": "9"}),
    ],
    "api/v1/ledger/entries/<uuid:entry>/witness/": [
        Foreign("POST", f"{ENTRIES}{{waste}}/witness/", {}, right="supervisor")
    ],
    "api/v1/ledger/entries/<uuid:entry>/correct/": [
        Foreign("POST", f"{ENTRIES}{{waste}}/correct/", {"quantity": "0.1", "reason": "slip"})
    ],
    "api/v1/ledger/waiting/": [Own("/api/v1/ledger/waiting/", "results")],
    "api/v1/sessions/<uuid:session_id>/ledger/": [Foreign("GET", "/api/v1/sessions/{session}/ledger/")],
    "ledger/": [Own("/ledger/", "Controlled drugs")],
    "ledger/count/": [Own("/ledger/count/", "Count")],
    "ledger/items/<uuid:item_id>/": [Foreign("GET", "/ledger/items/{vial}/")],
    "ledger/reconciliation/": [Own("/ledger/reconciliation/", "Reconciliation")],
    "ledger/reconciliation.csv": [Own("/ledger/reconciliation.csv", "given by")],
}


def _nurse(stage, session):
    return replace(stage.nurses[session.clinic_id], station="the tablet of the maker")


def vial(stage, session):
    """A vial of the session's clinic."""
    now = clock.now()
    return ledger.receive(
        by=_nurse(stage, session),
        at=now,
        recorded_at=now,
        product_code="ketamine-50",
        label=str(session.id),
        lot="L-1",
        ndc="00000-050",
        expires_on=date(2099, 1, 1),
        quantity=Decimal(10),
    ).item_id


def waste(stage, session):
    """A waste of the session that waits for its witness."""
    now, item_id = clock.now(), vial(stage, session)
    for kind in (Kind.DRAW, Kind.WASTE):
        row = ledger.chart(
            by=_nurse(stage, session),
            at=now,
            recorded_at=now,
            item_id=item_id,
            kind=kind,
            quantity=Decimal("0.2"),
            session_id=session.id,
        )
    return str(row.entry)


MAKERS = {"vial": lambda stage, session: str(vial(stage, session)), "waste": waste}
