from django.urls import path

from vitals.api import bodies, days, flags, limit_sets, patient_limits, readings, rooms, sessions

urlpatterns = [
    path("board/", readings.BoardView.as_view(), name="board"),
    path("day/", days.DayView.as_view(), name="day"),
    path("day/open/", days.OpenDayView.as_view(), name="open-day"),
    path("day/close/", days.CloseDayView.as_view(), name="close-day"),
    path("chairs/", sessions.ChairsView.as_view(), name="chairs"),
    path("protocols/", sessions.ProtocolsView.as_view(), name="protocols"),
    path("readings/", readings.PostReadingsView.as_view(), name="post-readings"),
    path("readings/<uuid:reading_id>/correct/", readings.CorrectView.as_view(), name="correct-reading"),
    path("flags/", flags.FlagsView.as_view(), name="flags"),
    path("flags/drawn/", flags.DrawnView.as_view(), name="flags-drawn"),
    path("flags/<uuid:flag_id>/acknowledge/", flags.AcknowledgeView.as_view(), name="acknowledge"),
    path("flags/<uuid:flag_id>/pause/", flags.PauseView.as_view(), name="pause-flag"),
    path("limit-sets/", limit_sets.LimitSetsView.as_view(), name="limit-sets"),
    path("limit-sets/<int:limit_set_id>/", limit_sets.LimitSetView.as_view(), name="limit-set"),
    path("limit-sets/<int:limit_set_id>/sign/", limit_sets.SignLimitSetView.as_view(), name="sign-limit-set"),
    path(
        "patients/<uuid:patient_id>/limits/",
        patient_limits.PatientLimitsView.as_view(),
        name="patient-limits",
    ),
    path(
        "patients/<uuid:patient_id>/limits/<uuid:change_id>/end/",
        patient_limits.EndPatientLimitView.as_view(),
        name="end-patient-limit",
    ),
    path("entries/<uuid:entry>/correct/", sessions.CorrectEntryView.as_view(), name="correct-entry"),
    path("room/", rooms.RoomView.as_view(), name="room"),
    path("room/call/", rooms.CallView.as_view(), name="room-call"),
    path("rooms/<uuid:chair_id>/revoke/", rooms.RevokeView.as_view(), name="revoke-room"),
    path("sessions/", sessions.SessionsView.as_view(), name="sessions"),
    path("sessions/<uuid:session_id>/", sessions.SessionView.as_view(), name="session"),
    path(
        "sessions/<uuid:session_id>/dose-order/", sessions.DoseOrderView.as_view(), name="session-dose-order"
    ),
    path(
        "sessions/<uuid:session_id>/readings/",
        readings.SessionReadingsView.as_view(),
        name="session-readings",
    ),
    *(
        path(f"sessions/<uuid:session_id>/{act}/", sessions.view_of(act), name=f"act-{act}")
        for act in bodies.BODIES
    ),
]
