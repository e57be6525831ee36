"""Reference F's two tables."""

import uuid
from typing import ClassVar

from django.db import models


class Session(models.Model):
    objects: ClassVar[models.Manager["Session"]] = models.Manager()

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)


def _value() -> "models.DecimalField[float | None, float | None]":
    return models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)


class Reading(models.Model):
    objects: ClassVar[models.Manager["Reading"]] = models.Manager()

    session = models.ForeignKey(Session, on_delete=models.CASCADE)
    measured_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    systolic = _value()
    diastolic = _value()
    mean = _value()
    heart_rate = _value()
    respiratory_rate = _value()
    spo2 = _value()
    temperature = _value()
    etco2 = _value()
    sedation = _value()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "measured_at"], name="reading_once")]
