"""Hand-overs over the API: what is offered, beginning one, accepting a chair, ending it; and their times."""

from typing import Any
from uuid import UUID

import msgspec
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic import audit, clock
from clinic.access import Act, Principal, check
from clinic.api import StrictSerializer, signed_in
from vitals import hand_over as rules
from vitals import hand_over_queries as queries
from vitals.api import words
from vitals.hand_over import Times
from vitals.hand_over_queries import ChairView, HandOverView
from vitals.services import hand_over, shift_times


class NewHandOver(StrictSerializer):
    to = serializers.UUIDField(help_text="the colleague, a member who gives care here")


class Accept(StrictSerializer):
    session = serializers.UUIDField()
    chair = serializers.CharField(
        max_length=24,
        required=False,
        allow_blank=True,
        help_text="the chair you saw it in; default the one it had when the hand-over began",
    )


class Finish(StrictSerializer):
    no_drugs = serializers.CharField(
        max_length=300,
        required=False,
        allow_blank=True,
        help_text="why there is no controlled drug to count, where the register holds none",
    )


class NewTimes(StrictSerializer):
    hand_over_min = serializers.IntegerField(
        min_value=rules.SHORTEST_MIN,
        max_value=rules.LONGEST_HAND_OVER_MIN,
        label="A hand-over ends by itself after, minutes",
    )
    cover_min = serializers.IntegerField(
        min_value=rules.SHORTEST_MIN,
        max_value=rules.LONGEST_COVER_MIN,
        label="A cover that nobody took is shown more strongly after, minutes",
    )


class PersonAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class ColleagueAnswer(PersonAnswer):
    role = serializers.CharField()
    here = serializers.BooleanField(help_text="has a chair, or signed in lately")


class ChairAnswer(serializers.Serializer[Any]):
    """How a chair stands now. ``panel`` is as on the board: flags, re-checks, next set, who has what."""

    session = serializers.UUIDField()
    chair = serializers.CharField(allow_null=True)
    patient = serializers.DictField()
    open = serializers.BooleanField(help_text="false once the session has ended")
    panel = serializers.DictField()
    dose = serializers.DictField()
    symptoms = serializers.ListField(child=serializers.CharField())


class OfferedAnswer(ChairAnswer):
    offered_as = serializers.CharField(allow_null=True, help_text="its chair when the hand-over began")
    accepted_at = serializers.DateTimeField(allow_null=True)
    reopened = serializers.IntegerField(help_text="flags that asked again because nobody accepted the chair")


class DrugCountAnswer(serializers.Serializer[Any]):
    done = serializers.BooleanField()
    asks_why_none = serializers.BooleanField()
    counted = serializers.IntegerField(help_text="vials and kits counted since the hand-over began")
    uncounted = serializers.ListField(child=serializers.CharField())
    last_at = serializers.DateTimeField(allow_null=True)
    last_by = serializers.CharField(allow_null=True)
    no_drugs = serializers.CharField(allow_null=True)


class ElsewhereAnswer(serializers.Serializer[Any]):
    session = serializers.UUIDField()
    text = serializers.CharField()


class HandOverAnswer(serializers.Serializer[Any]):
    """``drug_count`` holds no quantity: counts are blind. ``elsewhere``: flags in hand at others' chairs."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["open", *(end.value for end in rules.End)])
    # a field cannot be called "from" in the class body; it is so named in the answer
    to = PersonAnswer()
    began_at = serializers.DateTimeField()
    ends_by = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_by = serializers.CharField(allow_null=True)
    chairs = OfferedAnswer(many=True)
    drug_count = DrugCountAnswer()
    elsewhere = ElsewhereAnswer(many=True)
    may = serializers.ListField(child=serializers.ChoiceField(choices=["accept", "finish", "cancel"]))

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        fields["from"] = PersonAnswer()
        return fields


class TimesAnswer(serializers.Serializer[Any]):
    hand_over_min = serializers.IntegerField()
    cover_min = serializers.IntegerField()
    set_by = serializers.CharField(allow_null=True, help_text="null: the example, reviewed by nobody yet")
    set_at = serializers.DateTimeField(allow_null=True)


class HandOversAnswer(serializers.Serializer[Any]):
    """``own``: the caller's chairs, as they would be offered now."""

    results = HandOverAnswer(many=True)
    own = ChairAnswer(many=True)
    colleagues = ColleagueAnswer(many=True)
    times = TimesAnswer()


