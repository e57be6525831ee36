"""The example limits on simulated sessions: flags when nothing happens, and whether what happens is seen.

Truth is the simulator's own log. A session is *uneventful* when its log holds nothing but artefacts. A *flag*
is one of medium or high priority that asked for somebody; a re-check alone is none.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from benchmarks import report, simulated
from benchmarks.load import percentile
from benchmarks.simulated import MEASURED_BY, SHOWN_BY, Watched, Way
from vitals import due, judging, rules
from vitals.limits import RANK, Kind, Priority
from vitals.simulator.physiology import Event
from vitals.simulator.population import EventKind, Route

AT_MOST_PER_SESSION = 0.5
# a flag counts for an event until so long after it was over: the rules may ask for one more measurement
COUNTS_AFTER = timedelta(minutes=10)
# the watch looks once a second
TOLERANCE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Size:
    """How many sessions of each kind."""

    plain: int = 1000
    injected: int = 200


QUICK = Size(plain=60, injected=12)


# --- uneventful sessions


@dataclass(frozen=True, slots=True)
class Plain:
    """What one session raised: (category, rule) of each flag of medium or high, and how many re-checks."""

    way: Way
    route: str
    uneventful: bool
    flags: tuple[tuple[str, str], ...]
    rechecks: int


def plain(way: Way, number: int) -> Plain:
    watched = simulated.watch(simulated.draw("plain", number), way)
    flags = [one for one in watched.flags if RANK[one.peak] >= RANK[Priority.MEDIUM]]
    return Plain(
        way,
        watched.drawn.protocol.route.value,
        watched.drawn.is_uneventful,
        tuple((one.category, one.rule) for one in flags),
        sum(1 for one in watched.replay.stories.values() if not one.is_flag),
    )


@dataclass(frozen=True, slots=True)
class Rate:
    """Flags per uneventful session, one way."""

    way: str
    route: str
    sessions: int
    physiological: float
    technical: float
    rechecks: float
    without_any: float
    by_rule: Mapping[str, float]

    @property
    def together(self) -> float:
        return self.physiological + self.technical

    @property
    def verdict(self) -> str:
        return "met" if self.together <= AT_MOST_PER_SESSION else "NOT MET"


def rate(ran: Sequence[Plain], way: Way, route: str = "") -> Rate:
    """The rate over the uneventful sessions among these; over all routes where none is named."""
    of = [one for one in ran if one.way is way and one.uneventful and route in {"", one.route}]
    count = len(of)
    categories = Counter(category for one in of for category, _ in one.flags)
    by_rule = Counter(rule for one in of for _, rule in one.flags)
    return Rate(
        way.value,
        route or "both",
        count,
        physiological=categories["physiological"] / count,
        technical=categories["technical"] / count,
        rechecks=sum(one.rechecks for one in of) / count,
        without_any=sum(1 for one in of if not one.flags) / count,
        by_rule={rule: flags / count for rule, flags in by_rule.most_common()},
    )


# --- injected events


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of one injected event. Seconds; None where there is none.

    outcome:    flagged; or why not, see ``_outcome``.
    from_onset: from its true beginning to the flag; from_first: from the first measurement that met a rule.
    in_time:    of those that met what a rule asks for: flagged by then.
    """

    way: Way
    kind: EventKind
    outcome: str
    in_time: bool | None = None
    from_onset: float | None = None
    from_first: float | None = None


FLAGGED = "flagged"
ALREADY = "flagged before it began"
UNMEASURED = "over before anything was measured"
INSIDE = "measured, inside every limit"
ONCE = "outside once, inside when measured again"
MISSED = "NOT FLAGGED though a rule was met"


def injected(way: Way, kind: EventKind, number: int) -> Seen:
    drawn = simulated.inject(simulated.draw(f"injected/{kind}", number), kind)
    watched = simulated.watch(drawn, way)
    event = drawn.injected
    assert event is not None
    onset, over = simulated.at_minute(event.starts_at_min), simulated.at_minute(event.ends_at_min)
    shown_by = [one for one in watched.flags if one.condition in SHOWN_BY[kind]]
    if any(one.active_between(onset, onset) and one.activated_at != onset for one in shown_by):
        return Seen(way, kind, ALREADY)
    until = over + COUNTS_AFTER
    activated = [one.activated_at for one in shown_by if one.activated_at is not None]
    flagged_at = min((at for at in activated if onset <= at <= until), default=None)
    first_at, met_at = asked_for(watched, kind, event)
    if flagged_at is None:
        why = _unflagged(watched, kind, onset, over, first_at, met_at)
        return Seen(way, kind, why, in_time=None if met_at is None else False)
    return Seen(
        way,
        kind,
        FLAGGED,
        in_time=met_at is not None and flagged_at <= met_at + TOLERANCE,
        from_onset=(flagged_at - onset).total_seconds(),
        from_first=(flagged_at - first_at).total_seconds() if first_at else None,
    )


