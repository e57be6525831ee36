"""What could not be taken is kept as it came, once, with the reason: nothing vanishes."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic.access import Principal
from vitals.models import Quarantine

LONGEST_BODY = 100_000


@dataclass(frozen=True, slots=True)
class Refused:
    """One message or reading that was refused: who sent it, when it came, and why."""

    by: Principal
    received_at: datetime
    code: str
    reason: str
    body: str


def keep(refused: Iterable[Refused]) -> None:
    """Store what was refused, in the caller's transaction; the same body of a clinic only once."""
    rows = [
        Quarantine(
            clinic_id=one.by.clinic_id,
            received_at=one.received_at,
            device_id=one.by.device_id,
            sender=one.by.name,
            code=one.code,
            reason=one.reason[:500],
            # PostgreSQL stores no NUL character; its picture stands for it
            body=one.body[:LONGEST_BODY].replace("\x00", "\N{SYMBOL FOR NULL}"),
            digest=UUID(bytes=hashlib.blake2b(one.body.encode(), digest_size=16).digest()),
        )
        for one in refused
    ]
    if rows:
        Quarantine.objects.bulk_create(rows, ignore_conflicts=True)
