"""Flags as rows: what the pure rules said happened to them is written here, with its audit row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from clinic import audit
from clinic.access import Principal, Role
from vitals.flag_changes import FlagChange
from vitals.flagstates import FlagState, Happening
from vitals.judging import Found
from vitals.limits import RANK, Priority
from vitals.models import Flag
from vitals.panel import PanelFlag
from vitals.services import notifying
from vitals.services.storage import WatchRow
from vitals.vital import tidy


def the_rules(clinic_id: int) -> Principal:
    """The principal of what no person did: the rules themselves, in one clinic."""
    return Principal(clinic_id=clinic_id, role=Role.SYSTEM, name="Vigil")


def write_changes(
    watches: Mapping[UUID, WatchRow],
    changes: Mapping[UUID, Sequence[FlagChange]],
    *,
    raised_at: datetime,
    by: Principal | None = None,
) -> None:
    """Insert flags that opened and update those that moved; one audit row per transition.

    changes: per session in order; a flag that changed twice in a batch is written as it stands last.
    by:      the person whose doing it was; None for the rules.
    """
    opened: dict[UUID, tuple[WatchRow, FlagChange]] = {}
    moved: dict[UUID, tuple[WatchRow, FlagChange]] = {}
    entries: list[audit.Entry] = []
    for session_id, session_changes in changes.items():
        watch = watches[session_id]
        for change in session_changes:
            if change.opened:
                opened[change.flag.id] = watch, change
            else:
                moved[change.flag.id] = watch, change
            if change.opened or change.happening is not Happening.BREACHED:
                entries.append(_entry(watch, change, by))
    last = {flag_id: moved.pop(flag_id, (watch, change))[1] for flag_id, (watch, change) in opened.items()}
    # what ended is written first: a batch may resolve a condition's flag and open its next one
    for _, change in moved.values():
        Flag.objects.filter(pk=change.flag.id).update(**_columns(change))
    Flag.objects.bulk_create(
        _row(watch, change.flag, last[flag_id], raised_at=raised_at)
        for flag_id, (watch, change) in opened.items()
    )
    if entries:
        audit.record(entries)
    _tell(watches, changes, raised_at)


def _tell(
    watches: Mapping[UUID, WatchRow], changes: Mapping[UUID, Sequence[FlagChange]], at: datetime
) -> None:
    """Have people told of what calls for them, where the clinic has switched that on."""
    for session_id, session_changes in changes.items():
        for change in session_changes:
            if change.call is not None:
                notifying.notify(
                    watches[session_id].clinic_id,
                    flag_id=change.flag.id,
                    session_id=session_id,
                    priority=change.flag.priority,
                    step=change.call.step,
                    audience=change.call.audience,
                    cause=change.call.cause,
                    at=at,
                    attention=change.flag.asks_since,
                )


def _entry(watch: WatchRow, change: FlagChange, by: Principal | None) -> audit.Entry:
    return audit.Entry(
        by=by or the_rules(watch.clinic_id),
        act=f"flag-{change.happening.value.split(',')[0].replace(' ', '-')}",
        subject="flag",
        subject_id=str(change.flag.id),
        session_id=watch.session_id,
        details={
            "state": change.flag.state,
            "priority": change.flag.priority,
            "rule": change.flag.rule,
            "cause": change.cause,
            "action": change.flag.action or "",
            "at": change.at.isoformat(),
        },
    )


def _row(watch: WatchRow, flag: PanelFlag, last: FlagChange, *, raised_at: datetime) -> Flag:
    return Flag(
        id=flag.id,
        clinic_id=watch.clinic_id,
        session_id=watch.session_id,
        condition=flag.condition,
        category=flag.category,
        opened_at=flag.opened_at,
        raised_at=raised_at,
        **_columns(last),
    )


def _columns(change: FlagChange) -> dict[str, Any]:
    """The columns that may change while a flag is open."""
    flag = change.flag
    return {
        "priority": flag.priority.value,
        "peak": flag.peak.value,
        "state": flag.state.value,
        "text": flag.text,
        "why": flag.why,
        "activated_at": flag.activated_at,
        "drawn_at": flag.drawn_at,
        "undrawn": flag.undrawn,
        "escalated": flag.escalated,
        "paused_by": flag.paused_by or "",
        "paused_until": flag.paused_until,
        "pause_reason": flag.pause_reason or "",
        "first_taken_at": flag.first_taken_at,
        "rule": flag.rule,
        "vital": flag.vital or "",
        "direction": flag.direction or "",
        "value": flag.value,
        "threshold": flag.threshold,
        "acknowledged_at": flag.acknowledged_at,
        "acknowledged_by": flag.acknowledged_by or "",
        "acknowledged_by_id": flag.acknowledged_by_id if flag.acknowledged_by else None,
        "action": flag.action or "",
        "resolved_at": change.at if change.resolved else None,
        "resolved_cause": change.cause if change.resolved else "",
    }


# --- late findings: one flag per session and condition, listed for review


def resolve_empty(flag_ids: Iterable[UUID], *, at: datetime, cause: str) -> None:
    """End the late flags among these that rest on nothing any more, each with its audit row.

    The caller holds the sessions' watch rows locked.
    """
    empty = list(
        Flag.objects.filter(pk__in=set(flag_ids), late=True, findings__isnull=True, resolved_at__isnull=True)
    )
    Flag.objects.filter(pk__in=[flag.pk for flag in empty]).update(
        state=FlagState.RESOLVED, resolved_at=at, resolved_cause=cause
    )
    if empty:
        audit.record(
            audit.Entry(
                by=the_rules(flag.clinic_id),
                act=f"flag-{Happening.CORRECTED}",
                subject="flag",
                subject_id=str(flag.pk),
                session_id=flag.session_id,
                details={"state": FlagState.RESOLVED, "priority": flag.priority, "cause": cause},
            )
            for flag in empty
        )


@dataclass(frozen=True, slots=True)
class LateFinding:
    session_id: UUID
    clinic_id: int
    measured_at: datetime
    found: Found


def late_flags(late: Sequence[LateFinding], *, raised_at: datetime) -> dict[tuple[UUID, str], UUID]:
    """The open late flag of each session and condition, made or strengthened by these findings.

    Which finding names the flag does not depend on the order of arrival: the strongest, of those the
    earliest. The caller holds the sessions' watch rows locked, so no two make the same flag.
    """
    if not late:
        return {}
    held = {
        (flag.session_id, flag.condition): flag
        for flag in Flag.objects.filter(
            session_id__in={one.session_id for one in late}, late=True, resolved_at__isnull=True
        )
    }
    made: list[Flag] = []
    changed: dict[UUID, Flag] = {}
    for one in sorted(late, key=lambda one: one.measured_at):
        name = one.session_id, one.found.finding.condition
        flag = held.get(name)
        if flag is None:
            flag = held[name] = _late_flag(one, raised_at)
            made.append(flag)
        elif _names_better(one, flag):
            _name_after(flag, one)
            changed[flag.id] = flag
        if one.measured_at < flag.opened_at:
            flag.opened_at = one.measured_at
            changed[flag.id] = flag
    Flag.objects.bulk_create(made)
    fresh = {flag.id for flag in made}
    for flag in changed.values():
        if flag.id not in fresh:
            flag.save()
    if made:
        audit.record(
            audit.Entry(
                by=the_rules(flag.clinic_id),
                act="flag-late",
                subject="flag",
                subject_id=str(flag.id),
                session_id=flag.session_id,
                details={"priority": flag.priority, "rule": flag.rule},
            )
            for flag in made
        )
    return {name: flag.id for name, flag in held.items()}


def _late_flag(one: LateFinding, raised_at: datetime) -> Flag:
    flag = Flag(
        clinic_id=one.clinic_id,
        session_id=one.session_id,
        condition=one.found.finding.condition,
        category="technical" if one.found.finding.condition.endswith("-zero") else "physiological",
        state=FlagState.ACTIVE,
        late=True,
        opened_at=one.measured_at,
        raised_at=raised_at,
    )
    _name_after(flag, one)
    return flag


def _name_after(flag: Flag, one: LateFinding) -> None:
    finding = one.found.finding
    flag.priority = flag.peak = finding.priority
    flag.text = one.found.text
    flag.rule = finding.rule.code
    flag.vital = finding.vital
    flag.direction = finding.rule.direction or ""
    flag.value = None if finding.value is None else tidy(finding.value)
    flag.threshold = None if finding.limit is None else tidy(finding.limit)


def _names_better(one: LateFinding, flag: Flag) -> bool:
    if flag.value is None or flag.threshold is None:
        return True
    beyond = abs(float(flag.value) - float(flag.threshold))
    return (one.found.finding.rule.level, one.found.finding.beyond) > (RANK[Priority(flag.priority)], beyond)
