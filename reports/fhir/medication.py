"""MedicationRequest: the order; MedicationAdministration: what was given. Pure.

An infusion is one administration from its start to its end; each bolus and each new rate is one of its own,
part of it. A nasal device is one administration. A medicine given per order is one, its dose in words.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from reports.fhir import codes
from reports.fhir.around import ENTERED_IN_ERROR, Around, entry, indication, versions
from reports.fhir.values import (
    Json,
    Row,
    Told,
    absent,
    concept,
    day,
    instant,
    key,
    note,
    parts,
    period,
    quantity,
    reference,
    text,
)
from sessions.dosing import ENDING

IN_WORDS = {"pause": "Paused", "resume": "Resumed", "stop": "Dose ended"}

LEFT_OUT = "A medicine, left out of a limited export"


def doses(rows: Iterable[Row], around: Around) -> Iterator[Told]:
    """Order and administrations of a session's rows of ``doses``."""
    held = list(rows)
    current = [row for row in held if not row["superseded"] and row["status"] != ENTERED_IN_ERROR]
    starts = [row for row in held if row["kind"] == "start"]
    yield from versions(starts, around, _order)
    if around.session["route"] == "nasal":
        yield from versions(held, around, _device)
        return
    first = first_start(current)

    def infusion(row: Row, around: Around) -> Json | None:
        return _infusion(row, around, current) if row["kind"] == "start" else _change(row, around, first)

    yield from versions(held, around, infusion)


def first_start(current: Iterable[Row]) -> Row | None:
    """The entry that began the dose, as it counts."""
    return next((row for row in current if row["kind"] == "start"), None)


def medicines(rows: Iterable[Row], around: Around) -> Iterator[Told]:
    """Medicines given per order: rows of ``medicines``."""
    yield from versions(rows, around, _medicine)


def _order(row: Row, around: Around) -> Json:
    """What a start was ordered with."""
    session = around.session
    mg = _ordered_mg(row, around)
    dose_and_rate = parts(
        doseQuantity=None if mg is None else quantity(mg, "mg"),
        rateQuantity=_first_rate(row) if session["route"] == "iv" else None,
    )
    return entry(
        "MedicationRequest",
        row,
        identifier=key(row["entry_id"]),
        status=ENTERED_IN_ERROR if row["status"] == ENTERED_IN_ERROR else _order_status(around),
        intent="order",
        medicationCodeableConcept=codes.DRUGS[session["route"]],
        subject=around.patient,
        encounter=around.encounter,
        authoredOn=instant(row["recorded_at"]),
        recorder=around.parties.charted_by(row),
        reasonCode=[indication(session)],
        dosageInstruction=[
            parts(
                text=text(_order_words(row)),
                route=codes.ROUTES[session["route"]],
                doseAndRate=[dose_and_rate] if dose_and_rate else [],
            )
        ],
    )


def _order_status(around: Around) -> str:
    return (
        "active"
        if around.session["dose_ended_at"] is None and around.session["ended_at"] is None
        else "completed"
    )


def _order_words(row: Row) -> str:
    """The arithmetic that the resource has no place for."""
    said = [
        (row["mg_per_kg"], "mg/kg"),
        (row["weight_kg"], "kg body weight"),
        (row["concentration_mg_per_ml"], "mg/mL"),
        (row["planned_devices"], "devices"),
    ]
    return ", ".join(f"{value:g} {unit}" for value, unit in said if value is not None)


def _ordered_mg(row: Row, around: Around) -> float | None:
    """mg of an order: of a nasal one, what its planned devices hold."""
    mg: float | None = row["dose_mg"]
    if mg is None and not row["superseded"]:
        mg = around.session["dose_mg"]
    return mg


def _first_rate(row: Row) -> Json:
    """The rate that an infusion begins with: its mg over its minutes."""
    return quantity(_tenth(row["dose_mg"] * 60 / row["duration_min"]), "mg/h")


def _tenth(value: float) -> float:
    return round(value, 1)


def _administration(row: Row, around: Around, **elements: Any) -> Json:
    performer = around.parties.charted_by(row)
    return entry(
        "MedicationAdministration",
        row,
        identifier=key(row["entry_id"]),
        subject=around.patient,
        context=around.encounter,
        performer=[{"actor": performer}] if performer else [],
        **elements,
    )


