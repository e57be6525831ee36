"""Correcting a charted value: a new version that points at the old one; the old stays readable.

A correction is judged again. When it concerns the newest value, the open flag follows it.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction

from clinic import audit
from clinic.access import Act, Principal, check
from clinic.refusals import Conflict, Invalid, NotFound
from vitals import due, flag_changes, judging, plausible, rules, ticking
from vitals.flag_words import text_of
from vitals.judging import Effects
from vitals.limits import LimitSet
from vitals.models import Finding
from vitals.panel import Latest, Panel, decode, encode, retrace
from vitals.plausible import Judged
from vitals.services import baselines, finding_rows, flag_rows, readiness, storage
from vitals.services.announcing import Announcement, announce
from vitals.services.limit_sets import limit_set
from vitals.services.plans import plan_of
from vitals.services.storage import Key, ReadingRow, WatchRow
from vitals.vital import FIELDS, tidy

_CORRECTIONS = UUID("6f0a2b8e-6f4d-5d0e-9a57-2c7f3b1d9e44")


@dataclass(frozen=True, slots=True)
class _Old:
    """The version that is corrected."""

    id: UUID
    session_id: UUID
    measured_at: datetime
    late_fields: int
    version: int
    values: Mapping[str, float]
    absent: Mapping[str, str]


def correct(
    *, by: Principal, reading_id: UUID, fields: Mapping[str, float | None], reason: str, at: datetime
) -> UUID:
    """Store a new version of a reading and judge it. Returns the new version's id.

    fields: the corrected values; None takes a value away. Fields not named keep their old value.
    raises: AccessDenied; NotFound; Invalid for a missing reason or field, or a value that cannot be;
            Conflict when this version was corrected before: the newest one is corrected instead.
    """
    check(by, Act.CORRECT_READING)
    if not reason.strip():
        raise Invalid("A correction needs a reason.", field="reason")
    if not fields:
        raise Invalid("A correction needs at least one corrected field.", field="fields")
    with transaction.atomic():
        old = _old(by.clinic_id, reading_id)
        watch = storage.lock_watch_rows([old.session_id])[old.session_id]
        values = {**old.values, **{name: value for name, value in fields.items() if value is not None}}
        for name, value in fields.items():
            if value is None:
                values.pop(name, None)
        judged = plausible.judge(values, from_device=False)
        if judged.doubtful:
            name, (_, words) = next(iter(judged.doubtful.items()))
            raise Invalid(words, field=name)
        key = _claim(by, old)
        row = _row(by, key, old, judged, reason, at)
        storage.insert_readings([row])
        panel = decode(watch.panel)
        effects = _judge_again(panel, watch, old, key, judged, at)
        panel.version += 1
        storage.write_watch_rows(
            [(old.session_id, ticking.next_alert_at(panel, limit_set(watch.limit_set_id)), encode(panel))]
        )
        announce([Announcement(watch.clinic_id, old.session_id, [(row, by.name)], effects.changes)])
        audit.record(
            [
                audit.Entry(
                    by=by,
                    act=Act.CORRECT_READING,
                    subject="reading",
                    subject_id=str(key.id),
                    session_id=old.session_id,
                    details={"supersedes": str(old.id), "fields": sorted(fields), "reason": reason},
                )
            ]
        )
    return key.id


def _old(clinic_id: int, reading_id: UUID) -> _Old:
    columns = ", ".join(f"{name}::float8" for name in FIELDS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, session_id, measured_at, late_fields, version, absent, {columns}"  # noqa: S608  constants
            " FROM vitals_reading WHERE clinic_id = %s AND id = %s",
            [clinic_id, reading_id],
        )
        row: tuple[Any, ...] | None = cursor.fetchone()
    if row is None:
        raise NotFound
    id_, session_id, measured_at, late_fields, version, absent = row[:6]
    values = {name: value for name, value in zip(FIELDS, row[6:], strict=True) if value is not None}
    absent = msgspec.json.decode(absent) if isinstance(absent, str) else absent
    return _Old(id_, session_id, measured_at, late_fields, version, values, absent or {})


def _claim(by: Principal, old: _Old) -> Key:
    """The new version's key: one per old version, so two corrections of it cannot both be stored."""
    id_ = uuid.uuid5(_CORRECTIONS, f"{by.clinic_id}:{old.id}:{old.version + 1}")
    key = Key(by.clinic_id, id_, old.version + 1, old.measured_at)
    if storage.claim_keys([key]):
        raise Conflict("This version was corrected before: correct the newest one.", field="id")
    return key


def _row(by: Principal, key: Key, old: _Old, judged: Judged, reason: str, at: datetime) -> ReadingRow:
    return ReadingRow(
        key=key,
        session_id=old.session_id,
        received_at=at,
        values={name: tidy(value) for name, value in judged.values.items()},
        late_fields=old.late_fields,
        doubtful={},
        absent={name: words for name, words in old.absent.items() if name not in judged.values},
        device_id=None,
        user_id=by.user_id,
        version=old.version + 1,
        supersedes=old.id,
        reason=reason.strip(),
    )


