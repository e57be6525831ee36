"""The routes of alerting: switches, targets, tests, notifications."""

from clinic import clock
from tests.integration.routes.kinds import Foreign, Open, Own, Route
from vitals.models import AlertTarget, Notification

ALERTING = "/api/v1/alerting/"
TABLE: dict[str, list[Route]] = {
    "api/v1/alerting/": [Own(ALERTING, "push_key")],
    # these four name no row: they write to the caller's clinic, as vitals/test_alerting.py says
    "api/v1/alerting/switches/<slug:channel>/": [Open("POST", f"{ALERTING}switches/sound/", 401)],
    "api/v1/alerting/email/": [Open("POST", f"{ALERTING}email/", 401)],
    "api/v1/alerting/browser/": [Open("POST", f"{ALERTING}browser/", 401)],
    "api/v1/alerting/webhooks/": [Open("POST", f"{ALERTING}webhooks/", 401)],
    "api/v1/alerting/targets/<uuid:target_id>/end/": [
        Foreign("POST", f"{ALERTING}targets/{{alert_target}}/end/", {}, right="supervisor")
    ],
    "api/v1/alerting/targets/<uuid:target_id>/test/": [
        Foreign("POST", f"{ALERTING}targets/{{alert_target}}/test/", {}, right="supervisor")
    ],
    "api/v1/notifications/": [Own("/api/v1/notifications/", "results")],
    "api/v1/notifications/<uuid:notification_id>/send-again/": [
        Foreign("POST", "/api/v1/notifications/{dead}/send-again/", {}, right="supervisor")
    ],
    "alerting/": [Own("/alerting/", "Alerting")],
}


def target(stage, session):
    """A webhook of the session's clinic."""
    return AlertTarget.objects.create(
        clinic_id=session.clinic_id,
        channel="webhook",
        name="Pager",
        address="https://hooks.example/x",
        secret="secret",
        added_at=clock.now(),
        added_by="Supervisor",
    )


def dead(stage, session):
    """A test that was not delivered."""
    at = clock.now()
    return Notification.objects.create(
        clinic_id=session.clinic_id,
        target=target(stage, session),
        attention=at,
        at=at,
        cause="test",
        state="dead",
        settled_at=at,
    )


MAKERS = {
    "alert_target": lambda stage, session: str(target(stage, session).id),
    "dead": lambda stage, session: str(dead(stage, session).id),
}
