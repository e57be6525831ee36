"""Courses: opened with their first session, changed by people, closed with a reason."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from clinic import audit
from clinic.access import Act, Principal, check
from clinic.models import Patient
from clinic.refusals import Invalid, NotAllowed, NotFound
from sessions.indications import Phase, indication_of, label_use
from sessions.models import Course, Protocol
from sessions.protocol import Route

# what people change of a course
CHANGEABLE = (
    "indication",
    "label_use",
    "phase",
    "planned_sessions",
    "consent_signed_on",
    "consent_reference",
    "next_on",
    "next_plan",
)
# free text: the audit says that it changed, and never what it says
UNTOLD = frozenset({"consent_reference", "next_plan"})


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
        audit.record([_entry(by, course, {"opened": True})])
    return course


def change_course(
    *, by: Principal, course_id: UUID, at: datetime, changes: Mapping[str, Any], close_reason: str = ""
) -> Course:
    """Change a course, and close it when a reason to is given; what is not named stays.

    changes: names of ``CHANGEABLE`` with their new values.
    raises: AccessDenied; NotFound; Invalid for a consent of a day that has not come; NotAllowed once closed.
    """
    check(by, Act.MANAGE_COURSE)
    with transaction.atomic():
        course = (
            Course.objects.select_for_update(of=("self",))
            .select_related("clinic")
            .filter(clinic_id=by.clinic_id, id=course_id)
            .first()
        )
        if course is None:
            raise NotFound
        if course.closed_at is not None:
            raise NotAllowed("This course is closed.", missing=["a course that is open"])
        _check_days(changes, at.astimezone(course.clinic.zone).date())
        told = _write(course, changes)
        if close_reason.strip():
            course.closed_at, course.close_reason = at, close_reason.strip()
            told["closed"] = {"reason": course.close_reason}
        if told:
            course.save()
            audit.record([_entry(by, course, told)])
    return course


def _check_days(changes: Mapping[str, Any], today: date) -> None:
    signed_on = changes.get("consent_signed_on")
    if signed_on is not None and signed_on > today:
        raise Invalid(
            f"consent_signed_on {signed_on.isoformat()} has not come yet: today is {today.isoformat()}.",
            field="consent_signed_on",
        )


def _write(course: Course, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Set what differs. Returns the old and new values as the audit tells them."""
    told: dict[str, Any] = {}
    for name in CHANGEABLE:
        if name not in changes or getattr(course, name) == changes[name]:
            continue
        told[name] = True if name in UNTOLD else {"from": getattr(course, name), "to": changes[name]}
        setattr(course, name, changes[name])
    return told


def _entry(by: Principal, course: Course, details: Mapping[str, Any]) -> audit.Entry:
    return audit.Entry(
        by=by, act=Act.MANAGE_COURSE, subject="course", subject_id=str(course.id), details=details
    )
