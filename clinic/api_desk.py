"""The desk over the API: patients, staff with their credentials, and the clinic's own data."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic import access, audit, clock, credentials, queries, services
from clinic.access import Act, Principal
from clinic.api import StrictSerializer, signed_in
from clinic.models import Clinic, CredentialKind, Patient, Sex
from clinic.queries import MemberView


def today_of(by: Principal) -> date:
    """The day it is in the caller's clinic."""
    return clock.now().astimezone(Clinic.objects.get(pk=by.clinic_id).zone).date()


class _Background(StrictSerializer):
    """What is known of a patient beside the name; all of it may be missing."""

    weight_kg = serializers.DecimalField(
        max_digits=5, decimal_places=1, min_value=Decimal(25), max_value=Decimal(350), required=False
    )
    weighed_on = serializers.DateField(required=False, help_text="default today, when a weight is given")
    allergies = serializers.CharField(max_length=200, required=False, allow_blank=True)
    middle_initial = serializers.CharField(max_length=1, required=False, allow_blank=True)
    address = serializers.CharField(max_length=200, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=32, required=False, allow_blank=True)
    email = serializers.EmailField(required=False, allow_blank=True)
    rems_enrolled_on = serializers.DateField(required=False, allow_null=True)


class PatientBody(_Background):
    mrn = serializers.CharField(max_length=32)
    given_name = serializers.CharField(max_length=80)
    family_name = serializers.CharField(max_length=80)
    birth_date = serializers.DateField()
    sex = serializers.ChoiceField(choices=Sex.choices)


class PatientChange(_Background):
    """The fields that change; what is not named stays."""


class PatientAnswer(serializers.Serializer[Patient]):
    id = serializers.UUIDField()
    mrn = serializers.CharField()
    given_name = serializers.CharField()
    family_name = serializers.CharField()
    birth_date = serializers.DateField()
    sex = serializers.CharField()
    allergies = serializers.CharField()
    weight_kg = serializers.FloatField(allow_null=True)
    weighed_on = serializers.DateField(allow_null=True)
    middle_initial = serializers.CharField()
    address = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()
    rems_enrolled_on = serializers.DateField(allow_null=True)


class PatientsView(APIView):
    """The clinic's patients."""

    @extend_schema(responses=PatientAnswer(many=True))
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        access.check(by, Act.SEE_PATIENTS)
        found = queries.patients_matching(by.clinic_id, request.query_params.get("q", ""))[:50]
        audit.record_look(by, "patients", "search")
        return Response({"results": [PatientAnswer(patient).data for patient in found]})

    @extend_schema(request=PatientBody, responses={201: PatientAnswer})
    def post(self, request: Request) -> Response:
        by = signed_in(request)
        body = PatientBody(data=request.data)
        body.is_valid(raise_exception=True)
        patient = services.register_patient(by=by, on=today_of(by), **body.validated_data)
        return Response(PatientAnswer(patient).data, status=201)


class PatientView(APIView):
    """One patient of the clinic."""

    @extend_schema(responses=PatientAnswer, operation_id="patient")
    def get(self, request: Request, patient_id: UUID) -> Response:
        by = signed_in(request)
        access.check(by, Act.SEE_PATIENTS)
        patient = queries.patient(by.clinic_id, patient_id)
        audit.record_look(by, "patient", str(patient.id))
        return Response(PatientAnswer(patient).data)

    @extend_schema(request=PatientChange, responses=PatientAnswer)
    def patch(self, request: Request, patient_id: UUID) -> Response:
        by = signed_in(request)
        queries.patient(by.clinic_id, patient_id)
        body = PatientChange(data=request.data)
        body.is_valid(raise_exception=True)
        patient = services.change_patient(
            by=by, patient_id=patient_id, on=today_of(by), changes=body.validated_data
        )
        return Response(PatientAnswer(patient).data)


class CredentialBody(StrictSerializer):
    kind = serializers.ChoiceField(choices=CredentialKind.choices)
    number = serializers.CharField(max_length=64, required=False, allow_blank=True)
    expires_on = serializers.DateField()


class CredentialLine(serializers.Serializer[Any]):
    kind = serializers.CharField()
    name = serializers.CharField()
    number = serializers.CharField(help_text="empty for those who do not manage staff")
    expires_on = serializers.DateField()
    standing = serializers.CharField(help_text="in-date, runs-out or out")
    words = serializers.CharField()


