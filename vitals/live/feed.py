"""The feed of one web process: one listener reads what was committed and hands it to all its streams.

PostgreSQL is the truth, asked at least once a second; a nudge (see ``wake``) only makes it sooner. Rows are
taken in order of (transaction, sequence) and only below the oldest transaction of this database that still
runs, so a stream that resumes from such a position misses nothing although transactions commit out of order.
"""

import asyncio
import contextlib
import logging
import time
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import redis.asyncio as redis
from django.conf import settings
from django.db import connection

from clinic import clock, version
from vitals.live import wake

POLL_S = 1.0
# a nudge may come while an older transaction still runs: ask again a few times before waiting
SOON_S = (0.01, 0.02, 0.04, 0.08, 0.16)
KEEP_S = 600.0
MOST_KEPT = 100_000
AT_A_TIME = 2_000
WAITING_PER_STREAM = 1_000
RECONNECT_S = 1.0
BEGIN_WITHIN_S = 5.0

log = logging.getLogger("vigil.live")

Position = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Change:
    """What one commit changed of one session, as the bytes that streams send."""

    position: Position
    clinic_id: int
    session_id: UUID
    sent: bytes
    kept_since: float


@dataclass(eq=False, slots=True)
class Stream:
    """One subscriber: a clinic's board, or one session of it."""

    clinic_id: int
    session_id: UUID | None
    waiting: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(WAITING_PER_STREAM))

    def wants(self, change: Change) -> bool:
        if change.clinic_id != self.clinic_id:
            return False
        return self.session_id is None or change.session_id == self.session_id

    def offer(self, sent: bytes) -> None:
        """Queue what is to be sent. A reader too slow to keep up is told to start anew, by None."""
        try:
            self.waiting.put_nowait(sent)
        except asyncio.QueueFull:
            while not self.waiting.empty():
                self.waiting.get_nowait()
            self.waiting.put_nowait(None)


class _Payload(msgspec.Struct):
    readings: list[msgspec.Raw]
    flags: list[msgspec.Raw]


_payload = msgspec.json.Decoder(_Payload)


def event(name: str, data: bytes, *, position: Position | None = None) -> bytes:
    """One server-sent event. ``data`` is one line of JSON."""
    head = f"event: {name}\n" if position is None else f"event: {name}\nid: {position[0]}-{position[1]}\n"
    return head.encode() + b"data: " + data + b"\n\n"


def position_of(text: str) -> Position | None:
    """The position in an event id; None when it is none."""
    xid, _, sequence = text.partition("-")
    if xid.isdigit() and sequence.isdigit():
        return int(xid), int(sequence)
    return None


