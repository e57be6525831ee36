"""Make the demo clinic, once, without serving it."""

import json
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic import clock
from clinic.models import Clinic, Patient
from reports import demo
from sessions.models import Session
from vitals.demo import cast
from vitals.demo.seed import Seeded, seed


class Command(BaseCommand):
    help = "Make the demo clinic: invented patients with sessions under way. A repeat keeps the same users."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object with users and ids")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        _refuse_in_production()
        now = clock.now()
        seeded = seed(now)
        demo.file_forms(seeded.clinic, now)
        answer = _answer(seeded)
        if options["json"]:
            self.stdout.write(json.dumps(answer))
            return
        for role, user in answer["users"].items():
            self.stdout.write(f"{role}: {user['username']} {user['password']}")


def _refuse_in_production() -> None:
    """Invented patients have no place beside real ones. raises: CommandError."""
    others = Clinic.objects.exclude(name=cast.CLINIC).exists()
    if settings.BEHIND_TLS or (others and not settings.DEMO):
        raise CommandError(
            "This is no demo: it serves behind TLS or holds another clinic. Demo patients stay out."
        )


def _answer(seeded: Seeded) -> dict[str, Any]:
    clinic = seeded.clinic
    sessions = Session.objects.filter(clinic=clinic, ended_at__isnull=True).order_by("scheduled_at", "id")
    ids = [str(id_) for id_ in sessions.values_list("id", flat=True)]
    under_way = sessions.filter(checked_in_at__isnull=False).values_list("id", flat=True)
    shown = next((str(id_) for id_ in under_way), "")
    return {
        "clinic": {"id": clinic.pk, "name": clinic.name, "time_zone": clinic.time_zone},
        "users": {
            role: {"username": role, "password": seeded.passwords[role]}
            for role in ("nurse", "supervisor", "admin")
        },
        "device_token": seeded.device_token,
        "chairs": [str(id_) for id_ in clinic.chairs.order_by("position").values_list("id", flat=True)],
        "patients": [
            str(id_)
            for id_ in Patient.objects.filter(clinic=clinic).order_by("mrn").values_list("id", flat=True)
        ],
        "sessions": ids,
        "urls": ["/board/", "/today/", f"/sessions/{shown}/", f"/sessions/{shown}/bedside/"],
    }
