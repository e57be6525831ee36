"""What doors bring to the corridor, and what becomes of it there."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from clinic.access import Principal
from clinic.refusals import Refusal
from vitals.measured import Measured


@dataclass(slots=True)
class Incoming:
    """One reading at a door: who brings it, in which call, when it arrived, and whose it is said to be.

    session_id, chair: at most one is given; with neither, the device's own chair decides.
    """

    by: Principal
    call: int
    received_at: datetime
    measured: Measured
    session_id: UUID | None = None
    chair: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What a door could not read: kept as it came, with its reason, and refused."""

    by: Principal
    refusal: Refusal
    raw: bytes


@dataclass(frozen=True, slots=True)
class Rejection:
    """One field that was kept but not taken, or one reading that was refused."""

    field: str
    code: str
    message: str


@dataclass(slots=True)
class Outcome:
    """What became of one reading. ``refusal`` is set when nothing of it was stored."""

    id: UUID | None = None
    session_id: UUID | None = None
    duplicate: bool = False
    rejected: list[Rejection] = field(default_factory=list)
    flags: list[dict[str, str]] = field(default_factory=list)
    refusal: Refusal | None = None
