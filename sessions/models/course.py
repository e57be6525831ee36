"""A course: the sessions of one patient for one indication, with its consent and its plan."""

import uuid

from django.db import models

from clinic.models import Clinic, Patient
from sessions.indications import Indication, LabelUse, Phase


class Course(models.Model):
    """A series of sessions. Its rows are plans, not chart: changes are audited with old and new values."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="courses")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="courses")
    protocol_code = models.SlugField(max_length=40)
    indication = models.CharField(max_length=24, choices=[(i.value, i.value) for i in Indication])
    label_use = models.CharField(max_length=12, choices=[(u.value, u.value) for u in LabelUse])
    phase = models.CharField(max_length=12, choices=[(p.value, p.value) for p in Phase])
    planned_sessions = models.PositiveSmallIntegerField(null=True)
    consent_signed_on = models.DateField(null=True)
    consent_reference = models.CharField(max_length=120, blank=True)
    next_on = models.DateField(null=True)
    next_plan = models.CharField(max_length=300, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "protocol_code"],
                condition=models.Q(closed_at__isnull=True),
                name="course_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, close_reason="")
                | (models.Q(closed_at__isnull=False) & ~models.Q(close_reason="")),
                name="course_closed_with_reason",
            ),
        ]
