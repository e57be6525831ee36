"""``GET /live/board/`` and ``/live/sessions/<id>/``: server-sent events, native ASGI.

A stream holds no database connection and no thread. Its authority is checked when it opens and every 30 s.
"""

import asyncio
import contextlib
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any, TypeVar
from urllib.parse import parse_qs
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.db import DatabaseError, connection
from django.http import HttpRequest

from clinic.access import Act, Principal, check
from clinic.middleware import active_membership
from clinic.refusals import NotFound, Refusal, TryLater
from clinic.tokens import (
    AS_WALL,
    WALL_COOKIE,
    key_in,
    principal_of_key,
    principal_of_member,
    principal_of_wall_key,
)
from sessions import queries as treatments
from vitals import queries
from vitals.api import words
from vitals.doors import answer
from vitals.doors.native import Receive, Scope, Send, header, send_json
from vitals.live.feed import Feed, Position, Stream, event, position_of
from vitals.models import Watch

HEARTBEAT_S = 5.0
CHECK_AUTHORITY_S = 30.0
# boards that come back together after a restart share one snapshot
SNAPSHOT_LASTS_S = 0.5
_SESSION_PATH = re.compile(r"^/live/sessions/([0-9a-f-]{36})/$")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Snapshot:
    position: Position
    sent: bytes
    taken_at: float


