"""Signatures: a prescriber's credential is looked at when it signs, and nobody signs for another."""

from datetime import date

from clinic.access import Principal
from clinic.models import CredentialKind, User
from clinic.refusals import Invalid, NotAllowed


def is_prescriber(by: Principal, on: date) -> bool:
    """True when the person holds a prescriber's credential that is in date on that day."""
    return User.objects.filter(
        id=by.actor_id,
        credentials__kind=CredentialKind.PRESCRIBER,
        credentials__expires_on__gte=on,
    ).exists()


def check_prescriber(by: Principal, on: date, words: str) -> None:
    """raises: NotAllowed with these words unless the person is a prescriber on that day."""
    if not is_prescriber(by, on):
        raise NotAllowed(words, missing=["the signature of a prescriber whose credential is in date"])


def check_signature(by: Principal, signature: str) -> None:
    """A typed signature is the name of the one who is signed in, shown name or user name; none is fine.

    raises: Invalid when it is somebody else's.
    """
    if not signature or _plain(signature) == _plain(by.name):
        return
    user_name = User.objects.filter(id=by.actor_id).values_list("username", flat=True).first()
    if _plain(signature) != _plain(user_name or ""):
        raise Invalid(
            f"signature “{signature}” is not {by.name}, who is signed in: nobody signs for another.",
            field="signature",
        )


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
