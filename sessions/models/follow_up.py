"""After the session: the check-ins a patient is asked for at home, and what came back."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from clinic.models import Charted, Clinic
from sessions.models.session import Session


class FollowUp(models.Model):
    """One check-in that is due after a session. ``key_hash`` is of the link's key; the key is never kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="follow_ups")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="follow_ups")
    kind = models.CharField(max_length=8)
    due_at = models.DateTimeField()
    key_hash = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001  none until sent
    expires_at = models.DateTimeField()
    # a worker's claim: a job that died leaves it, and it is offered again
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    channel = models.CharField(max_length=16, blank=True)
    trouble = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "kind"], name="follow_up_once")]
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(sent_at__isnull=True), name="follow_up_unsent"
            ),
            models.Index(fields=["clinic", "-due_at"], name="follow_up_newest"),
        ]


class FollowUpAnswer(Charted):
    """What the patient answered, as answered. ``worries`` names what a person should look at."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    follow_up = models.OneToOneField(FollowUp, on_delete=models.PROTECT, related_name="answer")
    answered_at = models.DateTimeField()
    answers = models.JSONField()
    worries = ArrayField(models.CharField(max_length=80), default=list)


class FollowUpReview(Charted):
    """A member of staff looked at an answer, or at its absence, and wrote what was done."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="reviews")
    at = models.DateTimeField()
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=160)
    text = models.CharField(max_length=300)