def _infusion(row: Row, around: Around, current: Sequence[Row]) -> Json:
    """The infusion at its first rate; with mg given once an end says how much."""
    session = around.session
    end = next((one for one in reversed(current) if one["kind"] in ENDING), None)
    given = None if end is None else end["given_mg"]
    if given is not None:
        # an end counts the boluses in, which are administrations of their own
        given = _tenth(given - sum(one["bolus_mg"] or 0 for one in current))
    return _administration(
        row,
        around,
        partOf=[around.procedure],
        status=_infusion_status(row, around, end),
        medicationCodeableConcept=codes.DRUGS["iv"],
        effectivePeriod=period(row["at"], session["dose_ended_at"]),
        request=reference("MedicationRequest", row["entry_id"]),
        note=[
            said
            for one in current
            if one["kind"] in IN_WORDS
            for said in note(": ".join(filter(None, (IN_WORDS[one["kind"]], one.get("reason")))), one["at"])
        ],
        dosage=parts(
            route=codes.ROUTES["iv"],
            dose=None if given is None else quantity(given, "mg"),
            rateQuantity=_first_rate(row),
        ),
    )


def _infusion_status(row: Row, around: Around, end: Row | None) -> str:
    if row["status"] == ENTERED_IN_ERROR:
        return ENTERED_IN_ERROR
    if around.session["dose_ended_at"] is None:
        return "on-hold" if around.session["state"] == "held" else "in-progress"
    was_planned = end is None or (end["kind"] == "stop" and end["cause"] in {None, "planned"})
    return "completed" if was_planned else "stopped"


def _change(row: Row, around: Around, start: Row | None) -> Json | None:
    """A bolus, or a new rate; None for what is neither."""
    rates = ((row["rate_mg_per_h"], "mg/h"), (row["rate_ml_per_h"], "mL/h"))
    rate = next((quantity(value, unit) for value, unit in rates if value is not None), None)
    bolus = row["bolus_mg"]
    if rate is None and bolus is None:
        return None
    return _administration(
        row,
        around,
        partOf=[
            around.procedure,
            *([reference("MedicationAdministration", start["entry_id"])] if start is not None else []),
        ],
        status=_given(row),
        category=concept("Bolus" if rate is None else "New rate of the infusion"),
        medicationCodeableConcept=codes.DRUGS["iv"],
        effectiveDateTime=instant(row["at"]),
        note=note(row.get("reason")),
        dosage=parts(
            route=codes.ROUTES["iv"],
            dose=quantity(bolus, "mg") if bolus is not None else None,
            rateQuantity=rate,
        ),
    )


def _given(row: Row) -> str:
    return ENTERED_IN_ERROR if row["status"] == ENTERED_IN_ERROR else "completed"


def _device(row: Row, around: Around) -> Json | None:
    """One nasal device with its lot; the start is the first of them."""
    session = around.session
    planned, mg = session["planned_devices"], session["dose_mg"]
    is_device = row["kind"] == "start" or (row["kind"] == "dose" and row["device"] is not None)
    if not is_device or not planned or mg is None:
        return None
    batch = parts(lotNumber=text(row["lot"]), expirationDate=day(row["expires_on"]))
    medication: Json = {"medicationCodeableConcept": codes.DRUGS["nasal"]}
    if batch:
        held = {"resourceType": "Medication", "id": "device", "code": codes.DRUGS["nasal"], "batch": batch}
        medication = {"contained": [held], "medicationReference": {"reference": "#device"}}
    number = 1 if row["kind"] == "start" else row["device"]
    return _administration(
        row,
        around,
        **medication,
        partOf=[around.procedure],
        status=_given(row),
        effectiveDateTime=instant(row["at"]),
        note=note(row.get("reason")),
        dosage={
            "text": f"Device {number} of {planned}",
            "route": codes.ROUTES["nasal"],
            "dose": quantity(mg / planned, "mg"),
        },
    )


def _medicine(row: Row, around: Around) -> Json:
    """Name, dose and route in the words of whoever charted it: the dose is told to be in words."""
    ordered_by = text(row.get("ordered_by"))
    reason = text(row.get("indication"))
    return _administration(
        row,
        around,
        partOf=[around.procedure],
        status=_given(row),
        medicationCodeableConcept=concept(row.get("name") or LEFT_OUT),
        effectiveDateTime=instant(row["at"]),
        reasonCode=[concept(reason)] if reason else [],
        note=note(f"Ordered by {ordered_by}" if ordered_by else None),
        dosage=parts(
            text=text(row.get("dose_text")),
            route=concept(row["route"]) if text(row.get("route")) else None,
            dose={"extension": absent("as-text")},
        ),
    )
