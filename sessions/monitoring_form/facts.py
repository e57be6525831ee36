"""All that a form is filled from, as plain values. Pure; gathered by ``reports.monitoring_form``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sessions.states import State


@dataclass(frozen=True, slots=True)
class Person:
    """The patient, or the one who watched, with what the form asks of each. Unknown texts are empty."""

    id: str
    given_name: str
    family_name: str
    middle_initial: str = ""
    birth_date: date | None = None
    sex: str = ""
    rems_enrolled_on: date | None = None
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """The clinic with its address."""

    id: str
    name: str
    address_1: str = ""
    address_2: str = ""
    city: str = ""
    state: str = ""
    zip_code: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """Something answered, on the pre-dose checklist or on the form. ``digest``: of what was signed."""

    value: str | int | None
    entry: str
    at: datetime
    by_name: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class DeviceGiven:
    number: int
    lot: str
    entry: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Pressure:
    """One blood pressure in mmHg as it counts now. ``ids``: of this reading, then of those it corrected."""

    ids: tuple[str, ...]
    at: datetime
    systolic: float
    diastolic: float

    @property
    def words(self) -> str:
        return f"{self.systolic:g}/{self.diastolic:g}"


@dataclass(frozen=True, slots=True)
class Scored:
    """One counted value of a reading: SpO₂ in %, or a MOAA/S score."""

    id: str
    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Episode:
    """A charted symptom from onset to resolution."""

    code: str
    entry: str
    onset_at: datetime
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AdverseEvent:
    entry: str
    at: datetime
    narrative: str
    criteria: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormFacts:
    """What is known of one session. Times are aware; ``zone`` is the clinic's.

    device_mg, total_min: the protocol's mg per device and minimum of minutes.
    opens_min, closes_min: the protocol's window around the 40-minute blood pressure.
    earlier_session: an earlier nasal session of this patient here that was dosed; empty when there is none.
    Readings and entries are those that count, by time: corrected ones as corrected, doubtful ones never.
    """

    session: str
    state: State
    zone: ZoneInfo
    patient: Person
    setting: Setting
    provider: Person | None
    started_at: datetime | None
    ended_at: datetime | None
    window_ends_at: datetime | None
    outcome: str
    outcome_reason: str
    device_mg: int
    total_min: int
    opens_min: int
    closes_min: int
    earlier_session: str = ""
    medicines: Mapping[str, Said] = field(default_factory=dict)
    devices: tuple[DeviceGiven, ...] = ()
    pressures: tuple[Pressure, ...] = ()
    saturations: tuple[Scored, ...] = ()
    sedations: tuple[Scored, ...] = ()
    episodes: tuple[Episode, ...] = ()
    adverse_events: tuple[AdverseEvent, ...] = ()
    answers: Mapping[str, Said] = field(default_factory=dict)

    def answer(self, code: str) -> Said | None:
        """What a person put into a field; None when nobody did, or when it was taken back."""
        said = self.answers.get(code)
        return said if said is not None and said.value is not None else None

    def minute(self, at: datetime) -> int:
        """Whole minutes since the first device; never rounded up, for a minimum hangs on them."""
        return 0 if self.started_at is None else int((at - self.started_at).total_seconds() // 60)

    def clock(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%H:%M}"

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def is_after_dose(self, at: datetime) -> bool:
        """True from the first device until the session's end."""
        if self.started_at is None or at <= self.started_at:
            return False
        return self.ended_at is None or at <= self.ended_at
