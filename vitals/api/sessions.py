"""Sessions over the API: the day's list, one in full, and the acts on it."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils.dateparse import parse_date
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic import audit, clock
from clinic import queries as ground
from clinic.access import Act, check
from clinic.api import StrictSerializer, ZonedTime, signed_in
from clinic.models import Clinic
from clinic.refusals import Invalid
from sessions import queries as treatments
from sessions.services import schedule as scheduling
from sessions.services.changes import dose
from vitals.api import bodies, words
from vitals.api.bodies import At
from vitals.services import acts

# days that a schedule can hold; what lies beyond is a slip, and midnights there leave the calendar
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)


class NewSession(StrictSerializer):
    patient = serializers.UUIDField()
    chair = serializers.CharField(max_length=64, required=False, help_text="a chair's name or id")
    protocol = serializers.CharField(max_length=40)
    indication = serializers.CharField(max_length=80)
    scheduled_at = ZonedTime(required=False)


class SessionAnswer(serializers.Serializer[Any]):
    """The whole session; fields beyond these are described in the project's API page."""

    id = serializers.UUIDField()
    state = serializers.CharField()
    patient = serializers.DictField()
    chair = serializers.DictField(allow_null=True)
    protocol = serializers.DictField()
    indication = serializers.CharField()
    scheduled_at = serializers.DateTimeField()
    checked_in_at = serializers.DateTimeField(allow_null=True)
    dose_started_at = serializers.DateTimeField(allow_null=True)
    dose_ended_at = serializers.DateTimeField(allow_null=True)
    planned_end_at = serializers.DateTimeField(allow_null=True)
    window_ends_at = serializers.DateTimeField(allow_null=True)
    earliest_release_at = serializers.DateTimeField(allow_null=True)
    course = serializers.UUIDField()
    acts = serializers.ListField(child=serializers.DictField())
    checklists = serializers.DictField()
    events = serializers.ListField(child=serializers.DictField())
    steps = serializers.ListField(child=serializers.DictField())
    news2 = serializers.DictField()
    typical = serializers.CharField(allow_null=True)
    panel = serializers.DictField(allow_null=True)
    limits = serializers.DictField(allow_null=True)


class SessionLine(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.CharField()
    patient = serializers.DictField()
    chair = serializers.DictField(allow_null=True)
    protocol = serializers.DictField()
    indication = serializers.CharField()
    scheduled_at = serializers.DateTimeField()
    dose_started_at = serializers.DateTimeField(allow_null=True)
    window_ends_at = serializers.DateTimeField(allow_null=True)
    nurse = serializers.CharField(allow_null=True)


class SessionsOfDay(serializers.Serializer[Any]):
    day = serializers.DateField()
    next = serializers.CharField(allow_null=True)
    results = SessionLine(many=True)


class SessionsView(APIView):
    """The sessions of one day, and a new one."""

    @extend_schema(
        parameters=[OpenApiParameter("day", str, description="a day in the clinic's zone; default today")],
        responses=SessionsOfDay,
        operation_id="sessions_of_day",
    )
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_BOARD)
        zone = Clinic.objects.get(pk=by.clinic_id).zone
        asked = request.query_params.get("day")
        day = clock.now().astimezone(zone).date()
        if asked:
            try:
                parsed = parse_date(asked)
            except ValueError:
                parsed = None
            if parsed is None or not EARLIEST <= parsed <= LATEST:
                raise Invalid(f"day “{asked}” is not a date such as 2026-11-23.", field="day")
            day = parsed
        start = datetime.combine(day, time(), zone)
        # the next midnight by the calendar: a day may have 23 or 25 hours
        end = datetime.combine(day + timedelta(days=1), time(), zone)
        rows = treatments.sessions_of_day(by.clinic_id, start, end)
        audit.record_look(by, "day", day.isoformat())
        return Response({"day": day, "next": None, "results": [words.session_line(row) for row in rows]})

    @extend_schema(request=NewSession, responses={201: SessionAnswer}, operation_id="schedule_session")
    def post(self, request: Request) -> Response:
        by = signed_in(request)
        body = NewSession(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        now = clock.now()
        row = scheduling.schedule(
            by=by,
            at=now,
            patient_id=given["patient"],
            chair=given.get("chair"),
            protocol_code=given["protocol"],
            indication=given["indication"],
            scheduled_at=given.get("scheduled_at", now),
        )
        row = treatments.session(by.clinic_id, row.id)
        return Response(words.session(row, by=by, at=now), status=201)


class SessionView(APIView):
    """One session in full."""

    @extend_schema(responses=SessionAnswer)
    def get(self, request: Request, session_id: UUID) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_SESSION)
        row = treatments.session(by.clinic_id, session_id)
        audit.record_look(by, "session", str(row.id), session_id=row.id)
        return Response(words.session(row, by=by, at=clock.now()))


