"""The clinic's day over the API: how it stands, opening it, closing it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic import clock
from clinic.access import Act, Principal, check
from clinic.api import StrictSerializer, signed_in
from clinic.models import Clinic
from sessions import day, day_queries
from sessions.day import DayEntry, DayState
from sessions.services import days
from sessions.services.days import LONGEST_REASON
from vitals.services import days as whole_days


class Answered(StrictSerializer):
    """One question of the opening."""

    answer = serializers.ChoiceField(choices=[answer.value for answer in day.Answer])
    who = serializers.UUIDField(required=False, help_text="the member of staff, where the question asks who")
    reason = serializers.CharField(
        max_length=LONGEST_REASON, required=False, allow_blank=True, help_text="needed with “no”"
    )


class Opening(StrictSerializer):
    items = serializers.DictField(child=Answered(), help_text="one answer per question, by its code")


class Closing(StrictSerializer):
    reason = serializers.CharField(
        max_length=LONGEST_REASON,
        required=False,
        allow_blank=True,
        help_text="needed when something is left open",
    )


class DayEntryAnswer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    by = serializers.CharField()
    items = serializers.DictField()


class QuestionAnswer(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()


class NotAsWishedAnswer(QuestionAnswer):
    reason = serializers.CharField()


class PointAnswer(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()
    session = serializers.UUIDField(allow_null=True)


class DayAnswer(serializers.Serializer[Any]):
    """How the day stands. ``points`` is what is left open now."""

    day = serializers.DateField()
    state = serializers.ChoiceField(choices=["not opened", "open", "closed"])
    to_check = QuestionAnswer(many=True)
    not_as_wished = NotAsWishedAnswer(many=True)
    prescriber = serializers.CharField(allow_null=True)
    opened = DayEntryAnswer(allow_null=True)
    closed = DayEntryAnswer(allow_null=True)
    points = PointAnswer(many=True)


class DayView(APIView):
    """The clinic's day today."""

    @extend_schema(responses=DayAnswer, operation_id="day")
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_BOARD)
        return _answer(by)


class OpenDayView(APIView):
    """Open the day, or open it anew with other answers."""

    @extend_schema(request=Opening, responses={200: DayAnswer}, operation_id="open_day")
    def post(self, request: Request) -> Response:
        by = signed_in(request)
        body = Opening(data=request.data)
        body.is_valid(raise_exception=True)
        days.open_day(by=by, at=clock.now(), answers=body.validated_data["items"])
        return _answer(by)


class CloseDayView(APIView):
    """Close the day; with something left open only with a reason."""

    @extend_schema(request=Closing, responses={200: DayAnswer}, operation_id="close_day")
    def post(self, request: Request) -> Response:
        by = signed_in(request)
        body = Closing(data=request.data)
        body.is_valid(raise_exception=True)
        whole_days.close_day(by=by, at=clock.now(), reason=body.validated_data.get("reason", ""))
        return _answer(by)


def _answer(by: Principal) -> Response:
    clinic = Clinic.objects.get(pk=by.clinic_id)
    at = clock.now()
    return Response(words(clinic, day_queries.day_of(clinic, at), whole_days.day_of(clinic, at)))


def words(clinic: Clinic, span: day_queries.DaySpan, state: DayState) -> dict[str, Any]:
    """A day as the API says it."""
    return {
        "day": span.day,
        "state": state.words,
        "to_check": [{"code": one.code, "text": one.text} for one in state.to_check],
        "not_as_wished": [
            {"code": one.code, "text": one.text, "reason": reason} for one, reason in state.not_as_wished
        ],
        "prescriber": prescriber_name(clinic, state),
        "opened": _entry(state.opened),
        "closed": _entry(state.closed),
        "points": [
            {"code": point.code, "text": point.text, "session": point.session_id} for point in state.points
        ],
    }


def prescriber_name(clinic: Clinic, state: DayState) -> str | None:
    """Who is on site as the prescriber, as the newest opening says; None when it names nobody."""
    said = state.opened.items.get(day.PRESCRIBER_ON_SITE, {}) if state.opened else {}
    return day_queries.member_name(clinic.pk, said["who"]) if said.get("who") else None


def _entry(entry: DayEntry | None) -> dict[str, Any] | None:
    return None if entry is None else {"at": entry.at, "by": entry.by_name, "items": entry.items}
