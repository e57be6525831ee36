"""NEWS2 of one set: seven inputs, the points of each, their sum and its band. Pure.

NEWS2 © Royal College of Physicians 2017. Worked out only when all seven inputs are there and from one set;
otherwise it says what is missing. It is a score to read beside the clinic's limits: it raises no flag, moves
no due time, and no rule reads it. It is worked out from the chart whenever it is shown, and kept nowhere, so
a correction can never leave an old score standing.

source: Royal College of Physicians, National Early Warning Score (NEWS) 2, 2017, chart 1 and chart 2.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sessions import alertness
from sessions.alertness import LOW_TARGET_SCALE, USUAL_SCALE, Consciousness, Look, Target
from vitals.vital import ABOUT, Vital, shown

ACKNOWLEDGED = "NEWS2 © Royal College of Physicians 2017"
# one set: no two of its inputs are further apart
ONE_SET = timedelta(minutes=5)
YOUNGEST_YEARS = 16
NOT_FOR = "Not for patients under 16, nor in pregnancy"


class Item(StrEnum):
    """The seven inputs, in the chart's order."""

    RESPIRATORY_RATE = "respiratory_rate"
    SPO2 = "spo2"
    OXYGEN = "oxygen"
    SYSTOLIC = "systolic"
    HEART_RATE = "heart_rate"
    CONSCIOUSNESS = "consciousness"
    TEMPERATURE = "temperature"


