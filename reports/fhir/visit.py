"""Encounter: the visit; Procedure: the treatment in it, which all else is part of. Pure."""

from datetime import datetime

from reports.fhir import codes
from reports.fhir.around import Around, indication
from reports.fhir.values import Json, concept, key, note, period, resource, text
from sessions.states import State

ENCOUNTER_STATUS = {
    State.SCHEDULED: "planned",
    State.CHECKED_IN: "arrived",
    State.DOSING: "in-progress",
    State.HELD: "in-progress",
    State.MONITORING: "in-progress",
    State.READY: "in-progress",
    State.RELEASED: "finished",
    State.CANCELLED: "cancelled",
    State.STOPPED: "finished",
    State.TRANSFERRED: "finished",
}
PROCEDURE_STATUS = {
    State.SCHEDULED: "preparation",
    State.CHECKED_IN: "preparation",
    State.DOSING: "in-progress",
    State.HELD: "on-hold",
    State.MONITORING: "in-progress",
    State.READY: "in-progress",
    State.RELEASED: "completed",
    State.CANCELLED: "not-done",
    State.STOPPED: "stopped",
    State.TRANSFERRED: "stopped",
}
TREATMENT = {
    "iv": "Ketamine infusion with monitoring",
    "nasal": "Esketamine nasal spray with monitoring",
}


def encounter(around: Around) -> Json:
    """From the check-in to the end; one that was never checked in has the time it was planned for."""
    row = around.session
    nurse = around.parties.person(row.get("nurse_id"), row.get("nurse"))
    chair = around.parties.chair(row["chair"])
    outcome = text(row["outcome"])
    return resource(
        "Encounter",
        row["session_id"],
        identifier=key(row["session_id"]),
        status=ENCOUNTER_STATUS[State(row["state"])],
        class_=codes.AMBULATORY,
        subject=around.patient,
        participant=[{"individual": nurse}] if nurse else [],
        period=period(_began(around), row["ended_at"]),
        reasonCode=[indication(row)],
        hospitalization={"dischargeDisposition": concept(outcome)} if outcome else None,
        location=[{"location": chair}] if chair else [],
        serviceProvider=around.parties.clinic.reference,
    )


def _began(around: Around) -> datetime:
    began: datetime = around.session["checked_in_at"] or around.session["scheduled_at"]
    return began


def procedure(around: Around) -> Json:
    """The treatment from the first dose to the end of the session."""
    row = around.session
    nurse = around.parties.person(row.get("nurse_id"), row.get("nurse"))
    reason = text(row.get("outcome_reason"))
    return resource(
        "Procedure",
        row["session_id"],
        identifier=key(row["session_id"]),
        status=PROCEDURE_STATUS[State(row["state"])],
        statusReason=concept(reason) if reason else None,
        code=concept(TREATMENT[row["route"]]),
        subject=around.patient,
        encounter=around.encounter,
        performedPeriod=period(row["dose_started_at"], row["ended_at"]) if row["dose_started_at"] else None,
        performer=[{"actor": nurse}] if nurse else [],
        reasonCode=[indication(row)],
        note=note(f"Protocol {row['protocol']}, version {row['protocol_version']}; {row['label_use']}"),
    )
