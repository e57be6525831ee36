"""Flags in hand of somebody who is gone ask for somebody again."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from clinic.models import Membership
from vitals import hand_over
from vitals.flagstates import FlagState
from vitals.models import Flag
from vitals.services.panels import change_panels

GONE = "member is gone"


def held_by(clinic_id: int, user_id: UUID) -> list[Flag]:
    """The open flags that this account has in hand, anywhere in the clinic."""
    return list(_in_hand().filter(clinic_id=clinic_id, acknowledged_by_id=user_id))


def reopen_of_the_gone(*, at: datetime) -> int:
    """Reopen the flags in hand of members whose membership ended or whose account is off. Returns how many.

    Found from rows each second, like silence: whatever ends a membership need not know of flags.
    """
    still_here = Membership.objects.filter(
        user_id=OuterRef("acknowledged_by_id"),
        clinic_id=OuterRef("clinic_id"),
        ended_at__isnull=True,
        user__is_active=True,
    )
    gone: dict[UUID, set[UUID | None]] = defaultdict(set)
    for session_id, user_id in (
        _in_hand()
        .filter(acknowledged_by_id__isnull=False)
        .filter(~Exists(still_here))
        .values_list("session_id", "acknowledged_by_id")
    ):
        gone[session_id].add(user_id)
    if not gone:
        return 0
    with transaction.atomic():
        changed = change_panels(
            gone,
            lambda panel: hand_over.reopen_claims(panel, gone[panel.session], at=at, cause=GONE) or None,
            at=at,
        )
    return sum(len(happened) for happened in changed.values())


def _in_hand() -> QuerySet[Flag]:
    return Flag.objects.filter(resolved_at__isnull=True, late=False, state=FlagState.ACKNOWLEDGED.value)
