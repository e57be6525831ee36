from django.urls import path

from reports.api import export_schedules, exports, forms, packs, session_report

urlpatterns = [
    path("exports/", exports.ExportsView.as_view(), name="exports"),
    path("exports/count/", exports.CountExportView.as_view(), name="count-export"),
    path("exports/schedules/", export_schedules.SchedulesView.as_view(), name="export-schedules"),
    path(
        "exports/schedules/<uuid:schedule_id>/end/",
        export_schedules.EndScheduleView.as_view(),
        name="end-export-schedule",
    ),
    path("exports/<uuid:export_id>/", exports.ExportView.as_view(), name="export"),
    path("exports/<uuid:export_id>/cancel/", exports.CancelExportView.as_view(), name="cancel-export"),
    path("exports/<uuid:export_id>/file/", exports.ExportFileView.as_view(), name="export-file"),
    path("forms/", forms.FormsView.as_view(), name="forms"),
    path("sessions/<uuid:session_id>/form/", forms.FormView.as_view(), name="session-form"),
    path("sessions/<uuid:session_id>/form/answer/", forms.AnswerFormView.as_view(), name="answer-form"),
    path("sessions/<uuid:session_id>/form/file/", forms.FileFormView.as_view(), name="file-form"),
    path("packs/", packs.PacksView.as_view(), name="packs"),
    path("packs/forms/", packs.FormsPackView.as_view(), name="forms-pack"),
    path("packs/drugs/", packs.DrugsPackView.as_view(), name="drugs-pack"),
    path("packs/time/", packs.TimePackView.as_view(), name="time-pack"),
    path("packs/time/<uuid:session_id>/", packs.SessionTimePackView.as_view(), name="session-time-pack"),
    path("packs/incident/<uuid:session_id>/", packs.IncidentPackView.as_view(), name="incident-pack"),
    path(
        "sessions/<uuid:session_id>/report/",
        session_report.SessionReportView.as_view(),
        name="session-report",
    ),
]