class ActView(APIView):
    """One act on a session. 409 when the state does not allow it, with what is missing."""

    act: str
    body: type[At]

    def post(self, request: Request, session_id: UUID) -> Response:
        by = signed_in(request)
        treatments.require_session(by.clinic_id, session_id)
        body = self.body(data=request.data)
        body.is_valid(raise_exception=True)
        now = clock.now()
        details = {name: _plain(value) for name, value in body.validated_data.items() if name != "at"}
        acts.act(
            by=by,
            session_id=session_id,
            name=self.act,
            at=body.validated_data.get("at", now),
            recorded_at=now,
            details=details,
        )
        row = treatments.session(by.clinic_id, session_id)
        return Response(words.session(row, by=by, at=clock.now()))


def view_of(act: str) -> Callable[..., HttpResponseBase]:
    """The view of one act, with its own body in the schema."""
    body = bodies.BODIES[act]
    view: type[ActView] = type(
        f"Act{act.title().replace('-', '')}View", (ActView,), {"act": act, "body": body}
    )
    described = extend_schema(
        request=body, responses={200: SessionAnswer}, operation_id=f"session_{act.replace('-', '_')}"
    )
    return extend_schema_view(post=described)(view).as_view()


class OrderAnswer(serializers.Serializer[Any]):
    dose_mg = serializers.FloatField()
    ml_per_h = serializers.FloatField(allow_null=True)
    arithmetic = serializers.ListField(child=serializers.CharField())
    unusual = serializers.ListField(child=serializers.DictField())


class DoseOrderView(APIView):
    """An infusion worked out before it is charted: its arithmetic, and what would ask for a reason."""

    @extend_schema(
        parameters=[bodies.BODIES["start"]], responses=OrderAnswer, operation_id="session_dose_order"
    )
    def get(self, request: Request, session_id: UUID) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_SESSION)
        row = treatments.session(by.clinic_id, session_id)
        asked = bodies.BODIES["start"](data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        details = {name: _plain(value) for name, value in asked.validated_data.items()}
        order, unusual = dose.ordered(row, details, at=clock.now())
        return Response(words.order(order, unusual))


class Correction(StrictSerializer):
    at = ZonedTime(required=False, help_text="when it happened, corrected")
    details = serializers.DictField(
        required=False, help_text="corrected fields of the act; null takes one away"
    )
    entered_in_error = serializers.BooleanField(required=False, help_text="it never happened")
    reason = serializers.CharField(max_length=300)
    version = serializers.IntegerField(
        required=False, min_value=1, help_text="the version you saw; 409 when another has replaced it"
    )


class CorrectEntryView(APIView):
    """A new version of an entry; the old one stays readable."""

    @extend_schema(request=Correction, responses=SessionAnswer, operation_id="correct_entry")
    def post(self, request: Request, entry: UUID) -> Response:
        by = signed_in(request)
        found = treatments.entry(by.clinic_id, entry)
        body = Correction(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        now = clock.now()
        acts.correct_entry(
            by=by,
            session_id=found.session_id,
            entry=entry,
            new_at=given.get("at"),
            details=_corrected(found.kind, given.get("details", {})),
            in_error=given.get("entered_in_error", False),
            reason=given["reason"],
            recorded_at=now,
            seen=given.get("version"),
        )
        row = treatments.session(by.clinic_id, found.session_id)
        return Response(words.session(row, by=by, at=clock.now()))


def _corrected(kind: str, details: dict[str, Any]) -> dict[str, Any]:
    """Corrected particulars, checked as the act's own body checks them; null takes one away."""
    body = bodies.BODIES.get(kind, At)(
        data={name: value for name, value in details.items() if value is not None}, partial=True
    )
    body.is_valid(raise_exception=True)
    gone = {name: None for name, value in details.items() if value is None}
    return gone | {name: _plain(value) for name, value in body.validated_data.items() if name != "at"}


def _plain(value: Any) -> Any:
    """A validated value as JSON keeps it."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


class ChairLine(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class ChairsListed(serializers.Serializer[Any]):
    results = ChairLine(many=True)


class ChairsView(APIView):
    """The clinic's chairs in their order."""

    @extend_schema(responses=ChairsListed)
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_BOARD)
        chairs = ground.chairs(by.clinic_id)
        return Response({"results": [{"id": chair.id, "name": chair.name} for chair in chairs]})


class ProtocolLine(serializers.Serializer[Any]):
    code = serializers.CharField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    route = serializers.CharField()
    planned_dose_min = serializers.IntegerField()


class ProtocolsListed(serializers.Serializer[Any]):
    results = ProtocolLine(many=True)


class ProtocolsView(APIView):
    """The newest version of each of the clinic's protocols."""

    @extend_schema(responses=ProtocolsListed)
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_BOARD)
        rows = treatments.current_protocols(by.clinic_id)
        return Response(
            {
                "results": [
                    {
                        "code": row.code,
                        "version": row.version,
                        "name": row.name,
                        "route": row.route,
                        "planned_dose_min": row.planned_dose_min,
                    }
                    for row in rows
                ]
            }
        )
