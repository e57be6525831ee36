"""The routes of screens on the wall. What a wall's own cookie opens is said in ``test_outsider``."""

from clinic import walls
from clinic.models import WallScreen
from tests.integration.routes.kinds import Foreign, Open, Route


def wall_screen(stage, session):
    """A screen that hangs in the clinic of the session."""
    name = f"Corridor {WallScreen.objects.count()}"
    walls.enrol(by=stage.cast.supervisor, name=name)
    return str(WallScreen.objects.get(name=name).id)


MAKERS = {"wall_screen": wall_screen}

TABLE: dict[str, list[Route]] = {
    "api/v1/walls/<uuid:wall_id>/revoke/": [
        Foreign("POST", "/api/v1/walls/{wall_screen}/revoke/", right="supervisor")
    ],
    # names nothing: whose clinic a new screen is of, and who may make it, is said in clinic/test_walls.py
    "walls/enrol/": [Open("POST", "/walls/enrol/", 302)],
    "wall/": [Open("GET", "/wall/", 403)],
}
