"""The wake-up for live screens: a nudge that something was committed, never the thing itself.

Streams poll PostgreSQL at least once a second, so a nudge that is lost costs a second and nothing else.
In the web process the nudge goes straight to its own listener; to other processes it goes through Redis,
with short timeouts, and not at all for a while after Redis failed to answer.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable

import redis
from django.conf import settings

CHANNEL = "vigil:wake"
# what our nudges say: a process that nudged its own listener directly does not wake it again
OURSELVES = secrets.token_bytes(8)
REST_AFTER_FAILURE_S = 5.0

log = logging.getLogger(__name__)
_local: list[Callable[[], None]] = []
_lock = threading.Lock()
_client: redis.Redis | None = None
_rest_until = 0.0


def listen_locally(nudge: Callable[[], None]) -> None:
    """Have ``nudge`` called, from any thread, whenever this process committed something to show."""
    _local.append(nudge)


def stop_listening_locally(nudge: Callable[[], None]) -> None:
    _local.remove(nudge)


def wake() -> None:
    """Nudge every listener. Never raises and never blocks longer than a fraction of a second."""
    for nudge in list(_local):
        nudge()
    if time.monotonic() < _rest_until:
        return
    _publish()


def _publish() -> None:
    global _client, _rest_until
    try:
        with _lock:
            if _client is None:
                _client = redis.Redis.from_url(
                    settings.REDIS_URL, socket_timeout=0.25, socket_connect_timeout=0.25, retry=None
                )
        _client.publish(CHANNEL, OURSELVES)
    except (redis.RedisError, OSError) as error:
        _rest_until = time.monotonic() + REST_AFTER_FAILURE_S
        log.warning("live screens are not nudged through Redis: %s", type(error).__name__)
