"""The corridor: every reading, whatever door it came by, is stored and judged here, once, in one transaction.

    admit → judge what can be → claim the key → judge against limits → store → move flags, due time, watch row
    → audit → tell the live screens on commit

It takes a batch. Items of a batch are independent: one that is refused never fails another.
"""

import hashlib
import math
import struct
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db import transaction

from clinic import audit, clock
from clinic import queries as ground
from clinic.access import Act, Principal, check
from clinic.refusals import AccessDenied, Conflict, Invalid, NotAllowed, NotFound, Refusal
from sessions import queries as treatments
from sessions.protocol import Step
from vitals import judging, panel, plausible
from vitals.judging import Effects, FlagChange, Found
from vitals.measured import Measured
from vitals.plausible import Judged
from vitals.services import finding_rows, flag_rows, quarantine, readiness, storage
from vitals.services.announcing import Announcement, announce
from vitals.services.limit_sets import limit_set
from vitals.services.plans import plan_of
from vitals.services.storage import Key, ReadingRow, WatchRow
from vitals.vital import FIELDS

# A device's clock may run this far ahead of ours; beyond it the time is wrong.
AHEAD = timedelta(minutes=2)


@dataclass(slots=True)
class Incoming:
    """One reading at a door: who brings it, in which call, when it arrived, and whose it is said to be.

    session_id, chair: at most one is given; with neither, the device's own chair decides.
    """

    by: Principal
    call: int
    received_at: datetime
    measured: Measured
    session_id: UUID | None = None
    chair: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What a door could not read: kept as it came, with its reason, and refused."""

    by: Principal
    refusal: Refusal
    raw: bytes


@dataclass(frozen=True, slots=True)
class Rejection:
    """One field that was kept but not taken, or one reading that was refused."""

    field: str
    code: str
    message: str


@dataclass(slots=True)
class Outcome:
    """What became of one reading. ``refusal`` is set when nothing of it was stored."""

    id: UUID | None = None
    session_id: UUID | None = None
    duplicate: bool = False
    rejected: list[Rejection] = field(default_factory=list)
    flags: list[dict[str, str]] = field(default_factory=list)
    refusal: Refusal | None = None


@dataclass(slots=True)
class _Work:
    """A reading on its way through the corridor."""

    item: Incoming
    outcome: Outcome
    watch: WatchRow
    judged: Judged
    key: Key
    effects: Effects = field(default_factory=Effects)


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
        _find_sessions(pairs)
        watches = storage.lock_watch_rows(
            {item.session_id for item, outcome in pairs if item.session_id and not outcome.refusal}
        )
        work = [
            admitted
            for item, outcome in pairs
            if not outcome.refusal and (admitted := _admit(item, outcome, watches))
        ]
        fresh = _claim(work)
        panels = _judge(fresh)
        _store(fresh, panels, watches, at)
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


# --- whose reading is it, and may it be


def _find_sessions(pairs: Sequence[tuple[Incoming, Outcome]]) -> None:
    """Give each reading that names a chair, or comes from a bound device, the session that sat there."""
    seated = [(item, outcome) for item, outcome in pairs if item.session_id is None]
    if not seated:
        return
    moments = [item.measured.measured_at for item, _ in seated]
    chairs = _chairs_of(item for item, _ in seated)
    seats = treatments.seats((id_ for id_ in chairs.values() if id_), min(moments), max(moments))
    for item, outcome in seated:
        chair_id = chairs[item.by.clinic_id, item.chair, item.by.chair_id]
        try:
            if chair_id is None:
                raise _no_chair(item)
            item.session_id = treatments.seated_at(seats.get(chair_id, ()), item.measured.measured_at)
        except Refusal as refusal:
            outcome.refusal = refusal


def _chairs_of(items: Iterable[Incoming]) -> dict[tuple[int, str | None, UUID | None], UUID | None]:
    """Per clinic, chair named and own chair: the chair meant; None when there is none such."""
    chairs: dict[tuple[int, str | None, UUID | None], UUID | None] = {}
    for item in items:
        name = item.by.clinic_id, item.chair, item.by.chair_id
        if name in chairs:
            continue
        chairs[name] = item.by.chair_id
        if item.chair is not None:
            try:
                chairs[name] = ground.chair_named(item.by.clinic_id, item.chair).id
            except NotFound:
                chairs[name] = None
    return chairs


def _no_chair(item: Incoming) -> Refusal:
    """Why no chair is known for a reading."""
    if item.chair is not None:
        return NotFound()
    return Invalid("session or chair is needed: this sender is bound to no chair.", field="session")


def _admit(item: Incoming, outcome: Outcome, watches: Mapping[UUID, WatchRow]) -> _Work | None:
    """Check scope, time and plausibility. A refusal goes into the outcome."""
    try:
        check(item.by, Act.SEND_READINGS)
        if item.by.is_device and not item.by.simulated and clock.is_scaled():
            raise AccessDenied("This demo runs on a scaled clock: real devices are refused.")
        assert item.session_id is not None, "_find_sessions left it out"  # noqa: S101
        watch = watches.get(item.session_id)
        if watch is None:
            treatments.require_session(item.by.clinic_id, item.session_id)
            raise NotAllowed("The session is not checked in.", missing=["a session that is checked in"])
        if watch.clinic_id != item.by.clinic_id:
            raise NotFound
        _check_time(item, watch)
        judged = plausible.judge(item.measured.values, from_device=item.by.is_device)
        outcome.rejected = [
            Rejection(name, "implausible", reason) for name, (_, reason) in judged.doubtful.items()
        ]
        if not judged.values and not judged.zeros and not item.measured.absent:
            first = outcome.rejected[0]
            raise Invalid(first.message, field=first.field)
    except Refusal as refusal:
        outcome.refusal = refusal
        return None
    outcome.session_id = item.session_id
    return _Work(item, outcome, watch, judged, _key(item))


def _check_time(item: Incoming, watch: WatchRow) -> None:
    """The moment lies in the session and not in the future."""
    measured_at = item.measured.measured_at
    if measured_at > item.received_at + AHEAD:
        raise Invalid(
            f"measured_at {measured_at.isoformat()} is in the future: it was received at "
            f"{item.received_at.isoformat()}.",
            field="measured_at",
        )
    if measured_at < watch.from_at:
        raise Invalid(
            f"measured_at {measured_at.isoformat()} is before this session, which takes readings from "
            f"{watch.from_at.isoformat()}.",
            field="measured_at",
        )
    if watch.until_at is not None and measured_at > watch.until_at:
        raise NotAllowed(
            f"The session ended at {watch.until_at.isoformat()}.", missing=["a session that is under way"]
        )


def _key(item: Incoming) -> Key:
    """The reading's key: the sender's id, or one made of session, source, moment and values."""
    measured = item.measured
    body = struct.pack(
        "<16sd9d",
        item.session_id.bytes if item.session_id else b"",
        measured.measured_at.timestamp(),
        # not measured is no number at all: any number may have been sent
        *(measured.values.get(name, math.nan) for name in FIELDS),
    )
    if measured.absent:
        body += repr(sorted(measured.absent.items())).encode()
    digest = hashlib.blake2b(body, digest_size=8).digest()
    id_ = measured.id
    if id_ is None:
        source = hashlib.blake2b(body, digest_size=16, key=item.by.actor_id.bytes)
        id_ = UUID(bytes=source.digest(), version=5)
    return Key(item.by.clinic_id, id_, int.from_bytes(digest, "little", signed=True), measured.measured_at)


def _claim(work: Sequence[_Work]) -> list[_Work]:
    """Keep the readings that are new; the others are duplicates, or conflicts when their body differs."""
    first: dict[tuple[int, UUID], _Work] = {}
    again: list[_Work] = []
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


def _answer_again(again: Sequence[_Work], digests: Mapping[tuple[int, UUID], int]) -> None:
    """The same body gets the old answer; another body under the same id is a conflict."""
    same: list[_Work] = []
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


def _judge(fresh: Iterable[_Work]) -> dict[UUID, panel.Panel]:
    """Run every new reading, in order of time, through its session's panel."""
    panels: dict[UUID, panel.Panel] = {}
    for piece in fresh:
        watch = piece.watch
        current = panels.get(watch.session_id)
        if current is None:
            current = panels[watch.session_id] = panel.decode(watch.panel)
        piece.effects = judging.take(
            current,
            piece.judged,
            piece.item.measured,
            received_at=piece.item.received_at,
            limits=limit_set(watch.limit_set_id),
            plan_of=_plan_of(watch),
        )
    return panels


