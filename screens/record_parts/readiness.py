"""The record page's part on leaving: the evidence, the checklist, the assessment, the release."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from clinic.access import Act, Principal, may
from screens.record_parts.checklists import Row, rows
from sessions import leaving, record, states
from sessions import queries as treatments
from sessions.checklist import Kind
from sessions.leaving import Escort
from sessions.models import Session
from sessions.protocol import ReadinessEvidence, Seen, is_early
from sessions.record import Entry
from sessions.services import acts as treatment_services
from sessions.services.changes.leaving import leaving_states
from sessions.states import State
from vitals import queries
from vitals.services.readiness import evidence

SHOWN = (
    ("sedation", "Sedation, MOAA/S", ""),
    ("spo2", "SpO₂", " %"),
    ("respiratory_rate", "Breathing rate", " /min"),
    ("heart_rate", "Heart rate", " /min"),
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line of what was seen: before the dose, and now with its time. Nothing here decides anything."""

    label: str
    before: str
    now: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ReadinessPart:
    """begun: the dose has begun; before it there is nothing to show.

    ticks, assesses, releases: this person may do so now. missing: what a release lacks at present.
    """

    begun: bool

    evidence: list[Evidence]
    asked: list[Row]
    open_count: int
    escort: Escort
    missing: tuple[str, ...]
    early: bool
    ticks: bool
    assesses: bool
    releases: bool
    minutes_since_dose: int | None
    assessed: Entry | None
    released: Entry | None


def part(row: Session, by: Principal, at: datetime) -> ReadinessPart:
    watched = queries.panel_of(row)
    seen = evidence(watched[0] if watched else None, row, at)
    entries = treatments.entries(row.id)
    items = leaving_states(row, entries)
    stands = State(row.state)
    present = stands in states.PRESENT
    until = row.ended_at or at
    return ReadinessPart(
        begun=row.dose_started_at is not None,
        evidence=_evidence(seen, entries),
        asked=rows(items, Kind.CONFIRM, "items"),
        open_count=sum(one.is_open for one in items),
        escort=leaving.escort_of(entries),
        missing=treatment_services.missing_before_release(row, at=at, evidence=seen) if present else (),
        early=is_early(at, row.window_ends_at),
        ticks=may(by, Act.LEAVING_CHECK) and bool(states.rows_of("leaving-check", stands)),
        assesses=may(by, Act.READINESS) and bool(states.rows_of("readiness", stands)),
        releases=may(by, Act.RELEASE) and stands in {State.MONITORING, State.READY},
        minutes_since_dose=int((until - row.dose_ended_at).total_seconds() // 60)
        if row.dose_ended_at
        else None,
        assessed=_last(entries, "readiness") if row.ready_at else None,
        released=_last(entries, "release", "end-early", "leave-early"),
    )


def _last(entries: Iterable[Entry], *kinds: str) -> Entry | None:
    found = record.of_kind(entries, *kinds)
    return found[-1] if found else None


def _evidence(seen: ReadinessEvidence, entries: Iterable[Entry]) -> list[Evidence]:
    lines = [_pressure(seen)]
    lines += [
        Evidence(
            label,
            _words(seen.before_dose.get(name), unit),
            _words(seen.latest.get(name), unit),
            seen.latest[name].at if name in seen.latest else None,
        )
        for name, label, unit in SHOWN
    ]
    scales = [one for one in record.of_kind(entries, "scale") if "cadss" in str(one.details.get("scale"))]
    if scales:
        first, last = scales[0], scales[-1]
        lines.append(
            Evidence(
                "Dissociation scale",
                str(first.details.get("total", "")) if first is not last else "–",
                str(last.details.get("total", "")),
                last.at,
            )
        )
    return lines


def _pressure(seen: ReadinessEvidence) -> Evidence:
    now = seen.latest.get("systolic")
    return Evidence(
        "Blood pressure, mmHg", _pair(seen.before_dose), _pair(seen.latest), now.at if now else None
    )


def _pair(values: Mapping[str, Seen]) -> str:
    if "systolic" not in values or "diastolic" not in values:
        return "–"
    return f"{values['systolic'].value:g}/{values['diastolic'].value:g}"


def _words(value: Seen | None, unit: str) -> str:
    return "–" if value is None else f"{value.value:g}{unit}"
