"""Admission: whose reading is it, may it be, and under which key? Nothing is written here."""

import hashlib
import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from clinic import clock
from clinic import queries as ground
from clinic.access import Act, check
from clinic.refusals import AccessDenied, Invalid, NotAllowed, NotFound, Refusal
from sessions import queries as treatments
from vitals import plausible
from vitals.judging import Effects
from vitals.plausible import Judged
from vitals.services.arrivals import Incoming, Outcome, Rejection
from vitals.services.storage import Key, WatchRow
from vitals.vital import FIELDS

# A device's clock may run this far ahead of ours; beyond it the time is wrong.
AHEAD = timedelta(minutes=2)


@dataclass(slots=True)
class Admitted:
    """A reading on its way through the corridor."""

    item: Incoming
    outcome: Outcome
    watch: WatchRow
    judged: Judged
    key: Key
    effects: Effects = field(default_factory=Effects)


def find_sessions(pairs: Sequence[tuple[Incoming, Outcome]]) -> None:
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


def admit(item: Incoming, outcome: Outcome, watches: Mapping[UUID, WatchRow]) -> Admitted | None:
    """Check scope, time and plausibility. A refusal goes into the outcome."""
    try:
        check(item.by, Act.SEND_READINGS)
        if item.by.is_device and not item.by.simulated and clock.is_scaled():
            raise AccessDenied("This demo runs on a scaled clock: real devices are refused.")
        assert item.session_id is not None, "find_sessions left it out"  # noqa: S101
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
    return Admitted(item, outcome, watch, judged, _key(item))


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
