"""Long work as a row with a lease: any worker takes it up, and goes on where a dead one stopped.

The lease runs by the database's clock and is renewed with each piece that is kept, in the same transaction:
a worker that lost it, or whose job was cancelled meanwhile, keeps nothing more. Celery only carries the
offer, so a lost, late or doubled task costs time and no work.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

# a worker that is silent for so long has died
LEASE = timedelta(seconds=settings.JOB_LEASE_S)
# one task's work; the rest is another task's, so that a worker stops soon when it is asked to
PIECE_S = 20.0


class JobState(models.TextChoices):
    """``running`` holds while a worker has the lease, and after it died until another takes it up."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


GOING_ON = (JobState.WAITING, JobState.RUNNING)


class Job(models.Model):
    """What every job has. ``lease``, ``lease_until``: the worker that has it, by the database's clock."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=12, choices=JobState, default=JobState.WAITING)
    asked_by = models.CharField(max_length=160)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, state__in=["waiting", "running"])
                | models.Q(ended_at__isnull=False, state__in=["done", "cancelled", "failed"]),
                name="%(class)s_end_with_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked_at"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="%(class)s_going_on",
            ),
        ]

    @property
    def goes_on(self) -> bool:
        return self.state in GOING_ON


def unclaimed(jobs: QuerySet[Any]) -> list[UUID]:
    """The jobs that go on and that no living worker has, the longest asked first."""
    return list(jobs.filter(_free(), state__in=GOING_ON).order_by("asked_at").values_list("id", flat=True))


def claim(jobs: QuerySet[Any], job_id: UUID) -> UUID | None:
    """Take a job up; gives the lease, or None when a living worker has it or it has ended."""
    lease = uuid.uuid4()
    claimed = jobs.filter(_free(), pk=job_id, state__in=GOING_ON).update(
        lease=lease, lease_until=Now() + LEASE, state=JobState.RUNNING
    )
    return lease if claimed else None


def held(jobs: QuerySet[Any], job_id: UUID, lease: UUID) -> QuerySet[Any]:
    """The job while the lease is ours and nobody has cancelled it; else nothing."""
    return jobs.filter(pk=job_id, lease=lease, state=JobState.RUNNING)


def renew(jobs: QuerySet[Any], job_id: UUID, lease: UUID, **columns: Any) -> bool:
    """Keep these columns and the lease; False, with nothing kept, when the job is not ours any more."""
    return held(jobs, job_id, lease).update(lease_until=Now() + LEASE, **columns) == 1


def let_go(jobs: QuerySet[Any], job_id: UUID, lease: UUID) -> bool:
    """Leave the rest to another task; False when the job is not ours any more."""
    return held(jobs, job_id, lease).update(lease=None, lease_until=None) == 1


def end(
    jobs: QuerySet[Any], job_id: UUID, lease: UUID, *, state: JobState, at: datetime, **columns: Any
) -> bool:
    """The job's end. False when it is not ours any more."""
    ended = held(jobs, job_id, lease).update(
        state=state, ended_at=at, lease=None, lease_until=None, **columns
    )
    return ended == 1


def _free() -> Q:
    return Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
