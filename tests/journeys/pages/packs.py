"""The page of packs, and the packs themselves."""

from tests.journeys.pages.kinds import NotDrawn, Seen

DAYS = "?from=2026-11-23&until=2026-11-23"
TABLE = {
    "packs/": [Seen("/packs/", "supervisor")],
    "packs/forms.zip": [NotDrawn(f"/packs/forms.zip{DAYS}", "a file", "supervisor")],
    "packs/drugs.zip": [NotDrawn(f"/packs/drugs.zip{DAYS}", "a file", "supervisor")],
    "packs/time.zip": [NotDrawn(f"/packs/time.zip{DAYS}", "a file", "admin")],
    "packs/time/<uuid:session_id>.zip": [NotDrawn("/packs/time/{released}.zip", "a file", "supervisor")],
    "packs/incident/<uuid:session_id>.zip": [
        NotDrawn("/packs/incident/{session}.zip", "a file", "supervisor")
    ],
}
