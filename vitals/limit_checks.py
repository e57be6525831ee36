"""What a row and a set of limits must be before a clinic may sign them. Pure.

Each fault names field, value and rule. A draft's row is refused as it is entered; what only the rows together
show is listed beside the draft and stands in the way of the signature.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields

from vitals.baseline import RELATIVE_TO
from vitals.limits import DAY_S, LEVELS, Direction, Kind, LimitRule, Priority, Unit, time_words
from vitals.plausible import RANGES
from vitals.vital import ABOUT, Vital, shown


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. ``rule``: the row, as "BP-2 SBP"; ``field``: its column; both may be empty."""

    words: str
    rule: str = ""
    field: str = ""

    @property
    def told(self) -> str:
        """The fault with its row in front."""
        return f"{self.rule}: {self.words}" if self.rule else self.words


def name_of(rule: LimitRule) -> str:
    """How people name a row: "BP-2 SBP", "ASK-1"."""
    return f"{rule.code} {ABOUT[rule.vital].short}" if rule.vital else rule.code


# --- one row

# the columns that a kind reads, beside code, priority and source; the others keep their defaults
WITH = ("symptoms", "severe_only", "with_vital", "with_direction", "with_threshold")
COUNTED = ("readings", "apart_s", "within_s", "recheck_s", "grace_s", "delay_s", "inside_by", "worse_by")
READS: dict[Kind, tuple[str, ...]] = {
    Kind.VALUE: ("vital", "direction", "threshold", "baseline_by", "baseline_unit", *WITH, *COUNTED),
    Kind.SYMPTOM: WITH,
    Kind.MONITOR_ZERO: (),
    Kind.MONITOR_SILENT: ("after_s",),
    Kind.NO_BASELINE: (),
    Kind.OVERDUE: ("after_s",),
    Kind.WINDOW_MISSED: (),
    Kind.UNDRAWN: ("after_s",),
    Kind.ESCALATION: ("after_s", "audience"),
    Kind.PATIENT_CHANGE: ("after_s",),
}
_RAISING = (Priority.MEDIUM, Priority.HIGH)
PRIORITIES: dict[Kind, tuple[Priority, ...]] = {
    # low is for things due: a value is drawn, or somebody must look
    Kind.VALUE: (Priority.NOTE, *_RAISING),
    Kind.SYMPTOM: _RAISING,
    Kind.MONITOR_ZERO: _RAISING,
    Kind.MONITOR_SILENT: _RAISING,
    Kind.NO_BASELINE: _RAISING,
    # never high: an absent value is not a dangerous one
    Kind.OVERDUE: (Priority.LOW, Priority.MEDIUM),
    Kind.WINDOW_MISSED: (Priority.MEDIUM,),
    Kind.UNDRAWN: (Priority.LOW, *_RAISING),
    Kind.ESCALATION: (Priority.LOW, *_RAISING),
    Kind.PATIENT_CHANGE: (Priority.NOTE,),
}
# (lowest, highest) a column takes; what lies outside is a slip of the finger, not a clinic's choice
SPANS: dict[str, tuple[float, float]] = {
    "readings": (1, 5),
    "apart_s": (10, 600),
    "within_s": (60, 3600),
    "recheck_s": (10, 1800),
    "grace_s": (0, 900),
    "delay_s": (0, 300),
    "inside_by": (0, 20),
    "worse_by": (0.1, 50),
}
AFTER: dict[Kind, tuple[int, int]] = {
    Kind.MONITOR_SILENT: (10, 1800),
    Kind.OVERDUE: (60, 7200),
    Kind.UNDRAWN: (1, 600),
    Kind.ESCALATION: (1, 3600),
    Kind.PATIENT_CHANGE: (3600, 366 * DAY_S),
}
# what monitors send many times a minute
STREAMED = (Vital.HEART_RATE, Vital.RESPIRATORY_RATE, Vital.SPO2, Vital.ETCO2)
FARTHEST_FROM_BASELINE = 150

LABELS: dict[str, str] = {
    "code": "Rule",
    "priority": "Priority",
    "source": "Source",
    "kind": "Kind",
    "vital": "Vital",
    "direction": "Direction",
    "threshold": "Limit",
    "baseline_by": "Distance from baseline",
    "baseline_unit": "Unit of the distance",
    "symptoms": "Symptoms",
    "severe_only": "Only when severe",
    "with_vital": "Together with",
    "with_direction": "Its direction",
    "with_threshold": "Its limit",
    "readings": "Readings in a row",
    "apart_s": "Apart by at least",
    "within_s": "Apart by at most",
    "recheck_s": "Re-check due after",
    "grace_s": "Raised without it after another",
    "delay_s": "Streamed for",
    "inside_by": "Ends when inside by",
    "worse_by": "Asks again when worse by",
    "after_s": "After",
    "audience": "Who is asked",
}
_DEFAULTS = {one.name: one.default for one in fields(LimitRule) if one.default is not MISSING}


