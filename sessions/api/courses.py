"""Courses over the API: those of a patient, one in full, and its changes."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic import audit, clock
from clinic import queries as ground
from clinic.access import Act, check
from clinic.api import StrictSerializer, signed_in
from clinic.refusals import Invalid
from sessions import queries
from sessions.indications import Indication, LabelUse, Phase
from sessions.models import Course
from sessions.services import courses


class CourseChange(StrictSerializer):
    """The fields that change; what is not named stays. With ``close_reason`` the course is closed."""

    indication = serializers.ChoiceField([one.value for one in Indication], required=False)
    label_use = serializers.ChoiceField([one.value for one in LabelUse], required=False)
    phase = serializers.ChoiceField([one.value for one in Phase], required=False)
    planned_sessions = serializers.IntegerField(min_value=1, max_value=200, required=False, allow_null=True)
    consent_signed_on = serializers.DateField(required=False, allow_null=True)
    consent_reference = serializers.CharField(max_length=120, required=False, allow_blank=True)
    next_on = serializers.DateField(required=False, allow_null=True)
    next_plan = serializers.CharField(max_length=300, required=False, allow_blank=True)
    close_reason = serializers.CharField(max_length=200, required=False)


class CourseAnswer(serializers.Serializer[Course]):
    id = serializers.UUIDField()
    patient = serializers.UUIDField(source="patient_id")
    protocol = serializers.CharField(source="protocol_code")
    indication = serializers.CharField()
    label_use = serializers.CharField()
    phase = serializers.CharField()
    planned_sessions = serializers.IntegerField(allow_null=True)
    consent_signed_on = serializers.DateField(allow_null=True)
    consent_reference = serializers.CharField()
    next_on = serializers.DateField(allow_null=True)
    next_plan = serializers.CharField()
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    close_reason = serializers.CharField()


class SessionOfCourse(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    scheduled_at = serializers.DateTimeField()
    state = serializers.CharField()
    outcome = serializers.CharField()


class CourseInFull(CourseAnswer):
    sessions = SessionOfCourse(many=True)


class CoursesListed(serializers.Serializer[Any]):
    results = CourseAnswer(many=True)


class CoursesView(APIView):
    """The courses of a patient, newest first."""

    @extend_schema(
        parameters=[OpenApiParameter("patient", UUID, required=True)],
        responses=CoursesListed,
        operation_id="courses",
    )
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_PATIENTS)
        asked = request.query_params.get("patient", "")
        try:
            patient = ground.patient(by.clinic_id, UUID(asked))
        except ValueError as error:
            raise Invalid(f"patient “{asked}” is not a patient's id.", field="patient") from error
        audit.record_look(by, "patient", str(patient.id))
        rows = queries.courses(by.clinic_id, patient.id)
        return Response({"results": [CourseAnswer(row).data for row in rows]})


class CourseView(APIView):
    """One course with its sessions."""

    @extend_schema(responses=CourseInFull, operation_id="course")
    def get(self, request: Request, course_id: UUID) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_PATIENTS)
        course = queries.course(by.clinic_id, course_id)
        audit.record_look(by, "course", str(course.id))
        rows = SessionOfCourse(queries.sessions_of_course(course.id), many=True).data
        return Response({**CourseAnswer(course).data, "sessions": rows})


class ChangeCourseView(APIView):
    """Change a course, or close it with a reason."""

    @extend_schema(request=CourseChange, responses=CourseAnswer, operation_id="change_course")
    def post(self, request: Request, course_id: UUID) -> Response:
        by = signed_in(request)
        queries.course(by.clinic_id, course_id)
        body = CourseChange(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        close_reason = given.pop("close_reason", "")
        course = courses.change_course(
            by=by, course_id=course_id, at=clock.now(), changes=given, close_reason=close_reason
        )
        return Response(CourseAnswer(course).data)
