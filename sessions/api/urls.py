from django.urls import path

from sessions.api import courses, follow_ups, ledger, scales

urlpatterns = [
    path("ledger/", ledger.RegisterView.as_view(), name="ledger"),
    path("ledger/items/", ledger.ItemsView.as_view(), name="ledger-items"),
    path("ledger/entries/", ledger.EntriesView.as_view(), name="ledger-entries"),
    path("ledger/entries/<uuid:entry>/witness/", ledger.WitnessView.as_view(), name="ledger-witness"),
    path("ledger/entries/<uuid:entry>/correct/", ledger.CorrectView.as_view(), name="ledger-correct"),
    path("ledger/waiting/", ledger.WaitingView.as_view(), name="ledger-waiting"),
    path("sessions/<uuid:session_id>/ledger/", ledger.SessionLedgerView.as_view(), name="session-ledger"),
    path("follow-ups/", follow_ups.FollowUpsView.as_view(), name="follow-ups"),
    path("follow-ups/<uuid:follow_up_id>/review/", follow_ups.ReviewView.as_view(), name="review-follow-up"),
    path("follow-ups/<uuid:follow_up_id>/resend/", follow_ups.ResendView.as_view(), name="resend-follow-up"),
    path("scales/", scales.ScalesView.as_view(), name="scales"),
    path("scales/<slug:code>/wording/", scales.WordingView.as_view(), name="scale-wording"),
    path("symptoms/", scales.ChipsView.as_view(), name="symptom-chips"),
    path("courses/", courses.CoursesView.as_view(), name="courses"),
    path("courses/<uuid:course_id>/", courses.CourseView.as_view(), name="course"),
    path("courses/<uuid:course_id>/change/", courses.ChangeCourseView.as_view(), name="change-course"),
]
