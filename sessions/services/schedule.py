"""Planning a session: who, where, by which protocol, in which course."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic import queries as ground
from clinic.access import Act, Principal, check
from clinic.refusals import Invalid
from sessions import queries
from sessions.models import Session
from sessions.services import courses, entries


def schedule(
    *,
    by: Principal,
    at: datetime,
    patient_id: UUID,
    chair: str | None,
    protocol_code: str,
    indication: str,
    scheduled_at: datetime,
) -> Session:
    """Plan a session. raises: AccessDenied, NotFound for a patient or chair not in the clinic, Invalid."""
    check(by, Act.SCHEDULE)
    patient = ground.patient(by.clinic_id, patient_id)
    row = queries.current_protocol(by.clinic_id, protocol_code)
    if row is None:
        known = ", ".join(sorted(p.code for p in queries.current_protocols(by.clinic_id)))
        raise Invalid(f"Protocol “{protocol_code}” is not one of this clinic's: {known}.", field="protocol")
    place = ground.chair_named(by.clinic_id, chair) if chair else None
    with transaction.atomic():
        course = courses.open_course(by=by, patient=patient, protocol=row, indication=indication, at=at)
        session = Session.objects.create(
            clinic_id=by.clinic_id,
            patient=patient,
            chair=place,
            protocol=row,
            course=course,
            indication=indication,
            scheduled_at=scheduled_at,
        )
        entries.keep(session, "schedule", by=by, at=at, recorded_at=at, text=f"Scheduled, {row.name}")
    return session
