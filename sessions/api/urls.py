from django.urls import path

from sessions.api import follow_ups

urlpatterns = [
    path("follow-ups/", follow_ups.FollowUpsView.as_view(), name="follow-ups"),
    path("follow-ups/<uuid:follow_up_id>/review/", follow_ups.ReviewView.as_view(), name="review-follow-up"),
    path("follow-ups/<uuid:follow_up_id>/resend/", follow_ups.ResendView.as_view(), name="resend-follow-up"),
]
