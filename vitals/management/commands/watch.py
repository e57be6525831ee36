"""Find what is overdue, every second, from rows alone. Two may run at once."""

import logging
import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, connection

from clinic import clock
from vitals.services import watch

EVERY_S = 1.0
SWEEP_EVERY_TICKS = 60

log = logging.getLogger("vigil.watch")


class Command(BaseCommand):
    help = "Find overdue readings, from rows alone: no Celery, no Redis. Stops cleanly on SIGTERM."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()

        def end(number: int, frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        log.info("watching")
        ticks = 0
        while not stop.wait(EVERY_S):
            try:
                watch.tick(at=clock.now())
                if ticks % SWEEP_EVERY_TICKS == 0:
                    watch.sweep_live_events()
                ticks += 1
            except Error as error:
                # the database is away: boards cover themselves, and the next tick tries again
                log.warning("no tick: %s", type(error).__name__)
                connection.close()
        log.info("stopped watching")
