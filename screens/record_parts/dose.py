"""The dose in the record: what was ordered and how it was worked out, what ran when, what each device was."""

from dataclasses import dataclass
from datetime import datetime

from clinic.access import Principal
from sessions import dosing, record
from sessions import queries as treatments
from sessions.dosing import Dose
from sessions.models import Session


@dataclass(frozen=True, slots=True)
class Part:
    """arithmetic: a line each, as it was charted; given and remaining in mg, as of now or of the end."""

    dose: Dose
    arithmetic: list[str]
    given_mg: float
    remaining_mg: float
    total_mg: float | None


def part(row: Session, by: Principal, at: datetime) -> Part:
    entries = treatments.entries(row.id)
    dose = dosing.dose_of(entries, treatments.rules_of(row.protocol_id))
    started = record.of_kind(entries, "start")
    return Part(
        dose=dose,
        arithmetic=list(started[0].details.get("arithmetic", [])) if started else [],
        given_mg=round(dose.given_mg(at), 1),
        remaining_mg=round(dose.remaining_mg(at), 1),
        total_mg=dose.total_mg,
    )
