"""What the page of a replay says: a sentence, the figures side by side, each session on a line."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sessions.models import Session
from vitals.comparing import COMPARED, Compared, KnownSeen, Raised, Sum, sum_up
from vitals.limits import RANK
from vitals.models import LimitReplay
from vitals.services.limit_replays import Ran

# chairs that one nurse watches at once
CHAIRS_OF_A_NURSE = 5
NO_CHANGE = "no change"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the comparison, its values in words."""

    name: str
    beside: str
    tried: str
    change: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session: medium and high flags under each set, and the known events without one."""

    session: Session
    compared: Compared
    beside: int
    tried: int
    missed: Sequence[KnownSeen]

    @property
    def hours(self) -> float:
        return self.compared.watched_s / 3600


@dataclass(frozen=True, slots=True)
class Named:
    """A flag or an event with the session it is of."""

    session: Session
    flag: Raised | None = None
    seen: KnownSeen | None = None


@dataclass(frozen=True, slots=True)
class ReplayPage:
    """Everything the page shows of what a replay came to."""

    sum: Sum
    beside_words: str
    sentence: str
    verdict: str
    figures: Sequence[Figure]
    lines: Sequence[SessionLine]
    missed: Sequence[Named]
    added: Sequence[Named]
    dropped: Sequence[Named]
    is_changed: bool


def beside_words(replay: LimitReplay) -> str:
    """What the limits are held against."""
    if replay.beside is None:
        return "the limits each session had"
    return f"version {replay.beside.version}, in use when it was asked for"


def replay_page(found: Ran) -> ReplayPage:
    total = sum_up(found.results)
    words = beside_words(found.replay)
    return ReplayPage(
        sum=total,
        beside_words=words,
        sentence=sentence(total, words),
        verdict=verdict(total),
        figures=figures(total),
        lines=[_line(found.sessions[id_], one) for id_, one in found.results.items()],
        missed=[Named(found.sessions[id_], seen=seen) for id_, seen in total.missed],
        added=_named(found, total.added),
        dropped=_named(found, total.dropped),
        is_changed=found.is_changed,
    )


def _named(found: Ran, flags: Sequence[tuple[UUID, Raised]]) -> list[Named]:
    ordered = sorted(flags, key=lambda pair: (-RANK[pair[1].priority], pair[1].at))
    return [Named(found.sessions[id_], flag=flag) for id_, flag in ordered]


def sentence(total: Sum, beside: str) -> str:
    """The comparison in plain words."""
    sessions = f"{_count(total.sessions, 'session')} ({total.watched_hours:.1f} watched hours)"
    flags = f"{_count(total.tried.asking, 'flag')} of medium or high priority"
    return f"On {sessions} these limits would raise {flags}, against {total.beside.asking} under {beside}."


def verdict(total: Sum) -> str:
    """What became of the known events, in plain words."""
    if not total.happened:
        return "No known event lies in these sessions, so this says nothing of what the limits would miss."
    seen = total.happened - len(total.missed)
    words = f"Of {_count(total.happened, 'known event')} these limits have a flag for {seen}"
    if not total.missed:
        return f"{words}; none is missed."
    return f"{words}; {len(total.missed)} missed, {total.newly_missed} of them seen by the other limits."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def figures(total: Sum) -> list[Figure]:
    one, two = total.beside, total.tried
    hour = "One hour of one patient from check-in to the end of the session."
    whole = [
        ("High", one.high, two.high, ""),
        ("Medium", one.medium, two.medium, ""),
        ("of these technical", one.technical, two.technical, "Monitors, missing baseline, overdue sets."),
        ("Low", one.low, two.low, "Things overdue; not in the rates."),
        ("Re-checks alone", one.rechecks, two.rechecks, "Not confirmed by the next measurement: no flag."),
        ("Sessions without a flag", one.sessions_without, two.sessions_without, ""),
    ]
    rates = [
        ("Flags per session", one.per_session, two.per_session, "Medium and high."),
        ("Flags per nurse-hour, one chair", one.per_hour, two.per_hour, hour),
        (
            f"Flags per nurse-hour, {CHAIRS_OF_A_NURSE} chairs",
            CHAIRS_OF_A_NURSE * one.per_hour,
            CHAIRS_OF_A_NURSE * two.per_hour,
            f"The same for a nurse who watches {CHAIRS_OF_A_NURSE} patients at once.",
        ),
    ]
    return [
        *(Figure(name, f"{a:.2f}", f"{b:.2f}", signed(b - a, 2), help_) for name, a, b, help_ in rates),
        *(Figure(name, str(a), str(b), signed(b - a, 0), help_) for name, a, b, help_ in whole),
    ]


def signed(change: float, places: int) -> str:
    """ "+3", "−0.25", "no change"."""
    rounded = round(change, places)
    if not rounded:
        return NO_CHANGE
    return f"{'+' if rounded > 0 else '−'}{abs(rounded):.{places}f}"


def _line(session: Session, one: Compared) -> SessionLine:
    return SessionLine(
        session,
        one,
        beside=_asking(one.beside.flags),
        tried=_asking(one.tried.flags),
        missed=[seen for seen in one.known if not seen.tried],
    )


def _asking(flags: Sequence[Raised]) -> int:
    return sum(1 for flag in flags if flag.priority in COMPARED)


def is_going_on(replay: LimitReplay) -> bool:
    return replay.goes_on
