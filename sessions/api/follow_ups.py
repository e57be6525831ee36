"""Check-ins after a session over the API: the list, a review, a new link."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic import audit, clock
from clinic.access import Act, check
from clinic.api import StrictSerializer, signed_in
from sessions import follow_up_queries
from sessions.follow_up import Kind, Standing
from sessions.follow_up_queries import FollowUpView
from sessions.services import follow_ups


class ReviewLine(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    by = serializers.CharField()
    text = serializers.CharField()


class FollowUpLine(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    session = serializers.UUIDField()
    patient = serializers.UUIDField()
    kind = serializers.ChoiceField([kind.value for kind in Kind])
    due_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    channel = serializers.CharField(allow_null=True)
    trouble = serializers.CharField(allow_null=True)
    standing = serializers.ChoiceField([standing.value for standing in Standing])
    needs_someone = serializers.BooleanField()
    answered_at = serializers.DateTimeField(allow_null=True)
    answers = serializers.DictField(allow_null=True)
    worries = serializers.ListField(child=serializers.CharField())
    reviews = ReviewLine(many=True)


class FollowUpsListed(serializers.Serializer[Any]):
    need_someone = serializers.IntegerField()
    results = FollowUpLine(many=True)


def line(view: FollowUpView) -> dict[str, Any]:
    row, answer = view.row, view.answer
    return {
        "id": row.id,
        "session": row.session_id,
        "patient": row.session.patient_id,
        "kind": row.kind,
        "due_at": row.due_at,
        "sent_at": row.sent_at,
        "channel": row.channel or None,
        "trouble": row.trouble or None,
        "standing": view.standing.value,
        "needs_someone": view.needs_someone,
        "answered_at": answer.answered_at if answer else None,
        "answers": answer.answers if answer else None,
        "worries": answer.worries if answer else [],
        "reviews": [{"at": review.at, "by": review.by_name, "text": review.text} for review in view.reviews],
    }


class FollowUpsView(APIView):
    """The check-ins of the last two weeks: what needs someone first."""

    @extend_schema(responses=FollowUpsListed)
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_FOLLOW_UPS)
        views = follow_up_queries.follow_ups(by.clinic_id, at=clock.now())
        audit.record_look(by, "follow-ups", "list")
        waiting = follow_up_queries.waiting_for_someone(views)
        return Response({"need_someone": waiting, "results": [line(view) for view in views]})


class ReviewBody(StrictSerializer):
    text = serializers.CharField(max_length=300)


class ReviewView(APIView):
    """Somebody looked, and says what was done."""

    @extend_schema(request=ReviewBody, responses={201: FollowUpLine})
    def post(self, request: Request, follow_up_id: UUID) -> Response:
        by = signed_in(request)
        body = ReviewBody(data=request.data)
        body.is_valid(raise_exception=True)
        now = clock.now()
        follow_ups.review(by=by, follow_up_id=follow_up_id, text=body.validated_data["text"], at=now)
        return Response(line(follow_up_queries.one(by.clinic_id, follow_up_id, at=now)), status=201)


class ResendView(APIView):
    """A new link, sent within the minute; the one before is dead at once."""

    @extend_schema(request=None, responses={200: FollowUpLine})
    def post(self, request: Request, follow_up_id: UUID) -> Response:
        by = signed_in(request)
        now = clock.now()
        follow_ups.resend(by=by, follow_up_id=follow_up_id, at=now)
        return Response(line(follow_up_queries.one(by.clinic_id, follow_up_id, at=now)))
