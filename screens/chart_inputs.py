"""What a session's chart is drawn from, gathered as the plain values that ``charts`` takes."""

from datetime import datetime
from typing import TypedDict
from zoneinfo import ZoneInfo

from screens.charts.inputs import ChartReading, ChartWindow, LimitLine, Mark, MarkKind, TypicalPoint
from sessions import queries as treatments
from sessions.models import Session
from sessions.protocol import Route
from vitals import queries, typical
from vitals.limits import LimitRule
from vitals.models import Watch
from vitals.panel import Panel
from vitals.rules import baseline_values, limits_at
from vitals.services.limit_sets import limit_set

_MARKS: dict[str, MarkKind] = {
    "start": "dose",
    "dose": "dose",
    "stop": "dose-end",
    "symptom": "symptom",
    "medicine": "note",
    "adverse-event": "note",
    "note": "note",
}


class Inputs(TypedDict):
    readings: list[ChartReading]
    marks: list[Mark]
    limits: list[LimitLine]
    window: ChartWindow
    zone: ZoneInfo
    typical: list[TypicalPoint]


def inputs_of(row: Session, clinic_id: int, *, at: datetime) -> Inputs:
    """The newest version of each reading, what happened, the limit rows, the session's clocks.

    at: the limits are those that hold for the patient at this moment, or held at the session's end.
    """
    views = queries.readings(row.id)
    watched = queries.panel_of(row)
    limits, own = _limits_of(watched, row.ended_at or at) if watched else ((), frozenset())
    baseline = baseline_values(watched[0].baseline) if watched else {}
    return Inputs(
        readings=[
            ChartReading(
                measured_at=view.measured_at,
                values=view.values,
                recorded_by=view.recorded_by,
                late=view.late,
                doubtful=view.doubtful,
                absent=view.absent,
            )
            for view in views
            if view.superseded_by is None
        ],
        marks=_marks(row, clinic_id, views),
        limits=[
            LimitLine(
                rule.vital,
                rule.direction.value,
                rule.priority.value,
                limit,
                rule.code,
                own=(rule.code, rule.vital) in own,
            )
            for rule in limits
            if rule.vital is not None
            and rule.direction is not None
            and not rule.symptoms
            and rule.with_vital is None
            and (limit := rule.limit_for(baseline)) is not None
        ],
        window=ChartWindow(
            zero_at=row.dose_started_at or row.checked_in_at or row.scheduled_at,
            dosed=row.dose_started_at is not None,
            dose_ended_at=row.dose_ended_at,
            ends_at=row.window_ends_at,
        ),
        zone=row.clinic.zone,
        typical=_typical(row, watched[0] if watched else None),
    )


def _typical(row: Session, panel: Panel | None) -> list[TypicalPoint]:
    """The typical response around the baseline, once the dose began, to the end of its rows."""
    baseline = panel.baseline.systolic if panel and panel.baseline else None
    if row.dose_started_at is None:
        return []
    points = typical.around(baseline, Route(row.protocol.route))
    return [TypicalPoint(one.minute, one.mean, one.low, one.high) for one in points]


def _limits_of(
    watched: tuple[Panel, Watch], at: datetime
) -> tuple[tuple[LimitRule, ...], frozenset[tuple[str, str]]]:
    """The rows that hold for the patient, and the names of those that were changed for the patient."""
    panel, watch = watched
    held = limits_at(at, limit_set(watch.limit_set_id), panel.patient_limits)
    return held.rules, frozenset(
        (one.code, one.vital) for one in panel.patient_limits if one.from_at <= at < one.until_at
    )


def _marks(row: Session, clinic_id: int, views: list[queries.ReadingView]) -> list[Mark]:
    marks = [
        Mark(_MARKS[event.kind], event.at, event.text)
        for event in treatments.events(row.id)
        if event.kind in _MARKS
    ]
    marks += [
        Mark("flag", one.flag.opened_at, one.flag.text, one.flag.vital or None, one.flag.peak)  # type: ignore[arg-type]  # a choice column
        for one in queries.flags(clinic_id, session_id=row.id)
    ]
    return marks + correction_marks(views)


def correction_marks(views: list[queries.ReadingView]) -> list[Mark]:
    """One mark on each value that a correction changed, gave or took away."""
    by_id = {view.id: view for view in views}
    return [
        Mark("correction", view.measured_at, f"corrected: {view.reason}", vital)
        for view in views
        if view.supersedes is not None and (old := by_id.get(view.supersedes))
        for vital in sorted(old.values.keys() | view.values.keys())
        if old.values.get(vital) != view.values.get(vital)
    ]
