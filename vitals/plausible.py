"""Which values can be: per field and, for blood pressure, between fields. Pure.

A value that cannot be is kept word for word with its reason and never judged; the rest of its reading is.
Ranges are anchored on what real monitors measure; they are not limits of health.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vitals.vital import ABOUT, Vital, shown

# (lowest, highest) that a field takes
RANGES: dict[str, tuple[float, float]] = {
    Vital.SYSTOLIC: (30, 300),
    Vital.DIASTOLIC: (10, 220),
    Vital.MEAN: (10, 300),
    Vital.HEART_RATE: (20, 300),
    Vital.RESPIRATORY_RATE: (0, 80),
    Vital.SPO2: (40, 100),
    Vital.TEMPERATURE: (30, 43),
    Vital.ETCO2: (5, 100),
    Vital.SEDATION: (0, 5),
}
# systolic lies at least this far above diastolic, in mmHg
PULSE_PRESSURE_AT_LEAST = 5
# a monitor that has lost its sensor sends 0 for these
ZERO_MEANS_SENSOR = (Vital.HEART_RATE, Vital.RESPIRATORY_RATE, Vital.SPO2)


@dataclass(slots=True)
class Judged:
    """A reading after judgement.

    values:   what may be scored and shown, per field.
    doubtful: field → (value as received, reason).
    zeros:    fields for which a monitor sent 0.
    """

    values: dict[str, float]
    doubtful: dict[str, tuple[float, str]] = field(default_factory=dict)
    zeros: tuple[str, ...] = ()


def judge(values: Mapping[str, float], *, from_device: bool) -> Judged:
    """Sort the values of one reading into those that can be and those that cannot.

    values: in the vital's unit; only fields that were measured.
    """
    judged = Judged(dict(values))
    kept = judged.values
    for name, value in values.items():
        lowest, highest = RANGES[name]
        if from_device and value == 0 and name in ZERO_MEANS_SENSOR:
            judged.zeros += (name,)
            _doubt(judged, name, "monitor reads 0: look at the patient and the sensor")
        elif not lowest <= value <= highest:
            _doubt(judged, name, out_of_range(name, value))
        elif name == "sedation" and value != int(value):
            _doubt(judged, name, f"Sedation {shown(value)} is not one of the scores 0 to 5")
    systolic, diastolic, mean = kept.get("systolic"), kept.get("diastolic"), kept.get("mean")
    if systolic is not None and diastolic is not None:
        for name, reason in doubts_between(systolic, diastolic, mean).items():
            _doubt(judged, name, reason)
    return judged


def doubts_between(systolic: float, diastolic: float, mean: float | None) -> dict[str, str]:
    """Fields that contradict each other in one blood pressure, with the reason; empty when they agree."""
    if systolic < diastolic + PULSE_PRESSURE_AT_LEAST:
        reason = (
            f"Systolic {shown(systolic)} is not {PULSE_PRESSURE_AT_LEAST} above diastolic {shown(diastolic)}"
        )
        return {"systolic": reason, "diastolic": reason}
    if mean is not None and not diastolic <= mean <= systolic:
        between = f"diastolic {shown(diastolic)} and systolic {shown(systolic)}"
        return {"mean": f"Mean {shown(mean)} is not between {between}"}
    return {}


def out_of_range(name: str, value: float) -> str:
    """The reason in words: field, value and rule, and a likely slip where one is at hand."""
    lowest, highest = RANGES[name]
    label = ABOUT[Vital(name)].label
    if value > highest:
        words = f"{label} {shown(value)} is above {shown(highest)}, the highest this field takes"
    else:
        words = f"{label} {shown(value)} is below {shown(lowest)}, the lowest this field takes"
    if name == "temperature" and 86 <= value <= 110:
        words += f". Was that Fahrenheit? {(value - 32) / 1.8:.1f} °C"
    elif value > highest and lowest <= value / 10 <= highest and value % 10 == 0:
        words += f". Did you mean {shown(value / 10)}?"
    return words


def _doubt(judged: Judged, name: str, reason: str) -> None:
    judged.doubtful[name] = (judged.values.pop(name), reason)