class LiveStreams:
    def __init__(self) -> None:
        self._feed: Feed | None = None
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="live")
        self._snapshots: dict[int, _Snapshot] = {}

    async def start(self) -> None:
        self._feed = Feed()
        await self._feed.start()

    async def stop(self) -> None:
        if self._feed is not None:
            await self._feed.stop()
        self._threads.shutdown(wait=False)

    def takes(self, scope: Scope) -> bool:
        return bool(scope["method"] == "GET")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            session_id = _session_in(scope["path"])
            by = await self._off_loop(lambda: _principal(scope))
            if by is None:
                await send_json(send, 401, {"code": "not_authenticated", "message": "Sign in first."})
                return
            await self._off_loop(lambda: _check(by, session_id))
        except Refusal as refusal:
            told = answer.refused(refusal)
            await send_json(send, told.status, told.body)
            return
        # a server that stops cancels the streams still open: that is their end, and no fault
        with contextlib.suppress(asyncio.CancelledError):
            await self._stream(scope, receive, send, by, session_id)

    async def _stream(
        self, scope: Scope, receive: Receive, send: Send, by: Principal, session_id: UUID | None
    ) -> None:
        assert self._feed is not None, "started with the server"  # noqa: S101
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [
                    (b"content-type", b"text/event-stream; charset=utf-8"),
                    (b"cache-control", b"no-store"),
                    (b"x-accel-buffering", b"no"),
                ],
            }
        )
        gone = asyncio.ensure_future(_until_gone(receive))
        stream: Stream | None = None
        try:
            stream, first = await self._begin(by, session_id, _resume_from(scope))
            await _write(send, b"retry: 2000\n\n", *first, self._feed.heartbeat())
            await self._go_on(scope, send, stream, by, session_id, gone)
        except (OSError, TimeoutError, Refusal):
            # the reader hung up, or the database is away: the browser comes back by itself
            pass
        finally:
            gone.cancel()
            if stream is not None:
                self._feed.unsubscribe(stream)
        with contextlib.suppress(OSError):
            await send({"type": "http.response.body", "body": b""})

    async def _begin(
        self, by: Principal, session_id: UUID | None, since: Position | None
    ) -> tuple[Stream, list[bytes]]:
        """Resume where the reader left off, or send a snapshot; a position too old is said to be."""
        assert self._feed is not None, "started with the server"  # noqa: S101
        await self._feed.begun()
        first: list[bytes] = []
        if since is not None:
            resumed = self._feed.subscribe(by.clinic_id, session_id, since=since)
            if resumed is not None:
                return resumed
            first.append(event("resync", b"{}"))
        snapshot = await self._snapshot(by.clinic_id, session_id)
        begun = self._feed.subscribe(by.clinic_id, session_id, since=snapshot.position)
        if begun is None:
            raise TryLater("The feed has just begun: try again.")
        stream, missed = begun
        return stream, [*first, snapshot.sent, *missed]

    async def _go_on(
        self,
        scope: Scope,
        send: Send,
        stream: Stream,
        by: Principal,
        session_id: UUID | None,
        gone: asyncio.Future[None],
    ) -> None:
        """Send what comes, a heartbeat each 5 s, and look at the authority each 30 s."""
        assert self._feed is not None, "started with the server"  # noqa: S101
        beat_at = time.monotonic() + HEARTBEAT_S
        check_at = time.monotonic() + CHECK_AUTHORITY_S
        coming = asyncio.ensure_future(stream.waiting.get())
        try:
            while not gone.done():
                wait_s = max(0.0, min(beat_at, check_at) - time.monotonic())
                events: set[asyncio.Future[Any]] = {coming, gone}
                await asyncio.wait(events, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
                now = time.monotonic()
                if now >= check_at:
                    check_at = now + CHECK_AUTHORITY_S
                    still = await self._off_loop(lambda: _principal(scope))
                    if still is None or still.clinic_id != by.clinic_id or still.role != by.role:
                        return
                if coming.done():
                    sent = coming.result()
                    coming = asyncio.ensure_future(stream.waiting.get())
                    if sent is None:
                        snapshot = await self._snapshot(by.clinic_id, session_id)
                        await _write(send, event("resync", b"{}"), snapshot.sent)
                        continue
                    await _write(send, sent, *_all_waiting(stream))
                if now >= beat_at:
                    beat_at = now + HEARTBEAT_S
                    await _write(send, self._feed.heartbeat())
        finally:
            coming.cancel()

    async def _snapshot(self, clinic_id: int, session_id: UUID | None) -> _Snapshot:
        assert self._feed is not None, "started with the server"  # noqa: S101
        held = self._snapshots.get(clinic_id)
        if session_id is None and held and time.monotonic() - held.taken_at < SNAPSHOT_LASTS_S:
            return held
        position, taken_at = self._feed.position, time.monotonic()
        cursor = f"{position[0]}-{position[1]}"
        body = await self._off_loop(lambda: _board(clinic_id, session_id, cursor))
        snapshot = _Snapshot(position, event("snapshot", body, position=position), taken_at)
        if session_id is None:
            self._snapshots[clinic_id] = snapshot
        return snapshot

    async def _off_loop(self, ask: Callable[[], T]) -> T:
        """Ask the database on a thread of its own, and give its connection back."""

        def asked() -> T:
            try:
                return ask()
            except DatabaseError as error:
                raise TryLater("The database did not answer: try again.") from error
            finally:
                connection.close()

        return await asyncio.get_running_loop().run_in_executor(self._threads, asked)


def _all_waiting(stream: Stream) -> list[bytes]:
    """What has queued up meanwhile, to go in the same write; the sign to start anew stays for the loop."""
    parts: list[bytes] = []
    while not stream.waiting.empty():
        part = stream.waiting.get_nowait()
        if part is None:
            stream.waiting.put_nowait(None)
            break
        parts.append(part)
    return parts


async def _write(send: Send, *parts: bytes) -> None:
    await send({"type": "http.response.body", "body": b"".join(parts), "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _session_in(path: str) -> UUID | None:
    """The session a path names; None for the board. raises: NotFound for any other path."""
    if path == "/live/board/":
        return None
    found = _SESSION_PATH.match(path)
    if found is None:
        raise NotFound
    try:
        return UUID(found[1])
    except ValueError as error:
        raise NotFound from error


def _resume_from(scope: Scope) -> Position | None:
    """The event id asked for, in the header or the query."""
    asked = header(scope, b"last-event-id").decode("latin-1")
    if not asked:
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("last_event_id", [""])[0]
    return position_of(asked)


def _principal(scope: Scope) -> Principal | None:
    """Who asks: by token in the header, or by a cookie, the session's or the wall's. Never by the query,
    which says only which of the two cookies speaks."""
    authorization = header(scope, b"authorization")
    if authorization:
        key = key_in(authorization)
        return principal_of_key(key) if key else None
    try:
        cookies = SimpleCookie(header(scope, b"cookie").decode("latin-1"))
    except CookieError:
        return None
    name, value = AS_WALL
    as_wall = parse_qs(scope["query_string"].decode("latin-1")).get(name) == [value]
    cookie = cookies.get(WALL_COOKIE if as_wall else settings.SESSION_COOKIE_NAME)
    if cookie is None:
        return None
    return principal_of_wall_key(cookie.value) if as_wall else _signed_in(cookie.value)


def _signed_in(session_key: str) -> Principal | None:
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    request.user = get_user(request)
    membership = active_membership(request)
    return principal_of_member(membership) if membership else None


def _check(by: Principal, session_id: UUID | None) -> None:
    check(by, Act.SEE_BOARD if session_id is None else Act.SEE_SESSION)
    if session_id is not None:
        treatments.require_session(by.clinic_id, session_id)


def _board(clinic_id: int, session_id: UUID | None, cursor: str) -> bytes:
    view = queries.board(clinic_id)
    if session_id is not None:
        view = queries.only(view, Watch.objects.filter(pk=session_id).first())
    return words.board_json(view, cursor=cursor)


application = LiveStreams()
