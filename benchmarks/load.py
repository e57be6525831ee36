"""``python -m benchmarks.load``: the load generator, a process of its own; orders and result are JSON lines.

Raw keep-alive connections, each with one call under way; requests are text put together from prepared
pieces, and of an answer only the status and what it accepted are read, so that the client is never the limit.
"""

import asyncio
import random
import sys
import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

import msgspec
import uvloop

# two sets that follow each other in a session lie at least this far apart
STEP = timedelta(microseconds=137)
# of the sets this share is out of limits, so that flags open, move and end as they do in life
OUT_OF_LIMITS = 0.02
VARIANTS = 512


@dataclass(frozen=True, slots=True)
class Order:
    """What to send.

    per_call:    sets in one request; 1 is the bare form without an envelope.
    per_session: how many of them in a row are of one session.
    rate:        calls per second over all connections; 0 is as fast as answers come.
    """

    port: int
    key: str
    sessions: list[str]
    seconds: float
    connections: int
    per_call: int = 1
    per_session: int = 1
    rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of it. Latencies in ms, of the whole calls."""

    sets: int
    seconds: float
    failed: int
    p50_ms: float
    p99_ms: float
    first_failure: str = ""

    @property
    def per_s(self) -> float:
        return self.sets / self.seconds


def _values(chance: random.Random) -> str:
    high = chance.random() < OUT_OF_LIMITS
    systolic = chance.randint(166, 190) if high else chance.randint(105, 150)
    diastolic = chance.randint(60, 90)
    return (
        f'"systolic":{systolic},"diastolic":{diastolic},"mean":{(systolic + 2 * diastolic) // 3},'
        f'"heart_rate":{chance.randint(60, 99)},"respiratory_rate":{chance.randint(12, 20)},'
        f'"spo2":{chance.randint(96, 100)},"temperature":{36 + chance.randint(0, 9) / 10},'
        f'"etco2":{chance.randint(33, 42)}'
    )


def bodies(sessions: list[str], *, per_session: int, seed: int) -> Iterator[str]:
    """Sets without end, every (session, moment) new, in order of time within each session."""
    chance = random.Random(seed)
    variants = [_values(chance) for _ in range(VARIANTS)]
    at = datetime.now(UTC)
    number = 0
    while True:
        # wall time as long as the sets come slower than the step
        at = max(at + STEP, datetime.now(UTC))
        for session in sessions:
            moment = at
            for _ in range(per_session):
                number += 1
                yield (
                    f'{{"session":"{session}","measured_at":"{moment.isoformat()}",'
                    f"{variants[number * 7 % VARIANTS]}}}"
                )
                moment += STEP
        at += STEP * (per_session - 1)


class _Connection(asyncio.Protocol):
    """One call after the other until the deadline."""

    def __init__(self, order: Order, calls: Iterator[bytes], deadline: float, tally: "_Tally") -> None:
        self._order, self._calls, self._deadline, self._tally = order, calls, deadline, tally
        self._received = b""
        self._sent_at = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._pause_s = self._order.connections / self._order.rate if self._order.rate else 0.0
        self._send()

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        if self._sent_at >= self._deadline:
            self._transport.close()
            return
        self._transport.write(next(self._calls))

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found or len(rest) < _length(head):
            return
        self._tally.take(head, rest, time.perf_counter() - self._sent_at, self._order.per_call)
        self._received = b""
        if self._pause_s:
            wait_s = self._pause_s - (time.perf_counter() - self._sent_at)
            asyncio.get_running_loop().call_later(max(0.0, wait_s), self._send)
        else:
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    raise ValueError(f"an answer without length: {head[:200]!r}")


class _Tally:
    def __init__(self) -> None:
        self.sets = self.failed = 0
        self.first_failure = ""
        self.latencies_s = array("d")

    def take(self, head: bytes, body: bytes, latency_s: float, per_call: int) -> None:
        self.latencies_s.append(latency_s)
        # a batch must have been taken whole; the reference answers with the row itself
        if head.startswith(b"HTTP/1.1 201") and (
            not body.startswith(b'{"accepted"') or body.startswith(b'{"accepted":%d,' % per_call)
        ):
            self.sets += per_call
        else:
            self.failed += 1
            self.first_failure = self.first_failure or (head[:80] + b" " + body[:300]).decode()


def _calls(order: Order, sessions: list[str], seed: int) -> Iterator[bytes]:
    sets = bodies(sessions, per_session=order.per_session, seed=seed)
    head = (
        "POST /api/v1/readings/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Token {order.key}\r\nContent-Length: "
    )
    while True:
        if order.per_call == 1:
            body = next(sets)
        else:
            body = f'{{"readings":[{",".join(next(sets) for _ in range(order.per_call))}]}}'
        yield f"{head}{len(body)}\r\n\r\n{body}".encode()


def percentile(values: list[float], share: float) -> float:
    """The value that ``share`` of them do not exceed; ``values`` sorted, not empty."""
    return values[min(len(values) - 1, int(len(values) * share))]


async def send(order: Order) -> Sent:
    """Carry an order out."""
    loop = asyncio.get_running_loop()
    tally = _Tally()
    began = time.perf_counter()
    deadline = began + order.seconds
    opened: list[_Connection] = []
    for number in range(order.connections):
        # each connection has sessions of its own, so that a session's readings arrive in order
        own = order.sessions[number :: order.connections]
        calls = _calls(order, own, number)
        _, connection = await loop.create_connection(
            lambda calls=calls: _Connection(order, calls, deadline, tally),  # type: ignore[misc]  # a default binds it now
            "127.0.0.1",
            order.port,
        )
        opened.append(connection)
    await asyncio.gather(*(connection.done for connection in opened))
    seconds = time.perf_counter() - began
    latencies = sorted(tally.latencies_s)
    return Sent(
        sets=tally.sets,
        seconds=seconds,
        failed=tally.failed,
        p50_ms=percentile(latencies, 0.5) * 1000,
        p99_ms=percentile(latencies, 0.99) * 1000,
        first_failure=tally.first_failure,
    )


def main() -> None:
    """Carry out one order per line of standard input."""
    for line in sys.stdin:
        sent = uvloop.run(send(msgspec.json.decode(line, type=Order)))
        print(msgspec.json.encode(sent).decode(), flush=True)


if __name__ == "__main__":
    main()
