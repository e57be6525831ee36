"""Add a monitor or gateway to a clinic; with a driver and an address it is polled."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.accounts import clinic_named
from clinic.models import Chair, Device


class Command(BaseCommand):
    help = "Add a device. Give it a token with issue_token, or a driver and an address to be polled at."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("clinic")
        parser.add_argument("name")
        parser.add_argument("--chair", help="the chair it is bound to")
        parser.add_argument("--driver", default="", help="such as http-json")
        parser.add_argument("--address", default="", help="where the monitor answers")

    def handle(self, *args: Any, **options: Any) -> None:
        clinic = clinic_named(options["clinic"])
        chair = None
        if options["chair"]:
            chair = Chair.objects.filter(clinic=clinic, name=options["chair"]).first()
            if chair is None:
                raise CommandError(f"{clinic.name} has no chair “{options['chair']}”.")
        device = Device(
            clinic=clinic,
            name=options["name"],
            chair=chair,
            driver=options["driver"],
            address=options["address"],
        )
        try:
            device.full_clean()
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        device.save()
        self.stdout.write(f"{device.name}: {device.id}")
