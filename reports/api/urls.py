from django.urls import path

from reports.api import forms, packs, session_report

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
    path("packs/", packs.PacksView.as_view(), name="packs"),
    path("packs/forms/", packs.FormsPackView.as_view(), name="forms-pack"),
    path("packs/drugs/", packs.DrugsPackView.as_view(), name="drugs-pack"),
    path("packs/time/", packs.TimePackView.as_view(), name="time-pack"),
    path("packs/time/<uuid:session_id>/", packs.SessionTimePackView.as_view(), name="session-time-pack"),
    path("packs/incident/<uuid:session_id>/", packs.IncidentPackView.as_view(), name="incident-pack"),
]
