from django.urls import path

from screens.views import desk, front, live, operations, record

urlpatterns = [
    path("", front.home, name="home"),
    path("sign-in/", front.SignIn.as_view(), name="sign-in"),
    path("sign-out/", front.SignOut.as_view(), name="sign-out"),
    path("choose-clinic/", front.choose_clinic, name="choose-clinic"),
    path("board/", live.board, name="board-page"),
    path("today/", live.today, name="today-page"),
    path("sessions/<uuid:session_id>/", live.session, name="session-page"),
    path("sessions/<uuid:session_id>/bedside/", live.bedside, name="bedside-page"),
    path("sessions/<uuid:session_id>/figure/", live.figure, name="figure"),
    path("sessions/<uuid:session_id>/record/", record.record, name="record-page"),
    path("entries/<uuid:entry>/correct/", record.correct, name="correct-entry-page"),
    path("sessions/<uuid:session_id>/after-care/", desk.after_care, name="after-care-page"),
    path("patients/", desk.patients, name="patients-page"),
    path("patients/<uuid:patient_id>/", desk.patient, name="patient-page"),
    path("courses/<uuid:course_id>/", desk.course, name="course-page"),
    path("staff/", desk.staff, name="staff-page"),
    path("clinic/", desk.clinic, name="clinic-page"),
    path("status/", operations.status, name="status-page"),
    path("quarantine/", operations.quarantine, name="quarantine-page"),
    path("readyz", operations.readyz, name="readyz"),
]
