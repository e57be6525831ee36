"""All addresses. Other apps are named by string only, so wiring never becomes an import."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("clinic.api_urls")),
    path("api/v1/", include("sessions.api.urls")),
    path("api/v1/", include("vitals.api.urls")),
    path("", include("screens.urls")),
]

handler404 = "clinic.errors.not_found"
handler500 = "clinic.errors.server_error"
