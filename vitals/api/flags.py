"""Flags over the API: the list, taking one, silencing one, and what boards say they have drawn."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic import clock
from clinic.access import Act, check
from clinic.api import StrictSerializer, signed_in
from clinic.refusals import Invalid
from clinic.tokens import WallAuthentication
from vitals import queries
from vitals.api import words
from vitals.api.paging import PAGE, after, next_page
from vitals.services import flags


class FlagFindings(serializers.Serializer[Any]):
    measured_at = serializers.DateTimeField()
    priority = serializers.CharField()
    rule = serializers.CharField()
    vital = serializers.CharField()
    value = serializers.FloatField()
    threshold = serializers.FloatField(allow_null=True)
    reading = serializers.UUIDField()


class FlagListed(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    session = serializers.UUIDField()
    condition = serializers.CharField()
    priority = serializers.CharField()
    category = serializers.CharField()
    state = serializers.CharField()
    late = serializers.BooleanField()
    text = serializers.CharField()
    why = serializers.CharField()
    activated_at = serializers.DateTimeField(allow_null=True)
    drawn_at = serializers.DateTimeField(allow_null=True)
    escalated = serializers.IntegerField()
    paused_by = serializers.CharField(allow_null=True)
    paused_until = serializers.DateTimeField(allow_null=True)
    pause_reason = serializers.CharField(allow_null=True)
    opened_at = serializers.DateTimeField()
    acknowledged_by = serializers.CharField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    action = serializers.CharField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolved_cause = serializers.CharField(allow_null=True)
    findings = FlagFindings(many=True)


class FlagsListed(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    results = FlagListed(many=True)


class FlagsView(APIView):
    """Flags, newest first; those that late readings raised are marked late."""

    @extend_schema(
        parameters=[OpenApiParameter("session", UUID), OpenApiParameter("state", str)], responses=FlagsListed
    )
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_BOARD)
        asked = request.query_params
        try:
            session_id = UUID(asked["session"]) if asked.get("session") else None
        except ValueError as error:
            raise Invalid(f"session “{asked['session']}” is not a UUID.", field="session") from error
        page = queries.flags(
            by.clinic_id,
            session_id=session_id,
            state=asked.get("state") or None,
            before=after(asked.get("after")),
            at_most=PAGE + 1,
        )
        more = page[PAGE:] != []
        page = page[:PAGE]
        return Response(
            {
                "next": next_page(request, page[-1].flag.opened_at, page[-1].flag.id) if more else None,
                "results": [words.flag(view) for view in page],
            }
        )


class AcknowledgeBody(StrictSerializer):
    action = serializers.CharField(max_length=120)


class AcknowledgeView(APIView):
    """ "I'm on it": takes a flag on every screen."""

    @extend_schema(request=AcknowledgeBody, responses={200: FlagListed})
    def post(self, request: Request, flag_id: UUID) -> Response:
        by = signed_in(request)
        body = AcknowledgeBody(data=request.data)
        body.is_valid(raise_exception=True)
        flag = flags.acknowledge(by=by, flag_id=flag_id, action=body.validated_data["action"], at=clock.now())
        return Response(words.flag(queries.flag(by.clinic_id, flag.id)))


class PauseBody(StrictSerializer):
    minutes = serializers.IntegerField()
    reason = serializers.CharField(max_length=120)


class PauseView(APIView):
    """Silences an active flag for some minutes. It stays on every screen; a higher one is never silenced."""

    @extend_schema(request=PauseBody, responses={200: FlagListed})
    def post(self, request: Request, flag_id: UUID) -> Response:
        by = signed_in(request)
        body = PauseBody(data=request.data)
        body.is_valid(raise_exception=True)
        flag = flags.pause(by=by, flag_id=flag_id, at=clock.now(), **body.validated_data)
        return Response(words.flag(queries.flag(by.clinic_id, flag.id)))


class DrawnBody(StrictSerializer):
    flags = serializers.ListField(child=serializers.UUIDField(), max_length=200)


class Drawn(serializers.Serializer[Any]):
    first = serializers.IntegerField(help_text="flags that no board had drawn before")


class DrawnView(APIView):
    """A board reports what it has drawn; a high flag that no board draws in time is shown everywhere else.

    With ``?screen=wall`` a screen on the wall speaks, by its own cookie.
    """

    authentication_classes = (WallAuthentication, *APIView.authentication_classes)

    @extend_schema(request=DrawnBody, responses={200: Drawn})
    def post(self, request: Request) -> Response:
        by = signed_in(request)
        body = DrawnBody(data=request.data)
        body.is_valid(raise_exception=True)
        first = flags.drawn(by=by, flag_ids=body.validated_data["flags"], at=clock.now())
        return Response({"first": first})


class UndrawnFlags(serializers.Serializer[Any]):
    flags = serializers.ListField(child=serializers.DictField())


class UndrawnView(APIView):
    """High flags that no board has drawn in time: every other screen shows them."""

    @extend_schema(responses=UndrawnFlags)
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_BOARD)
        return Response(
            {
                "flags": [
                    {
                        "id": one.flag.id,
                        "session": one.flag.session_id,
                        "chair": one.chair,
                        "priority": one.flag.priority,
                        "text": one.flag.text,
                        "opened_at": one.flag.opened_at,
                    }
                    for one in queries.undrawn_flags(by.clinic_id)
                ]
            }
        )
