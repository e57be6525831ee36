"""Whom a key stands for, remembered for a few seconds so that each reading does not ask the database.

A revoked key therefore works for at most ``REMEMBERED_S`` longer.
"""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from django.db import Error, connection, connections

from clinic.access import Principal
from clinic.refusals import TryLater
from clinic.tokens import principal_of_key

REMEMBERED_S = 10.0
MOST_REMEMBERED = 50_000


class Keys:
    """Principals by key, for the native doors."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Principal | None, float]] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="keys")

    async def principal(self, key: str) -> Principal | None:
        """The principal of a key, or None. raises: TryLater when the database is away."""
        known = self._known.get(key)
        if known is not None and known[1] > time.monotonic():
            return known[0]
        principal = await asyncio.get_running_loop().run_in_executor(self._thread, _look_up, key)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[key] = principal, time.monotonic() + REMEMBERED_S
        return principal

    def stop(self) -> None:
        # a connection belongs to its thread, and only there goes back to the pool
        self._thread.submit(connections.close_all)
        self._thread.shutdown(wait=True)


def _look_up(key: str) -> Principal | None:
    try:
        return principal_of_key(key)
    except Error as error:
        connection.close()
        raise TryLater("The database did not answer: send this call again.") from error
