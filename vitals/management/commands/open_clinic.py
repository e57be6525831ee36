"""Open a clinic: its chairs, the shipped protocols, the example limits, and its first admin."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from clinic.accounts import user_named
from clinic.models import Chair, Clinic, Membership, MembershipRole
from sessions.services import protocols
from vitals.services.limit_sets import install_limits


class Command(BaseCommand):
    help = "Open a clinic with chairs, protocols, example limits and an admin. Asks for the admin's password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--admin", required=True, help="the admin's user name")
        parser.add_argument("--chairs", type=int, default=8)
        parser.add_argument("--time-zone", default=settings.NEW_CLINIC_TIME_ZONE)

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        clinic = Clinic(name=options["name"], time_zone=options["time_zone"])
        try:
            clinic.full_clean()
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        clinic.save()
        Chair.objects.bulk_create(
            Chair(clinic=clinic, name=str(position), position=position)
            for position in range(1, options["chairs"] + 1)
        )
        protocols.install_protocols(clinic)
        install_limits(clinic)
        admin = user_named(options["admin"])
        Membership.objects.create(user=admin, clinic=clinic, role=MembershipRole.ADMIN)
        self.stdout.write(
            f"{clinic.name}: {options['chairs']} chairs, {clinic.time_zone}, admin {admin.username}"
        )
