"""Readings, and the keys that make sending twice harmless."""

from django.db import models

from clinic.models import Clinic


class ReadingKey(models.Model):
    """Makes sending twice harmless: one row per clinic and reading id, beside the partitions.

    ``digest`` is of the body, so the same id with another body is told from the same sent again.
    """

    pk = models.CompositePrimaryKey("clinic_id", "id")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    id = models.UUIDField()
    digest = models.BigIntegerField()
    measured_at = models.DateTimeField()


def value_column() -> "models.DecimalField[float | None, float | None]":
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
    systolic = value_column()
    diastolic = value_column()
    mean = value_column()
    heart_rate = value_column()
    respiratory_rate = value_column()
    spo2 = value_column()
    temperature = value_column()
    etco2 = value_column()
    sedation = value_column()
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