def row_faults(rule: LimitRule, symptoms: Collection[str]) -> list[Fault]:
    """What is wrong with one row by itself. ``symptoms``: the codes that can be charted."""
    name = name_of(rule)
    return [Fault(words, name, field) for field, words in _row_faults(rule, symptoms)]


def _row_faults(rule: LimitRule, symptoms: Collection[str]) -> Iterator[tuple[str, str]]:
    if not rule.code.strip() or len(rule.code) > 12:
        yield "code", "A rule has a code of 1 to 12 characters, such as BP-2."
    if not rule.source.strip():
        yield "source", "A row names its source: a guideline with its edition, or who decided it and when."
    if rule.priority not in PRIORITIES[rule.kind]:
        allowed = " or ".join(PRIORITIES[rule.kind])
        yield "priority", f"Priority “{rule.priority}” is not one of a row about “{rule.kind}”: {allowed}."
    for column, usual in _DEFAULTS.items():
        if column not in ("kind", *READS[rule.kind]) and getattr(rule, column) != usual:
            yield column, f"{LABELS[column]} is not read by a row about “{rule.kind}”: leave it empty."
    if rule.kind is Kind.VALUE:
        yield from _value_faults(rule)
        yield from _counting_faults(rule)
    if rule.kind in (Kind.VALUE, Kind.SYMPTOM):
        yield from _company_faults(rule, symptoms)
    if rule.kind in AFTER:
        yield from _after_faults(rule)
    if rule.kind is Kind.ESCALATION and rule.audience is None:
        yield "audience", "An escalation says who is asked."


def _value_faults(rule: LimitRule) -> Iterator[tuple[str, str]]:
    if rule.vital is None:
        yield "vital", "A row about a value names its vital."
        return
    if rule.direction is None:
        yield "direction", "A row about a value says whether high or low."
    if rule.threshold is None and rule.baseline_by is None:
        yield "threshold", "A row about a value has a limit, a distance from the baseline, or both."
    yield from _figure_faults("threshold", rule.vital, rule.threshold)
    if rule.baseline_by is None:
        if rule.baseline_unit is not Unit.OWN:
            yield "baseline_unit", "There is a unit and no distance from the baseline."
        return
    if rule.vital not in RELATIVE_TO:
        names = ", ".join(ABOUT[vital].short for vital in RELATIVE_TO)
        yield "baseline_by", f"{ABOUT[rule.vital].short} has no baseline; these have: {names}."
    elif not _is_figure(rule.baseline_by) or not 0 < rule.baseline_by <= FARTHEST_FROM_BASELINE:
        yield (
            "baseline_by",
            f"{LABELS['baseline_by']} {shown(rule.baseline_by)} is not above 0 and up to"
            f" {FARTHEST_FROM_BASELINE}, with one decimal at most; the direction says which way.",
        )


def _is_figure(value: float) -> bool:
    """A number as it is stored: with one decimal at most."""
    return math.isfinite(value) and round(value, 1) == value


def _figure_faults(column: str, vital: Vital, value: float | None) -> Iterator[tuple[str, str]]:
    """A limit lies where the vital's field takes values, in the vital's own unit."""
    if value is None:
        return
    about, (lowest, highest) = ABOUT[vital], RANGES[vital]
    unit = f" {about.shown_unit}" if about.shown_unit else ""
    said = f"{LABELS[column]} {shown(value)}{unit}"
    if not _is_figure(value):
        yield column, f"{said} has more than one decimal."
    elif value > highest:
        yield column, f"{said} is above {shown(highest)}, the highest that {about.label.lower()} takes."
    elif value < lowest:
        yield column, f"{said} is below {shown(lowest)}, the lowest that {about.label.lower()} takes."


