"""The hot door: ``POST /api/v1/readings/`` with a token, native ASGI, with group commit.

A browser posts without the header; that call goes to the view, with its cookie and CSRF check, and from
there into the same corridor.
"""

import itertools

from clinic import clock
from clinic.refusals import Refusal
from clinic.tokens import key_in
from vitals.doors import answer, parse
from vitals.doors.group import GroupCommit
from vitals.doors.keys import Keys
from vitals.doors.native import Receive, Scope, Send, body_of, header, send_json


class ReadingsDoor:
    def __init__(self) -> None:
        self._calls = itertools.count(1)
        self._keys = Keys()
        self._group: GroupCommit | None = None

    async def start(self) -> None:
        self._group = GroupCommit()
        self._group.start()

    async def stop(self) -> None:
        if self._group is not None:
            await self._group.stop()
        self._keys.stop()

    def takes(self, scope: Scope) -> bool:
        return (
            scope["path"] == "/api/v1/readings/"
            and scope["method"] == "POST"
            and bool(header(scope, b"authorization"))
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            told = await self._told(scope, receive)
        except Refusal as refusal:
            told = answer.refused(refusal)
        except ConnectionError:
            return
        extra = ((b"retry-after", b"1"),) if told.status == 503 else ()
        if told.status == 401:
            extra = ((b"www-authenticate", b"Token"),)
        await send_json(send, told.status, told.body, *extra)

    async def _told(self, scope: Scope, receive: Receive) -> answer.Answer:
        assert self._group is not None, "started with the server"  # noqa: S101
        key = key_in(header(scope, b"authorization"))
        by = await self._keys.principal(key) if key else None
        if by is None:
            return answer.Answer(
                401, {"code": "not_authenticated", "message": "The token is unknown, expired or revoked."}
            )
        length = header(scope, b"content-length")
        parse.check_head(
            header(scope, b"content-type").decode("latin-1"), int(length) if length.isdigit() else 0
        )
        bodies, single = parse.read(await body_of(receive))
        items = answer.incoming(bodies, by=by, call=next(self._calls), received_at=clock.now())
        outcomes = await self._group.record(items)
        return answer.answer(outcomes, single=single)


application = ReadingsDoor()
