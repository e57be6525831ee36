"""Flags as DetectedIssue: R4 has no alarm, and this one has severity, evidence and what was done. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from reports.fhir.around import Around
from reports.fhir.values import (
    Json,
    Row,
    Told,
    concept,
    instant,
    key,
    parts,
    period,
    reference,
    resource,
    text,
)
from reports.fhir.vital_signs import Elsewhere

# a priority of IEC 60601-1-8 as the severity of an issue
SEVERITY = {"high": "high", "medium": "moderate", "low": "low"}


def resources(
    rows: Iterable[Row], findings: Iterable[Row], around: Around, elsewhere: Elsewhere
) -> Iterator[Told]:
    """Rows of ``flags``, each with the Observations that its rows of ``findings`` rest on."""
    found: dict[UUID, list[Row]] = defaultdict(list)
    for finding in findings:
        found[finding["flag_id"]].append(finding)
    for row in rows:
        yield Told(_issue(row, found[row["flag_id"]], around, elsewhere))


def _issue(row: Row, findings: Sequence[Row], around: Around, elsewhere: Elsewhere) -> Json:
    return resource(
        "DetectedIssue",
        row["flag_id"],
        identifier=key(row["flag_id"]),
        status="final" if row["state"] == "resolved" else "preliminary",
        code=concept(row["text"]),
        severity=SEVERITY[row["peak"]],
        patient=around.patient,
        identifiedPeriod=period(row["opened_at"], row["resolved_at"]),
        implicated=[around.procedure],
        evidence=[
            {"code": [concept(finding["rule"])], "detail": [reference("Observation", id_)]}
            for finding in findings
            if (id_ := _observation(finding, around, elsewhere)) is not None
        ],
        detail=text(row["why"]),
        mitigation=_mitigation(row, around),
    )


def _observation(finding: Row, around: Around, elsewhere: Elsewhere) -> str | None:
    """The Observation of a finding's value; None for one of no value, or when the export has no readings."""
    if not finding["vital"] or "readings" not in around.contents:
        return None
    return elsewhere.id_of(finding["reading_id"], finding["vital"])


def _mitigation(row: Row, around: Around) -> list[Json]:
    if row["acknowledged_at"] is None:
        return []
    return [
        parts(
            action=concept(row.get("action") or "Taken"),
            date=instant(row["acknowledged_at"]),
            author=around.parties.person(row.get("acknowledged_by_id"), row.get("acknowledged_by")),
        )
    ]
