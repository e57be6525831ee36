"""What works and what does not, read off the rows that the parts themselves write."""

import shutil
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from clinic import clock
from reports.exports import jobs as exports
from vitals import alerting
from vitals.models import Quarantine, Watch
from vitals.notices import State
from vitals.services import watch

# beyond these a part counts as silent: three missed ticks, three missed canaries
WATCH_SILENT_AFTER_S = 10.0
WORKER_SILENT_AFTER_S = 60.0
EXPORTS_WAIT_AFTER_S = 120.0
DISK_LOW_BELOW = 0.2


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the running product: how it does, and what its failing means at the chair."""

    name: str
    works: bool
    words: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Counts:
    open_sessions: int
    refused_messages: int
    undelivered: int
    failed_exports: int


def parts_of() -> list[Part]:
    """Every part with its state, for staff; those that do not work first."""
    parts = [
        _silence("Watch", "watch", WATCH_SILENT_AFTER_S, "Overdue sets are not found: go to the chairs."),
        _silence(
            "Worker, broker and beat",
            "worker",
            WORKER_SILENT_AFTER_S,
            "Connected monitors are not polled: chart by hand.",
        ),
        _exports(),
        _disk(),
    ]
    return sorted(parts, key=lambda part: part.works)


def counts_of(clinic_id: int) -> Counts:
    """What this clinic has open or waiting."""
    return Counts(
        open_sessions=Watch.objects.filter(clinic_id=clinic_id, is_open=True).count(),
        refused_messages=Quarantine.objects.filter(clinic_id=clinic_id).count(),
        undelivered=alerting.counts(clinic_id)[State.DEAD],
        failed_exports=exports.failed(clinic_id, at=clock.now()),
    )


def _silence(name: str, part: str, silent_after_s: float, meaning: str) -> Part:
    age_s = watch.seconds_since_beat(part)
    if age_s is None:
        return Part(name, False, "no sign of life yet", meaning)
    works = age_s <= silent_after_s
    return Part(name, works, f"last sign of life {age_s:.0f} s ago", "" if works else meaning)


def _exports() -> Part:
    """Exports wait for their worker while it does another's; with none at work nobody makes them."""
    since = exports.waits_since()
    if since is None:
        return Part("Exports", True, "none waits for a worker", "")
    waited_s = (clock.now() - since).total_seconds()
    works = waited_s <= EXPORTS_WAIT_AFTER_S
    meaning = "" if works else "Files that were asked for are not made: the worker of exports does not run."
    return Part("Exports", works, f"one waits since {waited_s / 60:.0f} min for a worker", meaning)


def _disk() -> Part:
    usage = shutil.disk_usage(settings.BASE_DIR)
    free = usage.free / usage.total
    works = free >= DISK_LOW_BELOW
    meaning = "" if works else "Make room: a full disk takes no reading."
    return Part("Disk", works, f"{free:.0%} free", meaning)


def ready() -> list[str]:
    """What keeps this process from taking a reading; empty when nothing does. Call inside a transaction."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return ["migrations are not done"]
    watch.beat("ready", at=clock.now())
    return []
