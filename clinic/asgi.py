"""The front of the ``web`` process: a few native ASGI routes, and Django under WSGI for the rest.

Streams and single-reading posts are many and cheap, so they run on the event loop; pages and the other
API calls run in a fixed pool of threads. The seam is this file: the table in ``settings.NATIVE_ROUTES``.
"""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol, cast

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
django.setup(set_prefix=False)

from a2wsgi import WSGIMiddleware  # noqa: E402  Django must be set up before anything that reads settings
from django.conf import settings  # noqa: E402
from django.utils.module_loading import import_string  # noqa: E402

from clinic.wsgi import application as wsgi_application  # noqa: E402

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


class Native(Protocol):
    """A native application: ASGI, with a start and a stop, and a say in which requests it takes."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    def takes(self, scope: Scope) -> bool: ...
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


class Front:
    """Sends each request to the native application that takes it, else to Django."""

    def __init__(self) -> None:
        self.natives: dict[str, Native] = {
            prefix: import_string(name) for prefix, name in settings.NATIVE_ROUTES.items()
        }
        wsgi = WSGIMiddleware(cast(Any, wsgi_application), workers=settings.WSGI_THREADS)
        self.django = cast(Asgi, wsgi)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        for prefix, native in self.natives.items():
            if path.startswith(prefix) and native.takes(scope):
                await native(scope, receive, send)
                return
        await self.django(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Start and stop the native applications with the server."""
        await receive()
        try:
            for native in self.natives.values():
                await native.start()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": repr(error)})
            raise
        await send({"type": "lifespan.startup.complete"})
        await receive()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*(native.stop() for native in self.natives.values()))
        await send({"type": "lifespan.shutdown.complete"})


application = Front()
