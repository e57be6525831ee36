"""The session report over the API: the same value that its page and its PDF show."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic import audit
from clinic.access import Act, check
from clinic.api import signed_in
from reports.session_report import report_of
from reports.session_report.value import how_to_verify
from sessions import queries as treatments


class SessionReportAnswer(serializers.Serializer[Any]):
    """``content_hash`` is SHA-256 over ``content`` as JSON: keys sorted, no spaces, UTF-8."""

    content = serializers.DictField()
    content_hash = serializers.CharField()
    how_to_verify = serializers.CharField()


class SessionReportView(APIView):
    """One session's report: parts of facts, sentences and tables, and all that its chart draws."""

    @extend_schema(responses=SessionReportAnswer, operation_id="session_report")
    def get(self, request: Request, session_id: UUID) -> Response:
        by = signed_in(request)
        check(by, Act.SEE_REPORT)
        report = report_of(treatments.session(by.clinic_id, session_id))
        audit.record_look(by, "report", str(session_id), session_id=session_id)
        return Response(
            {
                "content": report.content,
                "content_hash": report.content_hash,
                "how_to_verify": how_to_verify(report),
            }
        )