def _plan_of(watch: WatchRow) -> Callable[[panel.Panel], Sequence[Step]]:
    return lambda current: plan_of(watch.protocol_id, current)


def _store(
    fresh: Sequence[_Work],
    panels: Mapping[UUID, panel.Panel],
    watches: Mapping[UUID, WatchRow],
    at: datetime,
) -> None:
    """Write everything that the new readings brought, many rows to a statement."""
    if not fresh:
        return
    rows = [_row(piece) for piece in fresh]
    storage.insert_readings(rows)
    changes: dict[UUID, list[FlagChange]] = defaultdict(list)
    for piece in fresh:
        changes[piece.watch.session_id].extend(piece.effects.changes)
    flag_rows.write_changes(watches, changes, raised_at=at)
    _store_findings(fresh)
    finding_rows.void_contradictions(
        [(piece.watch.session_id, piece.key.measured_at) for piece in fresh if _is_half(piece.judged)],
        panels,
        watches,
        at,
    )
    for piece in fresh:
        if piece.effects.breach:
            current = panels[piece.watch.session_id]
            readiness.take_back(piece.watch.clinic_id, current, at, words=piece.effects.breach)
    for current in panels.values():
        current.version += 1
    storage.write_watch_rows(
        [
            (session_id, judging.next_alert_at(current), panel.encode(current))
            for session_id, current in panels.items()
        ]
    )
    announce(_announcements(fresh, rows, changes))


