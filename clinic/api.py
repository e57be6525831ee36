"""The API's ground: how bodies are read, how refusals are answered, and tokens."""

from datetime import datetime
from typing import Any

from django.contrib.auth import authenticate
from django.db import DataError, InterfaceError, OperationalError
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, NotAuthenticated, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.views import exception_handler as rest_answer

from clinic import access, tokens
from clinic.access import Principal
from clinic.models import Membership
from clinic.refusals import Invalid, Refusal, TryLater


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know, by name: a misspelt vital must not vanish."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = sorted(set(data) - set(self.fields))
            if unknown:
                raise ValidationError({name: [f"There is no field “{name}” here."] for name in unknown})
        return super().to_internal_value(data)


class ZonedTime(serializers.DateTimeField):
    """A time with a zone. One without would be taken as UTC and stand hours off in the record."""

    default_error_messages = {"naive": "This time has no zone; write it such as 2026-11-23T10:40:00-05:00."}

    def enforce_timezone(self, value: datetime) -> datetime:
        if timezone.is_naive(value):
            self.fail("naive")
        return super().enforce_timezone(value)


def _refusal_of(error: Exception) -> Exception:
    """What the database refused, in our words; any other error as it is."""
    if isinstance(error, DataError):
        return Invalid("A value can be neither stored nor searched for, such as text with a NUL character.")
    if isinstance(error, OperationalError | InterfaceError):
        return TryLater("The database did not answer: send this call again.")
    return error


def answer_refusal(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn a service's refusal into its status and a body that names field, value and rule."""
    error = _refusal_of(error)
    if isinstance(error, Refusal):
        body: dict[str, Any] = {"code": error.code, "message": error.message}
        if error.field:
            body["field"] = error.field
        if error.missing:
            body["missing"] = list(error.missing)
        headers = {"Retry-After": "1"} if error.status == status.HTTP_503_SERVICE_UNAVAILABLE else None
        return Response(body, status=error.status, headers=headers)
    answer = rest_answer(error, context)
    if answer is not None and isinstance(error, ValidationError):
        answer.data = {"code": "invalid", "message": _first_words(error.detail), "fields": error.detail}
        answer.status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    elif answer is not None and isinstance(error, APIException):
        answer.data = {"code": error.get_codes(), "message": str(error.detail)}
    return answer


def _first_words(detail: Any) -> str:
    """The first sentence of a validation error, with the name of its field."""
    if isinstance(detail, dict):
        name, inner = next(iter(detail.items()))
        words = _first_words(inner)
        return words if name in {"non_field_errors", "__all__"} else f"{name}: {words}"
    if isinstance(detail, list):
        return _first_words(detail[0]) if detail else "invalid"
    return str(detail)


def signed_in(request: Request) -> Principal:
    """The principal of the request. raises: NotAuthenticated when there is none."""
    principal = access.principal_of(request)
    if principal is None:
        raise NotAuthenticated
    return principal


class TokenRequest(StrictSerializer):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=256, trim_whitespace=False)
    clinic = serializers.IntegerField(required=False, help_text="needed only by members of several clinics")


class TokenAnswer(serializers.Serializer[Any]):
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class TokenView(APIView):
    """A token for a member's own scripts, bound to one membership and expiring."""

    authentication_classes = ()
    permission_classes = ()

    def get_authenticate_header(self, request: Request) -> str:
        """What REST framework asks for to answer a wrong password with 401 and not 403."""
        return "Token"

    @extend_schema(request=TokenRequest, responses={201: TokenAnswer})
    def post(self, request: Request) -> Response:
        asked = TokenRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        user = authenticate(
            request, username=asked.validated_data["username"], password=asked.validated_data["password"]
        )
        if user is None:
            raise NotAuthenticated("Name and password do not match.")
        open_memberships = Membership.objects.select_related("user").filter(
            user_id=user.pk, ended_at__isnull=True
        )
        if "clinic" in asked.validated_data:
            open_memberships = open_memberships.filter(clinic_id=asked.validated_data["clinic"])
        membership = open_memberships.order_by("pk").first()
        if membership is None:
            raise NotAuthenticated("Name and password do not match.")
        expires_at = timezone.now() + tokens.STAFF_TOKEN_LASTS
        key = tokens.issue_for_member(membership, expires_at=expires_at)
        return Response(TokenAnswer({"token": key, "expires_at": expires_at}).data, status=201)


class RoomScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # as below
    target_class = "clinic.tokens.RoomAuthentication"
    name = "room"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": tokens.ROOM_COOKIE}


class WallScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # as below
    target_class = "clinic.tokens.WallAuthentication"
    name = "wall"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": tokens.WALL_COOKIE}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # drf-spectacular registers by subclassing, untyped
    target_class = "clinic.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token <key>"}
