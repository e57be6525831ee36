"""Exports as rows: what was asked, how far it is, and what became of it."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from clinic.jobs import Job
from clinic.models import Clinic, User


class ExportSchedule(models.Model):
    """An export that is made again each week or month, of the span before, and left in a store.

    asked:  a ``reports.exports.asked.Asked`` as JSON; its days are filled in anew for each span.
    every:  "week" (Monday to Sunday) or "month".
    at_hour: of the first day after the span, in the clinic's zone.
    store:  name of a place in ``settings.EXPORT_STORES``.
    owner:  whose authority it runs by, looked at anew at each run.
    last_until: last day of the newest span that was over: when it was set up, then of its newest run.
    stopped: why it ended by itself; empty when somebody ended it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    asked = models.TextField()
    every = models.CharField(max_length=8, choices=[("week", "week"), ("month", "month")])
    at_hour = models.PositiveSmallIntegerField()
    store = models.SlugField(max_length=40)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_by = models.CharField(max_length=160)
    made_at = models.DateTimeField()
    last_until = models.DateField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=160, blank=True)
    stopped = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "name"],
                condition=models.Q(ended_at__isnull=True),
                name="export_schedule_name_once",
            ),
            models.CheckConstraint(condition=models.Q(at_hour__lte=23), name="export_schedule_at_an_hour"),
        ]


class Export(Job):
    """One export: a job in two steps, first reading from the database, then writing the form.

    asked:       a ``reports.exports.asked.Asked`` as JSON.
    session_ids: the chosen sessions, fixed when it was asked for, in order of their keys.
    secret:      of the keys and days of a limited export; gone with its end, so that nothing leads back.
    rows:        how many it has, once the snapshot is taken; read, written: how many of them are.
    tries:       how often a worker took it up; one that kills each of its workers is given up.
    file:        its name in the store ``exports``; kept until ``expires_at``.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="exports")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    schedule = models.ForeignKey(ExportSchedule, on_delete=models.PROTECT, null=True, related_name="exports")
    asked = models.TextField()
    session_ids = ArrayField(models.UUIDField())
    secret = models.CharField(max_length=64, blank=True)
    taken_at = models.DateTimeField(null=True)
    rows = models.PositiveBigIntegerField(null=True)
    read = models.PositiveBigIntegerField(default=0)
    written = models.PositiveBigIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)
    file = models.CharField(max_length=120, blank=True)
    size = models.PositiveBigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True)

    class Meta(Job.Meta):
        indexes = [
            *Job.Meta.indexes,
            models.Index(fields=["clinic", "-asked_at"], name="export_newest"),
        ]


class ExportRun(models.Model):
    """What became of one span of a schedule; no span has two.

    first, last: the span's days, both inclusive.
    passed_over: how many spans before it were over while nothing ran, and are not made.
    export:      none where there was nothing to export: ``trouble`` then says why.
    stored_as:   its name in the schedule's store, once it lies there.
    next_try_at: when it is to be left there; null when it lies there, or is given up.
    tries:       how often that was begun.
    """

    schedule = models.ForeignKey(ExportSchedule, on_delete=models.PROTECT, related_name="runs")
    first = models.DateField()
    last = models.DateField()
    passed_over = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    export = models.OneToOneField(Export, on_delete=models.PROTECT, null=True, related_name="run")
    stored_as = models.CharField(max_length=200, blank=True)
    stored_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["schedule", "last"], name="export_run_once_a_span")]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(next_try_at__isnull=False),
                name="export_run_to_try",
            )
        ]
