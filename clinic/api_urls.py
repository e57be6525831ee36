from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from clinic import api, api_desk, api_walls

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="api-docs"),
    path("auth/token/", api.TokenView.as_view(), name="auth-token"),
    path("patients/", api_desk.PatientsView.as_view(), name="patients"),
    path("patients/<uuid:patient_id>/", api_desk.PatientView.as_view(), name="patient"),
    path("staff/", api_desk.StaffView.as_view(), name="staff"),
    path("staff/<uuid:user_id>/credentials/", api_desk.CredentialsView.as_view(), name="credentials"),
    path("walls/<uuid:wall_id>/revoke/", api_walls.RevokeWallView.as_view(), name="revoke-wall"),
    path("clinic/", api_desk.ClinicView.as_view(), name="clinic"),
    path("clinic/scoring/", api_desk.ScoringView.as_view(), name="scoring"),
]
