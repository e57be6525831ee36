"""``manage.py export_sessions``: an export from the command line, or everything there is of a clinic.

An export is asked for by the authority of a member who may; everything, by whoever holds the server.
"""

import getpass
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clinic import audit, clock
from clinic.access import Act, Principal, Role
from clinic.accounts import clinic_named
from clinic.jobs import JobState
from clinic.models import Clinic, Membership
from clinic.refusals import Refusal
from clinic.tokens import principal_of_member
from reports.exports import jobs
from reports.exports.asked import Asked, Filters, FormName, Locale
from reports.exports.rendering import DayStyle, Disclosure
from reports.exports.tables import CONTENTS
from reports.whole import Refused
from reports.whole.writing import Summary, pack, write_whole


class Command(BaseCommand):
    help = (
        "Export a clinic's sessions into a file. Without filters, all of them. It is audited as the member's"
        " own act; the file is written here, without a worker. With --everything, all data of the clinic go"
        " into a new folder, with schema, hashes and a script that checks them: see docs/leaving.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--clinic", required=True, help="the clinic's name or id")
        parser.add_argument("--to", type=Path, required=True, help="file or folder that is not there yet")
        parser.add_argument("--everything", action="store_true", help="all data of the clinic, to a folder")
        parser.add_argument("--zip", action="store_true", help="of everything: one zip in the folder's place")
        parser.add_argument("--as", dest="member", help="user name of an admin of the clinic")
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
        clinic, to = _clinic(options["clinic"]), options["to"]
        if to.exists():
            raise CommandError(f"--to {to}: that is there already.")
        if options["everything"]:
            self._everything(clinic, to, zipped=options["zip"])
        elif not options["member"]:
            raise CommandError("--as is needed: the user name of an admin of the clinic.")
        else:
            self._export(_member(clinic, options["member"]), to, _asked(options))

    def _everything(self, clinic: Clinic, to: Path, *, zipped: bool) -> None:
        try:
            summary = write_whole(clinic, to, at=clock.now())
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        _record(clinic, summary)
        place = pack(to) if zipped else to
        self.stdout.write(f"{clinic.name}: {summary.rows} rows of {len(summary.tables)} tables in {place}")
        self.stdout.write(f"Total {summary.total}")

    def _export(self, by: Principal, to: Path, asked: Asked) -> None:
        try:
            row = jobs.ask(by=by, asked=asked, at=clock.now())
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        while jobs.work(row.pk, at=clock.now()):
            row.refresh_from_db()
            self.stderr.write(f"{row.read} of {row.rows} rows read")
        row.refresh_from_db()
        if row.state != JobState.DONE:
            raise CommandError(row.trouble or f"The export is {row.state}.")
        found = jobs.fetch(by=by, export_id=row.pk, at=clock.now())
        with found.file, to.open("xb") as file:
            for data in found.file.chunks():
                file.write(data)
        self.stdout.write(f"{to}: {row.rows} rows, SHA-256 {row.sha256}")


def _clinic(word: str) -> Clinic:
    """raises: CommandError when there is none."""
    found = Clinic.objects.filter(pk=int(word)).first() if word.isdecimal() else None
    return found or clinic_named(word)


def _member(clinic: Clinic, username: str) -> Principal:
    row = Membership.objects.filter(clinic=clinic, user__username=username, ended_at=None).first()
    if row is None:
        raise CommandError(f"--as “{username}”: no such member of {clinic.name}.")
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
