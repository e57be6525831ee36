"""A clinic's own words: for scales whose wording it licenses, and for its symptom chips."""

from django.db import models

from clinic.models import Clinic


class ScaleWording(models.Model):
    """The clinic's wording of one item. Its licence is the clinic's to have; changes are audited."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="scale_wordings")
    scale = models.SlugField(max_length=40)
    item = models.CharField(max_length=40)
    text = models.CharField(max_length=500)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "scale", "item"], name="scale_wording_once"),
            models.CheckConstraint(condition=~models.Q(text=""), name="scale_wording_has_text"),
        ]


class SymptomChip(models.Model):
    """One chip of the clinic's own row of symptoms. A clinic without rows has those that ship."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="symptom_chips")
    code = models.SlugField(max_length=40)
    text = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()
    shown = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clinic", "code"], name="symptom_chip_once"),
            models.CheckConstraint(condition=~models.Q(text=""), name="symptom_chip_has_text"),
        ]
