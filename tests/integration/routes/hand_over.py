"""The routes of hand-over and cover."""

from dataclasses import replace
from typing import Any

from clinic import clock
from tests import builders
from tests.integration.routes.kinds import Foreign, Open, Own, Route, act
from vitals.models import HandOver
from vitals.services import hand_over

HAND_OVERS = "/api/v1/hand-overs/"
NO_DRUGS = {"no_drugs": "The clinic keeps none here"}


def _colleague(stage, session):
    """A nurse of the session's clinic who did nothing yet."""
    name = f"colleague-{str(session.id)[:8]}"
    return str(builders.member(session.clinic, name).user_id)


def _offered_to(stage, session, to, by):
    row, _ = hand_over.begin(by=by, to_id=to, at=clock.now())
    return str(row.id)


def _fresh_nurse(stage, session):
    """The session's nurse is somebody new, so that no hand-over of another try is in the way."""
    own = builders.member(session.clinic, f"nurse-{str(session.id)[:8]}")
    # as an accepted hand-over leaves it
    details: dict[str, Any] = {"from": "Nurse"}
    builders.act(own, session, "hand-over", clock.now(), **details)
    return replace(own, station="the tablet of the maker")


def offered(stage, session):
    """A hand-over of this session by somebody new to the clinic's nurse."""
    to = stage.nurses[session.clinic_id]
    return _offered_to(stage, session, to.user_id, _fresh_nurse(stage, session))


def cancellable(stage, session):
    """A hand-over that the clinic's nurse began, to somebody new; whatever she had open is ended."""
    nurse = stage.nurses[session.clinic_id]
    for row in HandOver.objects.filter(from_user_id=nurse.user_id, ended_at__isnull=True):
        hand_over.cancel(by=nurse, hand_over_id=row.id, at=clock.now())
    to = builders.member(session.clinic, f"next-{str(session.id)[:8]}")
    return _offered_to(stage, session, to.user_id, nurse)


def asked(stage, session):
    """The session, with cover asked by a colleague."""
    by = builders.member(session.clinic, f"asks-{str(session.id)[:8]}")
    builders.act(by, session, "cover", clock.now())
    return str(session.id)


MAKERS = {"colleague": _colleague, "offered": offered, "own_offer": cancellable, "covered": asked}
TABLE: dict[str, list[Route]] = {
    "api/v1/hand-overs/": [
        Own(HAND_OVERS, "{session}"),
        Foreign("POST", HAND_OVERS, {"to": "{colleague}"}),
    ],
    "api/v1/hand-overs/times/": [Open("POST", f"{HAND_OVERS}times/", 401)],
    "api/v1/hand-overs/<uuid:hand_over_id>/accept/": [
        Foreign("POST", f"{HAND_OVERS}{{offered}}/accept/", {"session": "{session}"})
    ],
    "api/v1/hand-overs/<uuid:hand_over_id>/finish/": [
        Foreign("POST", f"{HAND_OVERS}{{offered}}/finish/", NO_DRUGS)
    ],
    "api/v1/hand-overs/<uuid:hand_over_id>/cancel/": [
        Foreign("POST", f"{HAND_OVERS}{{own_offer}}/cancel/", {})
    ],
    "api/v1/sessions/<uuid:session_id>/cover/": [act("cover")],
    "api/v1/sessions/<uuid:session_id>/cover-taken/": [
        Foreign("POST", "/api/v1/sessions/{covered}/cover-taken/", {})
    ],
    "api/v1/sessions/<uuid:session_id>/cover-ended/": [
        Foreign("POST", "/api/v1/sessions/{covered}/cover-ended/", {})
    ],
    "hand-over/": [Own("/hand-over/", "Harbor")],
}