def _judge_again(panel: Panel, watch: WatchRow, old: _Old, key: Key, judged: Judged, at: datetime) -> Effects:
    """Replace what the old version showed by what the new one shows, and let open flags follow."""
    limits = limit_set(watch.limit_set_id)
    newest = {
        name
        for name in set(old.values) | set(judged.values)
        if old.values.get(name) != judged.values.get(name)
        and (name not in panel.values or panel.values[name].at <= old.measured_at)
    }
    if old.late_fields:
        newest -= set(judging.late_names(old.late_fields))
    for name in newest:
        _show_newest(panel, old, name, judged.values.get(name))
    effects = Effects()
    if watch.is_open:
        unfounded = _resting_on(old, panel, limits)
        effects = judging.rejudge(panel, newest, limits, old.measured_at, at, unfounded=unfounded)
        if effects.breach:
            readiness.take_back(watch.clinic_id, panel, at, words=effects.breach)
        due.replan(panel, plan_of(watch.protocol_id, panel), limits, at, effects.changes)
    moved = baselines.refresh(panel)
    if moved and watch.is_open:
        baselines.follow(watch, panel, effects.changes, at, missing_rings=False)
    flag_rows.write_changes({old.session_id: watch}, {old.session_id: effects.changes}, raised_at=at)
    _replace_findings(panel, watch, old, key, judged, limits, at)
    if moved:
        finding_rows.judge_anew(watch, panel, at)
    return effects


def _resting_on(old: _Old, panel: Panel, limits: LimitSet) -> frozenset[UUID]:
    """The open live flags that would not have been raised without the version that is corrected.

    They found something on it, and what the flag's other readings show raises nothing by itself: none of it
    at once, and fewer than a confirmation asks for.
    """
    live = [flag.id for flag in panel.flags]
    found: dict[UUID, list[Finding]] = defaultdict(list)
    for row in Finding.objects.filter(session_id=old.session_id, flag_id__in=live):
        found[row.flag_id].append(row)
    return frozenset(
        flag_id
        for flag_id, rows in found.items()
        if any(row.reading_id == old.id for row in rows)
        and not _stands([row for row in rows if row.reading_id != old.id], limits)
    )


def _stands(rows: Sequence[Finding], limits: LimitSet) -> bool:
    needs = [rule.readings for row in rows if (rule := limits.named.get((row.rule, row.vital)))]
    moments = {row.measured_at for row in rows}
    return bool(needs) and len(moments) >= min(needs)


def _show_newest(panel: Panel, old: _Old, name: str, value: float | None) -> None:
    """Put the corrected value on the panel; a value that was taken away uncovers the one before it."""
    if name == "systolic":
        retrace(panel, value if value is None else tidy(value), old.measured_at)
    if value is not None:
        panel.values[name] = Latest(tidy(value), old.measured_at)
        return
    panel.values.pop(name, None)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.{name}::float8, r.measured_at FROM vitals_reading r"  # noqa: S608  a name of FIELDS
            f" WHERE r.session_id = %s AND r.{name} IS NOT NULL AND r.late_fields = 0 AND r.id <> %s"
            " AND NOT EXISTS (SELECT FROM vitals_reading n WHERE n.session_id = r.session_id"
            "   AND n.supersedes = r.id)"
            " ORDER BY r.measured_at DESC LIMIT 1",
            [old.session_id, old.id],
        )
        row = cursor.fetchone()
    if row is not None:
        panel.values[name] = Latest(tidy(row[0]), row[1])


def _replace_findings(
    panel: Panel, watch: WatchRow, old: _Old, key: Key, judged: Judged, limits: LimitSet, at: datetime
) -> None:
    """The old version's findings go, the new one's come; a flag left without any is resolved."""
    gone = Finding.objects.filter(reading_id=old.id, session_id=old.session_id)
    flag_of = dict(gone.values_list("condition", "flag_id"))
    gone.delete()
    setting = judging.setting_of(panel, old.measured_at)
    active = rules.limits_at(old.measured_at, limits, panel.patient_limits)
    found = rules.findings(judged.values, active, setting)
    rows: list[finding_rows.Row] = []
    late: list[flag_rows.LateFinding] = []
    for finding in found.values():
        live = flag_changes.open_flag(panel, finding.condition)
        flag_id = flag_of.get(finding.condition) or (live.id if live else None)
        if flag_id is not None:
            rows.append(finding_rows.Row(old.session_id, key, finding, flag_id))
            continue
        words = judging.Found(finding, text_of(finding, judged.values, setting), None, late=True)
        late.append(flag_rows.LateFinding(old.session_id, watch.clinic_id, old.measured_at, words))
    flags = flag_rows.late_flags(late, raised_at=at)
    rows += [
        finding_rows.Row(
            old.session_id, key, one.found.finding, flags[old.session_id, one.found.finding.condition]
        )
        for one in late
    ]
    if rows:
        finding_rows.insert(rows)
    flag_rows.resolve_empty(flag_of.values(), at=at, cause="corrected")
