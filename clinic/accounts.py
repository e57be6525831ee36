"""Accounts made at the console: for the first people and devices of a clinic."""

import getpass
import os

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from clinic.models import Clinic, User


def user_named(username: str) -> User:
    """The account of that name, made when there is none.

    A new one takes its password from NEW_PASSWORD or the keyboard, never from the command line, where other
    users of the machine could read it. raises: CommandError for a password that is too weak.
    """
    user = User.objects.filter(username=username).first()
    if user is not None:
        return user
    password = os.environ.get("NEW_PASSWORD") or getpass.getpass(f"Password for {username}: ")
    user = User(username=username)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
    user.set_password(password)
    user.save()
    return user


def clinic_named(name: str) -> Clinic:
    """The clinic of that name. raises: CommandError when there is none."""
    clinic = Clinic.objects.filter(name=name).first()
    if clinic is None:
        known = ", ".join(Clinic.objects.order_by("name").values_list("name", flat=True)) or "none"
        raise CommandError(f"There is no clinic “{name}”. Known: {known}.")
    return clinic
