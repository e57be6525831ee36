"""Monitoring forms over the API: one in full, answers to it, that it was filed, and the clinic's board."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic import audit, clock
from clinic.access import Act, Principal, check
from clinic.api import StrictSerializer, ZonedTime, signed_in
from clinic.refusals import Invalid
from reports import filing, form_board, monitoring_form, words
from reports.form_board import Standing
from sessions import queries as treatments
from sessions.monitoring_form.fields import LONGEST_TEXT
from sessions.services.monitoring_form import CHANNELS


class FormAnswer(StrictSerializer):
    field = serializers.SlugField(max_length=40)
    value = serializers.CharField(
        max_length=LONGEST_TEXT, allow_null=True, help_text="null takes the last answer back"
    )


class FormFiled(StrictSerializer):
    channel = serializers.ChoiceField(CHANNELS)
    confirmation = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    filed_at = ZonedTime(required=False, help_text="default now")
    with_gaps = serializers.BooleanField(
        required=False, default=False, help_text="confirms that it was filed with what is missing"
    )


class FormWords(serializers.Serializer[Any]):
    """The form in its own order; each cell with where its value came from, or why it is empty."""

    session = serializers.UUIDField()
    version = serializers.CharField()
    effective_from = serializers.DateField()
    note = serializers.CharField()
    due = serializers.DictField(allow_null=True)
    cells = serializers.ListField(child=serializers.DictField())
    gaps = serializers.ListField(child=serializers.DictField())
    deviations = serializers.ListField(child=serializers.CharField())
    pressures_after_dose = serializers.ListField(child=serializers.DictField())
    filings = serializers.ListField(child=serializers.DictField())
    differs = serializers.ListField(child=serializers.DictField())


class FormLine(serializers.Serializer[Any]):
    session = serializers.UUIDField()
    state = serializers.ChoiceField([one.value for one in Standing])
    patient = serializers.DictField()
    dose_started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    due = serializers.DictField(allow_null=True)
    gaps = serializers.ListField(child=serializers.CharField())
    filed = serializers.DictField(allow_null=True)
    differs = serializers.ListField(child=serializers.DictField())


class FormsListed(serializers.Serializer[Any]):
    results = FormLine(many=True)


def _form(by: Principal, session_id: UUID) -> dict[str, Any]:
    session = treatments.session(by.clinic_id, session_id)
    return words.form(monitoring_form.form_of(session, at=clock.now()))


class FormView(APIView):
    """One session's form."""

    @extend_schema(responses=FormWords, operation_id="session_form")
    def get(self, request: Request, session_id: UUID) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_FORMS)
        answer = _form(by, session_id)
        audit.record_look(by, "form", str(session_id), session_id=session_id)
        return Response(answer)


class AnswerFormView(APIView):
    """A person's answer to a field. The newest answer counts; older ones stay in the record."""

    @extend_schema(request=FormAnswer, responses=FormWords, operation_id="answer_form")
    def post(self, request: Request, session_id: UUID) -> Response:
        by = signed_in(request)
        treatments.require_session(by.clinic_id, session_id)
        body = FormAnswer(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        filing.answer(by=by, session_id=session_id, code=given["field"], value=given["value"], at=clock.now())
        return Response(_form(by, session_id))


class FileFormView(APIView):
    """That a person filed the form in the portal or by fax. 409 names the gaps, until they are confirmed."""

    @extend_schema(request=FormFiled, responses={201: FormWords}, operation_id="file_form")
    def post(self, request: Request, session_id: UUID) -> Response:
        by = signed_in(request)
        treatments.require_session(by.clinic_id, session_id)
        body = FormFiled(data=request.data)
        body.is_valid(raise_exception=True)
        now = clock.now()
        filing.file(by=by, session_id=session_id, at=now, **{"filed_at": now, **body.validated_data})
        return Response(_form(by, session_id), status=201)


class FormsView(APIView):
    """The clinic's forms, the most pressing first."""

    @extend_schema(
        parameters=[OpenApiParameter("state", str, enum=[one.value for one in Standing])],
        responses=FormsListed,
        operation_id="forms",
    )
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_FORMS)
        asked = request.query_params.get("state")
        known = [one.value for one in Standing]
        if asked is not None and asked not in known:
            raise Invalid(f"state “{asked}” is not one of: {', '.join(known)}.", field="state")
        lines = form_board.board(
            by.clinic_id, at=clock.now(), standing=Standing(asked) if asked is not None else None
        )
        audit.record_look(by, "forms", "board")
        return Response({"results": [words.line(line) for line in lines]})
