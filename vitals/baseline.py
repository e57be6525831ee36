"""The baseline: what a patient's pressures were before the dose. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from statistics import fmean

from vitals.panel import Baseline
from vitals.vital import Vital, tidy

# two that were taken so close before the dose are averaged; of one alone, or farther apart, the last counts
AVERAGED_WITHIN = timedelta(minutes=30)
RELATIVE_TO = (Vital.SYSTOLIC, Vital.DIASTOLIC, Vital.HEART_RATE, Vital.SPO2)


def baseline_of(
    measured: Iterable[tuple[datetime, Mapping[str, float]]], dose_started_at: datetime | None
) -> Baseline | None:
    """The baseline from all that was measured up to the start of the dose; None when nothing was.

    measured: moments with their plausible values, in any order; the answer does not depend on it.
    """
    if dose_started_at is None:
        return None
    before = [pair for pair in measured if pair[0] <= dose_started_at]
    found: dict[str, float | None] = {}
    most = 0
    for vital in RELATIVE_TO:
        moments: dict[datetime, list[float]] = defaultdict(list)
        for at, values in before:
            if vital in values:
                moments[at].append(values[vital])
        newest = sorted(moments)[-2:]
        if len(newest) == 2 and newest[1] - newest[0] > AVERAGED_WITHIN:
            newest = newest[1:]
        if newest:
            # two sources may have measured at one moment
            found[vital.value] = tidy(fmean(fmean(moments[at]) for at in newest))
            most = max(most, len(newest))
    return Baseline(**found, sets=most) if found else None
