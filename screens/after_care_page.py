"""The after-care sheet: what was given, with whom the patient goes, what to do and whom to call."""

from dataclasses import dataclass
from datetime import datetime

from sessions import after_care, leaving
from sessions import queries as treatments
from sessions.leaving import Escort
from sessions.models import Session
from sessions.protocol import Route


@dataclass(frozen=True, slots=True)
class AfterCare:
    """The sheet's facts and words. given: in the patient's words; None before the first dose."""

    given: str | None
    begun_at: datetime | None
    ended_at: datetime | None
    left_at: datetime | None
    escort: Escort
    until_tomorrow: tuple[str, ...] = after_care.NOT_UNTIL_TOMORROW
    call_clinic: tuple[str, ...] = after_care.CALL_THE_CLINIC
    call_emergency: tuple[str, ...] = after_care.CALL_EMERGENCY


def after_care_page(row: Session) -> AfterCare:
    return AfterCare(
        given=_given(row),
        begun_at=row.dose_started_at,
        ended_at=row.dose_ended_at,
        left_at=row.ended_at,
        escort=leaving.escort_of(treatments.entries(row.id)),
    )


def _given(row: Session) -> str | None:
    if row.dose_started_at is None or row.dose_mg is None:
        return None
    if row.protocol.route == Route.IV:
        return f"{row.protocol.name}, {float(row.dose_mg):g} mg by drip into a vein"
    number = row.devices_given
    return f"{row.protocol.name}, {number} nasal device{'' if number == 1 else 's'}"