MEASURED: tuple[Item, ...] = (
    Item.RESPIRATORY_RATE,
    Item.SPO2,
    Item.SYSTOLIC,
    Item.HEART_RATE,
    Item.TEMPERATURE,
)
CHARTED = frozenset({Item.OXYGEN, Item.CONSCIOUSNESS})
LABEL: dict[Item, str] = {
    **{item: ABOUT[Vital(item)].label for item in MEASURED},
    Item.OXYGEN: "Air or oxygen",
    Item.CONSCIOUSNESS: "Consciousness",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the chart: a value up to and including ``up_to`` gives ``points``; None is without end."""

    up_to: float | None
    points: int


def _rows(*pairs: tuple[float | None, int]) -> tuple[Row, ...]:
    return tuple(Row(up_to, points) for up_to, points in pairs)


BANDS: dict[Item, tuple[Row, ...]] = {
    Item.RESPIRATORY_RATE: _rows((8, 3), (11, 1), (20, 0), (24, 2), (None, 3)),
    Item.SPO2: _rows((91, 3), (93, 2), (95, 1), (None, 0)),
    Item.SYSTOLIC: _rows((90, 3), (100, 2), (110, 1), (219, 0), (None, 3)),
    Item.HEART_RATE: _rows((40, 3), (50, 1), (90, 0), (110, 1), (130, 2), (None, 3)),
    Item.TEMPERATURE: _rows((35.0, 3), (36.0, 1), (38.0, 0), (39.0, 1), (None, 2)),
}
# SpO2 scale 2, for a prescribed target of 88 to 92 %: too high counts too, but only on oxygen
SCALE_2_ON_AIR = _rows((83, 3), (85, 2), (87, 1), (None, 0))
SCALE_2_ON_OXYGEN = _rows((83, 3), (85, 2), (87, 1), (92, 0), (94, 1), (96, 2), (None, 3))
ON_OXYGEN = 2
NOT_ALERT = 3
# a monitor that sends 0 for one of these sees nobody: it is never scored
ZERO_IS_NO_VALUE = frozenset({Item.RESPIRATORY_RATE, Item.SPO2, Item.HEART_RATE})


class Risk(StrEnum):
    """The aggregate's band, in the words of the Royal College of Physicians."""

    LOW = "low"
    LOW_MEDIUM = "low–medium"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Value:
    """One measured value of an input, in its unit; ``by_person``: somebody wrote it."""

    at: datetime
    value: float
    by_person: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """One of the seven: what it was, when, and its points; no words and no time where it is missing.

    points: None for what is missing, and for SpO2 on scale 2 while nobody charted air or oxygen.
    """

    item: Item
    words: str
    at: datetime | None
    points: int | None


@dataclass(frozen=True, slots=True)
class News2:
    """One set, scored or not.

    at:    the look at the patient that the set stands around; without one, its newest value.
    scale: of SpO2; ``target`` is who signed scale 2, None on scale 1.
    look:  what consciousness and oxygen came from; None while nobody charted them.
    """

    at: datetime
    parts: tuple[Part, ...]
    scale: int
    target: Target | None
    look: Look | None

    @property
    def missing(self) -> tuple[str, ...]:
        """Which inputs this set has not, in the chart's order."""
        return tuple(LABEL[part.item] for part in self.parts if part.at is None)

    @property
    def total(self) -> int | None:
        """The aggregate, 0 to 20; None while anything is missing."""
        return None if self.missing else sum(part.points or 0 for part in self.parts)

    @property
    def threes(self) -> tuple[str, ...]:
        """The inputs that give 3 by themselves."""
        return tuple(LABEL[part.item] for part in self.parts if part.points == 3)

    @property
    def risk(self) -> Risk | None:
        """The band of the aggregate; None while anything is missing."""
        return None if self.total is None else risk_of(self.total, any_three=bool(self.threes))


def risk_of(total: int, *, any_three: bool) -> Risk:
    if total >= 7:
        return Risk.HIGH
    if total >= 5:
        return Risk.MEDIUM
    return Risk.LOW_MEDIUM if any_three else Risk.LOW


def points_of(item: Item, value: float, rows: Sequence[Row]) -> int:
    """The points of a value. The chart's rows are whole numbers; a fraction between two gets the worse one's.

    The temperature's rows meet at a tenth, which is as fine as it is charted.
    """
    if item is Item.TEMPERATURE:
        return _points(round(value, 1), rows)
    return max(_points(math.floor(value), rows), _points(math.ceil(value), rows))


def _points(value: float, rows: Sequence[Row]) -> int:
    return next(row.points for row in rows if row.up_to is None or value <= row.up_to)


def spo2_rows(scale: int, *, on_oxygen: bool) -> tuple[Row, ...]:
    if scale == LOW_TARGET_SCALE:
        return SCALE_2_ON_OXYGEN if on_oxygen else SCALE_2_ON_AIR
    return BANDS[Item.SPO2]


def consciousness_points(seen: Consciousness, *, dissociation_counts: bool) -> int:
    """3 for anything but alert; expected dissociation counts as the clinic's switch says."""
    if seen is Consciousness.DISSOCIATED:
        return NOT_ALERT if dissociation_counts else 0
    return 0 if seen is Consciousness.ALERT else NOT_ALERT


def score(at: datetime, values: Mapping[Item, Value], look: Look | None, target: Target | None) -> News2:
    """Score what one set holds; what it does not hold is named, and then there is no total.

    values: the measured inputs that the set has, each in its unit.
    look:   consciousness and oxygen, charted together; None when nobody did.
    target: what a prescriber signed; None for the usual scale.
    """
    scale = target.scale if target else USUAL_SCALE
    parts = tuple(
        _charted(item, look) if item in CHARTED else _measured(item, values.get(item), scale, look)
        for item in Item
    )
    return News2(at, parts, scale, target if scale == LOW_TARGET_SCALE else None, look)


def _measured(item: Item, held: Value | None, scale: int, look: Look | None) -> Part:
    if held is None:
        return Part(item, "", None, None)
    words = f"{shown(held.value)} {ABOUT[Vital(item)].shown_unit}"
    if item is not Item.SPO2:
        return Part(item, words, held.at, points_of(item, held.value, BANDS[item]))
    if scale == LOW_TARGET_SCALE and look is None:
        return Part(item, words, held.at, None)
    rows = spo2_rows(scale, on_oxygen=bool(look and look.on_oxygen))
    return Part(item, words, held.at, points_of(item, held.value, rows))


def _charted(item: Item, look: Look | None) -> Part:
    if look is None:
        return Part(item, "", None, None)
    if item is Item.OXYGEN:
        words = alertness.oxygen_words(look.oxygen_l_min)
        return Part(item, words, look.at, ON_OXYGEN if look.on_oxygen else 0)
    points = consciousness_points(look.consciousness, dissociation_counts=look.dissociation_counts)
    return Part(item, alertness.WORDS[look.consciousness].lower(), look.at, points)


# --- which values are one set

Values = Mapping[Item, Sequence[Value]]


def counted(values: Values) -> dict[Item, list[Value]]:
    """The values that can be scored, by time; a monitor's 0 is none of them."""
    return {
        item: sorted(
            (one for one in held if one.value != 0 or one.by_person or item not in ZERO_IS_NO_VALUE),
            key=lambda one: (one.at, one.value),
        )
        for item, held in values.items()
    }


def one_set(around: datetime, held: Mapping[Item, Sequence[Value]]) -> dict[Item, Value]:
    """The values that make one set with a moment: neither they nor the moment are over 5 min apart.

    held: what ``counted`` gives. Of all spans of five minutes that hold the moment, the one with most inputs
    is taken; of these the one whose values lie nearest to it, then the earliest. So a set hangs on the chart
    alone, never on what came first.
    """
    near = {item: _neighbours(around, values) for item, values in held.items()}
    starts = {one.at for two in near.values() for one in two if around - ONE_SET <= one.at <= around}
    spans = (_within(start, around, near) for start in sorted(starts | {around}))
    return min(spans, key=lambda span: (-len(span), _distance(around, span)))


def _neighbours(around: datetime, values: Sequence[Value]) -> tuple[Value, ...]:
    """The newest value up to the moment and the oldest after it: any further one is never the nearest."""
    after = bisect_right(values, around, key=lambda one: one.at)
    return tuple(values[max(0, after - 1) : after + 1])


def _within(start: datetime, around: datetime, near: Mapping[Item, tuple[Value, ...]]) -> dict[Item, Value]:
    """Per input the value nearest to the moment, of those in the span; of two as near, the later."""
    inside = {item: [one for one in two if start <= one.at <= start + ONE_SET] for item, two in near.items()}
    return {
        item: min(two, key=lambda one: (abs(one.at - around), around - one.at))
        for item, two in inside.items()
        if two
    }


def nearest(around: datetime, values: Sequence[Value]) -> Value | None:
    """The value that is in one set with a moment and nearest to it; of two as near, the later."""
    near = [one for one in values if abs(one.at - around) <= ONE_SET]
    return min(near, key=lambda one: (abs(one.at - around), around - one.at), default=None)


def _distance(around: datetime, span: Mapping[Item, Value]) -> timedelta:
    return sum((abs(one.at - around) for one in span.values()), timedelta())


def scored(values: Values, looks: Iterable[Look], targets: Sequence[Target]) -> list[News2]:
    """The sets of a session that stand around a look at the patient, by time; each scored where complete."""
    held = counted(values)
    return [
        score(look.at, one_set(look.at, held), look, alertness.target_at(targets, look.at))
        for look in sorted(looks, key=lambda look: (look.at, look.entry))
    ]


def newest(values: Values, sets: Sequence[News2], targets: Sequence[Target]) -> News2 | None:
    """The set that is newest; None when nothing was charted at all.

    sets: what ``scored`` gives. The last of them is it while nothing measured is more than five minutes
    younger than its look; after that nobody has looked since, so it is incomplete, and says so.
    """
    held = counted(values)
    latest = max((some[-1].at for some in held.values() if some), default=None)
    if sets and (latest is None or latest - sets[-1].at <= ONE_SET):
        return sets[-1]
    if latest is None:
        return None
    return score(latest, one_set(latest, held), None, alertness.target_at(targets, latest))
