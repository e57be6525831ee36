from django.urls import path

from vitals.api import (
    alerting,
    bodies,
    days,
    flags,
    hand_overs,
    limit_sets,
    patient_limits,
    readings,
    replays,
    rooms,
    sessions,
)

urlpatterns = [
    path("alerting/", alerting.AlertingView.as_view(), name="alerting"),
    path("alerting/switches/<slug:channel>/", alerting.SwitchView.as_view(), name="switch-alerting"),
    path("alerting/email/", alerting.EmailView.as_view(), name="alert-email"),
    path("alerting/browser/", alerting.BrowserView.as_view(), name="alert-browser"),
    path("alerting/webhooks/", alerting.WebhooksView.as_view(), name="alert-webhooks"),
    path("alerting/targets/<uuid:target_id>/end/", alerting.EndTargetView.as_view(), name="end-alert-target"),
    path(
        "alerting/targets/<uuid:target_id>/test/", alerting.TryTargetView.as_view(), name="test-alert-target"
    ),
    path("notifications/", alerting.NotificationsView.as_view(), name="notifications"),
    path(
        "notifications/<uuid:notification_id>/send-again/",
        alerting.SendAgainView.as_view(),
        name="send-notification-again",
    ),
    path("board/", readings.BoardView.as_view(), name="board"),
    path("day/", days.DayView.as_view(), name="day"),
    path("day/open/", days.OpenDayView.as_view(), name="open-day"),
    path("day/close/", days.CloseDayView.as_view(), name="close-day"),
    path("chairs/", sessions.ChairsView.as_view(), name="chairs"),
    path("protocols/", sessions.ProtocolsView.as_view(), name="protocols"),
    path("readings/", readings.PostReadingsView.as_view(), name="post-readings"),
    path("readings/<uuid:reading_id>/correct/", readings.CorrectView.as_view(), name="correct-reading"),
    path("flags/", flags.FlagsView.as_view(), name="flags"),
    path("flags/undrawn/", flags.UndrawnView.as_view(), name="flags-undrawn"),
    path("flags/drawn/", flags.DrawnView.as_view(), name="flags-drawn"),
    path("flags/<uuid:flag_id>/acknowledge/", flags.AcknowledgeView.as_view(), name="acknowledge"),
    path("flags/<uuid:flag_id>/pause/", flags.PauseView.as_view(), name="pause-flag"),
    path("hand-overs/", hand_overs.HandOversView.as_view(), name="hand-overs"),
    path("hand-overs/times/", hand_overs.TimesView.as_view(), name="shift-times"),
    path("hand-overs/<uuid:hand_over_id>/accept/", hand_overs.AcceptView.as_view(), name="accept-chair"),
    path("hand-overs/<uuid:hand_over_id>/finish/", hand_overs.FinishView.as_view(), name="finish-hand-over"),
    path("hand-overs/<uuid:hand_over_id>/cancel/", hand_overs.CancelView.as_view(), name="cancel-hand-over"),
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
    path("limit-sets/<int:limit_set_id>/replays/", replays.AskView.as_view(), name="limit-replays"),
    path("replays/<uuid:replay_id>/", replays.ReplayView.as_view(), name="limit-replay"),
    path("replays/<uuid:replay_id>/cancel/", replays.CancelView.as_view(), name="cancel-limit-replay"),
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
