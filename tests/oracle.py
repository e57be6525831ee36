"""What the clinic's example rules say of a row of vitals, written a second time from the rules' own page.

It shares no line with the product, so the two agree only where both are right. Values in mmHg, /min, % and
degrees Celsius; times in minutes since the dose began.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
WORDS = {1: "medium", 2: "high"}
# condition → the vitals measured again for it, minutes until then, how far inside before it steps down
CONDITIONS: dict[str, tuple[frozenset[str], float, float]] = {
    "bp-high": (frozenset({"systolic", "diastolic"}), 5, 0),
    "bp-low": (frozenset({"systolic", "diastolic"}), 5, 0),
    "hr-high": (frozenset({"heart_rate"}), 1, 3),
    "hr-low": (frozenset({"heart_rate"}), 1, 3),
    "rr-high": (frozenset({"respiratory_rate"}), 1, 1),
    "rr-low": (frozenset({"respiratory_rate"}), 1, 1),
    "spo2-low": (frozenset({"spo2"}), 1, 1),
}
# condition → (vital, edge, 1 medium or 2 high, measurements it needs), of the rows that are plain
PLAIN: dict[str, list[tuple[str, float, int, int]]] = {
    "bp-high": [
        ("systolic", 165, 1, 2), ("systolic", 180, 2, 2), ("systolic", 200, 2, 1),
        ("diastolic", 100, 1, 2), ("diastolic", 110, 2, 2), ("diastolic", 120, 2, 1),
    ],
    "bp-low": [("systolic", 80, 2, 1)],
    "hr-high": [("heart_rate", 120, 1, 2), ("heart_rate", 131, 2, 1)],
    "hr-low": [("heart_rate", 45, 1, 2), ("heart_rate", 40, 2, 1)],
    "rr-high": [("respiratory_rate", 25, 2, 2), ("respiratory_rate", 30, 2, 1)],
    "rr-low": [("respiratory_rate", 8, 2, 2), ("respiratory_rate", 6, 2, 1)],
    "spo2-low": [("spo2", 93, 1, 2), ("spo2", 91, 2, 2), ("spo2", 88, 2, 1)],
}  # fmt: skip
ZEROS = {"heart_rate": "hr-zero", "respiratory_rate": "rr-zero", "spo2": "spo2-zero"}
SOONEST, LATEST, GRACE, ONE_VISIT = 1, 20, 2, 3


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


def baseline(rows: Iterable[tuple[float, Row]]) -> dict[str, float]:
    """The pressures before the dose: the last, or the mean of two that were taken within 30 minutes."""
    found = {}
    for name in ("systolic", "diastolic"):
        moments: defaultdict[float, list[float]] = defaultdict(list)
        for at, row in rows:
            if at <= 0 and name in plausible(row):
                moments[at].append(row[name])
        last = sorted(moments)[-2:]
        counted = [at for at in last if last[-1] - at <= 30]
        if counted:
            found[name] = sum(sum(moments[at]) / len(moments[at]) for at in counted) / len(counted)
    return found


@dataclass(frozen=True)
class Met:
    """A rule that is met: 1 for medium, 2 for high; how many measurements it needs; its edge."""

    level: int
    needs: int
    vital: str
    edge: float


def met(condition: str, values: Row, base: Row) -> list[Met]:
    is_high = condition.endswith("high")
    rows = list(PLAIN[condition])
    upper, lower = base.get("systolic"), base.get("diastolic")
    if condition == "bp-high" and upper is not None:
        rows += [("systolic", upper + 40, 1, 2), ("systolic", max(150, round(upper * 1.3, 1)), 1, 2)]
    if condition == "bp-high" and lower is not None:
        rows.append(("diastolic", lower + 25, 1, 2))
    if condition == "bp-low" and upper is not None:
        rows.append(("systolic", min(90, upper - 10), 1, 2))
    if condition == "bp-low" and values.get("heart_rate", 99) <= 50:
        rows.append(("systolic", 90, 2, 1))
    return [
        Met(level, needs, vital, edge)
        for vital, edge, level, needs in rows
        if vital in values and (values[vital] >= edge if is_high else values[vital] <= edge)
    ]


def findings(row: Row, base: Row) -> set[tuple[str, str]]:
    """(condition, priority) of one moment, judged by itself, whenever it came."""
    values = plausible(row)
    found = {(name, max((one.level for one in met(name, values, base)), default=0)) for name in CONDITIONS}
    return {(name, WORDS[level]) for name, level in found if level} | {
        (ZEROS[name], "medium") for name in zeros(row)
    }


@dataclass
class Waiting:
    """A breach that waits for the next measurement: when it was measured, when that is due."""

    measured: float
    due: float

    @property
    def too_late(self) -> float:
        return self.due + GRACE


@dataclass
class Flag:
    """One flag and its story: (minute, priority, state) at each change."""

    condition: str
    opened_at: float
    priority: str = ""
    edge: float = 0
    state: str = ""
    was_high: bool = False
    resolved_at: float | None = None
    waiting: dict[int, Waiting] = field(default_factory=dict)
    story: list[tuple[float, str, str]] = field(default_factory=list)

    @property
    def level(self) -> int:
        return 2 if self.priority == "high" else 1

    def becomes(self, at: float, priority: str, state: str) -> None:
        if (priority, state) != (self.priority, self.state):
            self.story.append((at, priority, state))
        self.priority, self.state = priority, state
        self.was_high |= priority == "high" and state == "active"
        if state == "resolved":
            self.resolved_at = at


class Session:
    """One session that nobody answers: rows come one by one, each at its minute; somebody looks each minute.

    sets:  (due, opens, minutes after due at which it becomes medium), in order.
    needs: the vitals that a set asks for.
    """

    def __init__(self, sets: Sequence[tuple[float, float, float]], needs: frozenset[str]) -> None:
        self.sets, self.needs = sets, needs
        self.flags: list[Flag] = []
        self.newest: dict[str, float] = {}
        self.answered: dict[str, float] = {}
        self.before_dose: list[tuple[float, Row]] = []
        self.base: dict[str, float] = {}

    def open(self, condition: str) -> Flag | None:
        """The open flag of a condition."""
        return next((f for f in self.flags if f.condition == condition and f.state != "resolved"), None)

    def opened(self, condition: str, opened_at: float, at: float, priority: str) -> None:
        self.flags.append(Flag(condition, opened_at))
        self.flags[-1].becomes(at, priority, "active")

    def next_set(self) -> tuple[tuple[float, float, float], set[str]]:
        """The first set that still lacks something, and what it lacks."""
        for one in self.sets:
            missing = {name for name in self.needs if self.answered.get(name, -1e9) < one[1]}
            if missing:
                return one, missing
        raise AssertionError("the plan goes on beyond the recording")

    def start(self) -> None:
        """The dose begins at minute 0."""
        if "systolic" not in self.base:
            self.opened("no-baseline", 0, 0, "medium")

    def look(self, at: float) -> None:
        """What nobody measured again in time, and the set that is overdue."""
        for flag in self.flags:
            late = [level for level, one in flag.waiting.items() if one.too_late <= at]
            if late:
                level = max(late)
                self.raised(flag, at, level, met(flag.condition, self.newest, self.base))
        (due, _, medium_after), _ = self.next_set()
        overdue = self.open("overdue")
        if overdue is None and at >= due + 5:
            self.opened("overdue", due + 5, at, "low")
        elif overdue is not None and at >= due + medium_after:
            overdue.becomes(at, "medium", "active")

    def row(self, at: float, row: Row, absent: Iterable[str] = (), *, by_monitor: bool = True) -> None:
        """What was measured at a minute, and what was charted as not measurable."""
        fresh = plausible(row)
        if at <= 0:
            self.before_dose.append((at, row))
            self.base = baseline(self.before_dose)
            missing = self.open("no-baseline")
            if missing is not None and "systolic" in self.base:
                missing.becomes(at, "medium", "resolved")
        self.newest |= fresh
        for condition, (vitals, _, _) in CONDITIONS.items():
            if vitals & fresh.keys() or (condition == "bp-low" and "heart_rate" in fresh):
                self.judge(condition, at, fresh)
        for vital, condition in ZEROS.items() if by_monitor else ():
            flag = self.open(condition)
            if vital in zeros(row) and flag is None:
                self.opened(condition, at, at, "medium")
            elif vital in fresh and flag is not None and at > flag.opened_at:
                flag.becomes(at, "medium", "resolved")
        self.answered |= dict.fromkeys((*fresh, *absent), at)
        (due, _, _), lacking = self.next_set()
        overdue = self.open("overdue")
        if overdue is not None and at < due + 5:
            overdue.becomes(at, overdue.priority, "resolved")
        for flag in self.flags:
            for one in flag.waiting.values():
                if CONDITIONS[flag.condition][0] & lacking and one.due < due <= one.due + ONE_VISIT:
                    one.due = due

    def judge(self, condition: str, at: float, fresh: Row) -> None:
        """Open, confirm, raise, step down, latch or resolve the one flag of a condition."""
        found = met(condition, self.newest, self.base if at > 0 else {})
        flag = self.open(condition)
        if flag is None:
            if not found:
                return
            flag = Flag(condition, at, state="pending")
            self.flags.append(flag)
        level = self.confirmed(flag, at, found, fresh)
        if level and (flag.state in {"pending", "latched"} or level >= flag.level):
            self.raised(flag, at, level, found)
        elif flag.state == "active" and level < flag.level and self.is_near(flag):
            return
        elif level:
            self.raised(flag, at, level, found)
        elif flag.state == "pending":
            if found:
                flag.becomes(at, WORDS[max(flag.waiting)], "pending")
            else:
                self.over(flag, at, "resolved")
        elif not flag.waiting or flag.state != "latched":
            self.over(flag, at, "latched" if flag.was_high else "resolved")

    def confirmed(self, flag: Flag, at: float, found: Sequence[Met], fresh: Row) -> int:
        """The highest level that is raised at once, is held already, or was now measured a second time."""
        best = 0
        for level in (1, 2):
            meeting = [one for one in found if one.level >= level]
            waiting = flag.waiting.get(level)
            if not meeting:
                flag.waiting.pop(level, None)
            elif any(one.needs == 1 for one in meeting) or (flag.state == "active" and level <= flag.level):
                flag.waiting.pop(level, None)
                best = level
            elif waiting is None or at - waiting.measured > LATEST:
                flag.waiting[level] = Waiting(at, at + CONDITIONS[flag.condition][1])
            elif at - waiting.measured >= SOONEST and any(one.vital in fresh for one in meeting):
                del flag.waiting[level]
                best = level
        return best

    def raised(self, flag: Flag, at: float, level: int, found: Sequence[Met]) -> None:
        """Active at this level from now on; it names the row that needs fewest measurements."""
        flag.waiting = {other: one for other, one in flag.waiting.items() if other > level}
        rows = [one for one in found if one.level == level] or list(found)
        if rows:
            flag.edge = min(rows, key=lambda one: one.needs).edge
        flag.becomes(at, WORDS[level], "active")

    def over(self, flag: Flag, at: float, state: str) -> None:
        flag.waiting.clear()
        flag.becomes(at, "high" if state == "latched" else flag.priority, state)

    def is_near(self, flag: Flag) -> bool:
        """True while the value is outside its limit or not yet far enough inside it to step down."""
        vitals, _, margin = CONDITIONS[flag.condition]
        if not margin:
            return False
        [vital] = vitals
        value = self.newest[vital]
        inside = flag.edge - value if flag.condition.endswith("high") else value - flag.edge
        return inside < margin
