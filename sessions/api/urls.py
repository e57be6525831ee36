from django.urls import path

from sessions.api import scales

urlpatterns = [
    path("scales/", scales.ScalesView.as_view(), name="scales"),
    path("scales/<slug:code>/wording/", scales.WordingView.as_view(), name="scale-wording"),
    path("symptoms/", scales.ChipsView.as_view(), name="symptom-chips"),
]
