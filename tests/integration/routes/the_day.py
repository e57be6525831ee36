"""The routes of the day: how it stands, opening, closing, a set put off, the sheet on paper."""

from clinic.models import Membership
from tests import builders
from tests.integration.routes.kinds import Foreign, Open, Own, Route, act

YES = {"answer": "yes"}


def _opening(who):
    return {
        "items": {
            "prescriber_on_site": {**YES, "who": who},
            "oximeter": YES,
            "clocks": YES,
            "monitors": YES,
            "drug_count": YES,
        }
    }


def _prescriber(stage, session):
    """A new prescriber of the session's clinic."""
    number = Membership.objects.count()
    return str(builders.member(session.clinic, f"prescriber-{number}", prescriber=True).user_id)


MAKERS = {"prescriber": _prescriber}
TABLE: dict[str, list[Route]] = {
    "api/v1/day/": [Own("/api/v1/day/", "to_check")],
    "api/v1/day/open/": [Foreign("POST", "/api/v1/day/open/", _opening("{prescriber}"))],
    # it names nothing: that nobody closes another clinic's day is said in vitals/test_days.py
    "api/v1/day/close/": [Open("POST", "/api/v1/day/close/", 401)],
    # the pre-dose set of these sessions was due ten minutes ago
    "api/v1/sessions/<uuid:session_id>/postpone/": [act("postpone", "checked_in", minutes=15, reason="test")],
    "today/open/": [Own("/today/open/", "Harbor")],
    "today/close/": [Own("/today/close/", "Harbor")],
    "down-time/": [Own("/down-time/", "{chair_name}")],
}
