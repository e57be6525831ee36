"""`manage.py simulate`: the demo's monitors, as real HTTP endpoints on loopback, and its charting nurse."""

import asyncio
import os
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clinic import clock
from clinic.local.state import demo_folder
from vitals.simulator.config import ConfigUnreadable, load
from vitals.simulator.run import LOOPBACK, PortTaken, listening, serve


class Command(BaseCommand):
    """Serves until SIGTERM. A second one needs another port; both then show the same patients."""

    help = "Serve simulated monitors on loopback; in the demo, also chart the sets that fall due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Both options default to the demo's."""
        parser.add_argument(
            "--config", type=Path, help="default: SIMULATE_CONFIG, then the demo's simulate.json"
        )
        parser.add_argument("--port", type=int, help="default: the configuration's")

    def handle(self, *args: object, config: Path | None, port: int | None, **options: object) -> None:
        """Read the configuration, take the port, run."""
        path = config or Path(os.environ.get("SIMULATE_CONFIG") or demo_folder() / "simulate.json")
        try:
            told = load(path)
            listener = listening(told.port if port is None else port)
        except (ConfigUnreadable, PortTaken) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"{len(told.monitors)} monitors on http://{LOOPBACK}:{listener.getsockname()[1]}/monitors/"
        )
        self.stdout.flush()
        asyncio.run(serve(told, listener, now=clock.now, rate=clock.rate(), with_nurse=settings.DEMO))
