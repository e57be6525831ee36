from django.urls import path

from sessions.api import ledger

urlpatterns = [
    path("ledger/", ledger.RegisterView.as_view(), name="ledger"),
    path("ledger/items/", ledger.ItemsView.as_view(), name="ledger-items"),
    path("ledger/entries/", ledger.EntriesView.as_view(), name="ledger-entries"),
    path("ledger/entries/<uuid:entry>/witness/", ledger.WitnessView.as_view(), name="ledger-witness"),
    path("ledger/entries/<uuid:entry>/correct/", ledger.CorrectView.as_view(), name="ledger-correct"),
    path("ledger/waiting/", ledger.WaitingView.as_view(), name="ledger-waiting"),
    path("sessions/<uuid:session_id>/ledger/", ledger.SessionLedgerView.as_view(), name="session-ledger"),
]
