"""What a door has read and the corridor takes: plain values of one moment. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Measured:
    """The vitals of one moment, as a monitor, gateway or person gave them; not judged yet.

    id:          made by the sender, so that sending again is known; None where the source has none.
    measured_at: aware, by the source's clock.
    values:      vital's name → value in the vital's unit, unrounded; what was not measured is absent.
    source:      who measured: a monitor's name, for the record.
    """

    id: UUID | None
    measured_at: datetime
    values: Mapping[str, float]
    source: str
