"""What every door hands to the corridor: one set of vitals measured at one moment. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Measured:
    """One set, unjudged.

    id:          made by the sender; with it the call can be repeated.
    measured_at: by the device or the person; aware.
    values:      field → value in the vital's unit; only fields that were measured, never NaN.
    absent:      field → why it could not be measured.
    """

    id: UUID | None
    measured_at: datetime
    values: Mapping[str, float]
    absent: Mapping[str, str] = field(default_factory=dict)
