"""Symptoms as Observations, serious adverse events as AdverseEvent. Pure."""

from collections.abc import Iterable, Iterator
from html import escape
from uuid import UUID

import msgspec

from reports.fhir import codes
from reports.fhir.around import Around, entry, versions
from reports.fhir.values import Json, Row, Told, concept, instant, key, note, reference, text
from sessions.adverse_events import CRITERION_WORDS
from sessions.symptoms import SHIPPED, words_of


def symptoms(rows: Iterable[Row], around: Around) -> Iterator[Told]:
    """Each charting of a symptom, and of its end, which refers to what is gone: rows of ``symptoms``."""
    held = list(rows)
    called = {row["entry_id"]: row["code"] for row in held if row["code"]}

    def build(row: Row, around: Around) -> Json:
        return _symptom(row, around, called)

    yield from versions(held, around, build)


def _symptom(row: Row, around: Around, called: dict[UUID, str]) -> Json:
    of = row["of_entry"]
    is_end = row["kind"] == "resolve-symptom"
    code = called.get(of, "") if is_end else row["code"]
    value = "gone" if is_end else row["severity"]
    by = around.parties.charted_by(row)
    return entry(
        "Observation",
        row,
        identifier=key(row["entry_id"]),
        partOf=[around.procedure],
        status=row["status"],
        category=codes.EXAM,
        code=concept(words_of(code, SHIPPED) or "Symptom"),
        subject=around.patient,
        encounter=around.encounter,
        effectiveDateTime=instant(row["onset_at"] or row["at"]),
        issued=instant(row["recorded_at"]),
        performer=[by] if by else [],
        valueCodeableConcept=concept(value) if value else None,
        note=note(row.get("action"), row["at"]),
        derivedFrom=[reference("Observation", of)] if of in called else [],
    )


def adverse_events(rows: Iterable[Row], around: Around, dose: Row | None) -> Iterator[Told]:
    """Rows of ``adverse_events``. dose: the entry that began the dose, where it is in the export."""

    def build(row: Row, around: Around) -> Json:
        return _adverse_event(row, around, dose)

    yield from versions(rows, around, build, says_error=False)


def _adverse_event(row: Row, around: Around, dose: Row | None) -> Json:
    criteria = ", ".join(CRITERION_WORDS.get(code, code) for code in (row["criteria"] or "").split())
    suspect = around.procedure if dose is None else reference("MedicationAdministration", dose["entry_id"])
    return entry(
        "AdverseEvent",
        row,
        text=_told_in_full(row, criteria),
        identifier=key(row["entry_id"])[0],
        actuality="actual",
        event=concept(row.get("narrative") or criteria),
        subject=around.patient,
        encounter=around.encounter,
        date=instant(row["at"]),
        recordedDate=instant(row["recorded_at"]),
        seriousness=concept(criteria, codes.SERIOUS),
        outcome=codes.outcome(row["outcome"]),
        recorder=around.parties.person(row["by_id"], row["by"]) if row.get("by_id") else None,
        suspectEntity=[{"instance": suspect}] if row["suspected"] == "yes" else [],
    )


def _told_in_full(row: Row, criteria: str) -> Json:
    """What the resource has no place for, for people: what was done, and who was told."""
    told = msgspec.json.decode(row.get("told") or "[]")
    lines = [
        ("Serious because", criteria),
        ("What happened", row.get("narrative")),
        ("What was done", row.get("intervention")),
        *(("Told", " ".join(filter(None, (one["who"], one.get("at"))))) for one in told),
    ]
    said = "".join(
        f"<p>{escape(head)}: {escape(words)}</p>" for head, value in lines if (words := text(value))
    )
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{said or "<p/>"}</div>'}
