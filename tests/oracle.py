"""What the clinic's example rules say of a row of vitals, written a second time from the rules' own page.

It shares no line with the product, so the two agree only where both are right. Values in mmHg, /min, % and
degrees Celsius; times in minutes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Row = Mapping[str, float]

RANGES = {
    "systolic": (30, 300),
    "diastolic": (10, 220),
    "mean": (10, 300),
    "heart_rate": (20, 300),
    "respiratory_rate": (0, 80),
    "spo2": (40, 100),
    "temperature": (30, 43),
}
# condition → (vital, is high, medium from, high from, how far inside before it steps down)
LIMITS: dict[str, list[tuple[str, bool, float | None, tuple[float, ...], float | None]]] = {
    "bp-high": [("systolic", True, 165, (180, 200), None), ("diastolic", True, 100, (110, 120), None)],
    "bp-low": [("systolic", False, None, (80,), None)],
    "hr-high": [("heart_rate", True, 120, (131,), 3)],
    "hr-low": [("heart_rate", False, 45, (40,), 3)],
    "rr-high": [("respiratory_rate", True, None, (25, 30), 1)],
    "rr-low": [("respiratory_rate", False, None, (8, 6), 1)],
    "spo2-low": [("spo2", False, 93, (91, 88), 1)],
}
RANK = {"medium": 1, "high": 2}
ZEROS = {"heart_rate": "hr-zero", "respiratory_rate": "rr-zero", "spo2": "spo2-zero"}


def zeros(row: Row) -> list[str]:
    """Vitals for which the monitor said 0: it has lost its sensor."""
    return [name for name in ZEROS if row.get(name) == 0]


def plausible(row: Row) -> dict[str, float]:
    """The values that can be; what is left out is impossible by itself or beside another."""
    kept = {
        name: value
        for name, value in row.items()
        if RANGES[name][0] <= value <= RANGES[name][1] and name not in zeros(row)
    }
    upper, lower = kept.get("systolic"), kept.get("diastolic")
    if upper is not None and lower is not None:
        if upper < lower + 5:
            del kept["systolic"], kept["diastolic"]
        elif "mean" in kept and not lower <= kept["mean"] <= upper:
            del kept["mean"]
    return kept


def worst(condition: str, values: Row) -> tuple[str, float] | None:
    """The highest priority that the values give for a condition, and the threshold that gave it."""
    met: list[tuple[int, float, str, float]] = []
    for vital, is_high, medium, highs, _ in LIMITS[condition]:
        if vital not in values:
            continue
        rows = [("high", limit) for limit in highs] + ([("medium", medium)] if medium is not None else [])
        for priority, limit in rows:
            if (values[vital] >= limit) if is_high else (values[vital] <= limit):
                met.append((RANK[priority], limit if is_high else -limit, priority, limit))
    return max(met)[2:] if met else None


def findings(row: Row) -> set[tuple[str, str]]:
    """(condition, priority) of one row, judged by itself, whenever it came."""
    values = plausible(row)
    found = {(name, worst(name, values)) for name in LIMITS}
    return {(name, verdict[0]) for name, verdict in found if verdict} | {
        (ZEROS[name], "medium") for name in zeros(row)
    }


@dataclass
class Flag:
    """One flag and its story: (minute, priority, state) at each change."""

    condition: str
    opened_at: float
    priority: str
    threshold: float = 0
    state: str = "active"
    was_high: bool = False
    resolved_at: float | None = None
    story: list[tuple[float, str, str]] = field(default_factory=list)

    def becomes(self, at: float, priority: str, state: str) -> None:
        if (priority, state) != (self.priority, self.state) or not self.story:
            self.story.append((at, priority, state))
        self.priority, self.state = priority, state
        self.was_high |= priority == "high"
        if state == "resolved":
            self.resolved_at = at


def live_flags(rows: Sequence[tuple[float, Row]]) -> list[Flag]:
    """The flags that rows arriving one by one, each at its minute, raise; nobody takes any of them."""
    newest: dict[str, float] = {}
    flags: list[Flag] = []
    for at, row in rows:
        fresh = plausible(row)
        newest |= fresh
        for condition, tests in LIMITS.items():
            if any(vital in fresh for vital, *_ in tests):
                _follow(flags, condition, at, worst(condition, newest), newest)
        for vital, condition in ZEROS.items():
            flag = _open(flags, condition)
            if vital in zeros(row) and flag is None:
                flags.append(Flag(condition, at, "medium"))
                flags[-1].becomes(at, "medium", "active")
            elif vital in fresh and flag is not None:
                flag.becomes(at, "medium", "resolved")
    return flags


def _open(flags: list[Flag], condition: str) -> Flag | None:
    return next((one for one in flags if one.condition == condition and one.state != "resolved"), None)


def _follow(
    flags: list[Flag], condition: str, at: float, verdict: tuple[str, float] | None, newest: Row
) -> None:
    """Open, raise, step down, latch or resolve the one flag of a condition."""
    flag = _open(flags, condition)
    if flag is None:
        if verdict:
            flags.append(Flag(condition, at, verdict[0], verdict[1]))
            flags[-1].becomes(at, verdict[0], "active")
        return
    rank = RANK[verdict[0]] if verdict else 0
    if flag.state == "active" and rank < RANK[flag.priority] and _is_near(flag, newest):
        return
    if verdict:
        flag.threshold = verdict[1]
        flag.becomes(at, verdict[0], "active")
    elif flag.was_high:
        flag.becomes(at, "high", "latched")
    else:
        flag.becomes(at, flag.priority, "resolved")


def _is_near(flag: Flag, newest: Row) -> bool:
    """True while the value is outside its limit or not yet far enough inside it to step down."""
    vital, is_high, _, _, margin = LIMITS[flag.condition][0]
    if margin is None:
        return False
    inside = flag.threshold - newest[vital] if is_high else newest[vital] - flag.threshold
    return inside < margin


def overdue_flags(
    sets: Sequence[tuple[float, float, float]],
    needs: frozenset[str],
    answers: Sequence[tuple[float, frozenset[str]]],
    until: int,
) -> list[Flag]:
    """The overdue flags of one session, looked for each minute, before what is charted in that minute.

    sets:    (due, opens, minutes after due at which it becomes medium), in order.
    answers: (minute, vitals measured or charted as not measurable); a vital answers every set opened by then.
    """
    last: dict[str, float] = {}
    flags: list[Flag] = []

    def next_set() -> tuple[float, float, float]:
        return next(one for one in sets if any(last.get(name, -1e9) < one[1] for name in needs))

    for minute in range(until + 1):
        due, _, medium_after = next_set()
        flag = _open(flags, "overdue")
        if flag is None and minute >= due + 5:
            flags.append(Flag("overdue", due + 5, "low"))
            flags[-1].becomes(minute, "low", "active")
        elif flag is not None and minute >= due + medium_after:
            flag.becomes(minute, "medium", "active")
        for at, names in answers:
            if at != minute:
                continue
            last |= dict.fromkeys(names, at)
            flag = _open(flags, "overdue")
            if flag is not None and minute < next_set()[0] + 5:
                flag.becomes(minute, flag.priority, "resolved")
    return flags
