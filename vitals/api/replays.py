"""Trying a limit set on past sessions over the API: asking, looking, cancelling."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic import clock
from clinic.api import StrictSerializer, signed_in
from vitals import tasks
from vitals.comparing import Raised, SideSum, Sum, sum_up
from vitals.models import LimitReplay
from vitals.services import limit_replays


class ReplayBody(StrictSerializer):
    from_day = serializers.DateField(help_text="the first day, in the clinic's zone")
    until_day = serializers.DateField(help_text="the last day, in it")
    beside = serializers.ChoiceField(
        ["own", "current"],
        default="own",
        help_text="held against the limits each session had, or against those in use now",
    )


class SideShown(serializers.Serializer[Any]):
    high = serializers.IntegerField()
    medium = serializers.IntegerField()
    low = serializers.IntegerField()
    technical = serializers.IntegerField(help_text="of the medium and high ones")
    rechecks = serializers.IntegerField(help_text="breaches that the next measurement did not confirm")
    late = serializers.IntegerField(help_text="findings of late readings, which ring nothing")
    sessions_without = serializers.IntegerField(help_text="sessions without a medium or high flag")
    per_session = serializers.FloatField(help_text="medium and high flags per session")
    per_hour = serializers.FloatField(help_text="medium and high flags per watched hour of one session")


class RuleShown(serializers.Serializer[Any]):
    rule = serializers.CharField()
    beside = serializers.IntegerField()
    tried = serializers.IntegerField()


class KnownShown(serializers.Serializer[Any]):
    kind = serializers.CharField()
    happened = serializers.IntegerField()
    beside = serializers.IntegerField()
    tried = serializers.IntegerField()


class MissedShown(serializers.Serializer[Any]):
    session = serializers.UUIDField()
    kind = serializers.CharField()
    words = serializers.CharField()
    at = serializers.DateTimeField()
    beside = serializers.BooleanField(help_text="whether the other limits have a flag for it")


class RaisedShown(serializers.Serializer[Any]):
    session = serializers.UUIDField()
    rule = serializers.CharField()
    priority = serializers.CharField()
    text = serializers.CharField()
    at = serializers.DateTimeField()


class SumShown(serializers.Serializer[Any]):
    sessions = serializers.IntegerField()
    failed = serializers.IntegerField(help_text="sessions that could not be replayed")
    watched_hours = serializers.FloatField()
    beside = SideShown()
    tried = SideShown()
    rules = RuleShown(many=True)
    known = KnownShown(many=True)
    missed = MissedShown(many=True)
    added = RaisedShown(many=True)
    dropped = RaisedShown(many=True)


class ReplayShown(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    limit_set = serializers.IntegerField()
    beside = serializers.IntegerField(allow_null=True, help_text="null: the limits each session had")
    from_day = serializers.DateField()
    until_day = serializers.DateField()
    state = serializers.ChoiceField(["waiting", "running", "done", "cancelled"])
    done = serializers.IntegerField(help_text="sessions done")
    of = serializers.IntegerField()
    asked_by = serializers.CharField()
    asked_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    sum = SumShown(allow_null=True, help_text="of the sessions done, once it has ended")


def shown(replay: LimitReplay) -> dict[str, Any]:
    return {
        "id": replay.id,
        "limit_set": replay.limit_set_id,
        "beside": replay.beside_id,
        "from_day": replay.from_day,
        "until_day": replay.until_day,
        "state": replay.state,
        "done": replay.done,
        "of": len(replay.session_ids),
        "asked_by": replay.asked_by,
        "asked_at": replay.asked_at,
        "ended_at": replay.ended_at,
        "sum": _sum(sum_up(limit_replays.ran(replay).results)) if replay.ended_at else None,
    }


def _sum(found: Sum) -> dict[str, Any]:
    return {
        "sessions": found.sessions,
        "failed": found.failed,
        "watched_hours": round(found.watched_hours, 2),
        "beside": _side(found.beside),
        "tried": _side(found.tried),
        "rules": [{"rule": row.rule, "beside": row.beside, "tried": row.tried} for row in found.rules],
        "known": [
            {"kind": row.kind, "happened": row.happened, "beside": row.beside, "tried": row.tried}
            for row in found.known
        ],
        "missed": [
            {
                "session": session_id,
                "kind": one.known.kind,
                "words": one.known.words,
                "at": one.known.since,
                "beside": one.beside,
            }
            for session_id, one in found.missed
        ],
        "added": [_raised(session_id, one) for session_id, one in found.added],
        "dropped": [_raised(session_id, one) for session_id, one in found.dropped],
    }


def _side(side: SideSum) -> dict[str, Any]:
    return {
        "high": side.high,
        "medium": side.medium,
        "low": side.low,
        "technical": side.technical,
        "rechecks": side.rechecks,
        "late": side.late,
        "sessions_without": side.sessions_without,
        "per_session": round(side.per_session, 3),
        "per_hour": round(side.per_hour, 3),
    }


def _raised(session_id: UUID, one: Raised) -> dict[str, Any]:
    return {
        "session": session_id,
        "rule": one.rule,
        "priority": one.priority,
        "text": one.text,
        "at": one.at,
    }


class AskView(APIView):
    """Try a limit set on past sessions, beside the limits they had or those in use now. It is a job."""

    @extend_schema(request=ReplayBody, responses={201: ReplayShown})
    def post(self, request: Request, limit_set_id: int) -> Response:
        by = signed_in(request)
        body = ReplayBody(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        replay = limit_replays.ask(
            by=by,
            limit_set_id=limit_set_id,
            from_day=asked["from_day"],
            until_day=asked["until_day"],
            at=clock.now(),
            beside_current=asked["beside"] == "current",
        )
        tasks.offer_replay(replay.id)
        found = limit_replays.replay_of(by, replay.id)
        return Response(shown(found), status=status.HTTP_201_CREATED)


class ReplayView(APIView):
    """How far a replay is, and what it came to once it has ended."""

    @extend_schema(responses=ReplayShown)
    def get(self, request: Request, replay_id: UUID) -> Response:
        by = signed_in(request)
        replay = limit_replays.replay_of(by, replay_id)
        return Response(shown(replay), headers={"Cache-Control": "no-store"})


class CancelView(APIView):
    """End a replay that goes on; what it has found so far stays."""

    @extend_schema(request=None, responses={200: ReplayShown})
    def post(self, request: Request, replay_id: UUID) -> Response:
        by = signed_in(request)
        limit_replays.cancel(by=by, replay_id=replay_id, at=clock.now())
        return Response(shown(limit_replays.replay_of(by, replay_id)))
