"""Filed monitoring forms as DocumentReference, acts and looks as AuditEvent. Pure."""

import base64
import hashlib
from collections.abc import Iterable, Iterator

from reports.fhir import codes
from reports.fhir.around import Around
from reports.fhir.values import Json, Row, Told, concept, instant, key, named, parts, resource, text


def filings(rows: Iterable[Row], around: Around) -> Iterator[Told]:
    """Rows of ``filings``: the cells word for word; the last filing of a session is the current one."""
    held = list(rows)
    for row in held:
        yield Told(_document(row, around, is_last=row is held[-1]))


def _document(row: Row, around: Around, *, is_last: bool) -> Json:
    cells = row.get("cells")
    data = cells.encode() if cells else None
    by = around.parties.person(None, row.get("by"))
    return resource(
        "DocumentReference",
        row["filing_id"],
        at=row["recorded_at"],
        identifier=key(row["filing_id"]),
        status="current" if is_last else "superseded",
        type=concept("REMS patient monitoring form, as filed"),
        subject=around.patient,
        date=instant(row["recorded_at"]),
        author=[by] if by else [],
        custodian=around.parties.clinic.reference,
        description=text(_described(row)),
        content=[
            {
                "attachment": parts(
                    contentType="application/json",
                    title="The cells as they were filed",
                    creation=instant(row["filed_at"]),
                    data=base64.b64encode(data).decode() if data else None,
                    # R4 wants SHA-1 here; what proves the cells is the digest above
                    hash=base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()
                    if data
                    else None,
                )
            }
        ],
        context={"encounter": [around.encounter]},
    )


def _described(row: Row) -> str:
    words = f"Form {row['form_version']}, filed by {row['channel']}"
    if row.get("digest"):
        words += f", confirmation {row['confirmation'] or 'none'}, SHA-256 of its cells {row['digest']}"
    return words


def audit(rows: Iterable[Row], around: Around) -> Iterator[Told]:
    """Who did what to a session, or looked at it: rows of ``audit``."""
    for number, row in enumerate(rows):
        # a limited export has no number of the whole clinic's audit
        id_ = row.get("audit_id") or named("audit", f"{row['session_id']}:{number}")
        yield Told(_event(row, id_, around))


def _event(row: Row, id_: object, around: Around) -> Json:
    known = around.parties.device if row["role"] == "device" else around.parties.person
    who = known(row.get("actor_id"), row.get("actor"))
    detail = [
        {"type": name, "valueString": words}
        for name in ("subject", "subject_id", "details")
        if (words := text(row.get(name)))
    ]
    return resource(
        "AuditEvent",
        id_,
        at=row["at"],
        type=codes.PATIENT_RECORD,
        subtype=[parts(code=row["act"], display=row["act"])],
        action="R" if row["act"] == "look" else None,
        recorded=instant(row["at"]),
        outcome="0",
        agent=[parts(role=[concept(row["role"])] if row["role"] else [], who=who, requestor=True)],
        source={"observer": around.parties.clinic.reference},
        entity=[parts(what=around.encounter, detail=detail)],
    )
