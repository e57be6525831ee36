"""The little ASGI that the native doors need: read a body within a limit, send JSON."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from vitals.doors.parse import LARGEST_BODY_BYTES, TooLarge

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def header(scope: Scope, name: bytes) -> bytes:
    """The header's value, or nothing. ``name`` in lower case."""
    for key, value in scope["headers"]:
        if key == name:
            found: bytes = value
            return found
    return b""


async def body_of(receive: Receive) -> bytes:
    """The whole body. raises: TooLarge as soon as it is; ConnectionError when the caller hangs up."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > LARGEST_BODY_BYTES:
            raise TooLarge(f"The body is larger than {LARGEST_BODY_BYTES} bytes.")
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


_encoder = msgspec.json.Encoder()


async def send_json(send: Send, status: int, body: object, *extra: tuple[bytes, bytes]) -> None:
    content = _encoder.encode(body)
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(content)).encode()),
                (b"cache-control", b"no-store"),
                *extra,
            ],
        }
    )
    await send({"type": "http.response.body", "body": content})
