"""Readings, limits, flags, and the watch row of each session."""

import uuid

from django.db import models
from django.db.models.functions import Now

from clinic.models import Chair, Clinic, Device
from sessions.models import Protocol, Session
from vitals import flagstates, limits
from vitals.vital import Vital


class LimitSet(models.Model):
    """One version of a clinic's limits. Versions are added, never edited: a session keeps its own."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="limit_sets")
    protocol_code = models.SlugField(max_length=40)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    reviewed_by = models.CharField(max_length=160, blank=True)
    reviewed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "protocol_code", "version"], name="limit_set_version_once"
            ),
            models.CheckConstraint(
                condition=models.Q(reviewed_by="", reviewed_on__isnull=True)
                | (~models.Q(reviewed_by="") & models.Q(reviewed_on__isnull=False)),
                name="limit_set_reviewer_with_date",
            ),
        ]


class LimitRule(models.Model):
    """A row of a limit set: see ``limits.LimitRule`` for what each column means."""

    limit_set = models.ForeignKey(LimitSet, on_delete=models.CASCADE, related_name="rules")
    code = models.CharField(max_length=12)
    vital = models.CharField(max_length=20, choices=[(v.value, v.value) for v in Vital])
    direction = models.CharField(max_length=4, choices=[(d.value, d.value) for d in limits.Direction])
    priority = models.CharField(max_length=6, choices=[(p.value, p.value) for p in limits.Priority])
    kind = models.CharField(max_length=24, choices=[(k.value, k.value) for k in limits.Kind])
    threshold = models.DecimalField(max_digits=5, decimal_places=1)
    confirm = models.CharField(max_length=28, choices=[(c.value, c.value) for c in limits.Confirm])
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(source=""), name="limit_rule_has_source"),
        ]


class ReadingKey(models.Model):
    """Makes sending twice harmless: one row per clinic and reading id, beside the partitions.

    ``digest`` is of the body, so the same id with another body is told from the same sent again.
    """

    pk = models.CompositePrimaryKey("clinic_id", "id")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    id = models.UUIDField()
    digest = models.BigIntegerField()
    measured_at = models.DateTimeField()


def _value() -> "models.DecimalField[float | None, float | None]":
    return models.DecimalField(max_digits=5, decimal_places=1, null=True)


class Reading(models.Model):
    """One set of vitals taken at one moment; a row may hold one value or all. Append-only, by trigger.

    The table is partitioned by month of ``measured_at`` (see the first migration). A null is "not measured",
    or a value that could not be: then ``doubtful`` holds it as received, with the reason.
    ``late_fields`` has one bit per field, in the order of ``vital.FIELDS``.
    Session and recorder carry no foreign key: the corridor holds the session's watch row locked while it
    inserts, and a key would cost more than the insert.
    """

    pk = models.CompositePrimaryKey("clinic_id", "id", "measured_at")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    id = models.UUIDField()
    session_id = models.UUIDField()
    measured_at = models.DateTimeField()
    received_at = models.DateTimeField()
    systolic = _value()
    diastolic = _value()
    mean = _value()
    heart_rate = _value()
    respiratory_rate = _value()
    spo2 = _value()
    temperature = _value()
    etco2 = _value()
    sedation = _value()
    late_fields = models.SmallIntegerField()
    doubtful = models.JSONField(null=True)
    absent = models.JSONField(null=True)
    device_id = models.UUIDField(null=True)
    user_id = models.UUIDField(null=True)
    version = models.SmallIntegerField()
    supersedes = models.UUIDField(null=True)
    reason = models.CharField(max_length=300)

    class Meta:
        managed = False
        db_table = "vitals_reading"


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
    rule = models.CharField(max_length=24, blank=True)
    vital = models.CharField(max_length=20, blank=True)
    direction = models.CharField(max_length=4, blank=True)
    value = _value()
    threshold = _value()
    opened_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=160, blank=True)
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
