"""Make a token for a device and print it, this one time."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.models import Device
from clinic.tokens import issue_for_device


class Command(BaseCommand):
    help = "Make a token for a device. It is shown once; only its hash is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("device", help="the device's name or id")
        parser.add_argument("--clinic", help="the clinic's name, where two have a device of that name")

    def handle(self, *args: Any, **options: Any) -> None:
        devices = Device.objects.filter(name=options["device"])
        if not devices.exists() and len(options["device"]) == 36:
            devices = Device.objects.filter(id=options["device"])
        if options["clinic"]:
            devices = devices.filter(clinic__name=options["clinic"])
        found = list(devices[:2])
        if not found:
            raise CommandError(f"There is no device “{options['device']}”.")
        if len(found) > 1:
            raise CommandError(f"More than one clinic has a device “{options['device']}”: add --clinic.")
        self.stdout.write(issue_for_device(found[0]))
