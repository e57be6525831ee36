"""What was filed of a session's monitoring form, word for word, each filing for good."""

import uuid

from django.db import models

from clinic.models import Charted, Clinic
from sessions.models.session import Session


class FormFiling(Charted):
    """A person filed the form elsewhere and says so here. ``cells`` is what it held then."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="filings")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="filings")
    form_version = models.CharField(max_length=40)
    cells = models.JSONField()
    digest = models.CharField(max_length=64)
    channel = models.CharField(max_length=16)
    confirmation = models.CharField(max_length=80, blank=True)
    filed_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by_id = models.UUIDField()
    by_name = models.CharField(max_length=160)

    class Meta:
        indexes = [models.Index(fields=["session", "recorded_at"], name="filing_of_session")]
