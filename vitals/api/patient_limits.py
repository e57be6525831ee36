"""Limits changed for one patient, over the API: the list, a change, its early end."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic import audit, clock
from clinic import queries as ground
from clinic.access import Act, check
from clinic.api import StrictSerializer, ZonedTime, signed_in
from vitals import limit_queries
from vitals.api import limit_words
from vitals.services import patient_limits
from vitals.services.patient_limits import Wanted
from vitals.vital import Vital


class ChangeBody(StrictSerializer):
    code = serializers.CharField(max_length=12, help_text="of the rule, such as BP-2")
    vital = serializers.ChoiceField(choices=[vital.value for vital in Vital])
    threshold = serializers.FloatField(required=False, help_text="another limit, in the vital's unit")
    baseline_by = serializers.FloatField(required=False, help_text="another distance from the baseline")
    off = serializers.BooleanField(required=False, help_text="the rule raises nothing for this patient")
    reason = serializers.CharField(max_length=300)
    until = ZonedTime(help_text="when it ends by itself")
    protocol = serializers.SlugField(
        max_length=40,
        required=False,
        help_text="whose limits; without it those of the open session, else of the newest course",
    )


class ChangeAnswer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField()
    vital = serializers.CharField()
    name = serializers.CharField()
    words = serializers.CharField()
    threshold = serializers.FloatField(allow_null=True)
    baseline_by = serializers.FloatField(allow_null=True)
    off = serializers.BooleanField()
    reason = serializers.CharField()
    by = serializers.CharField()
    version = serializers.IntegerField(help_text="of the limits it was made to")
    from_at = serializers.DateTimeField()
    until_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_by = serializers.CharField(allow_null=True)
    holds = serializers.BooleanField()
    lapsed = serializers.BooleanField(
        help_text="the version in use has another row there, so it holds in no later session"
    )


class ChangesListed(serializers.Serializer[Any]):
    results = ChangeAnswer(many=True)


class PatientLimitsView(APIView):
    """What was changed of the limits for one patient."""

    @extend_schema(responses=ChangesListed, operation_id="patient_limits")
    def get(self, request: Request, patient_id: UUID) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_LIMITS)
        check(by, Act.SEE_PATIENTS)
        rows = limit_queries.patient_changes(by.clinic_id, patient_id, at=clock.now())
        audit.record_look(by, "patient", str(patient_id))
        return Response({"results": [limit_words.change(row) for row in rows]})

    @extend_schema(request=ChangeBody, responses={201: ChangeAnswer}, operation_id="change_patient_limit")
    def post(self, request: Request, patient_id: UUID) -> Response:
        by = signed_in(request)
        ground.patient(by.clinic_id, patient_id)
        body = ChangeBody(data=request.data)
        body.is_valid(raise_exception=True)
        told, at = dict(body.validated_data), clock.now()
        row = patient_limits.change_limit(
            by=by,
            patient_id=patient_id,
            reason=told.pop("reason"),
            until=told.pop("until"),
            protocol_code=told.pop("protocol", None),
            wanted=Wanted(**told),
            at=at,
        )
        return Response(
            limit_words.change(limit_queries.patient_change(by.clinic_id, row.pk, at=at)), status=201
        )


class EndPatientLimitView(APIView):
    """End a change before its time: the clinic's own limit holds again at once."""

    @extend_schema(request=None, responses={200: ChangeAnswer}, operation_id="end_patient_limit")
    def post(self, request: Request, patient_id: UUID, change_id: UUID) -> Response:
        by, at = signed_in(request), clock.now()
        limit_queries.patient_change(by.clinic_id, change_id, at=at)
        row = patient_limits.end_change(by=by, patient_id=patient_id, change_id=change_id, at=at)
        return Response(limit_words.change(limit_queries.patient_change(by.clinic_id, row.pk, at=at)))
