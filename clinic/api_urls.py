from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from clinic import api

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="api-docs"),
    path("auth/token/", api.TokenView.as_view(), name="auth-token"),
    path("patients/", api.PatientsView.as_view(), name="patients"),
]
