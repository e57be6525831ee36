"""Packs over the API, for scripts: which there are, and each as a zip."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic import clock
from clinic.access import Act, Principal, check
from clinic.api import signed_in
from clinic.models import Clinic
from clinic.refusals import Invalid
from reports.packs import taking
from reports.packs.days import days_of
from reports.packs.kinds import ABOUT, Kind
from reports.packs.taking import PackResponse
from sessions import queries as treatments

DAYS = [
    OpenApiParameter(
        "from", OpenApiTypes.DATE, required=True, description="first day, by the clinic's calendar"
    ),
    OpenApiParameter("until", OpenApiTypes.DATE, required=True, description="last day, which is in it"),
]
BOM = OpenApiParameter(
    "bom", OpenApiTypes.STR, enum=["yes", "no"], description="tables begin with a byte order mark; default no"
)
ZIP = {
    (200, "application/zip"): OpenApiResponse(
        OpenApiTypes.BINARY, description="a zip; its manifest.json holds the hash of every file"
    )
}


class PackWords(serializers.Serializer[Any]):
    """One kind of pack. ``longest_days`` is null for packs of a session."""

    kind = serializers.ChoiceField([kind.value for kind in Kind])
    title = serializers.CharField()
    purpose = serializers.CharField()
    longest_days = serializers.IntegerField(allow_null=True)
    of_days = serializers.BooleanField()
    of_a_session = serializers.BooleanField()


class PacksListed(serializers.Serializer[Any]):
    results = PackWords(many=True)


class PacksView(APIView):
    """The kinds of packs there are."""

    @extend_schema(responses=PacksListed, operation_id="packs")
    def get(self, request: Request) -> Response:
        check(signed_in(request), Act.TAKE_PACK)
        results = [
            {
                "kind": kind,
                "title": about.title,
                "purpose": about.purpose,
                "longest_days": about.longest_days,
                "of_days": kind in taking.OF_DAYS,
                "of_a_session": kind in taking.OF_A_SESSION,
            }
            for kind, about in ABOUT.items()
        ]
        return Response(PacksListed({"results": results}).data)


def with_bom(query: Any) -> bool:
    """raises: Invalid for any word but yes and no."""
    asked = query.get("bom", "no")
    if asked not in {"yes", "no"}:
        raise Invalid(f"bom “{asked}” is not one of: yes, no.", field="bom")
    return bool(asked == "yes")


def of_days(by: Principal, kind: Kind, query: Any) -> PackResponse:
    """The pack of the days that a query names. raises: AccessDenied; Invalid."""
    check(by, Act.TAKE_PACK)
    longest = ABOUT[kind].longest_days
    assert longest is not None, "every pack of days has one"  # noqa: S101
    days = days_of(query, Clinic.objects.get(pk=by.clinic_id).zone, longest=longest)
    taken = taking.take_days(by=by, kind=kind, days=days, bom=with_bom(query), at=clock.now())
    return taking.sent(taken)


def of_session(by: Principal, kind: Kind, session_id: UUID, query: Any) -> PackResponse:
    """The pack of one session. raises: NotFound; AccessDenied; Invalid."""
    # before the role is looked at: whoever may not take packs is not told which ids there are elsewhere
    treatments.require_session(by.clinic_id, session_id)
    taken = taking.take_session(by=by, kind=kind, session_id=session_id, bom=with_bom(query), at=clock.now())
    return taking.sent(taken)


class FormsPackView(APIView):
    """Monitoring forms of the sessions whose dose began in these days."""

    @extend_schema(parameters=[*DAYS, BOM], responses=ZIP, operation_id="forms_pack")
    def get(self, request: Request) -> PackResponse:
        return of_days(signed_in(request), Kind.FORMS, request.query_params)


class DrugsPackView(APIView):
    """Reconciliation of the controlled drugs over these days."""

    @extend_schema(parameters=[*DAYS, BOM], responses=ZIP, operation_id="drugs_pack")
    def get(self, request: Request) -> PackResponse:
        return of_days(signed_in(request), Kind.DRUGS, request.query_params)


class TimePackView(APIView):
    """Time proof of the sessions that were checked in in these days."""

    @extend_schema(parameters=[*DAYS, BOM], responses=ZIP, operation_id="time_pack")
    def get(self, request: Request) -> PackResponse:
        return of_days(signed_in(request), Kind.TIME, request.query_params)


class SessionTimePackView(APIView):
    """Time proof of one session."""

    @extend_schema(parameters=[BOM], responses=ZIP, operation_id="session_time_pack")
    def get(self, request: Request, session_id: UUID) -> PackResponse:
        return of_session(signed_in(request), Kind.TIME, session_id, request.query_params)


class IncidentPackView(APIView):
    """All that is known of one session."""

    @extend_schema(parameters=[BOM], responses=ZIP, operation_id="incident_pack")
    def get(self, request: Request, session_id: UUID) -> PackResponse:
        return of_session(signed_in(request), Kind.INCIDENT, session_id, request.query_params)
