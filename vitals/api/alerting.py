"""What leaves the house for a flag, over the API: switches, where to, tests, and every notification."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic import clock
from clinic.access import Act, Principal, check, may
from clinic.api import StrictSerializer, signed_in
from clinic.refusals import NotFound
from vitals import alerting as reads
from vitals.alerting import NotificationView, TargetView
from vitals.messengers import push
from vitals.models import AlertTarget, Notification
from vitals.notices import WARNINGS, Channel, State
from vitals.services import alerting


class ChannelAnswer(serializers.Serializer[Any]):
    channel = serializers.CharField(help_text="sound, push, email or webhook")
    on = serializers.BooleanField(help_text="as it was switched")
    allowed = serializers.BooleanField(help_text="on, and every limit set in use is signed")
    at = serializers.DateTimeField(allow_null=True)
    by = serializers.CharField(allow_null=True)
    accepted = serializers.CharField(allow_null=True, help_text="the warning that was accepted")
    warning = serializers.CharField(help_text="to be accepted when it is switched on")


class TargetAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    channel = serializers.CharField(help_text="sound, push, email or webhook")
    name = serializers.CharField()
    address = serializers.CharField(
        allow_null=True, help_text="of one’s own and of webhooks; never a browser’s"
    )
    user = serializers.UUIDField(allow_null=True)
    added_at = serializers.DateTimeField()
    added_by = serializers.CharField()


class AlertingAnswer(serializers.Serializer[Any]):
    channels = ChannelAnswer(many=True)
    unsigned = serializers.ListField(child=serializers.CharField())
    targets = TargetAnswer(many=True)
    push_key = serializers.CharField(help_text="applicationServerKey of this installation")


class SwitchBody(StrictSerializer):
    on = serializers.BooleanField()
    warning = serializers.CharField(
        max_length=600, required=False, allow_blank=True, help_text="needed to switch on, word for word"
    )


class EmailBody(StrictSerializer):
    address = serializers.EmailField(max_length=254)


class Keys(StrictSerializer):
    p256dh = serializers.CharField(max_length=128)
    auth = serializers.CharField(max_length=64)


class BrowserBody(StrictSerializer):
    endpoint = serializers.CharField(max_length=1000)
    keys = Keys()
    name = serializers.CharField(max_length=80, required=False, allow_blank=True, help_text="of the device")


class WebhookBody(StrictSerializer):
    name = serializers.CharField(max_length=80)
    url = serializers.CharField(max_length=1000)


class WebhookAnswer(TargetAnswer):
    secret = serializers.CharField(help_text="shown this one time; signs every body")


class NotificationAnswer(serializers.Serializer[Any]):
    """Ids, priority and how it stands; nothing of the patient."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=[one.value for one in State])
    channel = serializers.CharField(help_text="sound, push, email or webhook")
    to = serializers.CharField()
    flag = serializers.UUIDField(allow_null=True, help_text="null for a test")
    session = serializers.UUIDField(allow_null=True)
    priority = serializers.CharField(allow_null=True)
    step = serializers.IntegerField()
    cause = serializers.CharField()
    at = serializers.DateTimeField()
    made_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(help_text="when it is tried next, while it waits")
    settled_at = serializers.DateTimeField(allow_null=True)
    attempts = serializers.IntegerField()
    trouble = serializers.CharField(allow_null=True)


class NotificationsAnswer(serializers.Serializer[Any]):
    waiting = serializers.IntegerField()
    dead = serializers.IntegerField()
    results = NotificationAnswer(many=True)


class AlertingView(APIView):
    """What is switched on, where it goes, and what keeps it off."""

    @extend_schema(responses=AlertingAnswer, operation_id="alerting")
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_ALERTING)
        return Response(_shown(by))


class SwitchView(APIView):
    """Switch a channel on, with its warning, or off. 409 while limits in use are signed by nobody."""

    @extend_schema(request=SwitchBody, responses={200: AlertingAnswer})
    def post(self, request: Request, channel: str) -> Response:
        by = signed_in(request)
        if channel not in list(Channel):
            raise NotFound
        body = _valid(SwitchBody(data=request.data))
        alerting.switch(
            by=by,
            channel=Channel(channel),
            on=body["on"],
            warning=body.get("warning", ""),
            at=clock.now(),
        )
        return Response(_shown(by))


class EmailView(APIView):
    """One's own notifications by e-mail."""

    @extend_schema(request=EmailBody, responses={201: TargetAnswer})
    def post(self, request: Request) -> Response:
        by = signed_in(request)
        body = _valid(EmailBody(data=request.data))
        row = alerting.keep_email(by=by, address=body["address"], at=clock.now())
        return Response(_made(row, by), status=201)


