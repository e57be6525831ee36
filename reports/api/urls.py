from django.urls import path

from reports.api import exports, forms
from reports.api import forms, session_report

urlpatterns = [
    path("exports/", exports.ExportsView.as_view(), name="exports"),
    path("exports/<uuid:export_id>/", exports.ExportView.as_view(), name="export"),
    path("exports/<uuid:export_id>/cancel/", exports.CancelExportView.as_view(), name="cancel-export"),
    path("exports/<uuid:export_id>/file/", exports.ExportFileView.as_view(), name="export-file"),
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
