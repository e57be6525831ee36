"""The corridor: every reading, whatever door it came by, is stored and judged here, once, in one transaction.

    admit → judge what can be → claim the key → judge against limits → store → move flags, due time, watch row
    → audit → tell the live screens on commit

It takes a batch. Items of a batch are independent: one that is refused never fails another.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction

from clinic import audit
from clinic.access import Act
from clinic.refusals import Conflict
from sessions.protocol import Step
from vitals import due, judging, panel, rules, ticking
from vitals.flag_changes import FlagChange
from vitals.flagstates import FlagState
from vitals.judging import Found
from vitals.plausible import Judged
from vitals.services import baselines, finding_rows, flag_rows, quarantine, readiness, storage
from vitals.services.admission import Admitted, admit, find_sessions
from vitals.services.announcing import Announcement, announce
from vitals.services.arrivals import Incoming, Outcome, Unreadable
from vitals.services.limit_sets import limit_set
from vitals.services.plans import plan_of
from vitals.services.storage import ReadingRow, WatchRow


def record_readings(batch: Sequence[Incoming | Unreadable], *, at: datetime) -> list[Outcome]:
    """Store and judge a batch of readings in one transaction; nothing is acknowledged before it commits.

    batch:   readings of any sessions and clinics, each with its principal, and what could not be read.
    at:      the door's clock, for audit and quarantine.
    returns: one outcome per item, in the batch's order.
    raises:  database errors; then nothing of the batch was stored.
    """
    outcomes = [Outcome() for _ in batch]
    with transaction.atomic():
        pairs = _readable(batch, outcomes)
        find_sessions(pairs)
        watches = storage.lock_watch_rows(
            {item.session_id for item, outcome in pairs if item.session_id and not outcome.refusal}
        )
        work = [
            admitted
            for item, outcome in pairs
            if not outcome.refusal and (admitted := admit(item, outcome, watches))
        ]
        fresh = _claim(work)
        _store(fresh, _judge(fresh, at), watches, at)
        _audit(work)
        _quarantine(batch, outcomes, at)
    return outcomes


def _readable(
    batch: Sequence[Incoming | Unreadable], outcomes: Sequence[Outcome]
) -> list[tuple[Incoming, Outcome]]:
    """The readings with their outcomes; what could not be read has its refusal already."""
    pairs: list[tuple[Incoming, Outcome]] = []
    for item, outcome in zip(batch, outcomes, strict=True):
        if isinstance(item, Unreadable):
            outcome.refusal = item.refusal
        else:
            pairs.append((item, outcome))
    return pairs


def _claim(work: Sequence[Admitted]) -> list[Admitted]:
    """Keep the readings that are new; the others are duplicates, or conflicts when their body differs."""
    first: dict[tuple[int, UUID], Admitted] = {}
    again: list[Admitted] = []
    for piece in sorted(work, key=lambda piece: (piece.key.clinic_id, piece.key.id.int)):
        name = (piece.key.clinic_id, piece.key.id)
        if name in first:
            again.append(piece)
        else:
            first[name] = piece
    if not first:
        return []
    held = storage.claim_keys([piece.key for piece in first.values()])
    again.extend(first.pop(name) for name in held)
    if again:
        digests = {name: piece.key.digest for name, piece in first.items()}
        digests |= storage.digests_of(held)
        _answer_again(again, digests)
    fresh = list(first.values())
    for piece in fresh:
        piece.outcome.id = piece.key.id
    fresh.sort(key=lambda piece: (piece.watch.session_id.int, piece.key.measured_at, piece.key.id.int))
    return fresh


def _answer_again(again: Sequence[Admitted], digests: Mapping[tuple[int, UUID], int]) -> None:
    """The same body gets the old answer; another body under the same id is a conflict."""
    same: list[Admitted] = []
    for piece in again:
        if digests[piece.key.clinic_id, piece.key.id] == piece.key.digest:
            piece.outcome.id = piece.key.id
            piece.outcome.duplicate = True
            same.append(piece)
        else:
            piece.outcome.refusal = Conflict(
                f"Reading {piece.key.id} was stored before with another body.", field="id"
            )
    flags = finding_rows.flags_of_readings((piece.watch.session_id, piece.key.id) for piece in same)
    for piece in same:
        piece.outcome.flags = flags.get((piece.watch.session_id, piece.key.id), [])


# --- judge and store


@dataclass(slots=True)
class _Judged:
    """The panels a batch changed, what happened to flags, and the sessions whose baseline it moved."""

    panels: dict[UUID, panel.Panel] = field(default_factory=dict)
    changes: dict[UUID, list[FlagChange]] = field(default_factory=lambda: defaultdict(list))
    moved: set[UUID] = field(default_factory=set)


def _judge(fresh: Sequence[Admitted], at: datetime) -> _Judged:
    """Run every new reading, in order of time, through its session's panel."""
    judged = _Judged()
    for piece in fresh:
        watch = piece.watch
        current = judged.panels.get(watch.session_id)
        if current is None:
            current = judged.panels[watch.session_id] = panel.decode(watch.panel)
            _move_baseline(watch, current, fresh, judged, at)
        piece.effects = judging.take(
            current,
            piece.judged,
            piece.item.measured,
            received_at=piece.item.received_at,
            limits=limit_set(watch.limit_set_id),
            plan_of=_plan_of(watch),
            from_device=piece.item.by.is_device,
        )
        judged.changes[watch.session_id].extend(piece.effects.changes)
    return judged


