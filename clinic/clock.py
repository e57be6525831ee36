"""The one clock. Doors read it once and pass the time on; rules and services never look at it.

Only the demo may scale it: ``DEMO_CLOCK`` holds the real second it was set, the simulated second
that stood for, and the simulated seconds per real second. Sign-in, heartbeats and Celery beat use
real time and do not come here.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from django.conf import settings

_pinned: ContextVar[datetime | None] = ContextVar("pinned", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC, to the millisecond (what the wire and the screens carry)."""
    pinned = _pinned.get()
    if pinned is not None:
        return pinned
    real0, simulated0, speed = settings.DEMO_CLOCK
    seconds = simulated0 + (time.time() - real0) * speed
    return datetime.fromtimestamp(round(seconds, 3), UTC)


def rate() -> float:
    """Simulated seconds per real second; 1.0 outside a scaled demo."""
    return float(settings.DEMO_CLOCK[2])


def is_scaled() -> bool:
    """True when time runs faster or slower than the wall's, so that no real device may chart."""
    return rate() != 1.0


@contextmanager
def pinned(at: datetime) -> Iterator[None]:
    """Hold the clock at one moment inside this context, for replaying recorded sessions."""
    token = _pinned.set(at)
    try:
        yield
    finally:
        _pinned.reset(token)
