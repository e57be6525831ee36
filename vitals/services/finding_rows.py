"""Findings as rows: one per session, moment and condition, whatever order readings arrive in."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from vitals import asking, due, flag_changes, judging, queries
from vitals.flag_changes import FlagChange
from vitals.flag_words import text_of
from vitals.flagstates import Happening, after
from vitals.limits import RANK, Priority
from vitals.models import Finding, Flag
from vitals.pairing import pair_halves
from vitals.panel import Panel, PanelFlag
from vitals.plausible import doubts_between
from vitals.queries import ReadingView
from vitals.rules import Finding as Found
from vitals.rules import findings, limits_at, with_company
from vitals.services import flag_rows
from vitals.services.limit_sets import limit_set
from vitals.services.storage import Key, WatchRow
from vitals.vital import tidy


@dataclass(frozen=True, slots=True)
class Row:
    session_id: UUID
    key: Key
    finding: Found
    flag_id: UUID


# the stronger of two findings of one moment stays: priority, then how far beyond, then the name
_UPSERT = """
INSERT INTO vitals_finding AS held
    (session_id, measured_at, condition, flag_id, reading_id, priority, rule, vital, value, threshold)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (session_id, measured_at, condition) DO UPDATE SET
    reading_id = excluded.reading_id, priority = excluded.priority, rule = excluded.rule,
    vital = excluded.vital, value = excluded.value, threshold = excluded.threshold
WHERE (excluded.priority = 'high', abs(excluded.value - excluded.threshold), excluded.vital, excluded.rule)
    > (held.priority = 'high', abs(held.value - held.threshold), held.vital, held.rule)
