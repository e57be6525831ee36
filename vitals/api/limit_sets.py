"""A clinic's limits over the API: its versions, drafts and their signature."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic import clock
from clinic.access import Act, check
from clinic.api import StrictSerializer, signed_in
from vitals import limit_queries, limits
from vitals.api import limit_words
from vitals.services import limit_drafts
from vitals.services.limit_drafts import Edits
from vitals.vital import Vital

# two fields each hold these, so the schema is told their names: see SPECTACULAR_SETTINGS
VITALS = [(vital.value, vital.value) for vital in Vital]
DIRECTIONS = [(direction.value, direction.value) for direction in limits.Direction]


def _choice(words: type, **how: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=[word.value for word in words], required=False, **how)  # type: ignore[attr-defined]


def _figure(**how: Any) -> serializers.FloatField:
    return serializers.FloatField(required=False, allow_null=True, **how)


def _whole() -> serializers.IntegerField:
    return serializers.IntegerField(required=False, min_value=0, max_value=10**8)


class RowColumns(StrictSerializer):
    """The columns of a row. Times are in seconds, figures in the vital's unit."""

    code = serializers.CharField(max_length=12)
    priority = _choice(limits.Priority)
    source = serializers.CharField(max_length=200, required=False)  # type: ignore[assignment]  # shadows an option of Field
    vital = _choice(Vital, allow_blank=True, allow_null=True)
    direction = _choice(limits.Direction, allow_blank=True, allow_null=True)
    threshold = _figure()
    baseline_by = _figure(help_text="at least so far beyond the patient's baseline")
    baseline_unit = _choice(limits.Unit)
    symptoms = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, max_length=40
    )
    severe_only = serializers.BooleanField(required=False)
    with_vital = _choice(Vital, allow_blank=True, allow_null=True)
    with_direction = _choice(limits.Direction, allow_blank=True, allow_null=True)
    with_threshold = _figure()
    readings = _whole()
    apart_s = _whole()
    within_s = _whole()
    recheck_s = _whole()
    grace_s = _whole()
    delay_s = _whole()
    inside_by = serializers.FloatField(required=False)
    worse_by = _figure()
    after_s = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=10**8)
    audience = _choice(limits.Audience, allow_blank=True, allow_null=True)


class ChangedRow(RowColumns):
    """A row by its code and vital, with the columns that change."""


class NewRow(RowColumns):
    """A whole row; columns that are left out keep their defaults."""

    kind = _choice(limits.Kind)
    priority = serializers.ChoiceField(choices=[word.value for word in limits.Priority])
    source = serializers.CharField(max_length=200)


class RowName(StrictSerializer):
    code = serializers.CharField(max_length=12)
    vital = serializers.CharField(max_length=20, required=False, allow_blank=True, allow_null=True)


class DraftBody(StrictSerializer):
    based_on = serializers.IntegerField(help_text="the version whose rows it begins with")
    name = serializers.CharField(max_length=80, required=False, allow_blank=True)


class EditsBody(StrictSerializer):
    """Edits of a draft: all of them or none."""

    name = serializers.CharField(max_length=80, required=False)
    change = ChangedRow(many=True, required=False)
    add = NewRow(many=True, required=False)
    remove = RowName(many=True, required=False)
    not_watched = serializers.DictField(
        child=serializers.CharField(max_length=300, allow_blank=True),
        required=False,
        help_text="why something is not watched, by its code; an empty reason takes it away",
    )
    seen = serializers.IntegerField(required=False, help_text="the revision that was on the screen")


class SignBody(StrictSerializer):
    signature = serializers.CharField(max_length=160, help_text="the own name of who is signed in")
    seen = serializers.IntegerField(help_text="the revision that was read")


