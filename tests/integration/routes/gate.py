"""The routes of the gate, leaving, courses, patients and staff."""

from clinic.models import Membership
from sessions.models import Session
from tests.integration.routes.kinds import Foreign, Own, Route, act


def _member(stage, session):
    """A member of the session's clinic, by a nurse's id."""
    return str(Membership.objects.get(clinic_id=session.clinic_id, user_id=stage.cast.nurse.user_id).user_id)


MAKERS = {
    "course": lambda _, session: str(Session.objects.get(pk=session.pk).course_id),
    "member": _member,
}

TABLE: dict[str, list[Route]] = {
    "api/v1/sessions/<uuid:session_id>/gate/": [act("gate", "checked_in", answers={"identity": "yes"})],
    "api/v1/sessions/<uuid:session_id>/decide/": [
        act("decide", "checked_in", right="supervisor", decision="go-ahead", reason="test")
    ],
    "api/v1/sessions/<uuid:session_id>/leaving-check/": [
        act("leaving-check", "monitoring", items={"gait": "yes"})
    ],
    "api/v1/patients/<uuid:patient_id>/": [
        Foreign("GET", "/api/v1/patients/{patient}/"),
        Foreign("PATCH", "/api/v1/patients/{patient}/", {"phone": "555"}),
    ],
    "api/v1/courses/": [Foreign("GET", "/api/v1/courses/?patient={patient}")],
    "api/v1/courses/<uuid:course_id>/": [Foreign("GET", "/api/v1/courses/{course}/")],
    "api/v1/courses/<uuid:course_id>/change/": [
        Foreign("POST", "/api/v1/courses/{course}/change/", {"phase": "maintenance"})
    ],
    "api/v1/staff/": [Own("/api/v1/staff/", "Supervisor")],
    "api/v1/staff/<uuid:user_id>/credentials/": [
        Foreign(
            "POST",
            "/api/v1/staff/{member}/credentials/",
            {"kind": "acls", "expires_on": "2099-01-01"},
            right="supervisor",
        )
    ],
    "api/v1/clinic/": [Own("/api/v1/clinic/", "Harbor")],
    "sessions/<uuid:session_id>/after-care/": [Foreign("GET", "/sessions/{session}/after-care/")],
    "patients/": [Own("/patients/?q=Test", "Canary")],
    "patients/<uuid:patient_id>/": [Foreign("GET", "/patients/{patient}/")],
    "courses/<uuid:course_id>/": [Foreign("GET", "/courses/{course}/")],
    "staff/": [Own("/staff/", "Supervisor")],
    "clinic/": [Own("/clinic/", "Harbor")],
}
