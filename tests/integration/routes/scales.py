"""The routes of scales, symptoms, medicines and adverse events, and of the clinic's own words for them."""

from sessions.models import Session, SessionEvent
from tests import builders
from tests.integration.routes.kinds import Foreign, Own, Route, act

EVENT = {
    "criteria": ["hospitalisation"],
    "narrative": "test",
    "outcome": "recovering",
    "told": [{"who": "A prescriber"}],
}
MEDICINE = {"name": "test", "dose_text": "1 mg", "route": "IV", "ordered_by": "A prescriber"}
REVIEW = {"of": "{scale_entry}", "text": "test"}
ANY = "/api/v1/sessions/{session}"
OWN = "/api/v1/sessions/{own_session}"
A_SCALE = "api/v1/scales/<slug:code>/wording/"
SESSION = "api/v1/sessions/<uuid:session_id>"

TABLE: dict[str, list[Route]] = {
    f"{SESSION}/scale/": [act("scale", scale="pain-nrs", answers={"pain": 3})],
    f"{SESSION}/review-scale/": [Foreign("POST", f"{ANY}/review-scale/", REVIEW, right="supervisor")],
    f"{SESSION}/resolve-symptom/": [
        act("resolve-symptom", of="{symptom_entry}"),
        Foreign("POST", f"{OWN}/resolve-symptom/", {"of": "{own_symptom_entry}"}),
    ],
    f"{SESSION}/medicine/": [Foreign("POST", f"{ANY}/medicine/", MEDICINE)],
    f"{SESSION}/adverse-event/": [Foreign("POST", f"{ANY}/adverse-event/", EVENT)],
    "api/v1/scales/": [Own("/api/v1/scales/", "phq-9")],
    # it names no row: a scale's code is the same everywhere, and the wording goes to the caller's clinic
    A_SCALE: [],
    "api/v1/symptoms/": [Own("/api/v1/symptoms/", "nausea")],
    "sessions/<uuid:session_id>/scales/<slug:code>/": [Foreign("GET", "/sessions/{session}/scales/phq-9/")],
    "sessions/<uuid:session_id>/adverse-event/": [Foreign("GET", "/sessions/{session}/adverse-event/")],
    "scales/": [Own("/scales/", "CADSS-6", right="supervisor")],
    "symptoms/": [Own("/symptoms/", "Nausea", right="supervisor")],
}


def _own(stage, session):
    """The session that its clinic's people name as their own."""
    return Session.objects.get(pk=stage.own_session[session.clinic_id])


def _charted(stage, session, name, **details):
    nurse = stage.nurses[session.clinic_id]
    builders.act(nurse, session, name, session.dose_started_at, **details)
    return str(SessionEvent.objects.get(session=session, kind=name).entry)


MAKERS = {
    "symptom_entry": lambda stage, session: _charted(stage, session, "symptom", code="nausea"),
    "own_symptom_entry": lambda stage, session: _charted(
        stage, _own(stage, session), "symptom", code="nausea"
    ),
    "scale_entry": lambda stage, session: _charted(
        stage, session, "scale", scale="pain-nrs", answers={"pain": 3}
    ),
}