def _unflagged(
    watched: Watched,
    kind: EventKind,
    onset: datetime,
    over: datetime,
    first_at: datetime | None,
    met_at: datetime | None,
) -> str:
    if met_at is not None:
        return MISSED
    if first_at is not None:
        return ONCE
    names = MEASURED_BY[kind]
    measured = any(onset <= at < over and names & values.keys() for at, values in watched.replay.measured)
    return INSIDE if measured else UNMEASURED


def asked_for(watched: Watched, kind: EventKind, event: Event) -> tuple[datetime | None, datetime | None]:
    """When a measurement of the event first met a rule, and when one had all that it asks for.

    Read from the measurements themselves and the rows, not from the flags: one reading where a row takes one,
    two in a row at least as far apart as it asks, or nobody measuring again in time.
    """
    onset = simulated.at_minute(event.starts_at_min)
    until = simulated.at_minute(event.ends_at_min) + COUNTS_AFTER
    if kind is EventKind.DROP_OUT:
        return _silent(watched, onset)
    replay = watched.replay
    first = [
        one.measured_at
        for one in replay.findings
        if one.finding.zero_of and one.finding.condition in SHOWN_BY[kind]
    ]
    met = list(first)
    newest: dict[str, float] = {}
    since: dict[str, tuple[datetime, datetime]] = {}
    for at, values in replay.measured:
        newest.update(values)
        for condition in SHOWN_BY[kind] & replay.limits.bearing_on(values):
            found = rules.all_met(condition, newest, replay.limits, judging.setting_of(replay.panel, at))
            begun = since.pop(condition, None)
            if begun is not None and begun[1] < at:
                met.append(begun[1])
            if not found or at < onset:
                continue
            first.append(at)
            rule = min((one.rule for one in found), key=lambda row: row.readings)
            if rule.readings == 1 or (begun is not None and at - begun[0] >= timedelta(seconds=rule.apart_s)):
                met.append(at)
                continue
            unless_by = at + timedelta(seconds=rule.recheck_s + rule.grace_s) + due.MERGED_WITHIN
            since[condition] = begun or (at, unless_by)
    met += [by for _, by in since.values()]
    in_event = [[at for at in times if onset <= at <= until] for times in (first, met)]
    return min(in_event[0], default=None), min(in_event[1], default=None)


def _silent(watched: Watched, onset: datetime) -> tuple[datetime, datetime]:
    """A monitor was heard last before the drop-out; its silence is a flag so much later."""
    row = watched.replay.limits.of_kind[Kind.MONITOR_SILENT][0]
    # onset is rounded to the second: what was heard in that second was heard before it
    heard = max(at for at, values in watched.replay.measured if at <= onset and "heart_rate" in values)
    return heard, heard + timedelta(seconds=row.after_s or 0)


@dataclass(frozen=True, slots=True)
class Detection:
    """One kind of event, one way. Delays in s: (median, 95th percentile); None where none was flagged."""

    way: str
    kind: str
    injected: int
    flagged: int
    already: int
    unmeasured: int
    inside: int
    once: int
    missed: int
    late: int
    from_onset: tuple[float, float] | None
    from_first: tuple[float, float] | None

    @property
    def sensitivity(self) -> float | None:
        """Of all that began without their flag being there already."""
        begun = self.injected - self.already
        return self.flagged / begun if begun else None

    @property
    def verdict(self) -> str:
        """Whether each event that met what a rule asks for was flagged by then."""
        return "met" if not self.missed and not self.late else "NOT MET"


def detection(seen: Sequence[Seen], way: Way, kind: EventKind) -> Detection:
    of = [one for one in seen if one.way is way and one.kind is kind]
    outcomes = Counter(one.outcome for one in of)
    return Detection(
        way.value,
        kind.value,
        injected=len(of),
        flagged=outcomes[FLAGGED],
        already=outcomes[ALREADY],
        unmeasured=outcomes[UNMEASURED],
        inside=outcomes[INSIDE],
        once=outcomes[ONCE],
        missed=outcomes[MISSED],
        late=sum(1 for one in of if one.outcome == FLAGGED and not one.in_time),
        from_onset=_delays([one.from_onset for one in of if one.from_onset is not None]),
        from_first=_delays([one.from_first for one in of if one.from_first is not None]),
    )


