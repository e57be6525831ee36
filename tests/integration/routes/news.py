"""The routes of alertness, the signed SpO2 scale, and how a clinic counts in a score."""

from tests.integration.routes.kinds import Own, Route, act

TABLE: dict[str, list[Route]] = {
    "api/v1/sessions/<uuid:session_id>/alertness/": [act("alertness", consciousness="A", oxygen_l_min=0)],
    "api/v1/sessions/<uuid:session_id>/oxygen-target/": [
        act("oxygen-target", right="supervisor", spo2_scale=2, reason="test")
    ],
    # a change names no row: it goes to the caller's clinic
    "api/v1/clinic/scoring/": [Own("/api/v1/clinic/scoring/", "dissociation_counts_as_confusion")],
}
