"""Group commit: readings of a few milliseconds become one transaction; each is answered after its commit."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import DataError, Error, IntegrityError, connection, connections

from clinic import clock
from clinic.refusals import Invalid, TryLater
from vitals.services.arrivals import Incoming, Outcome, Unreadable
from vitals.services.record import record_readings

# Long enough to gather what arrives together, short enough that nobody notices.
GATHER_S = 0.002
AT_A_TIME = 2000
MOST_WAITING = 20_000

log = logging.getLogger("vigil.ingest")


class _Call:
    """One caller's readings and the promise of their outcomes."""

    __slots__ = ("items", "outcomes")

    def __init__(self, items: Sequence[Incoming | Unreadable], loop: asyncio.AbstractEventLoop) -> None:
        self.items = items
        self.outcomes: asyncio.Future[list[Outcome]] = loop.create_future()


class GroupCommit:
    """Gathers calls and records them together, one transaction after the other, on its own thread."""

    def __init__(self) -> None:
        self._waiting: list[_Call] = []
        self._held = 0
        self._arrived = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ingest")
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Record and answer what waits or is under way, then stop."""
        if self._task is not None:
            while self._held:
                await asyncio.sleep(GATHER_S)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        # a connection belongs to its thread, and only there goes back to the pool
        self._thread.submit(connections.close_all)
        self._thread.shutdown(wait=True)

    async def record(self, items: Sequence[Incoming | Unreadable]) -> list[Outcome]:
        """The outcomes of these readings, after the commit that holds them.

        raises: TryLater when too much waits or the database is away; then nothing was stored.
        """
        if self._held + len(items) > MOST_WAITING:
            raise TryLater("Too many readings are waiting: send this call again.")
        call = _Call(items, asyncio.get_running_loop())
        self._held += len(items)
        self._waiting.append(call)
        self._arrived.set()
        try:
            return await call.outcomes
        finally:
            self._held -= len(items)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        is_busy = False
        while True:
            await self._arrived.wait()
            # a lone call need not wait for others; where several came last time, several will come
            await asyncio.sleep(GATHER_S if is_busy else 0)
            calls = self._take()
            is_busy = len(calls) > 1
            if calls:
                answers = await loop.run_in_executor(self._thread, _answered, calls)
                for call, outcomes in zip(calls, answers, strict=True):
                    _settle(call, outcomes)

    def _take(self) -> list[_Call]:
        """The calls of the next transaction; the rest waits for the one after."""
        calls: list[_Call] = []
        size = 0
        while self._waiting and size < AT_A_TIME:
            call = self._waiting.pop(0)
            calls.append(call)
            size += len(call.items)
        if not self._waiting:
            self._arrived.clear()
        return calls


def _settle(call: _Call, outcomes: list[Outcome] | TryLater) -> None:
    if call.outcomes.done():
        return  # the caller hung up; what was committed stays
    if isinstance(outcomes, TryLater):
        call.outcomes.set_exception(outcomes)
    else:
        call.outcomes.set_result(outcomes)


def _answered(calls: Sequence[_Call]) -> list[list[Outcome] | TryLater]:
    """The outcomes of these calls, whatever happens: a fault of ours must not shut the door for good."""
    try:
        return _record(calls)
    except Exception:  # every fault ends here: the callers are told, the log has it, the loop goes on
        log.exception("nothing of %d calls was stored", len(calls))
        connection.close()
        return [TryLater("Nothing was stored because of a fault: it is logged.") for _ in calls]


def _record(calls: Sequence[_Call]) -> list[list[Outcome] | TryLater]:
    """The outcomes of each call. Never raises: every later caller is answered by this same thread."""
    items = [item for call in calls for item in call.items]
    try:
        rest = iter(_outcomes(items))
    except Error as error:
        log.warning("nothing was stored: %s", type(error).__name__)
        connection.close()
        return [TryLater("The database did not answer: send this call again.") for _ in calls]
    return [[next(rest) for _ in call.items] for call in calls]


def _outcomes(items: Sequence[Incoming | Unreadable]) -> list[Outcome]:
    """Record in one transaction; what cannot be stored is halved until the bad reading stands alone.

    raises: database errors that are not of the data; what was committed before is a duplicate when resent.
    """
    try:
        return record_readings(items, at=clock.now())
    except Exception as error:
        of_the_data = isinstance(error, DataError | IntegrityError)
        if isinstance(error, Error) and not of_the_data:
            raise
        # whatever one reading trips over, it takes along none of those that arrived beside it
        if len(items) > 1:
            middle = len(items) // 2
            return [*_outcomes(items[:middle]), *_outcomes(items[middle:])]
        log.exception("one reading could not be stored")
        words = f"This reading could not be stored: {type(error).__name__}."
        # a fault of ours is no reason for the sender to throw the reading away
        return [Outcome(refusal=Invalid(words) if of_the_data else TryLater(words))]
