"""Read a clinic's archive into an empty system, or only check it."""

import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic import clock
from reports.whole import Refused
from reports.whole.reading import opened, read_whole
from reports.whole.remaining import remaining


class Command(BaseCommand):
    help = "Read an archive of `export_sessions --everything` into an empty system. Checks all of it first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path, help="the folder or the zip file")
        parser.add_argument("--check", action="store_true", help="only check it; nothing is read in")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with opened(options["archive"], say=self.stdout.write) as archive:
                if options["check"]:
                    self.stdout.write(f"As it was written. Total {archive.summary.total}")
                    return
                summary = read_whole(archive, at=clock.now(), by=f"Console of {getpass.getuser()}")
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Read in: {summary.rows} rows of {len(summary.tables)} tables")
        self.stdout.write(f"Total {summary.total}")
        for line in remaining():
            self.stdout.write(line)
