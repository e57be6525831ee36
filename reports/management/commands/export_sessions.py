"""Write a clinic's data out: everything, as an archive that can be checked and read in again."""

import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from clinic import audit, clock
from clinic.access import Act, Principal, Role
from clinic.accounts import clinic_named
from clinic.models import Clinic
from reports.whole import Refused
from reports.whole.writing import Summary, pack, write_whole


class Command(BaseCommand):
    help = "Write all data of a clinic into a new folder, with schema, hashes and a script that checks them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--everything", action="store_true", required=True)
        parser.add_argument("--clinic", required=True, help="the clinic's name or id")
        parser.add_argument("--to", type=Path, required=True, help="a folder that is not there yet")
        parser.add_argument("--zip", action="store_true", help="one zip file in place of the folder")

    def handle(self, *args: Any, **options: Any) -> None:
        clinic = _clinic(options["clinic"])
        try:
            summary = write_whole(clinic, options["to"], at=clock.now())
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        _record(clinic, summary)
        place = pack(options["to"]) if options["zip"] else options["to"]
        self.stdout.write(f"{clinic.name}: {summary.rows} rows of {len(summary.tables)} tables in {place}")
        self.stdout.write(f"Total {summary.total}")


def _clinic(word: str) -> Clinic:
    """raises: CommandError when there is none."""
    found = Clinic.objects.filter(pk=int(word)).first() if word.isdecimal() else None
    return found or clinic_named(word)


def _record(clinic: Clinic, summary: Summary) -> None:
    by = Principal(clinic_id=clinic.pk, role=Role.SYSTEM, name=f"Console of {getpass.getuser()}")
    entry = audit.Entry(
        by=by,
        act=Act.EXPORT.value,
        subject="clinic",
        subject_id=str(clinic.pk),
        details={"content": "everything", "total": summary.total, "rows": summary.rows},
    )
    with transaction.atomic():
        audit.record([entry])
