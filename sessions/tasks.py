"""Celery's doors of this app. Each may run twice; a task carries ids alone, never a patient's data."""

from uuid import UUID

from celery import shared_task

from clinic import clock
from sessions.services import follow_ups


@shared_task
def send_follow_ups() -> None:
    """Enqueue one sending per check-in that is due: a slow mail server holds up no other."""
    for follow_up_id in follow_ups.offered(clock.now()):
        send_follow_up.apply_async(kwargs={"follow_up_id": str(follow_up_id)}, expires=60)


@shared_task
def send_follow_up(follow_up_id: str) -> None:
    """Send one check-in, unless another worker has it."""
    follow_ups.send(UUID(follow_up_id), at=clock.now())
