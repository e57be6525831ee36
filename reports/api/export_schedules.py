"""Scheduled exports over the API: setting one up, looking what became of its runs, ending it."""

from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic import clock
from clinic.api import StrictSerializer, signed_in
from reports.api.exports import ExportBody, asked_in
from reports.exports import jobs, schedules, telling
from reports.exports.spans import Every
from reports.models import ExportRun, ExportSchedule


class ScheduleBody(StrictSerializer):
    name = serializers.CharField(max_length=schedules.LONGEST_NAME)
    every = serializers.ChoiceField([one.value for one in Every])
    at_hour = serializers.IntegerField(min_value=0, max_value=23, help_text="in the clinic's zone")
    store = serializers.CharField(max_length=40, help_text="one of the stores that the list names")
    asked = ExportBody(required=False, help_text="without days: they are those of each week or month")


class RunShown(serializers.Serializer[Any]):
    first = serializers.DateField()
    last = serializers.DateField()
    passed_over = serializers.IntegerField(help_text="spans before it that nobody made")
    export = serializers.UUIDField(allow_null=True)
    says = serializers.CharField()
    stored_as = serializers.CharField()
    stored_at = serializers.DateTimeField(allow_null=True)
    next_try_at = serializers.DateTimeField(allow_null=True)
    tries = serializers.IntegerField()
    trouble = serializers.CharField()


class ScheduleShown(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    every = serializers.ChoiceField([one.value for one in Every])
    at_hour = serializers.IntegerField()
    store = serializers.CharField()
    asked = serializers.DictField()
    made_by = serializers.CharField()
    made_at = serializers.DateTimeField()
    next_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_by = serializers.CharField()
    stopped = serializers.CharField(help_text="why it ended by itself")
    runs = RunShown(many=True)


class SchedulesListed(serializers.Serializer[Any]):
    stores = serializers.ListField(child=serializers.CharField())
    results = ScheduleShown(many=True)


def shown(row: ExportSchedule) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "every": row.every,
        "at_hour": row.at_hour,
        "store": row.store,
        "asked": msgspec.to_builtins(jobs.asked_of(row)),
        "made_by": row.made_by,
        "made_at": row.made_at,
        "next_at": schedules.next_at(row, at=clock.now()),
        "ended_at": row.ended_at,
        "ended_by": row.ended_by,
        "stopped": row.stopped,
        "runs": [_run(run) for run in schedules.newest_runs(row)],
    }


def _run(run: ExportRun) -> dict[str, Any]:
    return {
        "first": run.first,
        "last": run.last,
        "passed_over": run.passed_over,
        "export": run.export_id,
        "says": telling.became(run),
        "stored_as": run.stored_as,
        "stored_at": run.stored_at,
        "next_try_at": run.next_try_at,
        "tries": run.tries,
        "trouble": run.trouble,
    }


class SchedulesView(APIView):
    """The clinic's schedules, and where their files can be left; and setting up another."""

    @extend_schema(responses=SchedulesListed, operation_id="export_schedules")
    def get(self, request: Request) -> Response:
        rows = schedules.listed(signed_in(request))
        return Response(
            {
                "stores": list(settings.EXPORT_STORES),
                "results": [shown(row) for row in rows],
            }
        )

    @extend_schema(request=ScheduleBody, responses={201: ScheduleShown}, operation_id="schedule_export")
    def post(self, request: Request) -> Response:
        by = signed_in(request)
        body = ScheduleBody(data=request.data)
        body.is_valid(raise_exception=True)
        given = {**body.validated_data}
        asked = asked_in(given.pop("asked", {}))
        row = schedules.new(by=by, asked=asked, at=clock.now(), **given)
        return Response(shown(row), status=status.HTTP_201_CREATED)


class EndScheduleView(APIView):
    """End a schedule; what it made stays."""

    @extend_schema(request=None, responses=ScheduleShown, operation_id="end_export_schedule")
    def post(self, request: Request, schedule_id: UUID) -> Response:
        row = schedules.end(by=signed_in(request), schedule_id=schedule_id, at=clock.now())
        return Response(shown(row))
