"""Courses: opened with their first session, changed by people, closed with a reason."""

from datetime import datetime

from clinic import audit
from clinic.access import Act, Principal
from clinic.models import Patient
from sessions.indications import Phase, indication_of, label_use
from sessions.models import Course, Protocol
from sessions.protocol import Route


def open_course(
    *, by: Principal, patient: Patient, protocol: Protocol, indication: str, at: datetime
) -> Course:
    """The patient's open course by this protocol; opened when there is none. In the caller's transaction."""
    known = indication_of(indication)
    course, made = Course.objects.get_or_create(
        clinic_id=by.clinic_id,
        patient=patient,
        protocol_code=protocol.code,
        closed_at=None,
        defaults={
            "indication": known,
            "label_use": label_use(Route(protocol.route), known),
            "phase": Phase.INDUCTION,
            "opened_at": at,
        },
    )
    if made:
        audit.record([audit.Entry(by=by, act=Act.MANAGE_COURSE, subject="course", subject_id=str(course.id))])
    return course
