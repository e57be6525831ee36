"""A clinic's limits, in versions."""

from django.db import models

from clinic.models import Clinic
from vitals import limits
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
