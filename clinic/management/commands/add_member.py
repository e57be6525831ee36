"""Give a person a role in a clinic, with an account where there is none yet."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from clinic.accounts import clinic_named, user_named
from clinic.models import Credential, CredentialKind, Membership, MembershipRole


class Command(BaseCommand):
    help = "Give a person a role in a clinic: nurse, supervisor, admin or auditor."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("clinic")
        parser.add_argument("username")
        parser.add_argument("role", choices=MembershipRole.values)
        parser.add_argument("--name", default="", help="the name that screens and records show")
        parser.add_argument(
            "--prescriber-until", type=date.fromisoformat, help="the day the prescriber's credential runs out"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        clinic = clinic_named(options["clinic"])
        user = user_named(options["username"])
        if options["name"]:
            user.first_name = options["name"]
            user.save(update_fields=["first_name"])
        Membership.objects.update_or_create(user=user, clinic=clinic, defaults={"role": options["role"]})
        if options["prescriber_until"]:
            Credential.objects.update_or_create(
                user=user,
                kind=CredentialKind.PRESCRIBER,
                defaults={"expires_on": options["prescriber_until"]},
            )
        self.stdout.write(f"{user.shown_name()}: {options['role']} at {clinic.name}")
