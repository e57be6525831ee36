"""Exports over the API: asking, looking how far they are, cancelling, and the file."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic import clock
from clinic.api import StrictSerializer, signed_in
from reports import tasks
from reports.exports import jobs, telling
from reports.exports.asked import FLAGGED, Asked, FormName
from reports.exports.rendering import DayStyle, Disclosure
from reports.exports.tables import CONTENTS
from reports.models import Export


class FiltersBody(StrictSerializer):
    from_day = serializers.DateField(required=False, help_text="the first day, in the clinic's zone")
    until_day = serializers.DateField(required=False, help_text="the last day, in it")
    route = serializers.CharField(required=False, max_length=8)
    protocol = serializers.SlugField(required=False, max_length=40)
    indication = serializers.CharField(required=False, max_length=24)
    flags = serializers.ChoiceField(list(FLAGGED), required=False)
    staff = serializers.UUIDField(required=False, help_text="a member who was the nurse, or charted in it")


class LocaleBody(StrictSerializer):
    separator = serializers.CharField(
        required=False, max_length=1, trim_whitespace=False, help_text="comma, semicolon or tab"
    )
    decimal_mark = serializers.CharField(required=False, max_length=1, help_text="point or comma")
    days = serializers.ChoiceField([one.value for one in DayStyle], required=False)
    bom = serializers.BooleanField(required=False)


class ExportBody(StrictSerializer):
    """What is left out is as wide as it can be: all sessions, all contents, CSV, identified."""

    filters = FiltersBody(required=False)
    contents = serializers.ListField(child=serializers.ChoiceField(list(CONTENTS)), required=False)
    form = serializers.ChoiceField([one.value for one in FormName], required=False)
    disclosure = serializers.ChoiceField([one.value for one in Disclosure], required=False)
    locale = LocaleBody(required=False)


class ExportShown(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(["waiting", "running", "done", "cancelled", "failed"])
    phase = serializers.ChoiceField(["", telling.READING, telling.WRITING])
    says = serializers.CharField(help_text="how far it is, or what became of it, in words")
    asked = serializers.DictField()
    sessions = serializers.IntegerField()
    rows = serializers.IntegerField(allow_null=True, help_text="null until they are counted")
    read = serializers.IntegerField()
    written = serializers.IntegerField()
    seconds_left = serializers.IntegerField(allow_null=True)
    asked_by = serializers.CharField()
    asked_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    trouble = serializers.CharField()
    size = serializers.IntegerField(allow_null=True)
    sha256 = serializers.CharField()


class ExportsListed(serializers.Serializer[Any]):
    results = ExportShown(many=True)


class Counted(serializers.Serializer[Any]):
    sessions = serializers.IntegerField()


def shown(row: Export) -> dict[str, Any]:
    at = clock.now()
    return {
        "id": row.id,
        "state": row.state,
        "phase": telling.phase(row),
        "says": telling.says(row, at=at),
        "asked": msgspec.to_builtins(jobs.asked_of(row)),
        "sessions": len(row.session_ids),
        "rows": row.rows,
        "read": row.read,
        "written": row.written,
        "seconds_left": jobs.seconds_left(row, at=at),
        "asked_by": row.asked_by,
        "asked_at": row.asked_at,
        "ended_at": row.ended_at,
        "expires_at": row.expires_at,
        "trouble": row.trouble,
        "size": row.size,
        "sha256": row.sha256,
    }


def asked_in(data: Any) -> Asked:
    """raises: ValidationError, naming the field."""
    body = ExportBody(data=data)
    body.is_valid(raise_exception=True)
    return msgspec.convert(msgspec.to_builtins(body.validated_data), Asked)


class ExportsView(APIView):
    """The clinic's exports, newest first; and asking for another."""

    @extend_schema(responses=ExportsListed, operation_id="exports")
    def get(self, request: Request) -> Response:
        return Response({"results": [shown(row) for row in jobs.newest(signed_in(request))]})

    @extend_schema(request=ExportBody, responses={201: ExportShown}, operation_id="ask_export")
    def post(self, request: Request) -> Response:
        row = jobs.ask(by=signed_in(request), asked=asked_in(request.data), at=clock.now())
        tasks.offer(row.pk)
        return Response(shown(row), status=status.HTTP_201_CREATED)


class CountExportView(APIView):
    """How many sessions an export would be of."""

    @extend_schema(request=ExportBody, responses=Counted, operation_id="count_export")
    def post(self, request: Request) -> Response:
        return Response({"sessions": jobs.count(by=signed_in(request), asked=asked_in(request.data))})


class ExportView(APIView):
    """One export: how far it is."""

    @extend_schema(responses=ExportShown, operation_id="export")
    def get(self, request: Request, export_id: UUID) -> Response:
        return Response(shown(jobs.one(signed_in(request), export_id)))


class CancelExportView(APIView):
    """End an export that goes on."""

    @extend_schema(request=None, responses=ExportShown, operation_id="cancel_export")
    def post(self, request: Request, export_id: UUID) -> Response:
        row = jobs.cancel(by=signed_in(request), export_id=export_id, at=clock.now())
        return Response(shown(row))


class ExportFileView(APIView):
    """The file of an export that is done. Authority is looked at again at each fetching, which is audited."""

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}, operation_id="export_file"
    )
    def get(self, request: Request, export_id: UUID) -> FileResponse:
        found = jobs.fetch(by=signed_in(request), export_id=export_id, at=clock.now())
        return FileResponse(found.file, as_attachment=True, filename=found.name.rpartition("/")[2])