def _counting_faults(rule: LimitRule) -> Iterator[tuple[str, str]]:
    for column, (lowest, highest) in SPANS.items():
        value = getattr(rule, column)
        if value is not None and not (lowest <= value <= highest and _is_figure(value)):
            yield (
                column,
                f"{LABELS[column]} {shown(value)} is not between {shown(lowest)} and {shown(highest)}.",
            )
    if rule.apart_s >= rule.within_s:
        yield "within_s", "Readings are apart by at most more seconds than they are by at least."
    if rule.readings > 1 and not rule.apart_s <= rule.recheck_s <= rule.within_s:
        yield (
            "recheck_s",
            f"{LABELS['recheck_s']} {time_words(rule.recheck_s)} lies outside of when another reading counts:"
            f" {time_words(rule.apart_s)} to {time_words(rule.within_s)} later.",
        )
    if rule.priority is Priority.NOTE and rule.readings > 1:
        yield "readings", "A note is drawn at each reading: it asks for one."
    if rule.delay_s and rule.vital not in STREAMED:
        names = ", ".join(ABOUT[vital].short for vital in STREAMED)
        yield "delay_s", f"Seconds are asked for of what monitors stream: {names}."


def _company_faults(rule: LimitRule, symptoms: Collection[str]) -> Iterator[tuple[str, str]]:
    asked = (rule.with_vital, rule.with_direction, rule.with_threshold)
    if any(one is not None for one in asked) and any(one is None for one in asked):
        yield "with_vital", "Another vital is named with its direction and its limit, or not at all."
    elif rule.with_vital is not None:
        yield from _figure_faults("with_threshold", rule.with_vital, rule.with_threshold)
        if rule.with_vital is rule.vital:
            yield "with_vital", "The other vital is the row's own."
    strange = sorted(set(rule.symptoms) - set(symptoms))
    if strange:
        yield "symptoms", f"“{strange[0]}” is no symptom of this clinic."
    if len(set(rule.symptoms)) < len(rule.symptoms):
        yield "symptoms", "A symptom is named twice."
    if rule.kind is Kind.SYMPTOM and not rule.symptoms:
        yield "symptoms", "A row about a symptom names one."
    if rule.severe_only and not rule.symptoms:
        yield "severe_only", "There is no symptom that could be severe."


def _after_faults(rule: LimitRule) -> Iterator[tuple[str, str]]:
    lowest, highest = AFTER[rule.kind]
    if rule.after_s is None:
        yield "after_s", f"A row about “{rule.kind}” says after how long."
    elif not lowest <= rule.after_s <= highest:
        yield (
            "after_s",
            f"{LABELS['after_s']} {time_words(rule.after_s)} is not between {time_words(lowest)} and"
            f" {time_words(highest)}.",
        )


# --- the rows together


@dataclass(frozen=True, slots=True)
class MustWatch:
    """Something that a set watches, or says why it does not."""

    code: str
    words: str
    vital: Vital | None = None
    direction: Direction | None = None

    def is_watched(self, rules: Iterable[LimitRule]) -> bool:
        """True when a row raises a flag for it whatever else there is: no symptom, no other vital."""
        if self.vital is None:
            return any(rule.kind is Kind.OVERDUE for rule in rules)
        return any(
            rule.kind is Kind.VALUE
            and rule.vital is self.vital
            and self.direction in (None, rule.direction)
            and rule.priority in LEVELS
            and not rule.symptoms
            and rule.with_vital is None
            for rule in rules
        )


MUST_WATCH: tuple[MustWatch, ...] = (
    MustWatch("sbp-high", "a high systolic pressure", Vital.SYSTOLIC, Direction.HIGH),
    MustWatch("sbp-low", "a low systolic pressure", Vital.SYSTOLIC, Direction.LOW),
    MustWatch("spo2-low", "a low SpO₂", Vital.SPO2, Direction.LOW),
    MustWatch("hr", "the heart rate", Vital.HEART_RATE),
    MustWatch("rr", "the respiratory rate", Vital.RESPIRATORY_RATE),
    MustWatch("overdue", "a set that is overdue"),
)
WATCHED = {one.code: one for one in MUST_WATCH}
# the engine reads one row of these; of an overdue set, one of each priority
ONE_ROW = (
    Kind.MONITOR_ZERO,
    Kind.MONITOR_SILENT,
    Kind.NO_BASELINE,
    Kind.WINDOW_MISSED,
    Kind.UNDRAWN,
    Kind.PATIENT_CHANGE,
)


def set_faults(rules: Sequence[LimitRule], not_watched: Mapping[str, str] | None = None) -> list[Fault]:
    """What is wrong with the rows together; empty when a reviewer may sign them."""
    return [
        *_doubled(rules),
        *order_faults(rules),
        *_single_faults(rules),
        *unwatched_faults(rules, not_watched or {}),
    ]


def _doubled(rules: Sequence[LimitRule]) -> Iterator[Fault]:
    for name, count in Counter(name_of(rule) for rule in rules).items():
        if count > 1:
            yield Fault("There is another row of this code and vital.", name, "code")


