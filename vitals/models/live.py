"""The watch row of each session, and what live screens and the watch live on."""

from django.db import models
from django.db.models.functions import Now

from clinic.models import Chair, Clinic
from sessions.models import Protocol, Session
from vitals.models.limits import LimitSet


class Watch(models.Model):
    """What the board shows of one session, and when ``manage.py watch`` must look at it next.

    ``panel`` is a ``vitals.panel.Panel`` as JSON text: the database never looks inside.
    """

    session = models.OneToOneField(Session, on_delete=models.PROTECT, primary_key=True, related_name="watch")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    chair = models.ForeignKey(Chair, on_delete=models.PROTECT, null=True, related_name="+")
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="+")
    limit_set = models.ForeignKey(LimitSet, on_delete=models.PROTECT, related_name="+")
    is_open = models.BooleanField(default=True)
    # readings measured outside this span are not of this session
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    alert_at = models.DateTimeField(null=True)
    panel = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["alert_at"], condition=models.Q(is_open=True), name="watch_next"),
            models.Index(fields=["clinic"], condition=models.Q(is_open=True), name="watch_open"),
        ]


class LiveEvent(models.Model):
    """What changed, for the streams: unlogged, kept for minutes, rebuilt from watch rows when lost.

    ``xid`` is the writing transaction: rows are served only below the oldest one still running, so that
    a stream resumes without a gap although transactions commit out of order.
    """

    sequence = models.BigAutoField(primary_key=True)
    xid = models.BigIntegerField()
    at = models.DateTimeField(db_default=Now())
    clinic_id = models.BigIntegerField()
    session_id = models.UUIDField()
    payload = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["xid", "sequence"], name="live_in_order")]


class Pulse(models.Model):
    """A sign of life of one part, by the database's clock: watch each second, the worker each 15 s."""

    part = models.CharField(max_length=16, primary_key=True)
    at = models.DateTimeField()
    # by the product's clock, which a demo may scale: what a gap in the record is measured on
    clock_at = models.DateTimeField()