def _delays(seconds: Sequence[float]) -> tuple[float, float] | None:
    ordered = sorted(seconds)
    return (percentile(ordered, 0.5), percentile(ordered, 0.95)) if ordered else None


# --- all of it


# a chart has no monitor that could be lost
INJECTED = [
    (way, kind) for way in Way for kind in SHOWN_BY if not (way is Way.CHARTED and kind is EventKind.DROP_OUT)
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The whole of one run."""

    size: Size
    rates: tuple[Rate, ...]
    detections: tuple[Detection, ...]


def run(size: Size, *, processes: int) -> Outcome:
    """Every session of this size; the same answer whatever the number of processes."""
    tasks: list[tuple[Any, ...]] = [(plain, way, number) for way in Way for number in range(size.plain)]
    tasks += [(injected, way, kind, number) for way, kind in INJECTED for number in range(size.injected)]
    if processes > 1:
        with ProcessPoolExecutor(processes) as pool:
            done = list(pool.map(_do, tasks, chunksize=20))
    else:
        done = [_do(task) for task in tasks]
    ran = [one for one in done if isinstance(one, Plain)]
    seen = [one for one in done if isinstance(one, Seen)]
    routes = ("", *(route.value for route in Route))
    return Outcome(
        size,
        tuple(rate(ran, way, route) for way in Way for route in routes),
        tuple(detection(seen, way, kind) for way, kind in INJECTED),
    )


def _do(task: tuple[Any, ...]) -> Plain | Seen:
    what, *arguments = task
    found: Plain | Seen = what(*arguments)
    return found


RATE_HEAD = (
    "way",
    "route",
    "uneventful sessions",
    "physiological",
    "technical",
    "together",
    "re-checks alone",
    "sessions without any",
    "target",
    "verdict",
)
DETECTION_HEAD = (
    "way",
    "event",
    "injected",
    "flagged",
    "sensitivity",
    "from a rule's first value, s",
    "from onset, s",
    "already flagged",
    "over before measured",
    "inside limits",
    "outside once",
    "not flagged or late",
    "in the rule's time",
)


def tables(outcome: Outcome) -> str:
    """The run as Markdown: rates, their rules, detection; delays are median and 95th percentile."""
    rates = [RATE_HEAD, *(_rate_row(one) for one in outcome.rates)]
    by_rule = [("way", "route", "flags per session, by rule"), *(_rule_row(one) for one in outcome.rates)]
    detections = [DETECTION_HEAD, *(_detection_row(one) for one in outcome.detections)]
    return "\n\n".join(
        [
            "Medium or high flags per uneventful simulated session",
            report.aligned(rates),
            report.aligned(by_rule),
            "Events injected into simulated sessions. A chart cannot see what is over before anybody "
            "measures:\nsuch events are counted in a column of their own and lower the sensitivity.",
            report.aligned(detections),
        ]
    )


def _rate_row(one: Rate) -> Sequence[str]:
    figures = [f"{part:.3f}" for part in (one.physiological, one.technical, one.together, one.rechecks)]
    is_whole = one.route == "both"
    return (
        one.way,
        one.route,
        str(one.sessions),
        *figures,
        f"{one.without_any:.1%}",
        f"≤ {AT_MOST_PER_SESSION:g}" if is_whole else "",
        one.verdict if is_whole else "",
    )


def _rule_row(one: Rate) -> Sequence[str]:
    return one.way, one.route, ", ".join(f"{rule} {flags:.3f}" for rule, flags in one.by_rule.items()) or "–"


def _detection_row(one: Detection) -> Sequence[str]:
    delays = [
        "–" if each is None else f"{each[0]:.0f} ({each[1]:.0f})" for each in (one.from_first, one.from_onset)
    ]
    counts = (one.already, one.unmeasured, one.inside, one.once, one.missed + one.late)
    return (
        one.way,
        one.kind.replace("_", "-"),
        str(one.injected),
        str(one.flagged),
        "–" if one.sensitivity is None else f"{one.sensitivity:.1%}",
        *delays,
        *map(str, counts),
        one.verdict,
    )


def as_json(outcome: Outcome) -> dict[str, Any]:
    """The run as it is kept, each row with its own verdict."""
    return {
        "size": asdict(outcome.size),
        "target flags per uneventful session": AT_MOST_PER_SESSION,
        "rates": [asdict(one) | {"together": one.together, "verdict": one.verdict} for one in outcome.rates],
        "detections": [
            asdict(one) | {"sensitivity": one.sensitivity, "verdict": one.verdict}
            for one in outcome.detections
        ],
    }
