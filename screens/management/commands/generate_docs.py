"""Write the pages of docs/ that are drawn from tables, or check that they are fresh."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from screens.generated_docs import HEAD, PAGES


class Command(BaseCommand):
    help = "Write the pages of docs/ that come from tables; --check fails when one is stale."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = settings.BASE_DIR / "docs"
        stale = []
        for name, draw in PAGES.items():
            path, text = folder / name, HEAD + draw()
            if path.exists() and path.read_text() == text:
                continue
            stale.append(name)
            if not options["check"]:
                path.write_text(text)
        if stale and options["check"]:
            raise CommandError(f"Stale: {', '.join(stale)}. Run `python manage.py generate_docs`.")
        self.stdout.write(f"written: {', '.join(stale)}" if stale else "all fresh")
