"""A session run once more through the very engine, against any limit set. Pure.

Nothing of a rule stands here: values go through ``judging``, the passing of time through ``ticking``, what
people do through ``taking``. What comes back is the story of every flag.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sessions.protocol import Step
from sessions.states import ENDS, State
from vitals import due, flag_changes, judging, plausible, taking, technical, ticking
from vitals.asking import ASKING
from vitals.baseline import baseline_of
from vitals.flag_changes import FlagChange
from vitals.flagstates import FlagState, Happening
from vitals.limits import RANK, LimitSet, Priority
from vitals.measured import Measured
from vitals.panel import OpenSymptom, Panel, PanelFlag, PatientLimit, Postponed
from vitals.rules import NO_BASELINE_CONDITION, Finding

PlanOf = Callable[[Panel], Sequence[Step]]

# the watch looks at most so often
LOOKS_EVERY = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a session stands from a moment on: its clock, its state, what was put off, which symptoms are open.

    Once it has begun, a session without an end of its dose has the planned one.
    """

    at: datetime
    state: State
    checked_in_at: datetime
    chair: UUID | None = None
    dose_started_at: datetime | None = None
    planned_end_at: datetime | None = None
    dose_ended_at: datetime | None = None
    waiting_for_escort_at: datetime | None = None
    waited: tuple[tuple[datetime, datetime], ...] = ()
    postponed: tuple[Postponed, ...] = ()
    symptoms: tuple[OpenSymptom, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrival:
    """One reading as it came in, its values as they were received."""

    measured: Measured
    received_at: datetime
    from_device: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened to a flag, and how it stood after that."""

    at: datetime
    happening: Happening
    priority: Priority
    state: FlagState
    cause: str = ""


@dataclass(slots=True)
class FlagStory:
    """A flag from its first breach to its end. ``rule`` and ``text``: what raised it to its peak.

    activated_at: when it was first more than a re-check; None when it never was.
    """

    id: UUID
    condition: str
    category: str
    opened_at: datetime
    rule: str
    text: str
    peak: Priority
    activated_at: datetime | None = None
    ended_at: datetime | None = None
    told: list[Told] = field(default_factory=list)

    @property
    def is_flag(self) -> bool:
        """True for one that asked for somebody; a re-check alone did not."""
        return self.activated_at is not None

    def active_between(self, since: datetime, until: datetime) -> bool:
        """True when it was active at some moment of the span, both ends in it."""
        if self.activated_at is None or self.activated_at > until:
            return False
        return self.ended_at is None or self.ended_at >= since

    def reached_at(self, priority: Priority) -> datetime | None:
        """When it first asked for somebody at this priority or above; None when it never did."""
        for one in self.told:
            if one.state is not FlagState.PENDING and RANK[one.priority] >= RANK[priority]:
                return one.at
        return None


@dataclass(frozen=True, slots=True)
class FoundAt:
    """What one measurement showed by itself, whatever became of it."""

    measured_at: datetime
    finding: Finding
    late: bool


class Replay:
    """One session under way. Call its methods in order of time; each first lets the time until then pass.

    taken_after: how long after it began to ask somebody takes a flag; None: nobody ever does.
    """

    def __init__(
        self,
        session: UUID,
        route: str,
        opening: Standing,
        limits: LimitSet,
        plan_of: PlanOf,
        *,
        patient_limits: Iterable[PatientLimit] = (),
        taken_after: timedelta | None = None,
        rings_from: datetime | None = None,
    ) -> None:
        self.limits = limits
        self.stories: dict[UUID, FlagStory] = {}
        self.findings: list[FoundAt] = []
        self.measured: list[tuple[datetime, Mapping[str, float]]] = []
        self._plan_of = plan_of
        self._taken_after = taken_after
        self._looks_from = opening.at
        self._chair = opening.chair
        self.now = opening.at
        self.panel = Panel(
            session=session,
            version=0,
            chair=None,
            initials="",
            route=route,
            treatment="",
            nurse=None,
            state=opening.state,
            limit_set=str(limits.id),
            limit_version=limits.version,
            simulated=False,
            watched_from=opening.at,
            rings_from=rings_from,
            patient_limits=list(patient_limits),
        )
        self.stand(opening)

    @property
    def flags(self) -> list[FlagStory]:
        """The flags that asked for somebody, by the moment they did; re-checks are not among them."""
        asked = [(one.activated_at, one) for one in self.stories.values() if one.activated_at is not None]
        return [one for _, one in sorted(asked, key=lambda pair: (pair[0], pair[1].condition))]

    def next_at(self) -> datetime | None:
        """When something happens by itself; None when nothing does."""
        times = [self._taken_at(flag) for flag in self.panel.flags]
        alert_at = ticking.next_alert_at(self.panel, self.limits)
        times.append(None if alert_at is None else max(alert_at, self._looks_from))
        return min((at for at in times if at is not None), default=None)

    def until(self, at: datetime) -> None:
        """Let time pass: what comes due by itself, and people taking flags."""
        while (moment := self.next_at()) is not None and moment <= at:
            self.now = max(self.now, moment)
            for flag in list(self.panel.flags):
                taken_at = self._taken_at(flag)
                if taken_at is not None and taken_at <= self.now:
                    self._note([taking.take_flag(self.panel, flag, by="", action="", at=self.now)])
            alert_at = ticking.next_alert_at(self.panel, self.limits)
            if alert_at is not None and max(alert_at, self._looks_from) <= self.now:
                self._note(ticking.tick(self.panel, self.limits, self.now))
                self._looks_from = self.now + LOOKS_EVERY
        self.now = max(self.now, at)

    def _taken_at(self, flag: PanelFlag) -> datetime | None:
        if self._taken_after is None or flag.state not in ASKING or flag.asks_since is None:
            return None
        return flag.asks_since + self._taken_after

    def read(self, arrival: Arrival) -> None:
        """One reading is received."""
        self.until(arrival.received_at)
        judged = plausible.judge(arrival.measured.values, from_device=arrival.from_device)
        at = arrival.measured.measured_at
        self.measured.append((at, judged.values))
        changes: list[FlagChange] = []
        started_at = self.panel.dose_started_at
        if started_at is not None and at <= started_at and self._baseline_moved():
            self._follow_baseline(changes, missing_rings=False)
        effects = judging.take(
            self.panel,
            judged,
            arrival.measured,
            received_at=self.now,
            limits=self.limits,
            plan_of=self._plan_of,
            from_device=arrival.from_device,
        )
        self.findings.extend(FoundAt(at, one.finding, one.late) for one in effects.found)
        self._note([*changes, *effects.changes])

    def stand(self, standing: Standing) -> None:
        """Something was charted of the session itself: the dose began or ended, a symptom came or went."""
        self.until(standing.at)
        panel = self.panel
        began = panel.dose_started_at != standing.dose_started_at
        felt = panel.symptoms != list(standing.symptoms)
        panel.state = standing.state
        panel.checked_in_at = standing.checked_in_at
        panel.dose_started_at = standing.dose_started_at
        panel.planned_end_at = standing.planned_end_at
        panel.dose_ended_at = standing.dose_ended_at
        panel.waiting_for_escort_at = standing.waiting_for_escort_at
        panel.waited = list(standing.waited)
        panel.postponed = list(standing.postponed)
        panel.symptoms = list(standing.symptoms)
        changes: list[FlagChange] = []
        moved, self._chair = standing.chair != self._chair, standing.chair
        if standing.state in ENDS:
            changes = taking.end_session(panel, self.now)
        else:
            if moved:
                technical.unbind_monitor(panel, self.now, changes)
            if began:
                self._baseline_moved()
                self._follow_baseline(changes, missing_rings=True)
            elif felt:
                judging.reassess(panel, self.limits, self.now, changes)
            due.replan(panel, self._plan_of(panel), self.limits, self.now, changes)
        self._note(changes)

    def _baseline_moved(self) -> bool:
        known = baseline_of(self.measured, self.panel.dose_started_at)
        moved = known != self.panel.baseline
        self.panel.baseline = known
        return moved

    def _follow_baseline(self, changes: list[FlagChange], *, missing_rings: bool) -> None:
        if missing_rings or flag_changes.open_flag(self.panel, NO_BASELINE_CONDITION) is not None:
            technical.mark_baseline(self.panel, self.limits, self.now, changes)
        judging.reassess(self.panel, self.limits, self.now, changes)

    def _note(self, changes: Iterable[FlagChange]) -> None:
        for change in changes:
            flag = change.flag
            story = self.stories.get(flag.id)
            if story is None:
                story = self.stories[flag.id] = FlagStory(
                    flag.id, flag.condition, flag.category, self.now, flag.rule, flag.text, flag.priority
                )
            asks = flag.activated_at is not None
            if asks and (story.activated_at is None or RANK[flag.priority] > RANK[story.peak]):
                story.peak, story.rule, story.text = flag.priority, flag.rule, flag.text
            if asks and story.activated_at is None:
                story.activated_at = self.now
            if change.resolved:
                story.ended_at = self.now
            story.told.append(Told(self.now, change.happening, flag.priority, flag.state, change.cause))


@dataclass(frozen=True, slots=True)
class PastSession:
    """A session that is over, as plain values. ``standings`` by time, the first at its check-in.

    rings_from: sets due before it were history when they were entered.
    """

    id: UUID
    route: str
    standings: tuple[Standing, ...]
    arrivals: tuple[Arrival, ...]
    plan_of: PlanOf
    patient_limits: tuple[PatientLimit, ...] = ()
    rings_from: datetime | None = None

    @property
    def watched(self) -> timedelta:
        """From its check-in to its end."""
        return self.standings[-1].at - self.standings[0].at


def run(past: PastSession, limits: LimitSet, *, taken_after: timedelta | None) -> Replay:
    """A whole session against a limit set, to its last standing: readings in the order of their receipt."""
    opening, *others = past.standings
    replay = Replay(
        past.id,
        past.route,
        opening,
        limits,
        past.plan_of,
        patient_limits=past.patient_limits,
        taken_after=taken_after,
        rings_from=past.rings_from,
    )
    steps: list[tuple[datetime, int, datetime, Standing | Arrival]] = [
        (standing.at, 0, standing.at, standing) for standing in others
    ]
    # what is charted at the moment of a reading is known when it is judged
    steps += [(one.received_at, 1, one.measured.measured_at, one) for one in past.arrivals]
    ended_at = past.standings[-1].at
    for at, _, _, step in sorted(steps, key=lambda one: one[:3]):
        if isinstance(step, Standing):
            replay.stand(step)
        elif at <= ended_at:
            replay.read(step)
    return replay


def counted(flags: Iterable[FlagStory]) -> Counter[Priority]:
    """How many flags of each priority, by the highest each reached."""
    return Counter(one.peak for one in flags if one.is_flag)
