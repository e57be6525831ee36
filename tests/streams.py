"""Server-sent events as a test reads them: one listener on a thread, its events one by one."""

import json
import queue
import threading
import time
from dataclasses import dataclass
from typing import Any

import httpx

from tests.processes import WITHIN_S


@dataclass(frozen=True)
class Event:
    name: str
    id: str | None
    data: Any
    heard_at: float  # by the monotonic clock


class Listener:
    """One open stream. Use as a context; ``next`` gives what is heard, in order."""

    def __init__(self, url: str, path: str, headers: dict[str, str]) -> None:
        self._client = httpx.Client(base_url=url, headers=headers, timeout=httpx.Timeout(30, read=None))
        self._path = path
        self._heard: queue.Queue[Event | None] = queue.Queue()
        self._thread = threading.Thread(target=self._listen)
        self._answer: httpx.Response | None = None
        self.last_id: str | None = None

    def __enter__(self) -> "Listener":
        request = self._client.build_request("GET", self._path)
        self._answer = self._client.send(request, stream=True)
        assert self._answer.status_code == 200, self._answer.read()
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        assert self._answer is not None
        # a blocked reader wakes when its socket is shut, not when another thread closes it
        self._answer.extensions["network_stream"].get_extra_info("socket").shutdown(2)
        self._thread.join(WITHIN_S)
        self._client.close()

    def _listen(self) -> None:
        assert self._answer is not None
        fields: dict[str, str] = {}
        try:
            for line in self._answer.iter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif "event" in fields:
                    event = Event(
                        fields["event"], fields.get("id"), json.loads(fields["data"]), time.monotonic()
                    )
                    self._heard.put(event)
                    fields = {}
        except httpx.TransportError:
            pass
        finally:
            self._answer.close()
            self._heard.put(None)

    def next(self, *names: str, within_s: float = WITHIN_S) -> Event:
        """The next event, or the next of these names; others are passed over."""
        deadline = time.monotonic() + within_s
        while True:
            try:
                event = self._heard.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {names or 'event'} within {within_s:g} s") from None
            assert event is not None, "the stream has ended"
            self.last_id = event.id or self.last_id
            if not names or event.name in names:
                return event

    def ends(self, within_s: float = WITHIN_S) -> bool:
        """True when the server ends the stream in time, whatever it still says before."""
        deadline = time.monotonic() + within_s
        while (left_s := deadline - time.monotonic()) > 0:
            try:
                if self._heard.get(timeout=left_s) is None:
                    return True
            except queue.Empty:
                return False
        return False

    def silent_for(self, seconds: float, *names: str) -> bool:
        """True when nothing of these names is heard for so long; what else is heard is passed over."""
        deadline = time.monotonic() + seconds
        while (left_s := deadline - time.monotonic()) > 0:
            try:
                event = self._heard.get(timeout=left_s)
            except queue.Empty:
                return True
            if event is None or event.name in names:
                return False
        return True
