"""The desk's pages: a patient, a course, the staff, the clinic; and the sheet a patient takes home."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic import api_desk, audit, clock
from clinic import queries as ground
from clinic.access import Act, Principal, may
from clinic.models import Clinic, CredentialKind
from screens.after_care_page import after_care_page
from screens.course_page import HIGH, WIDE, course_page
from screens.views.staff import for_staff
from sessions import indications
from sessions import queries as treatments
from sessions.models import Course
from vitals import limit_queries
from vitals.api import limit_words

LABEL_WORDS = {indications.LabelUse.ON_LABEL: "On label", indications.LabelUse.OFF_LABEL: "Off label"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A course with its codes as words."""

    course: Course
    protocol: str
    indication: str
    label_use: str


@for_staff(Act.SEE_PATIENTS)
def patients(request: HttpRequest, by: Principal) -> HttpResponse:
    """Patients by name or record number; nobody is listed unasked."""
    words = request.GET.get("q", "").strip()
    found = list(ground.patients_matching(by.clinic_id, words)[:50]) if words else []
    audit.record_look(by, "patients", "search")
    context = {"screen": "patients", "words": words, "found": found}
    return render(request, "screens/desk/patients.html", context)


@for_staff(Act.SEE_PATIENTS)
def patient(request: HttpRequest, by: Principal, patient_id: UUID) -> HttpResponse:
    row = ground.patient(by.clinic_id, patient_id)
    audit.record_look(by, "patient", str(row.id))
    context = {
        "screen": "patients",
        "patient": row,
        "courses": [_shown(course) for course in treatments.courses(by.clinic_id, row.id)],
        "today": api_desk.today_of(by),
        **_limits_of(by, row.id),
    }
    return render(request, "screens/desk/patient.html", context)


def _limits_of(by: Principal, patient_id: UUID) -> dict[str, Any]:
    """What was changed of the limits for the patient; for those who may, the rows on offer."""
    at = clock.now()
    meant = limit_queries.limits_of_patient(by.clinic_id, patient_id)
    offered = None
    if meant is not None and may(by, Act.CHANGE_PATIENT_LIMITS):
        offered = {**limit_words.changeable(meant), "now": at, "rate": clock.rate()}
    return {
        "limit_changes": limit_queries.patient_changes(by.clinic_id, patient_id, at=at),
        "limits_whose": limit_words.whose(meant) if meant is not None else "",
        "offered": offered,
    }


@for_staff(Act.SEE_PATIENTS)
def course(request: HttpRequest, by: Principal, course_id: UUID) -> HttpResponse:
    row = treatments.course(by.clinic_id, course_id)
    audit.record_look(by, "course", str(row.id))
    context = {
        "screen": "patients",
        "page": course_page(row),
        "shown": _shown(row),
        "wide": WIDE,
        "high": HIGH,
        "indications": indications.WORDS.items(),
        "label_uses": LABEL_WORDS.items(),
        "phases": [(phase.value, phase.value.capitalize()) for phase in indications.Phase],
    }
    return render(request, "screens/desk/course.html", context)


def _shown(row: Course) -> Shown:
    protocol = treatments.current_protocol(row.clinic_id, row.protocol_code)
    return Shown(
        course=row,
        protocol=protocol.name if protocol else row.protocol_code,
        indication=indications.WORDS[indications.Indication(row.indication)],
        label_use=LABEL_WORDS[indications.LabelUse(row.label_use)],
    )


@for_staff(Act.SEE_STAFF)
def staff(request: HttpRequest, by: Principal) -> HttpResponse:
    on, managing = api_desk.today_of(by), may(by, Act.MANAGE_STAFF)
    members = [api_desk.member_words(one, on, with_numbers=managing) for one in ground.members(by.clinic_id)]
    context = {
        "screen": "staff",
        "members": members,
        "kinds": CredentialKind.choices,
        "managing": managing,
        "due": sum(row["standing"] != "in-date" for one in members for row in one["credentials"]),
    }
    return render(request, "screens/desk/staff.html", context)


@for_staff(Act.SEE_STAFF)
def clinic(request: HttpRequest, by: Principal) -> HttpResponse:
    context = {"screen": "staff", "own": Clinic.objects.get(pk=by.clinic_id)}
    return render(request, "screens/desk/clinic.html", context)


@for_staff(Act.SEE_SESSION)
def after_care(request: HttpRequest, by: Principal, session_id: UUID) -> HttpResponse:
    row = treatments.session(by.clinic_id, session_id)
    audit.record_look(by, "session", str(row.id), session_id=row.id)
    context = {"session": row, "sheet": after_care_page(row), "at": clock.now()}
    return render(request, "screens/desk/after_care.html", context)
