"""Flags, and the findings they gather."""

import uuid

from django.db import models

from clinic.models import Clinic
from sessions.models import Session
from vitals import flagstates, limits
from vitals.models.reading import value_column


class Flag(models.Model):
    """A condition that someone must look at, from its first breach to its end.

    ``late`` flags hold what late readings showed: listed for review, they ring nothing and end nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="flags")
    condition = models.CharField(max_length=32)
    priority = models.CharField(max_length=6, choices=[(p.value, p.value) for p in limits.Priority])
    peak = models.CharField(max_length=6, choices=[(p.value, p.value) for p in limits.Priority])
    category = models.CharField(
        max_length=14, choices=[("physiological", "physiological"), ("technical", "technical")]
    )
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in flagstates.FlagState])
    late = models.BooleanField(default=False)
    text = models.CharField(max_length=200)
    why = models.CharField(max_length=300, blank=True)
    rule = models.CharField(max_length=24, blank=True)
    vital = models.CharField(max_length=20, blank=True)
    direction = models.CharField(max_length=4, blank=True)
    value = value_column()
    threshold = value_column()
    opened_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    # when it stopped being pending; null: it never was more than a re-check
    activated_at = models.DateTimeField(null=True)
    drawn_at = models.DateTimeField(null=True)
    # no board had drawn it in time, so that every other screen shows it
    undrawn = models.BooleanField(default=False)
    escalated = models.PositiveSmallIntegerField(default=0)
    paused_by = models.CharField(max_length=160, blank=True)
    paused_until = models.DateTimeField(null=True)
    pause_reason = models.CharField(max_length=120, blank=True)
    # when it was first taken, whatever became of it later
    first_taken_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=160, blank=True)
    acknowledged_by_id = models.UUIDField(null=True)
    action = models.CharField(max_length=120, blank=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_cause = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "condition", "late"],
                condition=models.Q(resolved_at__isnull=True),
                name="flag_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(resolved_at__isnull=True) ^ models.Q(state="resolved"),
                name="flag_resolved_with_time",
            ),
            models.CheckConstraint(
                condition=models.Q(acknowledged_at__isnull=True, acknowledged_by="")
                | (models.Q(acknowledged_at__isnull=False) & ~models.Q(acknowledged_by="")),
                name="flag_acknowledged_with_name",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "-opened_at"], name="flag_newest"),
            models.Index(fields=["session", "opened_at"], name="flag_of_session"),
            models.Index(fields=["clinic"], condition=models.Q(undrawn=True), name="flag_undrawn"),
        ]


class Finding(models.Model):
    """What one moment's values showed against the limits: medium or high, one row per condition.

    Findings do not depend on the order in which readings arrived; flags group them into what people see.
    """

    id = models.BigAutoField(primary_key=True)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    measured_at = models.DateTimeField()
    condition = models.CharField(max_length=32)
    flag = models.ForeignKey(Flag, on_delete=models.PROTECT, related_name="findings", db_constraint=False)
    reading_id = models.UUIDField()
    priority = models.CharField(max_length=6)
    rule = models.CharField(max_length=24)
    vital = models.CharField(max_length=20)
    value = models.DecimalField(max_digits=5, decimal_places=1)
    threshold = models.DecimalField(max_digits=5, decimal_places=1, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "measured_at", "condition"], name="finding_once_per_moment"
            )
        ]
        indexes = [models.Index(fields=["flag"], name="finding_of_flag")]
