"""Whether somebody may sign as what a signature asks for: looked at each time, never remembered."""

from datetime import datetime

from clinic.access import Principal
from clinic.models import CredentialKind, User


def is_prescriber(by: Principal, at: datetime) -> bool:
    """True while the person holds a prescriber's credential that has not run out."""
    if by.user_id is None:
        return False
    return User.objects.filter(
        id=by.user_id,
        credentials__kind=CredentialKind.PRESCRIBER,
        credentials__expires_on__gte=at.date(),
    ).exists()
