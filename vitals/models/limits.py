"""A clinic's limits, in versions, and what was changed of them for one patient."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from clinic.models import Clinic, Patient
from vitals import limits
from vitals.vital import Vital


def _choices(words: type) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]  # type: ignore[attr-defined]


def _figure() -> "models.DecimalField[float | None, float | None]":
    return models.DecimalField(max_digits=5, decimal_places=1, null=True)


class LimitSet(models.Model):
    """One version of a clinic's limits for one protocol.

    A draft until a reviewer signs it; a signed one is never changed, and a session keeps the one it began
    with. Version 1 is the shipped example: in use, and said to be reviewed by nobody, until a version is
    signed. The database refuses changes of both.

    not_watched: what no row of the set watches, by its code in ``limit_checks``, with the clinic's reason.
    revision:    how often the draft was changed: a signature names the one that was read.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="limit_sets")
    protocol_code = models.SlugField(max_length=40)
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    based_on = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    made_by = models.CharField(max_length=160, blank=True)
    made_at = models.DateTimeField(db_default=Now())
    not_watched = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
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
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=12)
    priority = models.CharField(max_length=6, choices=_choices(limits.Priority))
    source = models.CharField(max_length=200)
    kind = models.CharField(max_length=24, choices=_choices(limits.Kind))
    vital = models.CharField(max_length=20, choices=_choices(Vital), blank=True)
    direction = models.CharField(max_length=4, choices=_choices(limits.Direction), blank=True)
    threshold = _figure()
    baseline_by = _figure()
    baseline_unit = models.CharField(max_length=4, choices=_choices(limits.Unit))
    symptoms = ArrayField(models.CharField(max_length=40), default=list)
    severe_only = models.BooleanField()
    with_vital = models.CharField(max_length=20, choices=_choices(Vital), blank=True)
    with_direction = models.CharField(max_length=4, choices=_choices(limits.Direction), blank=True)
    with_threshold = _figure()
    readings = models.PositiveSmallIntegerField()
    apart_s = models.PositiveIntegerField()
    within_s = models.PositiveIntegerField()
    recheck_s = models.PositiveIntegerField()
    grace_s = models.PositiveIntegerField()
    delay_s = models.PositiveIntegerField()
    inside_by = models.DecimalField(max_digits=5, decimal_places=1)
    worse_by = _figure()
    after_s = models.PositiveIntegerField(null=True)
    audience = models.CharField(max_length=24, choices=_choices(limits.Audience), blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["limit_set", "position"], name="limit_rule_position_once"),
            models.UniqueConstraint(fields=["limit_set", "code", "vital"], name="limit_rule_code_once"),
            models.CheckConstraint(condition=~models.Q(source=""), name="limit_rule_has_source"),
            models.CheckConstraint(
                condition=~models.Q(kind="value")
                | (
                    ~models.Q(vital="")
                    & ~models.Q(direction="")
                    & (models.Q(threshold__isnull=False) | models.Q(baseline_by__isnull=False))
                ),
                name="limit_rule_of_a_value_has_one",
            ),
        ]


class LimitChange(models.Model):
    """One rule changed for one patient, by a supervisor, with a reason and an end. Never edited: ended early
    by ``ended_at``.

    threshold, baseline_by: replace the row's, where it has one; both null switch the rule off for this
                            patient.
    limit_set:              the version whose row was read and changed. In a session whose own version has
                            another row there, the change does not hold.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="limit_changes")
    limit_set = models.ForeignKey(LimitSet, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=12)
    vital = models.CharField(max_length=20, choices=_choices(Vital))
    threshold = _figure()
    baseline_by = _figure()
    reason = models.CharField(max_length=300)
    by_name = models.CharField(max_length=160)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=160, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="limit_change_has_reason"),
            models.CheckConstraint(
                condition=models.Q(until_at__gt=models.F("from_at")), name="limit_change_ends"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_by="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(ended_by="")),
                name="limit_change_ended_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["patient", "until_at"], name="limit_change_of_patient")]
