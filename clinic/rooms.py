"""Patients' own screens: a browser becomes the screen of one chair, until somebody takes that back.

One screen per chair: making another one the chair's screen cuts off the one before.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from clinic import audit, queries
from clinic.access import Act, Principal, check
from clinic.models import AccessToken, Chair
from clinic.refusals import NotAllowed, NotFound
from clinic.tokens import hash_key


@dataclass(frozen=True, slots=True)
class Screen:
    """A chair, and since when it has a patient's screen; None while it has none."""

    chair: Chair
    enrolled_at: datetime | None


def screens(clinic_id: int) -> list[Screen]:
    """Every chair of the clinic in its order."""
    since = dict(_open(clinic_id).values_list("room_id", "created_at"))
    return [Screen(chair, since.get(chair.id)) for chair in queries.chairs(clinic_id)]


def enrol(*, by: Principal, chair_id: UUID, at: datetime) -> str:
    """Make a key for the chair's screen and return it, this one time. An older screen's key is dead.

    raises: AccessDenied; NotFound for a chair of another clinic.
    """
    key = secrets.token_urlsafe(32)
    with transaction.atomic():
        chair = _locked(by, chair_id)
        _open(by.clinic_id).filter(room=chair).update(revoked_at=at)
        AccessToken.objects.create(key_hash=hash_key(key), room=chair)
        _audit(by, "enrol-room", chair)
    return key


def revoke(*, by: Principal, chair_id: UUID, at: datetime) -> None:
    """Take the chair's screen back. raises: AccessDenied; NotFound; NotAllowed when it has none."""
    with transaction.atomic():
        chair = _locked(by, chair_id)
        if not _open(by.clinic_id).filter(room=chair).update(revoked_at=at):
            raise NotAllowed(f"Chair {chair.name} has no screen.", missing=["a screen of this chair"])
        _audit(by, "revoke-room", chair)


def _open(clinic_id: int) -> QuerySet[AccessToken]:
    return AccessToken.objects.filter(room__clinic_id=clinic_id, revoked_at__isnull=True)


def _locked(by: Principal, chair_id: UUID) -> Chair:
    """The clinic's chair, for who may. Another clinic's is not found, whoever asks."""
    chair = Chair.objects.select_for_update().filter(clinic_id=by.clinic_id, pk=chair_id).first()
    if chair is None:
        raise NotFound
    check(by, Act.ENROL_ROOM)
    return chair


def _audit(by: Principal, act: str, chair: Chair) -> None:
    audit.record([audit.Entry(by=by, act=act, subject="chair", subject_id=str(chair.id))])
