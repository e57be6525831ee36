"""Messages to patients: by e-mail through Django's mail, by SMS through the plug-in that a clinic names.

A message names no patient, no clinic and no treatment: others see a telephone's screen.
"""

from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

from clinic.models import Patient

EMAIL, SMS = "e-mail", "sms"


class SmsBackend(Protocol):
    """What ``SMS_BACKEND`` names: a class without arguments. It raises when a message was not taken."""

    def send(self, to: str, text: str) -> None: ...


def channel_of(patient: Patient) -> str:
    """How this patient is reached; empty when there is no way."""
    if patient.email:
        return EMAIL
    return SMS if patient.phone and settings.SMS_BACKEND else ""


def send(patient: Patient, channel: str, *, subject: str, text: str) -> None:
    """Hand one message over. raises: whatever the backend raises; then it may or may not have gone out."""
    if channel == EMAIL:
        EmailMessage(subject=subject, body=text, to=[patient.email]).send()
        return
    backend: SmsBackend = import_string(settings.SMS_BACKEND)()
    backend.send(patient.phone, text)
