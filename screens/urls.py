from django.urls import path

from screens import views

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", views.SignIn.as_view(), name="sign-in"),
    path("sign-out/", views.SignOut.as_view(), name="sign-out"),
    path("choose-clinic/", views.choose_clinic, name="choose-clinic"),
    path("board/", views.board, name="board-page"),
    path("today/", views.today, name="today-page"),
    path("sessions/<uuid:session_id>/", views.session, name="session-page"),
    path("sessions/<uuid:session_id>/bedside/", views.bedside, name="bedside-page"),
    path("sessions/<uuid:session_id>/figure/", views.figure, name="figure"),
    path("status/", views.status, name="status-page"),
    path("quarantine/", views.quarantine, name="quarantine-page"),
    path("readyz", views.readyz, name="readyz"),
]
