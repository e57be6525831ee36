"""``manage.py export_sessions``: an export from the command line, by the authority of a member who may."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from clinic import clock
from clinic.access import Principal
from clinic.jobs import JobState
from clinic.models import Clinic, Membership
from clinic.refusals import Refusal
from clinic.tokens import principal_of_member
from reports.exports import jobs
from reports.exports.asked import Asked, Filters, FormName, Locale
from reports.exports.rendering import DayStyle, Disclosure
from reports.exports.tables import CONTENTS


class Command(BaseCommand):
    help = (
        "Export a clinic's sessions into a file. Without filters, all of them. It is audited as the member's"
        " own act; the file is written here, without a worker."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--clinic", required=True, help="name of the clinic")
        parser.add_argument("--as", dest="member", required=True, help="user name of an admin of the clinic")
        parser.add_argument("--to", type=Path, required=True, help="the file to write, which must not exist")
        parser.add_argument("--form", choices=list(FormName), default=FormName.CSV)
        parser.add_argument("--content", default=",".join(CONTENTS), help="with commas between: %(default)s")
        parser.add_argument("--disclosure", choices=list(Disclosure), default=Disclosure.IDENTIFIED)
        parser.add_argument("--from", dest="from_day", type=date.fromisoformat, help="first day, YYYY-MM-DD")
        parser.add_argument("--until", dest="until_day", type=date.fromisoformat, help="last day, in it")
        parser.add_argument("--route", default="", help="iv or nasal")
        parser.add_argument("--protocol", default="", help="code of a protocol")
        parser.add_argument("--indication", default="", help="code of an indication")
        parser.add_argument("--flags", default="", help="any, high or none")
        parser.add_argument("--staff", default="", help="id of a member")
        parser.add_argument("--separator", default=",", help="of CSV: a comma, a semicolon or a tab")
        parser.add_argument("--decimal-mark", default=".", help="of CSV: a point or a comma")
        parser.add_argument(
            "--days", choices=list(DayStyle), default=DayStyle.ISO, help="of CSV's local days"
        )
        parser.add_argument("--bom", action="store_true", help="begin CSV files with Excel's mark of UTF-8")

    def handle(self, *args: Any, **options: Any) -> None:
        to: Path = options["to"]
        if to.exists():
            raise CommandError(f"--to {to}: there is a file already.")
        try:
            row = jobs.ask(by=_member(options), asked=_asked(options), at=clock.now())
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        while jobs.work(row.pk, at=clock.now()):
            row.refresh_from_db()
            self.stderr.write(f"{row.read} of {row.rows} rows read")
        row.refresh_from_db()
        if row.state != JobState.DONE:
            raise CommandError(row.trouble or f"The export is {row.state}.")
        found = jobs.fetch(by=_member(options), export_id=row.pk, at=clock.now())
        with found.file, to.open("xb") as file:
            for data in found.file.chunks():
                file.write(data)
        self.stdout.write(f"{to}: {row.rows} rows, SHA-256 {row.sha256}")


def _member(options: dict[str, Any]) -> Principal:
    clinic = Clinic.objects.filter(name=options["clinic"]).first()
    if clinic is None:
        raise CommandError(f"--clinic “{options['clinic']}”: there is no such clinic.")
    row = Membership.objects.filter(clinic=clinic, user__username=options["member"], ended_at=None).first()
    if row is None:
        raise CommandError(f"--as “{options['member']}”: no such member of {clinic.name}.")
    return principal_of_member(row)


def _asked(options: dict[str, Any]) -> Asked:
    names = ("from_day", "until_day", "route", "protocol", "indication", "flags", "staff")
    return msgspec.convert(
        Asked(
            filters=Filters(**{name: options[name] for name in names}),
            contents=tuple(options["content"].split(",")),
            form=FormName(options["form"]),
            disclosure=Disclosure(options["disclosure"]),
            locale=Locale(
                separator=options["separator"],
                decimal_mark=options["decimal_mark"],
                days=DayStyle(options["days"]),
                bom=options["bom"],
            ),
        ),
        Asked,
    )
