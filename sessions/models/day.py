"""The day of a clinic: opened once, closed once, each with what was looked at."""

import uuid

from django.db import models

from clinic.models import Charted, Clinic


class DayEntry(Charted):
    """Somebody opened or closed the day, with the answers given. A day may be opened anew; all rows stay."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="days")
    day = models.DateField()
    kind = models.CharField(max_length=8)
    items = models.JSONField()
    at = models.DateTimeField()
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=160)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=["open", "close"]), name="day_entry_kind"),
        ]
        indexes = [models.Index(fields=["clinic", "day", "at"], name="day_of_clinic")]
