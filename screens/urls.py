from django.urls import path

from screens.views import front, ledger, live, operations, record
from screens.views import day, front, live, operations, record
from screens.views import form, front, live, operations, record

urlpatterns = [
    path("", front.home, name="home"),
    path("sign-in/", front.SignIn.as_view(), name="sign-in"),
    path("sign-out/", front.SignOut.as_view(), name="sign-out"),
    path("choose-clinic/", front.choose_clinic, name="choose-clinic"),
    path("board/", live.board, name="board-page"),
    path("today/", live.today, name="today-page"),
    path("today/open/", day.opening, name="open-day-page"),
    path("today/close/", day.closing, name="close-day-page"),
    path("down-time/", day.down_time, name="down-time-page"),
    path("sessions/<uuid:session_id>/", live.session, name="session-page"),
    path("sessions/<uuid:session_id>/bedside/", live.bedside, name="bedside-page"),
    path("sessions/<uuid:session_id>/figure/", live.figure, name="figure"),
    path("sessions/<uuid:session_id>/record/", record.record, name="record-page"),
    path("entries/<uuid:entry>/correct/", record.correct, name="correct-entry-page"),
    path("ledger/", ledger.stock, name="ledger-page"),
    path("ledger/count/", ledger.count, name="ledger-count-page"),
    path("ledger/items/<uuid:item_id>/", ledger.item, name="ledger-item-page"),
    path("ledger/reconciliation/", ledger.reconciliation, name="reconciliation-page"),
    path("ledger/reconciliation.csv", ledger.reconciliation_csv, name="reconciliation-file"),
    path("sessions/<uuid:session_id>/form/", form.form, name="form-page"),
    path("sessions/<uuid:session_id>/form/copy/", form.copy, name="form-copy-page"),
    path("sessions/<uuid:session_id>/form.pdf", form.pdf, name="form-pdf"),
    path("forms/", form.board, name="forms-page"),
    path("status/", operations.status, name="status-page"),
    path("quarantine/", operations.quarantine, name="quarantine-page"),
    path("readyz", operations.readyz, name="readyz"),
]
