"""What leaves the house for a flag: what a clinic switched on, where to, and every notification made."""

import uuid

from django.db import models
from django.db.models.functions import Now

from clinic.models import Charted, Clinic, User
from sessions.models import Session
from vitals import limits, notices
from vitals.models.flag import Flag


class AlertingSwitch(Charted):
    """Somebody switched a channel of the clinic on or off; the newest row of a channel counts.

    ``warning`` is the text that was accepted, word for word, with a switch to on. No row: off.
    """

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=8, choices=[(c.value, c.words) for c in notices.Channel])
    is_on = models.BooleanField()
    at = models.DateTimeField()
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=160)
    warning = models.CharField(max_length=600, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_on=False) | ~models.Q(warning=""), name="alerting_on_with_warning"
            ),
        ]
        indexes = [models.Index(fields=["clinic", "channel", "-id"], name="alerting_newest")]


class AlertTarget(models.Model):
    """Where notifications go: a person's e-mail address or browser, or a webhook of the clinic.

    ``secret`` is what a webhook's bodies are signed with; ours to keep readable, or nothing could be signed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=8, choices=[(c.value, c.words) for c in notices.OUTSIDE])
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=80, blank=True)
    address = models.CharField(max_length=1000)
    secret = models.CharField(max_length=64, blank=True)
    # of a browser: its public key and its secret, as it gave them
    p256dh = models.CharField(max_length=128, blank=True)
    auth = models.CharField(max_length=64, blank=True)
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=160)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=80, blank=True)
    # after a failure nothing is sent there for a while: one that hangs must not hold the worker
    rests_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(channel="webhook") ^ models.Q(user__isnull=False),
                name="alert_target_of_person_or_clinic",
            ),
            models.UniqueConstraint(
                fields=["clinic", "user"],
                condition=models.Q(channel="email", ended_at__isnull=True),
                name="alert_email_once",
            ),
            models.UniqueConstraint(
                fields=["clinic", "address"],
                condition=models.Q(channel="push", ended_at__isnull=True),
                name="alert_push_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "channel"],
                condition=models.Q(ended_at__isnull=True),
                name="alert_target_live",
            )
        ]


class Notification(models.Model):
    """One message to one target, written in the transaction that called for it. A test has no flag.

    ``due_at`` and the lease run on the database's clock; ``at`` is the moment it tells of.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(AlertTarget, on_delete=models.PROTECT, related_name="notifications")
    flag = models.ForeignKey(Flag, on_delete=models.PROTECT, null=True, related_name="notifications")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, related_name="+")
    priority = models.CharField(
        max_length=6, blank=True, choices=[(p.value, p.value) for p in limits.Priority]
    )
    step = models.PositiveSmallIntegerField(default=0)
    # when the flag asked for attention: it may do so more than once, each time with its steps
    attention = models.DateTimeField()
    cause = models.CharField(max_length=40)
    at = models.DateTimeField()
    made_at = models.DateTimeField(db_default=Now())
    state = models.CharField(
        max_length=8,
        choices=[(s.value, s.value) for s in notices.State],
        default=notices.State.WAITING.value,
    )
    due_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=160, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["flag", "step", "attention", "target"], name="notification_once"),
            models.UniqueConstraint(
                fields=["target"],
                condition=models.Q(flag__isnull=True, state="waiting"),
                name="notification_one_test",
            ),
            models.CheckConstraint(
                condition=models.Q(state="waiting") ^ models.Q(settled_at__isnull=False),
                name="notification_settled_with_time",
            ),
            models.CheckConstraint(
                condition=models.Q(flag__isnull=True, session__isnull=True)
                | models.Q(flag__isnull=False, session__isnull=False),
                name="notification_flag_with_session",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="waiting"), name="notification_waiting"),
            models.Index(fields=["target", "due_at"], name="notification_of_target"),
            models.Index(fields=["clinic", "-made_at"], name="notification_newest"),
        ]


class PushKey(models.Model):
    """The one key pair by which push services know this installation (VAPID, RFC 8292): made once."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    private = models.CharField(max_length=64)
    public = models.CharField(max_length=128)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="push_key_once")]
