"""Limit sets tried on past sessions: the job as a row, and what it found per session."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from clinic.models import Clinic
from sessions.models import Session
from vitals.models.limits import LimitSet


class ReplayState(models.TextChoices):
    """``running`` holds while a worker has the lease, and after it died until another takes it up."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


GOING_ON = (ReplayState.WAITING, ReplayState.RUNNING)


class LimitReplay(models.Model):
    """A limit set run over past sessions, beside another one: a leased job that any worker goes on with.

    rules:       the rows that are tried, as they stood when it was asked for: a draft may change meanwhile.
    beside:      the set it is held against; null: the one that each session had.
    session_ids: fixed when it was asked for; ``done`` of them have their result.
    lease, lease_until: the worker that has it, by the database's clock.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    limit_set = models.ForeignKey(LimitSet, on_delete=models.PROTECT, related_name="replays")
    rules = models.TextField()
    beside = models.ForeignKey(LimitSet, on_delete=models.PROTECT, null=True, related_name="+")
    from_day = models.DateField()
    until_day = models.DateField()
    session_ids = ArrayField(models.UUIDField())
    done = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=12, choices=ReplayState, default=ReplayState.WAITING)
    asked_by = models.CharField(max_length=160)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, state__in=[str(state) for state in GOING_ON])
                | models.Q(ended_at__isnull=False, state__in=[ReplayState.DONE, ReplayState.CANCELLED]),
                name="limit_replay_end_with_time",
            ),
            models.CheckConstraint(
                condition=models.Q(until_day__gte=models.F("from_day")), name="limit_replay_days_in_order"
            ),
        ]
        indexes = [
            models.Index(fields=["limit_set", "-asked_at"], name="limit_replay_newest"),
            models.Index(
                fields=["asked_at"],
                condition=models.Q(state__in=[str(state) for state in GOING_ON]),
                name="limit_replay_going_on",
            ),
        ]


class LimitReplayResult(models.Model):
    """What one session comes to: a ``vitals.comparing.Compared`` as JSON text."""

    replay = models.ForeignKey(LimitReplay, on_delete=models.CASCADE, related_name="results")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+")
    compared = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["replay", "session"], name="limit_replay_result_once"),
        ]