def order_faults(rules: Sequence[LimitRule]) -> list[Fault]:
    """Rows that can never speak because another one always speaks first, and limits that leave no room."""
    found: list[Fault] = []
    plain = [rule for rule in rules if _is_bare(rule)]
    for rule in rules:
        if rule.kind is not Kind.VALUE or rule.vital is None or rule.threshold is None:
            continue
        over = next((other for other in plain if _silences(other, rule)), None)
        if over is not None:
            found.append(Fault(_silent_words(rule, over), name_of(rule), "threshold"))
    for vital in Vital:
        low = _innermost(plain, vital, Direction.LOW)
        high = _innermost(plain, vital, Direction.HIGH)
        if low is not None and high is not None and low.threshold >= high.threshold:  # type: ignore[operator]  # bare rows have one
            words = f"{low.words()} and {name_of(high)}, {high.words()}, leave no value between them."
            found.append(Fault(words, name_of(low), "threshold"))
    return found


def _is_bare(rule: LimitRule) -> bool:
    """A row that a value alone meets, and that raises a flag."""
    return (
        rule.kind is Kind.VALUE and rule.is_plain and rule.threshold is not None and rule.priority in LEVELS
    )


def _silences(other: LimitRule, rule: LimitRule) -> bool:
    """True when whatever meets ``rule`` meets ``other`` too, and that says more, or as much and sooner."""
    if other is rule or other.vital is not rule.vital or other.direction is not rule.direction:
        return False
    assert rule.threshold is not None and other.threshold is not None, "asked of rows with one"  # noqa: S101, PT018
    beyond = rule.threshold - other.threshold
    if rule.direction is Direction.LOW:
        beyond = -beyond
    if other.level > rule.level:
        # a note is only drawn, so how many readings the other asks for makes no difference
        sooner = rule.priority is Priority.NOTE or other.readings <= rule.readings
        return beyond > 0 or (beyond == 0 and sooner)
    if other.level < rule.level or not rule.is_plain:
        return False
    return beyond >= 0 and other.readings < rule.readings


def _silent_words(rule: LimitRule, other: LimitRule) -> str:
    place = "at" if rule.threshold == other.threshold else "beyond"
    sooner = "" if other.level > rule.level else ", which asks for fewer readings"
    return (
        f"{rule.priority.capitalize()} limit {shown(rule.threshold or 0)} lies {place} the {other.priority}"
        f" one of {name_of(other)}, {shown(other.threshold or 0)}{sooner}: it would never speak."
    )


def _innermost(plain: Sequence[LimitRule], vital: Vital, direction: Direction) -> LimitRule | None:
    rows = [rule for rule in plain if rule.vital is vital and rule.direction is direction]
    pick = max if direction is Direction.LOW else min
    return pick(rows, key=lambda rule: rule.threshold or 0, default=None)


def _single_faults(rules: Sequence[LimitRule]) -> Iterator[Fault]:
    for kind in ONE_ROW:
        rows = [rule for rule in rules if rule.kind is kind]
        for rule in rows[1:]:
            yield Fault(f"There is another row about “{kind}”: one is read.", name_of(rule), "kind")
    for priority in PRIORITIES[Kind.OVERDUE]:
        rows = [rule for rule in rules if rule.kind is Kind.OVERDUE and rule.priority is priority]
        for rule in rows[1:]:
            yield Fault(
                f"There is another row about “{Kind.OVERDUE}” of priority {priority}: one is read.",
                name_of(rule),
                "priority",
            )
    low, medium = (
        next((r.after_s for r in rules if r.kind is Kind.OVERDUE and r.priority is priority), None)
        for priority in PRIORITIES[Kind.OVERDUE]
    )
    if low is not None and medium is not None and low >= medium:
        yield Fault(
            f"A set is overdue with medium priority after {time_words(medium)}, not later than with low,"
            f" {time_words(low)}.",
            Kind.OVERDUE,
            "after_s",
        )


def unwatched_faults(rules: Sequence[LimitRule], not_watched: Mapping[str, str]) -> list[Fault]:
    """What nothing watches and no reason is given for; and reasons for what is watched after all."""
    found: list[Fault] = []
    for one in MUST_WATCH:
        reason = not_watched.get(one.code, "").strip()
        watched = one.is_watched(rules)
        if not watched and not reason:
            found.append(Fault(f"No row watches {one.words}: add one, or say why not.", "", one.code))
        elif watched and reason:
            found.append(Fault(f"A row watches {one.words}: take the reason away.", "", one.code))
    return found
