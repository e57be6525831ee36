from django.urls import path

from reports.api import forms, session_report

urlpatterns = [
    path("forms/", forms.FormsView.as_view(), name="forms"),
    path("sessions/<uuid:session_id>/form/", forms.FormView.as_view(), name="session-form"),
    path("sessions/<uuid:session_id>/form/answer/", forms.AnswerFormView.as_view(), name="answer-form"),
    path("sessions/<uuid:session_id>/form/file/", forms.FileFormView.as_view(), name="file-form"),
    path(
        "sessions/<uuid:session_id>/report/",
        session_report.SessionReportView.as_view(),
        name="session-report",
    ),
]