class Feed:
    """See the module."""

    def __init__(self) -> None:
        self._streams: set[Stream] = set()
        self._kept: list[Change] = []
        self._floor: Position = (0, 0)
        self.position: Position = (0, 0)
        self._woken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._begun = asyncio.Event()
        self._ages: dict[str, float] = {}
        self._asked_at = float("-inf")

    # --- life

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        wake.listen_locally(self._nudge)
        self._tasks = [
            self._loop.create_task(self._read_for_ever()),
            self._loop.create_task(self._hear_nudges_for_ever()),
        ]

    async def stop(self) -> None:
        wake.stop_listening_locally(self._nudge)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def begun(self) -> None:
        """Until the database has answered once: before that there is no position to begin from.

        raises: TimeoutError after a few seconds.
        """
        await asyncio.wait_for(self._begun.wait(), BEGIN_WITHIN_S)

    def _nudge(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._woken.set)

    # --- streams

    def subscribe(
        self, clinic_id: int, session_id: UUID | None, *, since: Position
    ) -> tuple[Stream, list[bytes]] | None:
        """A new stream and what it missed since a position; None when that is not one to resume from."""
        # a position ahead of ours is of another history, such as before a restore
        if not self._floor <= since <= self.position:
            return None
        stream = Stream(clinic_id, session_id)
        start = bisect_right(self._kept, since, key=lambda change: change.position)
        missed = [change.sent for change in self._kept[start:] if stream.wants(change)]
        self._streams.add(stream)
        return stream, missed

    def unsubscribe(self, stream: Stream) -> None:
        self._streams.discard(stream)

    def heartbeat(self) -> bytes:
        """Proof of the whole chain: the watch's tick, the last answer of the database, the worker's canary.

        Ages are real seconds, None when there never was a sign; ``clock`` is the product's, scaled in a demo.
        """
        waited = time.monotonic() - self._asked_at

        def age(part: str) -> float | None:
            known = self._ages.get(part)
            return None if known is None else round(known + waited, 1)

        data = {
            "at": datetime.now(UTC),
            "watch_age_s": age("watch"),
            "db_age_s": round(waited, 1) if waited != float("inf") else None,
            "worker_age_s": age("worker"),
            "sequence": f"{self.position[0]}-{self.position[1]}",
            "clock": {"now": clock.now(), "rate": clock.rate()},
            "version": version.served(),
        }
        return event("heartbeat", msgspec.json.encode(data))

    # --- reading what was committed

    async def _read_for_ever(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    **connection_words(), autocommit=True, connect_timeout=5
                ) as own:
                    await self._take_position(own)
                    await self._read(own)
            except (psycopg.Error, OSError) as error:
                log.warning("live feed without database: %s", type(error).__name__)
            await asyncio.sleep(RECONNECT_S)

    async def _take_position(self, own: psycopg.AsyncConnection[Any]) -> None:
        """Begin, or go on after a lost connection. What is still in the table is kept for resuming.

        The oldest row may be younger than a transaction that still runs: its rows are yet to come.
        """
        if self.position != (0, 0):
            return
        row = await (await own.execute("SELECT min(xid), stream_horizon() FROM vitals_liveevent")).fetchone()
        oldest, running = row if row else (None, 0)
        self._floor = self.position = (min(oldest or running, running) - 1, 2**62)

    async def _read(self, own: psycopg.AsyncConnection[Any]) -> None:
        pauses: Iterator[float] = iter(())
        while True:
            woken = await self._wait(next(pauses, POLL_S))
            found = await self._poll(own)
            if found:
                pauses = iter(())
            elif woken:
                pauses = iter(SOON_S)

    async def _wait(self, pause_s: float) -> bool:
        """Until a nudge or the end of the pause; True when it was a nudge."""
        try:
            await asyncio.wait_for(self._woken.wait(), pause_s)
        except TimeoutError:
            return False
        self._woken.clear()
        return True

    async def _poll(self, own: psycopg.AsyncConnection[Any]) -> bool:
        rows = await (
            await own.execute(
                "SELECT e.xid, e.sequence, e.clinic_id, e.session_id, e.payload, w.panel"
                " FROM vitals_liveevent e LEFT JOIN vitals_watch w ON w.session_id = e.session_id"
                " WHERE (e.xid, e.sequence) > (%s, %s)"
                " AND e.xid < (SELECT stream_horizon())"
                " ORDER BY e.xid, e.sequence LIMIT %s",
                [*self.position, AT_A_TIME],
                prepare=True,
            )
        ).fetchall()
        if time.monotonic() - self._asked_at > POLL_S / 2:
            await self._ask_ages(own)
        self._hand_out(rows)
        if len(rows) == AT_A_TIME:
            self._woken.set()
        return bool(rows)

    async def _ask_ages(self, own: psycopg.AsyncConnection[Any]) -> None:
        found = await (
            await own.execute(
                "SELECT part, extract(epoch FROM clock_timestamp() - at)::float8 FROM vitals_pulse",
                prepare=True,
            )
        ).fetchall()
        self._ages = dict(found)
        self._asked_at = time.monotonic()
        self._begun.set()

    def _hand_out(self, rows: list[tuple[Any, ...]]) -> None:
        """Keep the changes and queue them for every stream that wants them.

        A session that changed several times in one poll sends its panel once, with the last change.
        """
        last = {row[3]: index for index, row in enumerate(rows)}
        now = time.monotonic()
        for index, (xid, sequence, clinic_id, session_id, payload, panel) in enumerate(rows):
            position = xid, sequence
            shown = panel if last[session_id] == index else None
            change = Change(position, clinic_id, session_id, _sent(position, session_id, payload, shown), now)
            self.position = position
            self._kept.append(change)
            for stream in self._streams:
                if stream.wants(change):
                    stream.offer(change.sent)
        self._forget(now)

    def _forget(self, now: float) -> None:
        gone = 0
        surplus = len(self._kept) - MOST_KEPT
        for change in self._kept:
            if gone >= surplus and now - change.kept_since < KEEP_S:
                break
            gone += 1
        if gone:
            self._floor = self._kept[gone - 1].position
            del self._kept[:gone]

    # --- nudges from other processes

    async def _hear_nudges_for_ever(self) -> None:
        """Redis only makes screens sooner, so its absence is worth no more than a pause here."""
        while True:
            with contextlib.suppress(redis.RedisError, OSError):
                # a blocking reader: no socket timeout, or it would fail every few quiet seconds
                client = redis.Redis.from_url(
                    settings.REDIS_URL, socket_timeout=None, socket_connect_timeout=2
                )
                async with client, client.pubsub() as channel:
                    await channel.subscribe(wake.CHANNEL)
                    async for message in channel.listen():
                        if message["type"] == "message" and message["data"] != wake.OURSELVES:
                            self._woken.set()
            await asyncio.sleep(RECONNECT_S)


def _sent(position: Position, session_id: UUID, payload: str, panel: str | None) -> bytes:
    """The events of one change; the last of them carries the position to resume from."""
    read = _payload.decode(payload)
    mark = b'{"session":"' + str(session_id).encode() + b'",'
    parts = [("reading", bytes(raw)) for raw in read.readings]
    parts += [("flag", mark + bytes(raw)[1:]) for raw in read.flags]
    if panel is not None:
        parts.append(("session", panel.encode()))
    return b"".join(_numbered(parts, position))


def _numbered(parts: list[tuple[str, bytes]], position: Position) -> Iterable[bytes]:
    for index, (name, data) in enumerate(parts):
        yield event(name, data, position=position if index == len(parts) - 1 else None)


def connection_words() -> dict[str, Any]:
    """How to reach the database that Django uses, for a connection of our own."""
    words = connection.settings_dict
    named = {
        "dbname": words["NAME"],
        "user": words["USER"],
        "password": words["PASSWORD"],
        "host": words["HOST"],
        "port": words["PORT"],
    }
    return {name: value for name, value in named.items() if value}
