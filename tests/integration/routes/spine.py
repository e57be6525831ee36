"""The routes of the Spine: sessions, readings, flags, boards, sign-in, status."""

from clinic.clock import now
from sessions.models import SessionEvent
from tests import builders
from tests.integration.routes.kinds import Foreign, Open, Own, Route, act

READING = {"measured_at": "{now}", "heart_rate": 70}
IN_A_SESSION = {**READING, "session": "{session}"}
NEW_SESSION = {"protocol": "iv-ketamine", "indication": "Depression"}
ACTS = {
    "check-in": act("check-in", "scheduled"),
    "start": act("start", "checked_in", dose_mg=35),
    "dose": act("dose", bolus_mg=5),
    "pause": act("pause", reason="test"),
    "resume": act("resume", "held"),
    "stop": act("stop", reason="test"),
    "hold": act("hold", "checked_in", reason="test"),
    "cancel": act("cancel", "checked_in", reason="test"),
    "transfer": act("transfer", reason="test"),
    "move-chair": act("move-chair", chair="{free_chair}"),
    "symptom": act("symptom", code="nausea"),
    "note": act("note", text="test"),
    "readiness": act("readiness", "monitoring", items={}, escort="A friend"),
    "wait-escort": act("wait-escort", "ready"),
    "release": act("release", "ready", right="supervisor", reason="test", signature="Supervisor"),
}

TABLE: dict[str, list[Route]] = {
    "api/v1/schema/": [Open("GET", "/api/v1/schema/")],
    "api/v1/docs/": [Open("GET", "/api/v1/docs/")],
    "api/v1/auth/token/": [
        Foreign(
            "POST",
            "/api/v1/auth/token/",
            {"username": "{me}", "password": builders.PASSWORD, "clinic": "{clinic}"},
            answered=401,
        )
    ],
    "api/v1/patients/": [Own("/api/v1/patients/?q=Canary", "{patient}")],
    "api/v1/board/": [Own("/api/v1/board/", "{session}")],
    "api/v1/chairs/": [Own("/api/v1/chairs/", "{chair}")],
    "api/v1/protocols/": [Own("/api/v1/protocols/", "iv-ketamine")],
    "api/v1/readings/": [
        Foreign("POST", "/api/v1/readings/", IN_A_SESSION),
        Foreign("POST", "/api/v1/readings/", {**READING, "chair": "{chair_name}"}),
        Foreign(
            "POST", "/api/v1/readings/", {"readings": [{**READING, "session": "{session}"}]}, answered=422
        ),
    ],
    "api/v1/readings/<uuid:reading_id>/correct/": [
        Foreign("POST", "/api/v1/readings/{reading}/correct/", {"heart_rate": 71, "reason": "slip"})
    ],
    "api/v1/entries/<uuid:entry>/correct/": [
        Foreign("POST", "/api/v1/entries/{entry}/correct/", {"reason": "slip", "entered_in_error": True})
    ],
    "api/v1/flags/": [
        Own("/api/v1/flags/", "{flag}"),
        Foreign("GET", "/api/v1/flags/?session={session}"),
        Foreign("GET", "/api/v1/flags/?session={session}&state=active"),
    ],
    "api/v1/flags/<uuid:flag_id>/acknowledge/": [
        Foreign("POST", "/api/v1/flags/{flag}/acknowledge/", {"action": "I'm on it"})
    ],
    "api/v1/flags/<uuid:flag_id>/pause/": [
        Foreign("POST", "/api/v1/flags/{flag}/pause/", {"minutes": 2, "reason": "test"})
    ],
    "api/v1/flags/undrawn/": [Own("/api/v1/flags/undrawn/", '"flags"')],
    # a board is merely behind where it names what is gone
    "api/v1/flags/drawn/": [
        Foreign(
            "POST",
            "/api/v1/flags/drawn/",
            {"flags": ["{flag}"]},
            answered=200,
            passed_over=True,
            told='"first":1',
        ),
    ],
    "api/v1/sessions/": [
        Own("/api/v1/sessions/", "{session}"),
        Foreign("POST", "/api/v1/sessions/", {**NEW_SESSION, "patient": "{patient}"}),
        Foreign("POST", "/api/v1/sessions/", {**NEW_SESSION, "patient": "{own_patient}", "chair": "{chair}"}),
    ],
    "api/v1/sessions/<uuid:session_id>/": [Foreign("GET", "/api/v1/sessions/{session}/")],
    "api/v1/sessions/<uuid:session_id>/readings/": [
        Foreign("GET", "/api/v1/sessions/{session}/readings/"),
        Foreign("GET", "/api/v1/sessions/{session}/readings/?after=2026-01-01T00:00:00Z|{reading}"),
    ],
    "api/v1/sessions/<uuid:session_id>/dose-order/": [
        Foreign("GET", "/api/v1/sessions/{session}/dose-order/?dose_mg=35")
    ],
    **{f"api/v1/sessions/<uuid:session_id>/{name}/": [call] for name, call in ACTS.items()},
    "api/v1/sessions/<uuid:session_id>/move-chair/": [
        ACTS["move-chair"],
        Foreign("POST", "/api/v1/sessions/{own_session}/move-chair/", {"chair": "{free_chair}"}),
    ],
    "": [Own("/", "Harbor")],
    "sign-in/": [Open("GET", "/sign-in/")],
    "sign-out/": [Open("GET", "/sign-out/", 405)],
    "choose-clinic/": [Foreign("POST", "/choose-clinic/", {"clinic": "{clinic}"})],
    "board/": [Own("/board/", "Harbor")],
    "today/": [Own("/today/", "Harbor")],
    "sessions/<uuid:session_id>/": [Foreign("GET", "/sessions/{session}/")],
    "sessions/<uuid:session_id>/bedside/": [Foreign("GET", "/sessions/{session}/bedside/")],
    "sessions/<uuid:session_id>/figure/": [Foreign("GET", "/sessions/{session}/figure/")],
    "sessions/<uuid:session_id>/record/": [Foreign("GET", "/sessions/{session}/record/")],
    "entries/<uuid:entry>/correct/": [Foreign("GET", "/entries/{entry}/correct/")],
    "status/": [Own("/status/", "Harbor")],
    "quarantine/": [Own("/quarantine/", "{refused}", right="supervisor")],
    "readyz": [Open("GET", "/readyz")],
    # what the front answers itself; readings by token are tried above, for tokens go to the native door
    "native /api/v1/readings/": [],
    "native /livez": [Open("GET", "/livez")],
    "native /live/": [Foreign("GET", "/live/sessions/{session}/")],
}


def a_note(stage, session):
    """An entry of the session that can be corrected."""
    nurse = stage.nurses[session.clinic_id]
    builders.act(nurse, session, "note", now(), text="test")
    return str(SessionEvent.objects.get(session=session, kind="note").entry)


MAKERS = {"entry": a_note}
