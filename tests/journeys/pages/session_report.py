"""The session report, finished and under way."""

from tests.journeys.pages.kinds import NotDrawn, Seen

TABLE = {
    "sessions/<uuid:session_id>/report/": [
        Seen("/sessions/{released}/report/"),
        Seen("/sessions/{session}/report/", "supervisor"),
        Seen("/sessions/{waiting}/report/"),
    ],
    "sessions/<uuid:session_id>/report.pdf": [NotDrawn("/sessions/{released}/report.pdf", "a PDF")],
}