class BrowserView(APIView):
    """One's own notifications pushed to this browser: what its PushManager gave."""

    @extend_schema(request=BrowserBody, responses={201: TargetAnswer})
    def post(self, request: Request) -> Response:
        by = signed_in(request)
        body = _valid(BrowserBody(data=request.data))
        row = alerting.keep_browser(
            by=by, endpoint=body["endpoint"], name=body.get("name", ""), at=clock.now(), **body["keys"]
        )
        return Response(_made(row, by), status=201)


class WebhooksView(APIView):
    """Add a webhook."""

    @extend_schema(request=WebhookBody, responses={201: WebhookAnswer})
    def post(self, request: Request) -> Response:
        by = signed_in(request)
        body = _valid(WebhookBody(data=request.data))
        row = alerting.add_webhook(by=by, name=body["name"], url=body["url"], at=clock.now())
        return Response({**_made(row, by), "secret": row.secret}, status=201)


class EndTargetView(APIView):
    """Send nothing there any more."""

    @extend_schema(request=None, responses={200: TargetAnswer})
    def post(self, request: Request, target_id: UUID) -> Response:
        by = signed_in(request)
        return Response(_made(alerting.end_target(by=by, target_id=target_id, at=clock.now()), by))


class TryTargetView(APIView):
    """Send a test there, also while the channel is off."""

    @extend_schema(request=None, responses={201: NotificationAnswer})
    def post(self, request: Request, target_id: UUID) -> Response:
        by = signed_in(request)
        row = alerting.send_test(by=by, target_id=target_id, at=clock.now())
        return Response(_sent(by, row), status=201)


class NotificationsView(APIView):
    """Every notification, the newest first."""

    @extend_schema(
        responses=NotificationsAnswer,
        operation_id="notifications",
        parameters=[OpenApiParameter("state", str, enum=[one.value for one in State])],
    )
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_ALERTING)
        asked = request.query_params.get("state", "")
        if asked and asked not in list(State):
            raise ValidationError({"state": [f"There is no state “{asked}” here."]})
        counted = reads.counts(by.clinic_id)
        rows = reads.notifications(by.clinic_id, *([State(asked)] if asked else []))
        return Response(
            {
                "waiting": counted[State.WAITING],
                "dead": counted[State.DEAD],
                "results": [notification(row) for row in rows],
            }
        )


class SendAgainView(APIView):
    """Begin the tries of a dead notification anew."""

    @extend_schema(request=None, responses={200: NotificationAnswer})
    def post(self, request: Request, notification_id: UUID) -> Response:
        by = signed_in(request)
        row = alerting.send_again(by=by, notification_id=notification_id, at=clock.now())
        return Response(_sent(by, row))


# --- words


def _valid(body: StrictSerializer) -> dict[str, Any]:
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def _shown(by: Principal) -> dict[str, Any]:
    settings = reads.settings(by.clinic_id)
    return {
        "channels": [_channel(settings, channel) for channel in Channel],
        "unsigned": list(reads.unsigned(by.clinic_id)),
        "targets": [target(view, by) for view in reads.target_views(by.clinic_id)],
        "push_key": push.public_key(),
    }


def _channel(settings: reads.Settings, channel: Channel) -> dict[str, Any]:
    switch = settings.switches.get(channel)
    return {
        "channel": channel,
        "on": settings.is_on(channel),
        "allowed": settings.allows(channel),
        "at": switch.at if switch else None,
        "by": switch.by_name if switch else None,
        "accepted": switch.warning or None if switch else None,
        "warning": WARNINGS[channel],
    }


def target(view: TargetView, by: Principal) -> dict[str, Any]:
    """A target as the caller may see it: a colleague's address is theirs."""
    seen = view.user_id == by.user_id if view.user_id else may(by, Act.MANAGE_ALERTING)
    return {
        "id": view.id,
        "channel": view.channel,
        "name": view.name,
        "address": view.address or None if seen else None,
        "user": view.user_id,
        "added_at": view.added_at,
        "added_by": view.added_by,
    }


def _made(row: AlertTarget, by: Principal) -> dict[str, Any]:
    return target(reads.target_view(row), by)


def _sent(by: Principal, row: Notification) -> dict[str, Any]:
    return notification(reads.notification(by.clinic_id, row.pk))


def notification(view: NotificationView) -> dict[str, Any]:
    return {
        "id": view.id,
        "state": view.state,
        "channel": view.channel,
        "to": view.to,
        "flag": view.flag_id,
        "session": view.session_id,
        "priority": view.priority or None,
        "step": view.step,
        "cause": view.cause,
        "at": view.at,
        "made_at": view.made_at,
        "due_at": view.due_at,
        "settled_at": view.settled_at,
        "attempts": view.attempts,
        "trouble": view.trouble or None,
    }
