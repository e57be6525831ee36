"""The routes of the session report."""

from tests.integration.routes.kinds import Foreign, Route

TABLE: dict[str, list[Route]] = {
    "api/v1/sessions/<uuid:session_id>/report/": [
        Foreign("GET", "/api/v1/sessions/{session}/report/"),
    ],
    "sessions/<uuid:session_id>/report/": [Foreign("GET", "/sessions/{session}/report/", right="auditor")],
    "sessions/<uuid:session_id>/report.pdf": [
        Foreign("GET", "/sessions/{session}/report.pdf", right="supervisor")
    ],
}
