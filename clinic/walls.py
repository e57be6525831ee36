"""Screens on the wall: a browser shows the board to whoever passes, until somebody takes that back."""

import secrets
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from clinic import audit
from clinic.access import Act, Principal, check
from clinic.models import Clinic, WallScreen
from clinic.refusals import Invalid, NotAllowed, NotFound
from clinic.tokens import hash_key

LONGEST_NAME = 40
# dusk and dawn of the screen, not of the clinic's patients: one may be in a corridor without a window
NIGHT_FROM, NIGHT_UNTIL = time(19), time(7)


@dataclass(frozen=True, slots=True)
class Wall:
    """A screen that is on the wall now."""

    id: UUID
    name: str
    enrolled_at: datetime
    night_from: time
    night_until: time


def walls(clinic_id: int) -> list[Wall]:
    """The clinic's wall screens by name."""
    rows = _open(clinic_id).order_by("name")
    return [Wall(row.id, row.name, row.created_at, row.night_from, row.night_until) for row in rows]


def is_night(night_from: time, night_until: time, at: time) -> bool:
    """Whether ``at`` is in the night that may go past midnight. From and until the same: there is none."""
    if night_from <= night_until:
        return night_from <= at < night_until
    return at >= night_from or at < night_until


def enrol(*, by: Principal, name: str, night_from: time = NIGHT_FROM, night_until: time = NIGHT_UNTIL) -> str:
    """Make a key for a new wall screen and return it, this one time.

    raises: AccessDenied; Invalid for a name that is empty or too long; NotAllowed for one that hangs already.
    """
    check(by, Act.ENROL_WALL)
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid(f"A wall screen needs a name of 1 to {LONGEST_NAME} letters.", field="name")
    key = secrets.token_urlsafe(32)
    with transaction.atomic():
        # one at a time, so that two of one name meet here and not in the database's refusal
        Clinic.objects.select_for_update().get(pk=by.clinic_id)
        if _open(by.clinic_id).filter(name=name).exists():
            raise NotAllowed(
                f"There is a wall screen “{name}” already: take it back first, or choose another name.",
                missing=["a name of its own"],
            )
        screen = WallScreen.objects.create(
            clinic_id=by.clinic_id,
            name=name,
            key_hash=hash_key(key),
            night_from=night_from,
            night_until=night_until,
        )
        _audit(by, "enrol-wall", screen)
    return key


def revoke(*, by: Principal, wall_id: UUID, at: datetime) -> None:
    """Take a wall screen back: its stream ends within 30 s.

    raises: AccessDenied; NotFound; NotAllowed for one that was taken back before.
    """
    with transaction.atomic():
        screen = WallScreen.objects.select_for_update().filter(clinic_id=by.clinic_id, pk=wall_id).first()
        if screen is None:
            raise NotFound
        check(by, Act.ENROL_WALL)
        if screen.revoked_at is not None:
            raise NotAllowed(
                f"The wall screen “{screen.name}” was taken back before.", missing=["a screen on the wall"]
            )
        screen.revoked_at = at
        screen.save(update_fields=["revoked_at"])
        _audit(by, "revoke-wall", screen)


def _open(clinic_id: int) -> QuerySet[WallScreen]:
    return WallScreen.objects.filter(clinic_id=clinic_id, revoked_at__isnull=True)


def _audit(by: Principal, act: str, screen: WallScreen) -> None:
    audit.record(
        [
            audit.Entry(
                by=by,
                act=act,
                subject="wall-screen",
                subject_id=str(screen.id),
                details={"name": screen.name},
            )
        ]
    )
