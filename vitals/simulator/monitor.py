"""One simulated bedside monitor, and the small HTTP server all of them share.

A monitor measures at fixed moments of simulated time: pulse, breathing and SpO2 in a stream, pressures at the
cuff's cycles, the temperature seldom; each with its own time and id. It measures when asked, for all moments
since it was last asked, so it costs nothing between polls and its curve does not depend on who polls when.
"""

import hmac
import math
import re
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zlib import crc32

import msgspec

from vitals.simulator.config import MonitorConfig
from vitals.simulator.physiology import Session
from vitals.simulator.ward import Ward, minutes_at

Reading = dict[str, object]
Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

NAMESPACE = UUID("5b1f3c1e-0a57-4b7e-9d0c-3e2f8a6d7c11")
HELD_READINGS = 16  # what polls may have missed, some four minutes
MEASURED_BACK_AT_MOST = timedelta(minutes=15)
# However fast simulated time runs, no more than one streamed reading in so many real seconds.
STREAM_EVERY_REAL_S = 5.0
# While a scripted scene plays, the cuff measures again at once, then so often; a nurse's "measure now".
SCENE_CUFF_EVERY_S = 75.0
SCENE_CUFFS = 4
PATH = re.compile("/monitors/(?P<key>[^/]+)/latest")


class Monitor:
    """Measures the patient in its chair and holds the last readings."""

    def __init__(self, config: MonitorConfig, ward: Ward, rate: float = 1.0) -> None:
        """rate: simulated seconds per real second."""
        self.config = config
        self._ward = ward
        self._stream_every_s = max(config.stream_every_s, STREAM_EVERY_REAL_S * rate)
        self._held: deque[Reading] = deque(maxlen=HELD_READINGS)
        self._measured_to = ward.started_at
        self._session_id: UUID | None = None

    def latest(self, at: datetime) -> list[Reading]:
        """The readings still held, oldest first; none when nobody sits in the chair."""
        entry = self._ward.open_session(self.config.chair)
        patient = self._ward.patient_in(self.config.chair)
        if entry is None or patient is None:
            self._held.clear()
            self._session_id = None
            return []
        if entry.session != self._session_id:  # somebody else sits down: nothing of the last patient is shown
            self._held.clear()
            self._session_id = entry.session
            self._measured_to = at
        begin = max(self._measured_to, at - MEASURED_BACK_AT_MOST)
        for moment, kind in sorted(self._moments(begin, at)):
            values = self._measure(kind, patient, minutes_at(moment, entry.dose_started_at))
            if values:
                self._held.append(self._reading(entry.session, kind, moment, values))
        self._measured_to = max(self._measured_to, at)
        return list(self._held)

    def _moments(self, after: datetime, until: datetime) -> Iterator[tuple[datetime, str]]:
        """What is measured when, in (after, until]."""
        periods = {
            "stream": self._stream_every_s,
            "cuff": self.config.cuff_every_s,
            "temperature": self.config.temperature_every_s,
        }
        for kind, period_s in periods.items():
            # chairs do not pump in step
            phase_s = crc32(f"{self.config.key}/{kind}".encode()) % 1000 / 1000 * period_s
            for moment in _grid(after, until, period_s, phase_s):
                yield moment, kind
        for scene in self.config.script:
            first = self._ward.scene_starts(scene) + timedelta(seconds=scene.ramp_s)
            for cycle in range(SCENE_CUFFS):
                moment = first + timedelta(seconds=cycle * SCENE_CUFF_EVERY_S)
                if after < moment <= until:
                    yield moment, "cuff"

    @staticmethod
    def _measure(kind: str, patient: Session, minutes: float) -> Mapping[str, float]:
        match kind:
            case "stream":
                return patient.stream_at(minutes)
            case "cuff":
                return patient.cuff_at(minutes)
            case _:
                return patient.temperature_at(minutes)

    def _reading(self, session: UUID, kind: str, moment: datetime, values: Mapping[str, float]) -> Reading:
        measured_at = moment.isoformat(timespec="milliseconds")
        name = f"{self.config.key}/{session}/{kind}/{measured_at}"
        return {"id": str(uuid5(NAMESPACE, name)), "measured_at": measured_at, **values}


def _grid(after: datetime, until: datetime, period_s: float, phase_s: float) -> Iterator[datetime]:
    """The moments phase + k × period of the epoch in (after, until]."""
    first = math.floor((after.timestamp() - phase_s) / period_s) + 1
    last = math.floor((until.timestamp() - phase_s) / period_s)
    for index in range(first, last + 1):
        yield datetime.fromtimestamp(round(phase_s + index * period_s, 3), UTC)


class MonitorServer:
    """ASGI: GET /monitors/<key>/latest with `Authorization: Bearer <token>`; nothing else."""

    def __init__(self, monitors: Mapping[str, Monitor], token: str, now: Callable[[], datetime]) -> None:
        """now: simulated time."""
        self._monitors = monitors
        self._shown = f"Bearer {token}".encode()
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; there is no state to set up or tear down, so lifespan is off."""
        status, body = self._answer(scope)
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        if status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, scope: Scope) -> tuple[int, bytes]:
        if not hmac.compare_digest(dict(scope["headers"]).get(b"authorization", b""), self._shown):
            return 401, b'{"message": "token needed"}'
        if scope["method"] != "GET":
            return 405, b'{"message": "GET only"}'
        path = PATH.fullmatch(scope["path"])
        monitor = self._monitors.get(path["key"]) if path else None
        if monitor is None:
            return 404, b'{"message": "no such monitor"}'
        answer = {"monitor": monitor.config.key, "readings": monitor.latest(self._now())}
        return 200, msgspec.json.encode(answer)
