"""The nine vitals of a reading: names, codes and units. Pure.

Codes are LOINC, units UCUM. Sedation is MOAA/S, which has no LOINC code.
"""

from dataclasses import dataclass
from enum import StrEnum


class Vital(StrEnum):
    SYSTOLIC = "systolic"
    DIASTOLIC = "diastolic"
    MEAN = "mean"
    HEART_RATE = "heart_rate"
    RESPIRATORY_RATE = "respiratory_rate"
    SPO2 = "spo2"
    TEMPERATURE = "temperature"
    ETCO2 = "etco2"
    SEDATION = "sedation"


@dataclass(frozen=True, slots=True)
class About:
    """How a vital is named, coded and measured; ``group`` is what its flags are named after."""

    label: str
    short: str
    group: str
    loinc: str
    ucum: str
    shown_unit: str


ABOUT: dict[Vital, About] = {
    Vital.SYSTOLIC: About("Systolic", "SBP", "bp", "8480-6", "mm[Hg]", "mmHg"),
    Vital.DIASTOLIC: About("Diastolic", "DBP", "bp", "8462-4", "mm[Hg]", "mmHg"),
    Vital.MEAN: About("Mean pressure", "MAP", "bp", "8478-0", "mm[Hg]", "mmHg"),
    Vital.HEART_RATE: About("Heart rate", "HR", "hr", "8867-4", "/min", "/min"),
    Vital.RESPIRATORY_RATE: About("Respiratory rate", "RR", "rr", "9279-1", "/min", "/min"),
    Vital.SPO2: About("SpO₂", "SpO₂", "spo2", "59408-5", "%", "%"),
    Vital.TEMPERATURE: About("Temperature", "Temp", "temperature", "8310-5", "Cel", "°C"),
    Vital.ETCO2: About("EtCO₂", "EtCO₂", "etco2", "19889-5", "mm[Hg]", "mmHg"),
    Vital.SEDATION: About("Sedation (MOAA/S)", "Sedation", "sedation", "", "{score}", ""),
}

# column order of a reading, everywhere
FIELDS: tuple[str, ...] = tuple(vital.value for vital in Vital)
GROUP: dict[str, str] = {vital.value: about.group for vital, about in ABOUT.items()}


# a float holds every whole number up to here, and JSON readers take them
_LARGEST_WHOLE = 2**53


def tidy(value: float) -> float:
    """A value as it is stored and shown: one decimal at most, a whole number as an integer.

    An absurdly large one stays a float: it is kept as received, and would be no integer JSON can carry.
    """
    rounded = round(value, 1)
    return int(rounded) if abs(rounded) <= _LARGEST_WHOLE and rounded == int(rounded) else rounded


def shown(value: float) -> str:
    """A value in words: no needless decimal."""
    return f"{value:g}"