class SessionKept(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    chair = serializers.CharField()
    initials = serializers.CharField()


class VersionLine(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    protocol = serializers.CharField()
    protocol_name = serializers.CharField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    standing = serializers.CharField(help_text="in use, draft or past")
    whose = serializers.CharField(help_text="whose limits these are, in words")
    based_on = serializers.IntegerField(allow_null=True)
    made_by = serializers.CharField()
    made_at = serializers.DateTimeField()
    reviewed_by = serializers.CharField(allow_null=True)
    reviewed_on = serializers.DateField(allow_null=True)
    revision = serializers.IntegerField()
    sessions = SessionKept(many=True, help_text="under way, and keeping this version")


class VersionsListed(serializers.Serializer[Any]):
    results = VersionLine(many=True)


class RowAnswer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    priority = serializers.CharField()
    words = serializers.CharField()
    flags = serializers.CharField(help_text="how many readings it asks for, in words")
    details = serializers.ListField(child=serializers.CharField())
    source = serializers.CharField()  # type: ignore[assignment]  # a field of that name shadows an option of Field
    columns = serializers.DictField(help_text="every column as it is stored")


class FaultAnswer(serializers.Serializer[Any]):
    rule = serializers.CharField()
    field = serializers.CharField()
    words = serializers.CharField()


class RowChangeAnswer(serializers.Serializer[Any]):
    rule = serializers.CharField()
    what = serializers.ChoiceField(choices=["changed", "added", "removed"])
    words = serializers.CharField()


class VersionAnswer(VersionLine):
    rules = RowAnswer(many=True)
    not_watched = serializers.DictField(child=serializers.CharField())
    differs = RowChangeAnswer(many=True, help_text="from the version in use")
    faults = FaultAnswer(many=True, help_text="what stands in the way of a draft's signature")


class LimitSetsView(APIView):
    """The clinic's versions by protocol, the newest first; a new draft from any of them."""

    @extend_schema(responses=VersionsListed, operation_id="limit_sets")
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_LIMITS)
        return Response({"results": [limit_words.line(one) for one in limit_queries.versions(by.clinic_id)]})

    @extend_schema(request=DraftBody, responses={201: VersionAnswer}, operation_id="draft_limit_set")
    def post(self, request: Request) -> Response:
        by = signed_in(request)
        body = DraftBody(data=request.data)
        body.is_valid(raise_exception=True)
        limit_queries.require_version(by.clinic_id, body.validated_data["based_on"])
        row = limit_drafts.new_draft(
            by=by,
            based_on=body.validated_data["based_on"],
            name=body.validated_data.get("name", ""),
            at=clock.now(),
        )
        return Response(limit_words.full(limit_queries.version(by.clinic_id, row.pk)), status=201)


class LimitSetView(APIView):
    """One version; a draft is changed by its rows, or discarded."""

    @extend_schema(responses=VersionAnswer, operation_id="limit_set")
    def get(self, request: Request, limit_set_id: int) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_LIMITS)
        return Response(limit_words.full(limit_queries.version(by.clinic_id, limit_set_id)))

    @extend_schema(request=EditsBody, responses=VersionAnswer, operation_id="change_limit_set")
    def patch(self, request: Request, limit_set_id: int) -> Response:
        by = signed_in(request)
        limit_queries.require_version(by.clinic_id, limit_set_id)
        body = EditsBody(data=request.data)
        body.is_valid(raise_exception=True)
        told = body.validated_data
        edits = Edits(
            name=told.get("name"),
            change=told.get("change", ()),
            add=told.get("add", ()),
            remove=[(row["code"], row.get("vital") or "") for row in told.get("remove", ())],
            not_watched=told.get("not_watched", {}),
        )
        limit_drafts.change_draft(by=by, limit_set_id=limit_set_id, edits=edits, seen=told.get("seen"))
        return Response(limit_words.full(limit_queries.version(by.clinic_id, limit_set_id)))

    @extend_schema(responses={204: None}, operation_id="discard_limit_set")
    def delete(self, request: Request, limit_set_id: int) -> Response:
        by = signed_in(request)
        limit_queries.require_version(by.clinic_id, limit_set_id)
        limit_drafts.discard_draft(by=by, limit_set_id=limit_set_id)
        return Response(status=204)


class SignLimitSetView(APIView):
    """The reviewer's signature: sessions that are checked in from now on begin with this version."""

    @extend_schema(request=SignBody, responses={200: VersionAnswer}, operation_id="sign_limit_set")
    def post(self, request: Request, limit_set_id: int) -> Response:
        by = signed_in(request)
        limit_queries.require_version(by.clinic_id, limit_set_id)
        body = SignBody(data=request.data)
        body.is_valid(raise_exception=True)
        limit_drafts.sign_draft(by=by, limit_set_id=limit_set_id, at=clock.now(), **body.validated_data)
        return Response(limit_words.full(limit_queries.version(by.clinic_id, limit_set_id)))
