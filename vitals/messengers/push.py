"""A notice to a browser that asked for it: encrypted for it alone (RFC 8291), signed by us (RFC 8292)."""

import os
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from email.utils import parseaddr
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from py_vapid import Vapid02

from vitals import notices
from vitals.messengers import posting
from vitals.messengers.delivery import Address, Gone, Undelivered
from vitals.models import PushKey
from vitals.notices import Notice

# how long a push service keeps it for a telephone that is off: an older reminder helps nobody
KEPT_FOR_S = 600
TOKEN_LASTS_S = 12 * 3600


def public_key() -> str:
    """This installation's key, as browsers want it when they subscribe. Made at the first look, for good."""
    return _key().public


def fault_in(p256dh: str, auth: str) -> str:
    """What is wrong with a browser's keys; empty when nothing is."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(p256dh))
    except ValueError:
        return "p256dh is no point of the curve P-256"
    try:
        return "" if len(_bytes(auth)) == 16 else "auth has not 16 bytes"
    except ValueError:
        return "auth is not base64"


def send(address: Address, notice: Notice) -> None:
    """Hand it to the browser's push service. raises: Undelivered; Gone when the subscription is no more."""
    body = http_ece.encrypt(
        notices.push_body(notice),
        salt=os.urandom(16),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=_bytes(address.p256dh),
        auth_secret=_bytes(address.auth),
        version="aes128gcm",
    )
    headers = {
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT_FOR_S),
        "Urgency": "high",
        **_signed_for(address.url),
    }
    if notice.flag is not None:
        # a newer one of the same flag takes the place of one not yet delivered
        headers["Topic"] = notice.flag.hex
    status = posting.post(address.url, body, headers)
    if status in {404, 410}:
        raise Gone(f"answered {status}: the browser’s push service no longer knows it")
    if not 200 <= status < 300:
        raise Undelivered(f"answered {status}")


def _signed_for(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + TOKEN_LASTS_S,
        "sub": f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}",
    }
    signed: dict[str, str] = Vapid02.from_raw(_key().private.encode()).sign(claims)
    return signed


def _key() -> PushKey:
    held = PushKey.objects.filter(pk=1).first()
    return held or PushKey.objects.get_or_create(pk=1, defaults=_made())[0]


def _made() -> dict[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    private = key.private_numbers().private_value.to_bytes(32, "big")
    return {"private": _text(private), "public": _text(point)}


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
