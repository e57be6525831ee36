"""What all resources of one session have in common. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from reports.fhir.parties import Parties
from reports.fhir.values import Json, Row, Told, absent, concept, named, reference, resource, text

ENTERED_IN_ERROR = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Around:
    """A session's row, whom it names, and the references to it.

    contents: what the export was asked for: nothing refers to what it has not.
    reasons:  (entry, version) → why that version replaced the one before.
    """

    session: Row
    parties: Parties
    contents: frozenset[str]
    reasons: Mapping[tuple[UUID, int], str] = field(default_factory=dict)

    @property
    def patient(self) -> Json:
        return reference("Patient", self.session["patient_id"])

    @property
    def encounter(self) -> Json:
        return reference("Encounter", self.session["session_id"])

    @property
    def procedure(self) -> Json:
        return reference("Procedure", self.session["session_id"])


Build = Callable[[Row, Around], Json | None]


def versions(rows: Iterable[Row], around: Around, build: Build, *, says_error: bool = True) -> Iterator[Told]:
    """Each version of each entry as ``build`` tells it, and for each that replaced one, its provenance.

    build:      gives None for an entry that it has no resource for.
    says_error: False for a resource that cannot say that it was entered in error: then none counts.
    """
    for row in rows:
        made = build(row, around)
        if made is None:
            continue
        is_gone = row["status"] == ENTERED_IN_ERROR and not says_error
        yield Told(made, newest=not row["superseded"] and not is_gone)
        if row["version"] > 1:
            reason = around.reasons.get((row["entry_id"], row["version"]))
            agent = around.parties.charted_by(row)
            yield Told(provenance(made, row["version"] - 1, row["recorded_at"], agent, reason))


def entry(type_: str, row: Row, *, suffix: str = "", **elements: Any) -> Json:
    """A resource that is one version of one entry."""
    return resource(
        type_, f"{row['entry_id']}{suffix}", at=row["recorded_at"], version=row["version"], **elements
    )


def provenance(target: Json, replaced: int, at: datetime, agent: Json | None, reason: object) -> Json:
    """Who replaced a version of a resource by another, when and why. replaced: the version before."""
    here = f"{target['resourceType']}/{target['id']}"
    version = target["meta"]["versionId"]
    return resource(
        "Provenance",
        named("provenance", f"{here}/{version}"),
        at=at,
        target=[{"reference": f"{here}/_history/{version}"}],
        recorded=at.isoformat(),
        activity=concept("Corrected"),
        reason=[concept(reason)] if text(reason) else [],
        agent=[{"who": agent or {"extension": absent("masked")}}],
        entity=[{"role": "revision", "what": {"reference": f"{here}/_history/{replaced}"}}],
    )


def indication(session: Row) -> Json:
    """What the patient is treated for: as written, or by its code where a limited export leaves that out."""
    return concept(session.get("indication") or session["indication_code"])
