"""The panel: what the board shows of one session, and all that judging the next reading needs. Pure.

One panel per open session, kept as JSON in its watch row and sent as it is to every screen. Times are
absolute, so a panel never goes out of date by itself: ages and "overdue" are read off by the viewer's clock.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from vitals.covering import Cover, HandingOver
from vitals.flagstates import FlagState
from vitals.limits import Direction, Priority


class Latest(msgspec.Struct):
    """The newest live value of one vital, in its unit."""

    value: int | float
    at: datetime


class Absence(msgspec.Struct):
    """A vital that somebody tried to measure and could not."""

    reason: str
    at: datetime


class Postponed(msgspec.Struct):
    """A set that somebody put off. ``due_at`` is the time the protocol gave it."""

    label: str
    due_at: datetime
    minutes: int
    by: str
    reason: str


class Due(msgspec.Struct):
    """The next set: when, in which window, and which vitals are still missing."""

    label: str
    at: datetime
    opens_at: datetime
    closes_at: datetime
    every_min: int | None
    overdue_at: datetime
    overdue_medium_at: datetime
    missing: list[str]
    postponed: Postponed | None = None


class Confirming(msgspec.Struct):
    """A breach that waits for another measurement before it raises its flag to this priority.

    since:      when the first measurement that counts was taken; ``counted_at``: the last one.
    count:      measurements that count so far, of ``needs``.
    recheck_at: when the next one is due; by ``unless_by`` the flag is raised without it.
    """

    priority: Priority
    since: datetime
    counted_at: datetime
    count: int
    needs: int
    recheck_at: datetime
    unless_by: datetime


class PanelFlag(msgspec.Struct):
    """An open live flag.

    priority:        what it has now; of a pending one, what it is about to have.
    text, why:       what is shown large, and how it came to be: rule, version, readings, baseline.
    activated_at:    when, by our clock, it was first more than a re-check; None while it is not.
    peak:            its highest priority so far; ``peak_taken``: somebody took it at that.
    taken_at_values: the newest value of each of its condition's vitals when somebody took it.
    confirming:      what waits for another measurement; the flag is pending while nothing else holds it.
    asks_since:      when it last began to ask for somebody; None while it asks nobody.
    escalated:       steps it has been taken up since; ``drawn_at``: when a board first drew it since.
    undrawn:         no board had drawn it in time, so every other screen shows it too.
    acknowledged_by_id: the account of who took it; it counts while the flag is acknowledged.
    """

    id: UUID
    condition: str
    priority: Priority
    category: str
    state: FlagState
    text: str
    opened_at: datetime
    why: str = ""
    activated_at: datetime | None = None
    readings: int = 1
    rule: str = ""
    vital: str | None = None
    direction: Direction | None = None
    value: int | float | None = None
    threshold: int | float | None = None
    peak: Priority = Priority.MEDIUM
    peak_taken: bool = False
    taken_at_values: dict[str, int | float] = {}
    confirming: list[Confirming] = []
    asks_since: datetime | None = None
    escalated: int = 0
    drawn_at: datetime | None = None
    undrawn: bool = False
    first_taken_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged_by_id: UUID | None = None
    acknowledged_at: datetime | None = None
    action: str | None = None
    paused_by: str | None = None
    paused_until: datetime | None = None
    pause_reason: str | None = None


class Baseline(msgspec.Struct):
    """The pressures before the dose that relative rules start from: the last set, or the mean of two."""

    systolic: int | float | None = None
    diastolic: int | float | None = None
    heart_rate: int | float | None = None
    spo2: int | float | None = None
    sets: int = 0


class Recheck(msgspec.Struct):
    """Vitals to be measured again, beside the plan of full sets; ``with_set``: the next set does it."""

    condition: str
    vitals: list[str]
    at: datetime
    with_set: bool


class Streamed(msgspec.Struct):
    """A vital as a monitor sends it: last received when, and whether it comes many times a minute."""

    at: datetime
    steady: bool


class Span(msgspec.Struct):
    since: datetime
    until: datetime


class OpenSymptom(msgspec.Struct):
    """A symptom that is charted and not gone."""

    code: str
    severe: bool
    at: datetime


class PatientLimit(msgspec.Struct):
    """A rule changed for this patient from one moment to another; both figures None: switched off.

    is_over: its end was noticed, and the open flags follow the clinic's own row again.
    """

    id: UUID
    code: str
    vital: str
    threshold: float | None
    baseline_by: float | None
    from_at: datetime
    until_at: datetime
    is_over: bool = False


class PanelChair(msgspec.Struct):
    id: UUID
    name: str


class Panel(msgspec.Struct):
    """See the module. ``trace`` holds [minutes since watched_from, systolic], thinned.

    rings_from: sets due before it were history when they were entered, and are never rung.
    streamed:   vital → when a monitor last sent it.
    met_since:  row that asks for streamed values over some seconds → from when to when it has been met.
    symptoms:   what is charted and not gone. patient_limits: what a supervisor changed for this patient.
    nurse_id:   who watches this chair; the account's id, where the nurse has one.
    cover:      somebody asked to be stood in for; ``hand_over``: another nurse has to accept the chair.
    """

    session: UUID
    version: int
    chair: PanelChair | None
    initials: str
    route: str
    treatment: str
    nurse: str | None
    state: str
    limit_set: str
    limit_version: int
    simulated: bool
    nurse_id: UUID | None = None
    cover: Cover | None = None
    hand_over: HandingOver | None = None
    checked_in_at: datetime | None = None
    watched_from: datetime | None = None
    rings_from: datetime | None = None
    dose_started_at: datetime | None = None
    dose_ended_at: datetime | None = None
    planned_end_at: datetime | None = None
    window_ends_at: datetime | None = None
    waiting_for_escort_at: datetime | None = None
    waited: list[tuple[datetime, datetime]] = []
    postponed: list[Postponed] = []
    assessed_ready_by: str | None = None
    values: dict[str, Latest] = {}
    absent: dict[str, Absence] = {}
    due: Due | None = None
    flags: list[PanelFlag] = []
    rechecks: list[Recheck] = []
    baseline: Baseline | None = None
    streamed: dict[str, Streamed] = {}
    met_since: dict[str, Span] = {}
    symptoms: list[OpenSymptom] = []
    patient_limits: list[PatientLimit] = []
    trace: list[tuple[float, int | float]] = []
    doses: list[float] = []


# The sparkline needs no more: one point in two and a half minutes over four hours.
TRACE_POINTS = 96
TRACE_EVERY_MIN = 2.5

_decoder = msgspec.json.Decoder(Panel)
_encoder = msgspec.json.Encoder()


def decode(text: str | bytes) -> Panel:
    return _decoder.decode(text)


def encode(panel: Panel) -> str:
    return _encoder.encode(panel).decode()


def answered_at(panel: Panel) -> dict[str, datetime]:
    """Per vital, when it was last measured or charted as "could not measure"."""
    answers = {name: latest.at for name, latest in panel.values.items()}
    for name, absence in panel.absent.items():
        if name not in answers or absence.at > answers[name]:
            answers[name] = absence.at
    return answers


def add_to_trace(panel: Panel, systolic: float, at: datetime) -> None:
    """Add a systolic to the sparkline; within the same two and a half minutes the newer replaces."""
    if panel.watched_from is None:
        return
    minute = _minute(panel.watched_from, at)
    if panel.trace and minute - panel.trace[-1][0] < TRACE_EVERY_MIN and len(panel.trace) > 1:
        panel.trace[-1] = (panel.trace[-1][0], systolic)
        return
    panel.trace.append((minute, systolic))
    del panel.trace[:-TRACE_POINTS]


def retrace(panel: Panel, systolic: float | None, at: datetime) -> None:
    """Put a corrected systolic in its place in the sparkline; None takes the point away."""
    if panel.watched_from is None:
        return
    minute = _minute(panel.watched_from, at)
    for position, (known, _) in enumerate(panel.trace):
        if known == minute:
            panel.trace[position : position + 1] = [] if systolic is None else [(known, systolic)]
            return


def _minute(watched_from: datetime, at: datetime) -> float:
    return round((at - watched_from).total_seconds() / 60, 1)
