"""Acts on a session as doors call them: the act itself, then the watch row re-planned, in one transaction.

Every act that moves a due time comes through here, so nothing is hidden in a signal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from clinic.access import Principal
from sessions import queries as treatment_queries
from sessions import record
from sessions.models import Session
from sessions.postponing import postponements
from sessions.protocol import Route, Step
from sessions.services import acts as treatments
from sessions.services import corrections
from sessions.services.changes.doing import LATE_AFTER, Doing
from sessions.states import ENDS, State
from sessions.symptoms import Severity, episodes
from sessions.waiting import past_waits
from vitals import due, judging, taking, technical, ticking
from vitals.flag_changes import FlagChange
from vitals.models import Watch
from vitals.panel import OpenSymptom, Panel, PanelChair, Postponed, decode, encode
from vitals.services import baselines, finding_rows, flag_rows, patient_limits, readiness, storage
from vitals.services.announcing import Announcement, announce
from vitals.services.covers import cover_of
from vitals.services.limit_sets import current_limit_set_id, limit_set
from vitals.services.plans import plan_of
from vitals.services.storage import WatchRow

# A baseline may be taken shortly before the check-in is charted.
BEFORE_CHECK_IN = timedelta(hours=1)


def act(
    *,
    by: Principal,
    session_id: UUID,
    name: str,
    at: datetime,
    recorded_at: datetime,
    details: Mapping[str, Any],
) -> Session:
    """Do one act and move everything that hangs on it.

    raises: whatever ``sessions.services.act`` refuses with; NotFound for another clinic's session.
    """
    with transaction.atomic():
        held = _hold(by, session_id)
        seen = readiness.evidence(held.panel, held.session, at)
        doing = Doing(by, name, at, recorded_at, details, seen, due=due_step(held.panel))
        treatments.act(held.session, doing)
        late_start = name == "start" and doing.is_late
        _follow(held, recorded_at, rings_anew=name == "check-in" or late_start)
    return held.session


def correct_entry(
    *,
    by: Principal,
    session_id: UUID,
    entry: UUID,
    new_at: datetime | None,
    details: Mapping[str, Any],
    in_error: bool,
    reason: str,
    recorded_at: datetime,
    seen: int | None = None,
) -> Session:
    """Correct one entry of a session's record and move everything that hangs on it.

    raises: whatever ``sessions.services.corrections`` refuses with; NotFound for another clinic's session.
    """
    with transaction.atomic():
        held = _hold(by, session_id)
        started_at = held.session.dose_started_at
        corrections.correct(
            held.session,
            by=by,
            entry=entry,
            new_at=new_at,
            details=details,
            in_error=in_error,
            reason=reason,
            recorded_at=recorded_at,
            seen=seen,
            evidence=readiness.evidence(held.panel, held.session, new_at or recorded_at),
        )
        moved_to = held.session.dose_started_at
        # a start moved far back makes history of the steps before now; one moved a little rings as it should
        far_back = bool(started_at and moved_to and started_at - moved_to > LATE_AFTER)
        _follow(held, recorded_at, rings_anew=far_back)
    return held.session


@dataclass(slots=True)
class _Held:
    """A session with its watch row and panel, all locked; the last two None before check-in."""

    session: Session
    watch: WatchRow | None
    panel: Panel | None


def _hold(by: Principal, session_id: UUID) -> _Held:
    """Lock the watch row first, as the corridor does, so that the two never wait for each other."""
    watch = storage.lock_watch_rows([session_id]).get(session_id)
    if watch is not None and watch.clinic_id != by.clinic_id:
        watch = None
    panel = decode(watch.panel) if watch else None
    return _Held(treatments.locked(by.clinic_id, session_id), watch, panel)


def _follow(held: _Held, at: datetime, *, rings_anew: bool) -> None:
    """Bring the watch row up to the session; make it at check-in, close it at the end.

    rings_anew: sets due before ``at`` are history as it is entered, and are never rung.
    """
    session, watch, panel = held.session, held.watch, held.panel
    if session.checked_in_at is None:
        return
    if watch is None or panel is None:
        watch, panel = _first_watch(session)
    if rings_anew:
        panel.rings_from = at
    changes: list[FlagChange] = []
    before = _Seen.of(panel)
    show_session(panel, session)
    panel.version += 1
    limits = limit_set(watch.limit_set_id)
    if session.state in ENDS:
        changes.extend(taking.end_session(panel, at))
        until = session.ended_at
    else:
        _judge_again(watch, panel, before, changes, at, rings=not rings_anew)
        breach = next((change.flag.text for change in changes if change.is_breach), "")
        if breach and readiness.take_back(session.clinic_id, panel, at, words=breach):
            session.refresh_from_db()
        due.replan(panel, plan_of(watch.protocol_id, panel), limits, at, changes)
        until = None
    flag_rows.write_changes({session.id: watch}, {session.id: changes}, raised_at=at)
    Watch.objects.filter(pk=session.id).update(
        chair_id=session.chair_id,
        is_open=session.state not in ENDS,
        until_at=until,
        alert_at=ticking.next_alert_at(panel, limits),
        panel=encode(panel),
    )
    announce([Announcement(session.clinic_id, session.id, changes=changes)])


@dataclass(frozen=True, slots=True)
class _Seen:
    """What values are seen against, and by which monitor: what an act may change."""

    dose_started_at: datetime | None
    symptoms: list[OpenSymptom]
    chair: UUID | None

    @classmethod
    def of(cls, panel: Panel) -> "_Seen":
        return cls(panel.dose_started_at, list(panel.symptoms), panel.chair.id if panel.chair else None)


def _judge_again(
    watch: WatchRow, panel: Panel, before: _Seen, changes: list[FlagChange], at: datetime, *, rings: bool
) -> None:
    """Judge the newest values anew where the act changed what they are seen against."""
    now = _Seen.of(panel)
    if now.chair != before.chair:
        technical.unbind_monitor(panel, at, changes)
    if now.dose_started_at != before.dose_started_at:
        moved = baselines.refresh(panel)
        baselines.follow(watch, panel, changes, at, missing_rings=rings)
        if moved:
            finding_rows.judge_anew(watch, panel, at)
    elif now.symptoms != before.symptoms:
        judging.reassess(panel, limit_set(watch.limit_set_id), at, changes)


def _first_watch(session: Session) -> tuple[WatchRow, Panel]:
    """The watch row of a session that was just checked in."""
    assert session.checked_in_at is not None, "made at check-in"  # noqa: S101
    limit_set_id = current_limit_set_id(session.clinic_id, session.protocol.code)
    panel = Panel(
        session=session.id,
        version=0,
        chair=None,
        initials=session.patient.initials,
        route=session.protocol.route,
        treatment=session.protocol.name,
        nurse=None,
        state=session.state,
        limit_set=str(limit_set_id),
        limit_version=limit_set(limit_set_id).version,
        simulated=settings.DEMO,
    )
    panel.patient_limits = patient_limits.carried(
        session.patient_id, limit_set(limit_set_id), session.checked_in_at
    )
    row = Watch.objects.create(
        session=session,
        clinic_id=session.clinic_id,
        chair_id=session.chair_id,
        protocol_id=session.protocol_id,
        limit_set_id=limit_set_id,
        from_at=session.checked_in_at - BEFORE_CHECK_IN,
        panel=encode(panel),
    )
    watch = WatchRow(
        session_id=session.id,
        clinic_id=session.clinic_id,
        protocol_id=session.protocol_id,
        limit_set_id=limit_set_id,
        is_open=True,
        from_at=row.from_at,
        until_at=None,
        panel=row.panel,
    )
    return watch, panel


def show_session(panel: Panel, session: Session) -> None:
    """Copy what the board shows of the session itself into its panel."""
    chair = session.chair
    panel.chair = PanelChair(chair.id, chair.name) if chair else None
    panel.state = session.state
    panel.treatment = treatment_words(session)
    panel.nurse = session.nurse.shown_name() if session.nurse else None
    panel.nurse_id = session.nurse_id
    panel.checked_in_at = session.checked_in_at
    panel.watched_from = session.watched_from
    panel.dose_started_at = session.dose_started_at
    panel.dose_ended_at = session.dose_ended_at
    panel.planned_end_at = session.planned_end_at
    panel.window_ends_at = session.window_ends_at
    panel.waiting_for_escort_at = session.waiting_for_escort_at
    panel.assessed_ready_by = session.ready_by if session.state == State.READY else None
    if session.watched_from is not None:
        entries = treatment_queries.entries(session.id)
        panel.doses = [
            round((at - session.watched_from).total_seconds() / 60, 1)
            for at in (entry.at for entry in record.of_kind(entries, "start", "dose"))
        ]
        panel.waited = past_waits(entries)
        panel.symptoms = [
            OpenSymptom(one.code, one.severity == Severity.SEVERE, one.onset_at)
            for one in episodes(entries)
            if one.is_open and not one.late
        ]
        panel.cover = cover_of(entries, session.clinic_id)
        panel.postponed = [
            Postponed(one.label, one.due_at, one.minutes, one.by, one.reason)
            for one in postponements(entries)
        ]


def due_step(panel: Panel | None) -> Step | None:
    """The set that is due now or next, as the plan has it."""
    due = panel.due if panel else None
    if due is None:
        return None
    return Step(
        label=due.label,
        due_at=due.at,
        opens_at=due.opens_at,
        closes_at=due.closes_at,
        every_min=due.every_min,
        needs=tuple(due.missing),
        postponed_min=due.postponed.minutes if due.postponed else 0,
    )


def treatment_words(session: Session) -> str:
    """Route and dose in a few words: "IV 41 mg", "Nasal 84 mg"."""
    route = "IV" if session.protocol.route == Route.IV else "Nasal"
    return f"{route} {float(session.dose_mg):g} mg" if session.dose_mg is not None else route
