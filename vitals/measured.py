"""What a door has read and the corridor takes: plain values of one moment. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Measured:
    """The vitals of one moment, as a monitor, gateway or person gave them; not judged yet.

    id:          made by the sender, so that sending again is known; None where the source has none.
    measured_at: aware, by the source's clock.
    values:      vital's name → value in the vital's unit, unrounded.
    absent:      vital's name → why it could not be measured. In neither: not tried.
    """

    id: UUID | None
    measured_at: datetime
    values: Mapping[str, float]
    absent: Mapping[str, str] = field(default_factory=dict)
