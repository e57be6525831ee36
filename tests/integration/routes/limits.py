"""The routes of the limits: versions, drafts, and what is changed for one patient."""

from clinic.clock import now
from tests import builders
from tests.integration.routes.kinds import Foreign, Own, Route
from vitals.services.limit_sets import current_limit_set_id

# five hours from now, in a zone five hours behind
LATER = "{now:.19}-05:00"
CHANGE = {"code": "BP-2", "vital": "systolic", "threshold": 160, "reason": "test", "until": LATER}


def _draft(stage, session):
    return builders.draft(stage.cast.supervisor, now()).pk


def _in_use(stage, session):
    return current_limit_set_id(session.clinic_id, "iv-ketamine")


def _change(stage, session):
    """A change for the patient whom all calls name."""
    return str(builders.limit_change(stage.cast.supervisor, stage.patient, now()).id)


MAKERS = {"draft": _draft, "limits_in_use": _in_use, "limit_change": _change}
TABLE: dict[str, list[Route]] = {
    "api/v1/limit-sets/": [
        Own("/api/v1/limit-sets/", "iv-ketamine"),
        Foreign("POST", "/api/v1/limit-sets/", {"based_on": "{limits_in_use}"}, right="supervisor"),
    ],
    "api/v1/limit-sets/<int:limit_set_id>/": [
        Foreign("GET", "/api/v1/limit-sets/{limits_in_use}/"),
        Foreign("PATCH", "/api/v1/limit-sets/{draft}/", {"name": "Ours"}, right="supervisor"),
        Foreign("DELETE", "/api/v1/limit-sets/{draft}/", right="supervisor"),
    ],
    "api/v1/limit-sets/<int:limit_set_id>/sign/": [
        Foreign(
            "POST",
            "/api/v1/limit-sets/{draft}/sign/",
            {"signature": "Supervisor", "seen": 0},
            right="supervisor",
        )
    ],
    "api/v1/patients/<uuid:patient_id>/limits/": [
        Foreign("GET", "/api/v1/patients/{patient}/limits/"),
        Foreign(
            "POST",
            "/api/v1/patients/{patient}/limits/",
            {**CHANGE, "protocol": "iv-ketamine"},
            right="supervisor",
        ),
    ],
    "api/v1/patients/<uuid:patient_id>/limits/<uuid:change_id>/end/": [
        Foreign("POST", "/api/v1/patients/{patient}/limits/{limit_change}/end/", right="supervisor")
    ],
    "limits/": [Own("/limits/", "Version 1")],
    "limits/<int:limit_set_id>/": [
        Foreign("GET", "/limits/{limits_in_use}/"),
        Foreign("GET", "/limits/{draft}/", right="supervisor"),
    ],
}
