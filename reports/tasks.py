"""Celery's doors to exports. Each may run twice; a worker of their own, so that no poll waits for one."""

import logging
from uuid import UUID

from celery import shared_task
from kombu.exceptions import OperationalError

from clinic import clock
from reports.exports import jobs, schedules

log = logging.getLogger("vigil.exports")


def offer(export_id: UUID) -> None:
    """Enqueue a piece of an export. Without a broker it waits: ``offer_exports`` asks again."""
    try:
        run_export.apply_async(kwargs={"export_id": str(export_id)}, expires=60, retry=False)
    except OperationalError:
        log.warning("export %s waits for the broker", export_id)


@shared_task
def run_export(export_id: str) -> None:
    """A piece of one export; the next piece is a task of its own."""
    if jobs.work(UUID(export_id), at=clock.now()):
        offer(UUID(export_id))


@shared_task
def offer_exports() -> None:
    """Offer every export that nobody has: one that was just asked for, or whose worker died."""
    for export_id in jobs.unclaimed():
        offer(export_id)


@shared_task
def remove_expired_exports() -> None:
    """Files whose links have expired go."""
    jobs.remove_expired(at=clock.now())


@shared_task
def run_export_schedules() -> None:
    """The exports of spans that are over are asked for; those that are made are left in their stores."""
    for export_id in schedules.make_due(at=clock.now()):
        offer(export_id)
    for run_id in schedules.to_leave(at=clock.now()):
        schedules.leave(run_id, at=clock.now())