"""


def insert(rows: Sequence[Row]) -> None:
    """Store findings; where a moment already has one for the condition, the stronger stays."""
    with connection.cursor() as cursor:
        cursor.executemany(
            _UPSERT,
            [
                (
                    row.session_id,
                    row.key.measured_at,
                    row.finding.condition,
                    row.flag_id,
                    row.key.id,
                    row.finding.priority.value,
                    row.finding.rule.code,
                    row.finding.vital,
                    tidy(row.finding.value or 0),
                    None if row.finding.limit is None else tidy(row.finding.limit),
                )
                for row in rows
            ],
        )


def flags_of_readings(readings: Iterable[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], list[dict[str, str]]]:
    """Per (session, reading), the flags its findings belong to, as they stand: the answer to a repeated call.

    By session too, for senders make ids: another clinic may hold the same one.
    """
    wanted = set(readings)
    answers: dict[tuple[UUID, UUID], list[dict[str, str]]] = defaultdict(list)
    if wanted:
        sessions, ids = {session for session, _ in wanted}, {id_ for _, id_ in wanted}
        rows = Finding.objects.filter(session_id__in=sessions, reading_id__in=ids).select_related("flag")
        for finding in rows:
            answers[finding.session_id, finding.reading_id].append(
                {
                    "id": str(finding.flag_id),
                    "priority": finding.priority,
                    "state": finding.flag.state,
                    "text": finding.flag.text,
                }
            )
    return answers


@dataclass(frozen=True, slots=True)
class _Half:
    id: UUID
    systolic: float | None
    diastolic: float | None


def void_contradictions(
    moments: Sequence[tuple[UUID, datetime]],
    panels: Mapping[UUID, Panel],
    watches: Mapping[UUID, WatchRow],
    at: datetime,
) -> None:
    """Take back what was found on two halves of one pressure that cannot both be.

    Halves arrive one after the other, so the first was judged alone. Once both are there and systolic is
    not above diastolic, neither is a pressure: findings of that moment go, and with them flags that rest
    on nothing else. What a whole row would have shown is what remains.
    """
    for session_id, measured_at in dict.fromkeys(moments):
        halves = _halves_at(session_id, measured_at)
        void = [
            half.id
            for upper, lower in pair_halves(halves)
            if "systolic" in doubts_between(upper.systolic or 0, lower.diastolic or 0, None)
            for half in (upper, lower)
        ]
        if void:
            _void(session_id, measured_at, void, panels[session_id], watches[session_id], at)


def _halves_at(session_id: UUID, measured_at: datetime) -> list[_Half]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, systolic::float8, diastolic::float8 FROM vitals_reading r"
            " WHERE session_id = %s AND measured_at = %s AND (systolic IS NULL) <> (diastolic IS NULL)"
            " AND NOT EXISTS (SELECT FROM vitals_reading n WHERE n.session_id = r.session_id"
            "   AND n.supersedes = r.id)",
            [session_id, measured_at],
        )
        return [_Half(*row) for row in cursor.fetchall()]


def _void(
    session_id: UUID,
    measured_at: datetime,
    reading_ids: Iterable[UUID],
    panel: Panel,
    watch: WatchRow,
    at: datetime,
) -> None:
    gone = Finding.objects.filter(
        session_id=session_id,
        measured_at=measured_at,
        reading_id__in=list(reading_ids),
        condition__startswith="bp-",
    )
    flag_ids = set(gone.values_list("flag_id", flat=True))
    gone.delete()
    for name in ("systolic", "diastolic"):
        if name in panel.values and panel.values[name].at == measured_at:
            del panel.values[name]
    empty = Flag.objects.filter(pk__in=flag_ids, findings__isnull=True, resolved_at__isnull=True)
    changes: list[FlagChange] = []
    for live in [one for one in panel.flags if one.id in set(empty.values_list("id", flat=True))]:
        live.state = after(live.state, Happening.CORRECTED)
        asking.ask_no_more(live)
        panel.flags.remove(live)
        changes.append(FlagChange(live, Happening.CORRECTED, at, cause="halves contradict"))
    flag_rows.resolve_empty(flag_ids, at=at, cause="halves contradict")
    due.plan_rechecks(panel)
    flag_rows.write_changes({session_id: watch}, {session_id: changes}, raised_at=at)


def join_moments(
    moments: Iterable[tuple[UUID, datetime]],
    panels: Mapping[UUID, Panel],
    watches: Mapping[UUID, WatchRow],
    at: datetime,
) -> None:
    """Find what only rows of one moment show together: a low pressure in one, a slow heart in another.

    Each was judged alone when it came. What they show together is what one row would have shown.
    """
    for session_id, measured_at in dict.fromkeys(moments):
        panel, watch = panels[session_id], watches[session_id]
        views = _as_they_stand(queries.readings(session_id, since=measured_at, until=measured_at))
        for view, found, text in _shown_at(measured_at, views, panel, watch):
            if found.rule.with_vital is not None and found.rule.with_vital not in view.values:
                late = any(name in other.late_fields for other in views for name in found.asks_for)
                _join(watch, panel, view, judging.Found(found, text, None, late), at)


def _join(watch: WatchRow, panel: Panel, view: ReadingView, one: judging.Found, at: datetime) -> None:
    """Store a finding on more than one row, unless what is held of its moment is as strong."""
    found = one.finding
    held = (
        Finding.objects.select_related("flag")
        .filter(session_id=watch.session_id, measured_at=view.measured_at, condition=found.condition)
        .first()
    )
    if held is not None and RANK[Priority(held.priority)] >= found.rule.level:
        return
    live = flag_changes.open_flag(panel, found.condition)
    if held is not None and not held.flag.late:
        flag_id = held.flag_id
    elif live is not None and not one.late and _is_of(live, found, view.measured_at, panel):
        flag_id = live.id
    else:
        late = flag_rows.LateFinding(watch.session_id, watch.clinic_id, view.measured_at, one)
        flag_id = flag_rows.late_flags([late], raised_at=at)[watch.session_id, found.condition]
    insert([Row(watch.session_id, Key(watch.clinic_id, view.id, 0, view.measured_at), found, flag_id)])


def _as_they_stand(views: Iterable[ReadingView]) -> list[ReadingView]:
    return [view for view in views if view.superseded_by is None]


def _shown_at(
    measured_at: datetime, views: Sequence[ReadingView], panel: Panel, watch: WatchRow
) -> Iterator[tuple[ReadingView, Found, str]]:
    """What each row of one moment shows, in words too; with the others where a rule asks for two vitals."""
    setting = judging.setting_of(panel, measured_at)
    limits = limits_at(measured_at, limit_set(watch.limit_set_id), panel.patient_limits)
    moment = [{name: float(value) for name, value in view.values.items()} for view in views]
    for view, values in zip(views, moment, strict=True):
        joined = with_company(values, moment, limits)
        for found in findings(joined, limits, setting).values():
            if found.vital in values:
                yield view, found, text_of(found, joined, setting)


def judge_anew(watch: WatchRow, panel: Panel, at: datetime) -> None:
    """Find again what every reading of a session showed, because its baseline is another one now.

    What is found newly belongs to the flag that was open at the time, else to the late flag of its condition.
    """
    held = {
        (row.measured_at, row.condition): row
        for row in Finding.objects.filter(session_id=watch.session_id).exclude(condition__endswith="-zero")
    }
    wanted: dict[tuple[datetime, str], tuple[ReadingView, Found, str]] = {}
    moments: dict[datetime, list[ReadingView]] = defaultdict(list)
    for view in _as_they_stand(queries.readings(watch.session_id)):
        moments[view.measured_at].append(view)
    for measured_at, views in moments.items():
        for view, found, text in _shown_at(measured_at, views, panel, watch):
            key = measured_at, found.condition
            if key not in wanted or found.strength > wanted[key][1].strength:
                wanted[key] = view, found, text
    gone = [held[key].pk for key in held.keys() - wanted.keys()]
    left = set(Finding.objects.filter(pk__in=gone).values_list("flag_id", flat=True))
    Finding.objects.filter(pk__in=gone).delete()
    changed = [key for key, (_, found, _) in wanted.items() if key in held and not _is_same(held[key], found)]
    Finding.objects.filter(pk__in=[held[key].pk for key in changed]).delete()
    flag_of = {key: held[key].flag_id for key in changed}
    new: list[tuple[tuple[datetime, str], flag_rows.LateFinding]] = []
    for key in wanted.keys() - held.keys():
        view, found, text = wanted[key]
        live = flag_changes.open_flag(panel, found.condition)
        if live is not None and not view.late and _is_of(live, found, view.measured_at, panel):
            flag_of[key] = live.id
            continue
        words = judging.Found(found, text, None, late=True)
        new.append((key, flag_rows.LateFinding(watch.session_id, watch.clinic_id, view.measured_at, words)))
    late = flag_rows.late_flags([one for _, one in new], raised_at=at)
    flag_of |= {key: late[watch.session_id, key[1]] for key, _ in new}
    insert(
        [
            Row(watch.session_id, Key(watch.clinic_id, wanted[key][0].id, 0, key[0]), wanted[key][1], flag_id)
            for key, flag_id in flag_of.items()
        ]
    )
    flag_rows.resolve_empty(left, at=at, cause="baseline changed")


def _is_of(flag: PanelFlag, found: Found, measured_at: datetime, panel: Panel) -> bool:
    """True when an open flag stands for what was found: it was open by then, or rests on that very value."""
    newest = panel.values.get(found.vital)
    return flag.opened_at <= measured_at or (newest is not None and newest.at == measured_at)


def _is_same(row: Finding, found: Found) -> bool:
    limit = None if found.limit is None else tidy(found.limit)
    threshold = None if row.threshold is None else tidy(float(row.threshold))
    return (row.rule, row.vital, threshold) == (found.rule.code, found.vital, limit)


def as_words(finding: Finding) -> dict[str, Any]:
    """A finding as the flags list shows it."""
    return {
        "measured_at": finding.measured_at,
        "priority": finding.priority,
        "rule": finding.rule,
        "vital": finding.vital,
        "value": tidy(float(finding.value)),
        "threshold": None if finding.threshold is None else tidy(float(finding.threshold)),
        "reading": finding.reading_id,
    }
