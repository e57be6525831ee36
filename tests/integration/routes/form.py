"""The routes of the monitoring form."""

from datetime import timedelta
from typing import Any

from sessions import queries as treatments
from tests import builders
from tests.integration.routes.kinds import Foreign, Own, Route


def _nasal(stage: Any, session: Any) -> str:
    """A nasal session of the same clinic, ended, with its form still to be filed."""
    clinic, nurse = session.clinic, stage.nurses[session.clinic_id]
    at = session.dose_started_at - timedelta(hours=3)
    made = builders.dosing(nurse, clinic, at, protocol="nasal-esketamine", chair=stage.chair(clinic).name)
    builders.act(nurse, made, "dose", at + timedelta(minutes=5))
    builders.act(nurse, made, "readiness", at + timedelta(minutes=130), items={}, escort="A friend")
    builders.act(nurse, made, "release", at + timedelta(minutes=131))
    return str(treatments.session(clinic.pk, made.id).id)


MAKERS = {"nasal": _nasal}

ANSWER = {"field": "acceptable-before", "value": "yes"}
FILED = {"channel": "portal", "with_gaps": True}
TABLE: dict[str, list[Route]] = {
    "api/v1/forms/": [Own("/api/v1/forms/", "results")],
    "api/v1/sessions/<uuid:session_id>/form/": [Foreign("GET", "/api/v1/sessions/{nasal}/form/")],
    "api/v1/sessions/<uuid:session_id>/form/answer/": [
        Foreign("POST", "/api/v1/sessions/{nasal}/form/answer/", ANSWER)
    ],
    "api/v1/sessions/<uuid:session_id>/form/file/": [
        Foreign("POST", "/api/v1/sessions/{nasal}/form/file/", FILED, right="admin")
    ],
    "forms/": [Own("/forms/", "Harbor")],
    "sessions/<uuid:session_id>/form/": [Foreign("GET", "/sessions/{nasal}/form/")],
    "sessions/<uuid:session_id>/form/copy/": [Foreign("GET", "/sessions/{nasal}/form/copy/")],
    "sessions/<uuid:session_id>/form.pdf": [Foreign("GET", "/sessions/{nasal}/form.pdf", right="auditor")],
}
