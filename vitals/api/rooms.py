"""The patient's own screen over the API: what it shows, its call, and taking a screen back."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic import clock
from clinic import rooms as screens
from clinic.access import Act, Principal, check
from clinic.api import signed_in
from clinic.tokens import RoomAuthentication, TokenAuthentication
from vitals import rooms
from vitals.services import calls


class CallShown(serializers.Serializer[Any]):
    called_at = serializers.DateTimeField()
    taken_at = serializers.DateTimeField(allow_null=True, help_text="when somebody took it: a nurse comes")


class RoomShown(serializers.Serializer[Any]):
    now = serializers.DateTimeField()
    rate = serializers.FloatField()
    time_zone = serializers.CharField()
    chair = serializers.CharField()
    watched = serializers.BooleanField(help_text="false while the chair is empty")
    nurse = serializers.CharField(allow_null=True)
    next_check_at = serializers.DateTimeField(allow_null=True)
    time_began_at = serializers.DateTimeField(allow_null=True)
    earliest_release_at = serializers.DateTimeField(allow_null=True)
    call = CallShown(allow_null=True)


def shown(by: Principal) -> dict[str, Any]:
    now = clock.now()
    view = rooms.room(by, at=now)
    call = view.call
    return {
        "now": now,
        "rate": clock.rate(),
        "time_zone": view.clinic.time_zone,
        "chair": view.chair,
        "watched": view.watched,
        "nurse": view.nurse or None,
        "next_check_at": view.next_check_at,
        "time_began_at": view.time_began_at,
        "earliest_release_at": view.earliest_release_at,
        "call": {"called_at": call.called_at, "taken_at": call.taken_at} if call else None,
    }


class RoomView(APIView):
    """What the screen of one chair shows."""

    authentication_classes = (TokenAuthentication, RoomAuthentication)

    @extend_schema(responses=RoomShown)
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_ROOM)
        return Response(shown(by), headers={"Cache-Control": "no-store"})


class CallView(APIView):
    """The patient calls. Again while the call is open changes nothing; 409 in an empty chair."""

    authentication_classes = (TokenAuthentication, RoomAuthentication)

    @extend_schema(request=None, responses={200: RoomShown})
    def post(self, request: Request) -> Response:
        by = signed_in(request)
        calls.call(by=by, at=clock.now())
        return Response(shown(by))


class ChairWithoutScreen(serializers.Serializer[Any]):
    chair = serializers.UUIDField()


class RevokeView(APIView):
    """Take a chair's screen back: from then on it opens nothing."""

    @extend_schema(request=None, responses=ChairWithoutScreen)
    def post(self, request: Request, chair_id: UUID) -> Response:
        by = signed_in(request)
        screens.revoke(by=by, chair_id=chair_id, at=clock.now())
        return Response({"chair": chair_id})
