"""Hand-overs: a nurse's chairs offered to a colleague, each accepted or not; and how long things may wait."""

import uuid

from django.db import models

from clinic.models import Charted, Clinic, User
from sessions.models import Session
from vitals.hand_over import End


class ShiftTimes(Charted):
    """How long a hand-over stays open, and a cover untaken, in this clinic. The newest row counts."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    hand_over_min = models.PositiveSmallIntegerField()
    cover_min = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=160)

    class Meta:
        indexes = [models.Index(fields=["clinic", "-id"], name="shift_times_newest")]


class HandOver(models.Model):
    """One nurse offers all her chairs to a named colleague. Changed only by ``vitals.services.hand_over``.

    station:  where it was begun: the colleague accepts on another device.
    ends_by:  by then it ends by itself. ``no_drugs``: why there was nothing to count.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="hand_overs")
    from_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    from_name = models.CharField(max_length=160)
    to_user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    to_name = models.CharField(max_length=160)
    station = models.CharField(max_length=64, blank=True)
    began_at = models.DateTimeField()
    ends_by = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=160, blank=True)
    end = models.CharField(max_length=12, blank=True, choices=[(end.value, end.value) for end in End])
    no_drugs = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "from_user"],
                condition=models.Q(ended_at__isnull=True),
                name="hand_over_open_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(from_user=models.F("to_user")), name="hand_over_to_another"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, end="", ended_by="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(end="") & ~models.Q(ended_by="")),
                name="hand_over_end_with_name",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "-began_at"], name="hand_over_newest"),
            models.Index(
                fields=["ends_by"], condition=models.Q(ended_at__isnull=True), name="hand_over_next"
            ),
        ]


class HandOverChair(models.Model):
    """One chair of a hand-over. ``chair``: its name as it began; ``reopened``: flags that ask again."""

    hand_over = models.ForeignKey(HandOver, on_delete=models.PROTECT, related_name="chairs")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    chair = models.CharField(max_length=24, blank=True)
    accepted_at = models.DateTimeField(null=True)
    reopened = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hand_over", "session"], name="hand_over_chair_once"),
        ]