class MemberLine(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    role = serializers.CharField()
    credentials = CredentialLine(many=True)


class StaffListed(serializers.Serializer[Any]):
    results = MemberLine(many=True)


def member_words(member: MemberView, on: date, *, with_numbers: bool) -> dict[str, Any]:
    """A member with credentials as the API and the staff page say it."""
    return {
        "id": member.user_id,
        "name": member.name,
        "role": member.role,
        "credentials": [
            {
                "kind": row.kind,
                "name": CredentialKind(row.kind).label,
                "number": row.number if with_numbers else "",
                "expires_on": row.expires_on,
                "standing": credentials.standing(row.expires_on, on).value,
                "words": credentials.words(row.expires_on, on),
            }
            for row in member.credentials
        ],
    }


class StaffView(APIView):
    """The members of the clinic, each with role and credentials."""

    @extend_schema(responses=StaffListed, operation_id="staff")
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        access.check(by, Act.SEE_STAFF)
        on, managing = today_of(by), access.may(by, Act.MANAGE_STAFF)
        rows = [member_words(one, on, with_numbers=managing) for one in queries.members(by.clinic_id)]
        return Response({"results": rows})


class CredentialsView(APIView):
    """A credential of a member, entered or renewed."""

    @extend_schema(request=CredentialBody, responses={201: MemberLine}, operation_id="renew_credential")
    def post(self, request: Request, user_id: UUID) -> Response:
        by = signed_in(request)
        queries.member(by.clinic_id, user_id)
        body = CredentialBody(data=request.data)
        body.is_valid(raise_exception=True)
        services.renew_credential(by=by, user_id=user_id, **body.validated_data)
        member = queries.member(by.clinic_id, user_id)
        return Response(member_words(member, today_of(by), with_numbers=True), status=201)


class ClinicBody(StrictSerializer):
    address_1 = serializers.CharField(max_length=120, required=False, allow_blank=True)
    address_2 = serializers.CharField(max_length=120, required=False, allow_blank=True)
    city = serializers.CharField(max_length=80, required=False, allow_blank=True)
    state = serializers.CharField(max_length=40, required=False, allow_blank=True)
    zip_code = serializers.CharField(max_length=16, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=32, required=False, allow_blank=True)
    crisis_words = serializers.CharField(
        max_length=400,
        required=False,
        allow_blank=True,
        help_text="shown to patients at home, word for word: whom to call in a crisis",
    )


class ClinicAnswer(serializers.Serializer[Clinic]):
    name = serializers.CharField()
    time_zone = serializers.CharField()
    address_1 = serializers.CharField()
    address_2 = serializers.CharField()
    city = serializers.CharField()
    state = serializers.CharField()
    zip_code = serializers.CharField()
    phone = serializers.CharField()
    crisis_words = serializers.CharField()


class ClinicView(APIView):
    """The caller's own clinic: its address, its phone, its words for a crisis."""

    @extend_schema(responses=ClinicAnswer, operation_id="clinic")
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        access.check(by, Act.SEE_STAFF)
        return Response(ClinicAnswer(Clinic.objects.get(pk=by.clinic_id)).data)

    @extend_schema(request=ClinicBody, responses=ClinicAnswer, operation_id="change_clinic")
    def patch(self, request: Request) -> Response:
        by = signed_in(request)
        body = ClinicBody(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(ClinicAnswer(services.change_clinic(by=by, changes=body.validated_data)).data)


class ScoringBody(StrictSerializer):
    dissociation_counts_as_confusion = serializers.BooleanField()
    reason = serializers.CharField(max_length=300)


class ScoringAnswer(serializers.Serializer[Clinic]):
    dissociation_counts_as_confusion = serializers.BooleanField(
        help_text="expected dissociation counts as new confusion in NEWS2, from when it is charted on"
    )


class ScoringView(APIView):
    """How the caller's clinic counts in a score."""

    @extend_schema(responses=ScoringAnswer, operation_id="scoring")
    def get(self, request: Request) -> Response:
        by = signed_in(request)
        access.check(by, Act.SEE_STAFF)
        return Response(ScoringAnswer(Clinic.objects.get(pk=by.clinic_id)).data)

    @extend_schema(request=ScoringBody, responses=ScoringAnswer, operation_id="change_scoring")
    def post(self, request: Request) -> Response:
        by = signed_in(request)
        body = ScoringBody(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        changed = services.change_scoring(
            by=by,
            dissociation_counts=given["dissociation_counts_as_confusion"],
            reason=given["reason"],
        )
        return Response(ScoringAnswer(changed).data)
