"""The routes of trying limits on past sessions."""

from datetime import timedelta

from clinic.clock import now
from tests import builders
from tests.integration.routes.kinds import Foreign, Route
from vitals.models import LimitSet
from vitals.services import limit_replays

WHOLE_YEARS = {"from_day": "2020-01-01", "until_day": "2199-12-31"}


def _limit_set(stage, session):
    """The limits of the clinic's infusions, with a session that is over to try them on."""
    clinic, nurse = session.clinic, stage.nurses[session.clinic_id]
    over = builders.dosing(nurse, clinic, now() - timedelta(hours=3), chair=stage.chair(clinic).name)
    builders.act(nurse, over, "transfer", now() - timedelta(hours=1), reason="test")
    return LimitSet.objects.get(clinic=clinic, protocol_code="iv-ketamine", version=1).pk


def _replay(stage, session):
    """A replay that waits for its worker, of limits of its own."""
    limits = LimitSet.objects.get(pk=_limit_set(stage, session))
    version = LimitSet.objects.filter(clinic=session.clinic, protocol_code="iv-ketamine").count() + 1
    limits = LimitSet.objects.create(
        clinic=session.clinic, protocol_code="iv-ketamine", version=version, name="Tried"
    )
    today, around = now().date(), timedelta(days=3)
    replay = limit_replays.ask(
        by=stage.cast.supervisor,
        limit_set_id=limits.pk,
        from_day=today - around,
        until_day=today + around,
        at=now(),
    )
    return str(replay.id)


def _replay_limits(stage, session):
    return LimitSet.objects.filter(clinic=session.clinic).latest("pk").pk


MAKERS = {"limit_set": _limit_set, "replay": _replay, "tried_limits": _replay_limits}
TABLE: dict[str, list[Route]] = {
    "api/v1/limit-sets/<int:limit_set_id>/replays/": [
        Foreign("POST", "/api/v1/limit-sets/{limit_set}/replays/", WHOLE_YEARS, right="supervisor")
    ],
    "api/v1/replays/<uuid:replay_id>/": [Foreign("GET", "/api/v1/replays/{replay}/", right="supervisor")],
    "api/v1/replays/<uuid:replay_id>/cancel/": [
        Foreign("POST", "/api/v1/replays/{replay}/cancel/", right="supervisor")
    ],
    "limits/<int:limit_set_id>/replay/": [Foreign("GET", "/limits/{limit_set}/replay/", right="supervisor")],
    "limits/<int:limit_set_id>/replay/<uuid:replay_id>.csv": [
        Foreign("GET", "/limits/{tried_limits}/replay/{replay}.csv", right="supervisor")
    ],
}