def _move_baseline(
    watch: WatchRow, current: panel.Panel, fresh: Iterable[Admitted], judged: _Judged, at: datetime
) -> None:
    """What was measured before the dose and comes after its start may be what relative limits start from."""
    started_at = current.dose_started_at
    if started_at is None:
        return
    before = [
        (piece.key.measured_at, piece.judged.values)
        for piece in fresh
        if piece.watch.session_id == watch.session_id and piece.key.measured_at <= started_at
    ]
    if before and baselines.refresh(current, more=before):
        judged.moved.add(watch.session_id)
        baselines.follow(watch, current, judged.changes[watch.session_id], at, missing_rings=False)


def _plan_of(watch: WatchRow) -> Callable[[panel.Panel], Sequence[Step]]:
    return lambda current: plan_of(watch.protocol_id, current)


def _store(
    fresh: Sequence[Admitted],
    judged: _Judged,
    watches: Mapping[UUID, WatchRow],
    at: datetime,
) -> None:
    """Write everything that the new readings brought, many rows to a statement."""
    if not fresh:
        return
    rows = [_row(piece) for piece in fresh]
    storage.insert_readings(rows)
    panels, changes = judged.panels, judged.changes
    _take_back_readiness(fresh, panels, changes, at)
    flag_rows.write_changes(watches, changes, raised_at=at)
    _store_findings(fresh)
    for session_id in judged.moved:
        finding_rows.judge_anew(watches[session_id], panels[session_id], at)
    finding_rows.join_moments(_half_met(fresh, panels), panels, watches, at)
    finding_rows.void_contradictions(
        [(piece.watch.session_id, piece.key.measured_at) for piece in fresh if _is_half(piece.judged)],
        panels,
        watches,
        at,
    )
    for current in panels.values():
        current.version += 1
    storage.write_watch_rows(
        [
            (
                session_id,
                ticking.next_alert_at(current, limit_set(watches[session_id].limit_set_id)),
                panel.encode(current),
            )
            for session_id, current in panels.items()
        ]
    )
    announce(_announcements(fresh, rows, changes))


def _take_back_readiness(
    fresh: Sequence[Admitted],
    panels: Mapping[UUID, panel.Panel],
    changes: dict[UUID, list[FlagChange]],
    at: datetime,
) -> None:
    """A breach ends readiness and any waiting for the escort; the sets of the watch are due again."""
    for piece in fresh:
        if not piece.effects.breach:
            continue
        watch, current = piece.watch, panels[piece.watch.session_id]
        if readiness.take_back(watch.clinic_id, current, at, words=piece.effects.breach):
            due.replan(
                current,
                plan_of(watch.protocol_id, current),
                limit_set(watch.limit_set_id),
                at,
                changes[watch.session_id],
            )


def _half_met(
    fresh: Iterable[Admitted], panels: Mapping[UUID, panel.Panel]
) -> Iterator[tuple[UUID, datetime]]:
    """Moments of which a row meets one part of a rule that asks for two vitals, and may hold the other.

    A live row's moment holds no value of a vital whose newest is older, so a stream costs no question.
    """
    for piece in fresh:
        current, at = panels[piece.watch.session_id], piece.key.measured_at
        limits = rules.limits_at(at, limit_set(piece.watch.limit_set_id), current.patient_limits)
        wanted = rules.company_wanted(piece.judged.values, limits, judging.setting_of(current, at))
        newest = [current.values[name].at for name in wanted if name in current.values]
        if wanted and (piece.effects.late_fields or any(moment >= at for moment in newest)):
            yield piece.watch.session_id, at


