from django.urls import path

from screens.views import check_in, follow_ups, front, live, operations, record, rooms

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
    path("status/", operations.status, name="status-page"),
    path("quarantine/", operations.quarantine, name="quarantine-page"),
    path("follow-ups/", follow_ups.follow_ups, name="follow-ups-page"),
    path("check-in/<str:key>/", check_in.check_in, name="check-in-page"),
    path("rooms/", rooms.rooms, name="rooms-page"),
    path("rooms/enrol/", rooms.enrol, name="enrol-room"),
    path("room/", rooms.room, name="room-page"),
    path("readyz", operations.readyz, name="readyz"),
]
