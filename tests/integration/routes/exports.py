"""The routes of exports and their schedules."""

from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from clinic.clock import now
from reports.exports import jobs
from reports.exports.asked import Asked
from reports.models import Export, ExportSchedule
from tests.integration.routes.kinds import Foreign, Own, Route


def _export(stage, session):
    """An export that waits for its worker."""
    return str(jobs.ask(by=stage.cast.admin, asked=Asked(), at=now()).pk)


def _done_export(stage, session):
    """One whose file lies ready."""
    row = Export.objects.get(pk=UUID(_export(stage, session)))
    file = storages["exports"].save(f"{row.pk}/canary.zip", ContentFile(b"Canary"))
    row.state, row.ended_at, row.file = "done", now(), file
    row.save()
    return str(row.pk)


def _schedule(stage, session):
    row = ExportSchedule.objects.create(
        clinic=session.clinic,
        name=f"Of {session.pk}",
        asked="{}",
        every="week",
        at_hour=6,
        store="archive",
        owner_id=stage.cast.admin.user_id,
        made_by=stage.cast.admin.name,
        made_at=now(),
        last_until=now().date(),
    )
    return str(row.pk)


def _staff(stage, session):
    return str(stage.cast.nurse.user_id)


MAKERS = {"export": _export, "done_export": _done_export, "schedule": _schedule, "staff": _staff}
BY_STAFF = {"filters": {"staff": "{staff}"}}
FILE = "/api/v1/exports/{done_export}/file/"
TABLE: dict[str, list[Route]] = {
    "api/v1/exports/": [
        Own("/api/v1/exports/", "results", right="admin"),
        Foreign("POST", "/api/v1/exports/", BY_STAFF, right="admin", answered=403),
    ],
    "api/v1/exports/count/": [
        Foreign("POST", "/api/v1/exports/count/", BY_STAFF, right="admin", answered=403)
    ],
    "api/v1/exports/schedules/": [Own("/api/v1/exports/schedules/", "stores", right="auditor")],
    "api/v1/exports/schedules/<uuid:schedule_id>/end/": [
        Foreign("POST", "/api/v1/exports/schedules/{schedule}/end/", right="admin")
    ],
    "api/v1/exports/<uuid:export_id>/": [Foreign("GET", "/api/v1/exports/{export}/", right="auditor")],
    "api/v1/exports/<uuid:export_id>/cancel/": [
        Foreign("POST", "/api/v1/exports/{export}/cancel/", right="admin")
    ],
    "api/v1/exports/<uuid:export_id>/file/": [Foreign("GET", FILE, right="admin", told="Canary")],
    "exports/": [Own("/exports/", "Exports so far", right="auditor")],
    "exports/<uuid:export_id>/file/": [
        Foreign("GET", "/exports/{done_export}/file/", right="admin", answered=403, told="Canary")
    ],
}
