"""The routes after the session and of the patient's own screen."""

from datetime import timedelta

from clinic import rooms
from clinic.clock import now
from sessions.models import FollowUp
from tests.integration.routes.kinds import Foreign, Open, Own, Route


def due_check_in(stage, session):
    """A check-in of the session that is due and was never sent."""
    at = now()
    row = FollowUp.objects.create(
        clinic_id=session.clinic_id,
        session=session,
        kind="24h",
        due_at=at - timedelta(hours=1),
        expires_at=at + timedelta(hours=47),
    )
    return str(row.id)


def chair_with_screen(stage, session):
    rooms.enrol(by=stage.cast.supervisor, chair_id=session.chair_id, at=now())
    return str(session.chair_id)


MAKERS = {"check_in": due_check_in, "chair_with_screen": chair_with_screen}

TABLE: dict[str, list[Route]] = {
    "api/v1/follow-ups/": [Own("/api/v1/follow-ups/", "need_someone")],
    "api/v1/follow-ups/<uuid:follow_up_id>/review/": [
        Foreign("POST", "/api/v1/follow-ups/{check_in}/review/", {"text": "Telephoned"})
    ],
    "api/v1/follow-ups/<uuid:follow_up_id>/resend/": [
        Foreign("POST", "/api/v1/follow-ups/{check_in}/resend/")
    ],
    "api/v1/rooms/<uuid:chair_id>/revoke/": [
        Foreign("POST", "/api/v1/rooms/{chair_with_screen}/revoke/", right="supervisor")
    ],
    # a room's key opens these two: see the test of what else it opens
    "api/v1/room/": [Open("GET", "/api/v1/room/", 401)],
    "api/v1/room/call/": [Open("POST", "/api/v1/room/call/", 401)],
    "follow-ups/": [Own("/follow-ups/", "Harbor")],
    "check-in/<str:key>/": [Open("GET", "/check-in/nobodys-key/", 404)],
    "screens/": [Own("/screens/", "{chair}", right="supervisor")],
    # signs out who does it, so another than those whose cookie is used again
    "rooms/enrol/": [Foreign("POST", "/rooms/enrol/", {"chair": "{free_chair}"}, right="admin")],
    "room/": [Open("GET", "/room/", 403)],
}