def _is_half(judged: Judged) -> bool:
    """True for a blood pressure of which only systolic or only diastolic came."""
    return ("systolic" in judged.values) != ("diastolic" in judged.values)


def _row(piece: Admitted) -> ReadingRow:
    by = piece.item.by
    return ReadingRow(
        key=piece.key,
        session_id=piece.watch.session_id,
        received_at=piece.item.received_at,
        values=piece.judged.values,
        late_fields=piece.effects.late_fields,
        doubtful=piece.judged.doubtful,
        absent=piece.item.measured.absent,
        device_id=by.device_id,
        user_id=by.user_id if by.device_id is None else None,
    )


def _store_findings(fresh: Sequence[Admitted]) -> None:
    """Store what was found, and tell each outcome which flags its reading bears on."""
    found = [(piece, one) for piece in fresh for one in piece.effects.found]
    if not found:
        return
    late = flag_rows.late_flags(
        [
            flag_rows.LateFinding(piece.watch.session_id, piece.watch.clinic_id, piece.key.measured_at, one)
            for piece, one in found
            if one.late
        ],
        raised_at=max(piece.item.received_at for piece in fresh),
    )
    rows: list[finding_rows.Row] = []
    for piece, one in found:
        if one.late:
            flag_id, state = late[piece.watch.session_id, one.finding.condition], FlagState.ACTIVE
        elif one.flag is not None:
            flag_id, state = one.flag.id, one.flag.state
        else:
            # a streamed row that must be met for longer before it counts
            continue
        rows.append(finding_rows.Row(piece.watch.session_id, piece.key, one.finding, flag_id))
        piece.outcome.flags.append(_flag_words(flag_id, state, one))
    finding_rows.insert(rows)


def _flag_words(flag_id: UUID, state: FlagState, found: Found) -> dict[str, str]:
    return {
        "id": str(flag_id),
        "priority": found.finding.priority.value,
        "state": state.value,
        "text": found.text,
    }


def _announcements(
    fresh: Sequence[Admitted], rows: Sequence[ReadingRow], changes: Mapping[UUID, Sequence[FlagChange]]
) -> list[Announcement]:
    """What the live screens are told: per session its readings, and its flags that changed."""
    readings: dict[UUID, list[tuple[ReadingRow, str]]] = defaultdict(list)
    clinics: dict[UUID, int] = {}
    for piece, row in zip(fresh, rows, strict=True):
        readings[row.session_id].append((row, piece.item.by.name))
        clinics[row.session_id] = piece.watch.clinic_id
    return [
        Announcement(clinics[session_id], session_id, rows_of_session, changes.get(session_id, ()))
        for session_id, rows_of_session in readings.items()
    ]


def _audit(work: Sequence[Admitted]) -> None:
    """One audit row per call and session, with what was stored and what was refused."""
    calls: dict[tuple[int, UUID], list[Admitted]] = defaultdict(list)
    for piece in work:
        # what was stored before is no act: a poll brings the same few measurements again and again
        if not piece.outcome.duplicate:
            calls[piece.item.call, piece.watch.session_id].append(piece)
    if not calls:
        return
    audit.record(
        audit.Entry(
            by=pieces[0].item.by,
            act=Act.SEND_READINGS,
            subject="session",
            subject_id=str(session_id),
            session_id=session_id,
            details={
                "stored": sum(1 for piece in pieces if not piece.outcome.refusal),
                "refused": sum(1 for piece in pieces if piece.outcome.refusal),
            },
        )
        for (_, session_id), pieces in calls.items()
    )


def _quarantine(batch: Sequence[Incoming | Unreadable], outcomes: Sequence[Outcome], at: datetime) -> None:
    """Keep what was refused, with its reason, for the clinic that sent it."""
    quarantine.keep(
        quarantine.Refused(
            by=item.by,
            received_at=at,
            code=outcome.refusal.code,
            reason=outcome.refusal.message,
            body=_as_it_came(item),
        )
        for item, outcome in zip(batch, outcomes, strict=True)
        if outcome.refusal is not None
    )


def _as_it_came(item: Incoming | Unreadable) -> str:
    """What is kept of a refused reading: its own bytes, or the values that were read from them."""
    if isinstance(item, Unreadable):
        return item.raw.decode(errors="replace")
    body = {
        "id": item.measured.id,
        "session": item.session_id,
        "chair": item.chair,
        "measured_at": item.measured.measured_at,
        **item.measured.values,
        "absent": dict(item.measured.absent),
    }
    return msgspec.json.encode(body).decode()
