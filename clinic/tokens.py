"""Access tokens: made once, shown once, stored as a hash; each bound to one device or one membership."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models.functions import Now
from django.http import HttpRequest
from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from clinic import audit
from clinic.access import Principal, Role
from clinic.models import AccessToken, Chair, Device, Membership, WallScreen

STAFF_TOKEN_LASTS = timedelta(hours=12)
LONGEST_KEY = 128


def hash_key(key: str) -> str:
    """SHA-256 of a key, in hexadecimal: keys are 256 random bits, so no salt and no stretching is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


def issue_for_device(device: Device, *, by: Principal | None = None) -> str:
    """Make a token for a device and return its key, which is shown this one time."""
    key = secrets.token_urlsafe(32)
    with transaction.atomic():
        AccessToken.objects.create(key_hash=hash_key(key), device=device)
        audit.record(
            [
                audit.Entry(
                    by=by or principal_of_device(device),
                    act="issue-token",
                    subject="device",
                    subject_id=str(device.id),
                )
            ]
        )
    return key


def issue_for_member(membership: Membership, *, expires_at: datetime | None) -> str:
    """Make a token for a member's scripts and return its key, which is shown this one time."""
    key = secrets.token_urlsafe(32)
    with transaction.atomic():
        AccessToken.objects.create(key_hash=hash_key(key), membership=membership, expires_at=expires_at)
        audit.record(
            [
                audit.Entry(
                    by=principal_of_member(membership),
                    act="issue-token",
                    subject="membership",
                    subject_id=str(membership.pk),
                )
            ]
        )
    return key


def station_of(key: str) -> str:
    """Where a key speaks from: a hash of its own, so that records name the browser or token and no key."""
    return hash_key(f"station:{key}")


def principal_of_member(membership: Membership, *, station: str = "") -> Principal:
    return Principal(
        clinic_id=membership.clinic_id,
        role=Role(membership.role),
        name=membership.user.shown_name(),
        user_id=membership.user_id,
        station=station,
    )


def principal_of_device(device: Device) -> Principal:
    return Principal(
        clinic_id=device.clinic_id,
        role=Role.DEVICE,
        name=device.name,
        device_id=device.id,
        chair_id=device.chair_id,
        simulated=device.simulated,
    )


def principal_of_room(chair: Chair) -> Principal:
    """The screen in the patient's room: it may see when somebody comes, and call."""
    return Principal(
        clinic_id=chair.clinic_id, role=Role.ROOM, name=f"Screen of chair {chair.name}", chair_id=chair.id
    )


def principal_of_wall(screen: WallScreen, *, station: str = "") -> Principal:
    """A screen on the wall: it may read the board, and say what it has drawn of it."""
    return Principal(
        clinic_id=screen.clinic_id, role=Role.WALL, name=f"Wall screen {screen.name}", station=station
    )


def wall_of_key(key: str) -> WallScreen | None:
    """The wall screen a key stands for now; None for an unknown or revoked one, and for anybody else's."""
    if not 0 < len(key) <= LONGEST_KEY:
        return None
    return (
        WallScreen.objects.select_related("clinic")
        .filter(key_hash=hash_key(key), revoked_at__isnull=True)
        .first()
    )


def principal_of_wall_key(key: str) -> Principal | None:
    screen = wall_of_key(key)
    return principal_of_wall(screen, station=station_of(key)) if screen else None


def principal_of_key(key: str) -> Principal | None:
    """The principal a key stands for now; None for an unknown, expired or revoked one."""
    token = (
        AccessToken.objects.select_related("device", "membership__user", "room")
        .filter(key_hash=hash_key(key), revoked_at__isnull=True)
        .filter(models.Q(expires_at__isnull=True) | models.Q(expires_at__gt=Now()))
        .first()
    )
    if token is None:
        return None
    if token.device is not None:
        return principal_of_device(token.device) if token.device.is_active else None
    if token.room is not None:
        return principal_of_room(token.room)
    membership = token.membership
    if membership is None or membership.ended_at is not None or not membership.user.is_active:
        return None
    return principal_of_member(membership, station=station_of(key))


def key_in(header: bytes) -> str | None:
    """The key in an ``Authorization: Token <key>`` header; None when it holds none."""
    kind, _, key = header.partition(b" ")
    if kind.lower() != b"token" or not 0 < len(key.strip()) <= LONGEST_KEY:
        return None
    try:
        return key.strip().decode("ascii")
    except UnicodeDecodeError:
        return None


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Token <key>`` for devices and staff scripts."""

    def authenticate(self, request: Request) -> tuple[Principal, str] | None:
        header = get_authorization_header(request)
        if not header:
            return None
        key = key_in(header)
        principal = principal_of_key(key) if key else None
        if principal is None:
            raise AuthenticationFailed("The token is unknown, expired or revoked.")
        return principal, "token"

    def authenticate_header(self, request: Request) -> str:
        return "Token"


ROOM_COOKIE = "vigil_room"


def room_of(request: HttpRequest | Request) -> Principal | None:
    """The room that the request's cookie stands for; a key of anybody else is none here."""
    key = request.COOKIES.get(ROOM_COOKIE, "")
    principal = principal_of_key(key) if 0 < len(key) <= LONGEST_KEY else None
    return principal if principal is not None and principal.role is Role.ROOM else None


class RoomAuthentication(SessionAuthentication):
    """The cookie of a patient's own screen, with the page's CSRF token as any other cookie."""

    def authenticate(self, request: Request) -> tuple[Principal, str] | None:
        principal = room_of(request)
        if principal is None:
            return None
        self.enforce_csrf(request)
        return principal, "room"

    def authenticate_header(self, request: Request) -> str:
        return "Token"


WALL_COOKIE = "vigil_wall"
# A browser may hold a wall's cookie and a member's. A call says for which of them it speaks, so that a member
# who signs in on the wall changes nothing on it, and a screen that was taken back does not look through them.
AS_WALL = ("screen", "wall")


class WallAuthentication(SessionAuthentication):
    """The cookie of a screen on the wall, for calls with ``?screen=wall``. Name it before the others."""

    def authenticate(self, request: Request) -> tuple[Principal, str] | None:
        name, value = AS_WALL
        if request.query_params.get(name) != value:
            return None
        principal = principal_of_wall_key(request.COOKIES.get(WALL_COOKIE, ""))
        if principal is None:
            raise AuthenticationFailed("This browser is no wall screen, or no longer.")
        self.enforce_csrf(request)
        return principal, "wall"

    def authenticate_header(self, request: Request) -> str:
        return "Token"
