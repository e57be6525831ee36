"""What could not be taken."""

from django.db import models

from clinic.models import Clinic, Device


class Quarantine(models.Model):
    """What could not be taken, as it came, with the reason."""

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, related_name="+")
    sender = models.CharField(max_length=160)
    code = models.CharField(max_length=24)
    reason = models.CharField(max_length=500)
    body = models.TextField()
    # of the body: a monitor that repeats itself at every poll is kept once
    digest = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "digest"], name="quarantine_once")]
        indexes = [models.Index(fields=["clinic", "-id"], name="quarantine_newest")]
