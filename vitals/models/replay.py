"""Limit sets tried on past sessions: the job as a row, and what it found per session."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from clinic.jobs import Job
from clinic.models import Clinic
from sessions.models import Session
from vitals.models.limits import LimitSet


class LimitReplay(Job):
    """A limit set run over past sessions, beside another one.

    rules:       the rows that are tried, as they stood when it was asked for: a draft may change meanwhile.
    beside:      the set it is held against; null: the one that each session had.
    session_ids: fixed when it was asked for; ``done`` of them have their result.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    limit_set = models.ForeignKey(LimitSet, on_delete=models.PROTECT, related_name="replays")
    rules = models.TextField()
    beside = models.ForeignKey(LimitSet, on_delete=models.PROTECT, null=True, related_name="+")
    from_day = models.DateField()
    until_day = models.DateField()
    session_ids = ArrayField(models.UUIDField())
    done = models.PositiveIntegerField(default=0)

    class Meta(Job.Meta):
        constraints = [
            *Job.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(until_day__gte=models.F("from_day")), name="limit_replay_days_in_order"
            ),
        ]
        indexes = [
            models.Index(fields=["limit_set", "-asked_at"], name="limit_replay_newest"),
            *Job.Meta.indexes,
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
