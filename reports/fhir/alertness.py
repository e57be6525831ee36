"""Looks at a patient as Observations: consciousness, and the oxygen that is breathed. Pure."""

from collections.abc import Iterable, Iterator

import msgspec

from reports.fhir import codes
from reports.fhir.around import Around, entry, versions
from reports.fhir.values import Json, Row, Told, concept, instant, key, quantity
from sessions.alertness import WORDS, Consciousness


def resources(rows: Iterable[Row], around: Around) -> Iterator[Told]:
    """Of rows of ``entries``; a limited export leaves their particulars out, so it has none of these."""
    held = [row for row in rows if row["kind"] == "alertness" and row.get("details")]
    yield from versions(held, around, _consciousness)
    yield from versions(held, around, _oxygen)


def _consciousness(row: Row, around: Around) -> Json:
    words = WORDS[Consciousness(msgspec.json.decode(row["details"])["consciousness"])]
    return _observation(
        row,
        around,
        "-consciousness",
        category=codes.EXAM,
        code=concept("Consciousness (ACVPU, and dissociated as expected)"),
        valueCodeableConcept=concept(words),
    )


def _oxygen(row: Row, around: Around) -> Json:
    flow = msgspec.json.decode(row["details"])["oxygen_l_min"]
    return _observation(
        row,
        around,
        "-oxygen",
        category=codes.VITAL_SIGNS,
        code=codes.OXYGEN_FLOW,
        valueQuantity=quantity(flow, "L/min"),
    )


def _observation(row: Row, around: Around, suffix: str, **elements: object) -> Json:
    by = around.parties.charted_by(row)
    return entry(
        "Observation",
        row,
        suffix=suffix,
        identifier=key(row["entry_id"]),
        partOf=[around.procedure],
        status=row["status"],
        subject=around.patient,
        encounter=around.encounter,
        effectiveDateTime=instant(row["at"]),
        issued=instant(row["recorded_at"]),
        performer=[by] if by else [],
        **elements,
    )
