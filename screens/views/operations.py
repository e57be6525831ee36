"""What works and what does not, and what could not be taken."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clinic import audit
from clinic.access import Act, Principal
from screens.status import counts_of, parts_of, ready
from screens.views.staff import for_staff
from vitals import queries


@for_staff(Act.SEE_STATUS)
def status(request: HttpRequest, by: Principal) -> HttpResponse:
    parts = parts_of()
    context = {
        "screen": "status",
        "parts": parts,
        "all_work": all(part.works for part in parts),
        "counts": counts_of(by.clinic_id),
    }
    return render(request, "screens/status.html", context)


@for_staff(Act.SEE_QUARANTINE)
def quarantine(request: HttpRequest, by: Principal) -> HttpResponse:
    rows = queries.quarantined(by.clinic_id)
    audit.record_look(by, "quarantine", "list")
    return render(request, "screens/quarantine.html", {"screen": "quarantine", "rows": rows})


@require_GET
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Ready when a row can be written and every migration is done; says what is not."""
    try:
        with transaction.atomic():
            missing = ready()
    except DatabaseError as error:
        connection.close()
        missing = [f"the database does not take a row: {type(error).__name__}"]
    return JsonResponse({"ready": not missing, "missing": missing}, status=503 if missing else 200)
