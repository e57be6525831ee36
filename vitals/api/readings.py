"""Readings over the API: the list, the browser's door, corrections; the board."""

import itertools
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic import audit, clock
from clinic.access import Act, check
from clinic.api import StrictSerializer, signed_in
from clinic.tokens import WallAuthentication
from sessions import queries as treatments
from vitals import queries
from vitals.api import words
from vitals.api.paging import PAGE, after, next_page
from vitals.doors import answer, parse
from vitals.services import corrections
from vitals.services.record import record_readings
from vitals.vital import FIELDS

_calls = itertools.count(1)


class ReadingFields(serializers.Serializer[Any]):
    """The vitals of a reading, all optional: mmHg, /min, %, Cel, MOAA/S."""

    systolic = serializers.FloatField(required=False, allow_null=True)
    diastolic = serializers.FloatField(required=False, allow_null=True)
    mean = serializers.FloatField(required=False, allow_null=True)
    heart_rate = serializers.FloatField(required=False, allow_null=True)
    respiratory_rate = serializers.FloatField(required=False, allow_null=True)
    spo2 = serializers.FloatField(required=False, allow_null=True)
    temperature = serializers.FloatField(required=False, allow_null=True)
    etco2 = serializers.FloatField(required=False, allow_null=True)
    sedation = serializers.FloatField(required=False, allow_null=True)


class ReadingSent(ReadingFields):
    id = serializers.UUIDField(required=False, help_text="made by the sender; makes the call repeatable")
    session = serializers.UUIDField(required=False)
    chair = serializers.CharField(required=False)
    measured_at = serializers.DateTimeField(help_text="with a zone")
    absent = serializers.DictField(
        child=serializers.CharField(), required=False, help_text="vital → why it could not be measured"
    )


class ReadingsAnswer(serializers.Serializer[Any]):
    accepted = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    rejected = serializers.ListField(child=serializers.DictField())
    readings = serializers.ListField(child=serializers.DictField())


class ReadingListed(ReadingFields):
    id = serializers.UUIDField()
    measured_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    late = serializers.BooleanField()
    doubtful = serializers.DictField(child=serializers.CharField())
    absent = serializers.DictField(child=serializers.CharField())
    version = serializers.IntegerField()
    supersedes = serializers.UUIDField(allow_null=True)
    superseded_by = serializers.UUIDField(allow_null=True)
    recorded_by = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field of that name shadows an option of Field
    reason = serializers.CharField()


class ReadingsListed(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    results = ReadingListed(many=True)


class AnyBody(BaseParser):
    """Leaves the body to ``doors.parse``, which is stricter than REST framework's parser."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return stream.read(parse.LARGEST_BODY_BYTES + 1)


class PostReadingsView(APIView):
    """A browser's readings, by cookie and CSRF token. Devices come in by the native door, same body."""

    parser_classes = (AnyBody,)

    @extend_schema(request={"application/json": ReadingSent}, responses={201: ReadingsAnswer})
    def post(self, request: Request) -> Response:
        by = signed_in(request)
        # REST framework asks no parser about a body without a single byte
        given: object = request.data
        body = given if isinstance(given, bytes) else b""
        parse.check_head(request.content_type or "", len(body))
        bodies, single = parse.read(body)
        now = clock.now()
        items = answer.incoming(bodies, by=by, call=next(_calls), received_at=now)
        outcomes = record_readings(items, at=now)
        told = answer.answer(outcomes, single=single)
        return Response(told.body, status=told.status)


class SessionReadingsView(APIView):
    """A session's readings, oldest first, every version."""

    @extend_schema(
        parameters=[OpenApiParameter("since", datetime), OpenApiParameter("until", datetime)],
        responses=ReadingsListed,
    )
    def get(self, request: Request, session_id: UUID) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_SESSION)
        treatments.require_session(by.clinic_id, session_id)
        asked = request.query_params
        page = queries.readings(
            session_id,
            since=words.moment(asked.get("since"), "since"),
            until=words.moment(asked.get("until"), "until"),
            after=after(asked.get("after")),
            at_most=PAGE + 1,
        )
        audit.record_look(by, "readings", str(session_id), session_id=session_id)
        more = page[PAGE:] != []
        page = page[:PAGE]
        return Response(
            {
                "next": next_page(request, page[-1].measured_at, page[-1].id) if more else None,
                "results": [words.reading(view) for view in page],
            }
        )


class CorrectBody(ReadingFields, StrictSerializer):
    reason = serializers.CharField(max_length=300)


class CorrectView(APIView):
    """A corrected value: a new version that points at the old one."""

    @extend_schema(request=CorrectBody, responses={201: ReadingListed})
    def post(self, request: Request, reading_id: UUID) -> Response:
        by = signed_in(request)
        body = CorrectBody(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        new_id = corrections.correct(
            by=by,
            reading_id=reading_id,
            fields={name: given[name] for name in FIELDS if name in given},
            reason=given["reason"],
            at=clock.now(),
        )
        return Response(words.reading(queries.reading(by.clinic_id, new_id)), status=201)


class BoardShown(serializers.Serializer[Any]):
    clinic = serializers.DictField()
    clock = serializers.DictField()
    chairs = serializers.ListField(child=serializers.DictField())
    limit_sets = serializers.DictField()
    typical = serializers.DictField()
    cursor = serializers.CharField()
    sessions = serializers.ListField(child=serializers.DictField())


class BoardView(APIView):
    """The watch rows of the clinic's open sessions; for a screen on the wall with ``?screen=wall``."""

    authentication_classes = (WallAuthentication, *APIView.authentication_classes)

    @extend_schema(responses=BoardShown)
    def get(self, request: Request) -> HttpResponse:
        by = signed_in(request)
        check(by, Act.SEE_BOARD)
        body = words.board_json(queries.board(by.clinic_id), cursor="")
        return HttpResponse(body, content_type="application/json")
