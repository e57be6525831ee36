"""The routes of packs. Each is read unpacked: see the outsider."""

from datetime import timedelta

from clinic.clock import now
from tests.integration.routes.kinds import Foreign, Own, Route

AROUND = [(now() + timedelta(days=days)).date().isoformat() for days in (-2, 2)]
DAYS = "?from={}&until={}".format(*AROUND)
TABLE: dict[str, list[Route]] = {
    "api/v1/packs/": [Own("/api/v1/packs/", "results", right="supervisor")],
    "packs/": [Own("/packs/", "Incident pack", right="supervisor")],
    **{
        route: [Own(f"/{route}{DAYS}", "manifest.json", right="supervisor")]
        for kind in ("forms", "drugs", "time")
        for route in (f"api/v1/packs/{kind}/", f"packs/{kind}.zip")
    },
    "api/v1/packs/time/<uuid:session_id>/": [
        Foreign("GET", "/api/v1/packs/time/{session}/", right="supervisor")
    ],
    "packs/time/<uuid:session_id>.zip": [Foreign("GET", "/packs/time/{session}.zip", right="supervisor")],
    "api/v1/packs/incident/<uuid:session_id>/": [
        Foreign("GET", "/api/v1/packs/incident/{session}/", right="admin")
    ],
    "packs/incident/<uuid:session_id>.zip": [
        Foreign("GET", "/packs/incident/{session}.zip", right="supervisor")
    ],
}
