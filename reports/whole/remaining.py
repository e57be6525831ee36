"""What is left to do once a clinic was read in: keys did not come along, and what was due is due still."""

from collections.abc import Iterator

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from clinic.models import Device, User
from sessions.models import FollowUp, Session
from vitals.models import AlertTarget


def remaining() -> Iterator[str]:
    """One line for each kind of thing that waits, with how many there are."""
    waiting = (
        (
            User.objects.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX, is_active=True),
            "people without a password: manage.py changepassword NAME",
        ),
        (Device.objects.filter(is_active=True), "devices without a key: manage.py issue_token NAME"),
        (
            AlertTarget.objects.filter(ended_at__isnull=True),
            "addresses of notifications to set up anew, on the page of alerting",
        ),
        (Session.objects.filter(ended_at__isnull=True), "sessions planned or under way"),
        (
            FollowUp.objects.filter(sent_at__isnull=True),
            "check-ins not sent yet: the worker of this system sends them when they are due",
        ),
    )
    for rows, words in waiting:
        if count := rows.count():
            yield f"{count} {words}"