def _is_half(judged: Judged) -> bool:
    """True for a blood pressure of which only systolic or only diastolic came."""
    return ("systolic" in judged.values) != ("diastolic" in judged.values)


def _row(piece: _Work) -> ReadingRow:
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


def _store_findings(fresh: Sequence[_Work]) -> None:
    """Store what was found, and tell each outcome which flags its reading bears on."""
    found = [(piece, one) for piece in fresh for one in piece.effects.found]
    if not found:
        return
    late = flag_rows.late_flags(
        [
            flag_rows.LateFinding(piece.watch.session_id, piece.watch.clinic_id, piece.key.measured_at, one)
            for piece, one in found
            if one.flag_id is None
        ],
        raised_at=max(piece.item.received_at for piece in fresh),
    )
    rows: list[finding_rows.Row] = []
    for piece, one in found:
        flag_id = one.flag_id or late[piece.watch.session_id, one.finding.condition]
        rows.append(finding_rows.Row(piece.watch.session_id, piece.key, one.finding, flag_id))
        piece.outcome.flags.append(_flag_words(flag_id, one))
    finding_rows.insert(rows)


def _flag_words(flag_id: UUID, found: Found) -> dict[str, str]:
    return {"id": str(flag_id), "priority": found.finding.priority.value, "text": found.text}


def _announcements(
    fresh: Sequence[_Work], rows: Sequence[ReadingRow], changes: Mapping[UUID, Sequence[FlagChange]]
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


def _audit(work: Sequence[_Work]) -> None:
    """One audit row per call and session, with what was stored and what was refused."""
    calls: dict[tuple[int, UUID], list[_Work]] = defaultdict(list)
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
