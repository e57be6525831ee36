"""The controlled-drug ledger: what the clinic holds, and every movement of it, each row for good."""

import uuid

from django.db import models

from clinic.models import Charted, Clinic
from sessions.models.session import Session, Status


class StockItem(models.Model):
    """One vial, or one kit of devices, from its receipt on. Its balance is a sum over its entries.

    unit:      "mL" for a vial, "device" for a kit.
    mg_per_unit: mg in one mL or one device.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="stock")
    product = models.SlugField(max_length=40)
    label = models.CharField(max_length=40)
    lot = models.CharField(max_length=40)
    ndc = models.CharField(max_length=16, blank=True)
    expires_on = models.DateField()
    unit = models.CharField(max_length=8)
    mg_per_unit = models.DecimalField(max_digits=6, decimal_places=2)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "label"], name="stock_label_once")]


class LedgerEntry(Charted):
    """One version of one movement or count.

    ``id`` is the order in which rows were charted, whatever time they name; ``entry`` names the movement
    through all its versions, as in ``SessionEvent``.
    """

    id = models.BigAutoField(primary_key=True)
    entry = models.UUIDField()
    version = models.PositiveSmallIntegerField(default=1)
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="superseded_by"
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.FINAL)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="ledger")
    item = models.ForeignKey(StockItem, on_delete=models.PROTECT, related_name="entries")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, related_name="ledger")
    kind = models.CharField(max_length=12)
    quantity = models.DecimalField(max_digits=8, decimal_places=2)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=160)
    station = models.CharField(max_length=64, blank=True)
    method = models.CharField(max_length=80, blank=True)
    # why it was adjusted or corrected, or drawn from a lot that had expired
    reason = models.CharField(max_length=300, blank=True)
    # why nobody witnessed a waste; not the reason, or a corrected waste would pass for an excused one
    unwitnessed = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(version=1, supersedes__isnull=True, status="final")
                | (models.Q(version__gt=1, supersedes__isnull=False) & ~models.Q(reason="")),
                name="ledger_version_with_reason",
            ),
            models.UniqueConstraint(fields=["entry", "version"], name="ledger_version_once"),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=0) | models.Q(kind="adjust"), name="ledger_quantity_positive"
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "id"], name="ledger_in_order"),
            models.Index(fields=["item", "id"], name="ledger_of_item"),
            models.Index(fields=["session"], name="ledger_of_session"),
        ]


class LedgerWitness(Charted):
    """Another member of staff saw it, and signed at another station. Never the one who acted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ledger_entry = models.OneToOneField(LedgerEntry, on_delete=models.PROTECT, related_name="witness")
    acted_by_id = models.UUIDField()
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=160)
    at = models.DateTimeField()
    station = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(by_id=models.F("acted_by_id")), name="witness_is_another"
            ),
        ]