class HandOversView(APIView):
    """What is offered in the clinic, and beginning a hand-over of all one's chairs."""

    @extend_schema(responses=HandOversAnswer, operation_id="hand_overs")
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.HAND_OVER)
        audit.record_look(by, "hand-overs", str(by.clinic_id))
        now = clock.now()
        return Response(
            {
                "results": [_hand_over(view, by) for view in queries.hand_overs(by, at=now)],
                "own": [_chair(view) for view in queries.own_chairs(by)],
                "colleagues": [
                    {"id": one.user_id, "name": one.name, "role": one.role, "here": one.here}
                    for one in queries.colleagues(by, real_now=timezone.now())
                ],
                "times": times_words(shift_times.times_of(by.clinic_id)),
            }
        )

    @extend_schema(
        request=NewHandOver,
        responses={201: HandOverAnswer, 200: HandOverAnswer},
        operation_id="begin_hand_over",
    )
    def post(self, request: Request) -> Response:
        by = signed_in(request)
        body = NewHandOver(data=request.data)
        body.is_valid(raise_exception=True)
        row, new = hand_over.begin(by=by, to_id=body.validated_data["to"], at=clock.now())
        return Response(_hand_over(queries.hand_over(by, row.id), by), status=201 if new else 200)


class AcceptView(APIView):
    """Take one chair over. 409 in words when it is another's to accept, or things have moved meanwhile."""

    @extend_schema(request=Accept, responses=HandOverAnswer, operation_id="accept_chair")
    def post(self, request: Request, hand_over_id: UUID) -> Response:
        by = signed_in(request)
        body = Accept(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        hand_over.accept(
            by=by,
            hand_over_id=hand_over_id,
            session_id=given["session"],
            seen=given.get("chair"),
            at=clock.now(),
        )
        return Response(_hand_over(queries.hand_over(by, hand_over_id), by))


class FinishView(APIView):
    """End it. What was not accepted stays, and its flags in hand ask again."""

    @extend_schema(request=Finish, responses=HandOverAnswer, operation_id="finish_hand_over")
    def post(self, request: Request, hand_over_id: UUID) -> Response:
        by = signed_in(request)
        body = Finish(data=request.data)
        body.is_valid(raise_exception=True)
        no_drugs = body.validated_data.get("no_drugs", "")
        hand_over.finish(by=by, hand_over_id=hand_over_id, no_drugs=no_drugs, at=clock.now())
        return Response(_hand_over(queries.hand_over(by, hand_over_id), by))


class CancelView(APIView):
    """Take the offer back, before any chair was accepted."""

    @extend_schema(request=None, responses=HandOverAnswer, operation_id="cancel_hand_over")
    def post(self, request: Request, hand_over_id: UUID) -> Response:
        by = signed_in(request)
        hand_over.cancel(by=by, hand_over_id=hand_over_id, at=clock.now())
        return Response(_hand_over(queries.hand_over(by, hand_over_id), by))


class TimesView(APIView):
    """How long a hand-over stays open, and a cover may wait: the clinic's to set."""

    @extend_schema(request=NewTimes, responses={200: TimesAnswer}, operation_id="set_shift_times")
    def post(self, request: Request) -> Response:
        by = signed_in(request)
        body = NewTimes(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(times_words(shift_times.set_times(by=by, at=clock.now(), **body.validated_data)))


def times_words(times: Times) -> dict[str, Any]:
    return {
        "hand_over_min": times.hand_over_min,
        "cover_min": times.cover_min,
        "set_by": times.by_name,
        "set_at": times.at,
    }


def _hand_over(view: HandOverView, by: Principal) -> dict[str, Any]:
    row = view.row
    return {
        "id": row.id,
        "state": row.end or "open",
        "from": {"id": row.from_user_id, "name": row.from_name},
        "to": {"id": row.to_user_id, "name": row.to_name},
        "began_at": row.began_at,
        "ends_by": row.ends_by,
        "ended_at": row.ended_at,
        "ended_by": row.ended_by or None,
        "chairs": [
            {
                **_chair(one.now),
                "offered_as": one.offered.chair or None,
                "accepted_at": one.offered.accepted_at,
                "reopened": one.offered.reopened,
            }
            for one in view.chairs
        ],
        "drug_count": {
            "done": view.drugs.is_done,
            "asks_why_none": view.drugs.asks_why_none,
            "counted": view.drugs.counted,
            "uncounted": list(view.drugs.uncounted),
            "last_at": view.last_count.at if view.last_count else None,
            "last_by": view.last_count.by_name if view.last_count else None,
            "no_drugs": row.no_drugs or None,
        },
        "elsewhere": [{"session": flag.session_id, "text": flag.text} for flag in view.elsewhere],
        "may": _may(view, by),
    }


def _may(view: HandOverView, by: Principal) -> list[str]:
    may = {
        "accept": not view.row.end and by.user_id == view.row.to_user_id,
        "finish": view.why_not_finish is None,
        "cancel": view.why_not_cancel is None,
    }
    return [name for name, allowed in may.items() if allowed]


def _chair(view: ChairView) -> dict[str, Any]:
    session, patient = view.session, view.session.patient
    return {
        "session": session.id,
        "chair": session.chair.name if session.chair else None,
        "patient": {
            "given_name": patient.given_name,
            "family_name": patient.family_name,
            "allergies": patient.allergies,
        },
        "open": view.is_open,
        "panel": msgspec.to_builtins(view.panel),
        "dose": words.dose(view.dose, None, clock.now()),
        "symptoms": list(view.symptoms),
    }
