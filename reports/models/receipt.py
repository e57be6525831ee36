"""How this installation got its rows, where they came out of an archive."""

import uuid

from django.db import models

from clinic.models import Charted, Clinic


class ArchiveReceipt(Charted):
    """An archive was read in here. Beside the audit, which is to be the same before and after.

    total:   the archive's one hash.
    earlier: the receipts that the archive told of, oldest first: where it had been before.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    total = models.CharField(max_length=64)
    rows = models.PositiveBigIntegerField()
    written_at = models.DateTimeField()
    read_at = models.DateTimeField()
    read_by = models.CharField(max_length=160)
    earlier = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic"], name="archive_receipt_once")]
