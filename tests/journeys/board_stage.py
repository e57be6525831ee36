"""A stage for the board: its real page and modules, fed by a stream that a test writes itself.

So the looks that are rare in life (every chair in trouble, the longest names, a stream that falls silent)
can be tried and pictured at will. The policy sent is the strictest: a page which breaks it fails here.
"""

import http.server
import json
import mimetypes
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

from django.template.loader import render_to_string

STATIC = Path(__file__).resolve().parents[2] / "screens" / "static"
POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:"
NOW = datetime(2026, 11, 23, 15, 42, 11, tzinfo=UTC)
VERSION = "one"
LONG_NAME = "Constantina Featherstonehaugh-Vandersloot"
ME = "6f2b1d9e-0c58-4b0a-9d0c-6c1a55b7a001"
SET = ["systolic", "diastolic", "heart_rate", "respiratory_rate", "spo2", "sedation"]
LIMITS = {
    "id": "limits-1",
    "name": "Example",
    "version": 1,
    "reviewed_by": None,
    "reviewed_on": None,
    "band": {"systolic": [90, 165]},
    "rules": [],
    "plausible": {},
}

Json = dict[str, Any]


def at(minutes: float) -> str:
    """The ISO time so many minutes after the stage's now."""
    return (NOW + timedelta(minutes=minutes)).isoformat()


def flag(vital: str | None, priority: str, text: str, value: float | None = None, **more: Any) -> Json:
    return {
        "id": str(uuid4()),
        "condition": text,
        "priority": priority,
        "category": "physiological" if vital else "technical",
        "state": "active",
        "vital": vital,
        "direction": None,
        "value": value,
        "threshold": int(limit) if (limit := text.partition("limit ")[2]).isdigit() else value,
        "rule": "",
        "text": text,
        "opened_at": at(-2),
        "readings": 2,
        "acknowledged_by": None,
        "acknowledged_at": None,
        "action": None,
        "why": "",
        "confirming": [],
        "asks_since": at(-2),
        "escalated": 0,
        "undrawn": False,
        "paused_by": None,
        "paused_until": None,
        **more,
    }


def pending(vital: str, text: str, value: float, recheck_in: float, priority: str = "high") -> Json:
    """A breach that waits for its second measurement, due in so many minutes."""
    waits = {
        "priority": priority,
        "since": at(recheck_in - 5),
        "counted_at": at(recheck_in - 5),
        "count": 1,
        "needs": 2,
        "recheck_at": at(recheck_in),
        "unless_by": at(recheck_in + 2),
    }
    return flag(vital, priority, text, value, state="pending", confirming=[waits], asks_since=None)


def recheck(vitals: list[str], minutes: float, *, with_set: bool = False) -> Json:
    return {"condition": "test", "vitals": vitals, "at": at(minutes), "with_set": with_set}


def due(minutes: float, label: str = "next set") -> Json:
    """A set due in so many minutes, overdue five minutes after that."""
    return {
        "label": label,
        "at": at(minutes),
        "opens_at": at(minutes - 5),
        "closes_at": at(minutes + 5),
        "every_min": 10,
        "overdue_at": at(minutes + 5),
        "overdue_medium_at": at(minutes + 10),
        "missing": SET,
    }


def panel(number: int | None, age: float = 2, **more: Any) -> Json:
    """A session at chair ``number`` whose values are ``age`` minutes old, 38 minutes into its dose."""
    values = dict(zip(SET, [128, 79, 78, 15, 98, 5], strict=True)) | more.pop("values", {})
    return {
        "session": str(uuid5(NAMESPACE_OID, f"session {number}")),
        "version": 1,
        "chair": {"id": f"chair-{number}", "name": str(number)} if number else None,
        "initials": "J. M.",
        "route": "iv",
        "treatment": "IV 41 mg",
        "nurse": "A. Reed",
        "nurse_id": None,
        "state": "monitoring",
        "waiting_for_escort_at": None,
        "assessed_ready_by": None,
        "dose_started_at": at(-38),
        "dose_ended_at": None,
        "planned_end_at": None,
        "window_ends_at": at(82),
        "watched_from": at(-44),
        "values": {name: {"value": value, "at": at(-age)} for name, value in values.items()},
        "absent": {},
        "due": due(8),
        "flags": [],
        "rechecks": [],
        "trace": [[0, 112], [10, 118], [20, 131], [30, 139], [42, 128]],
        "doses": [6],
        "limit_set": "limits-1",
        "simulated": True,
        **more,
    }


def snapshot(chairs: int, sessions: list[Json]) -> Json:
    return {
        "clinic": {"id": 1, "name": "Demo clinic", "time_zone": "America/New_York"},
        "clock": {"now": NOW.isoformat(), "rate": 1.0},
        "chairs": [{"id": f"chair-{number}", "name": str(number)} for number in range(1, chairs + 1)],
        "limit_sets": {"limits-1": LIMITS},
        "sessions": sessions,
        "cursor": "1-1",
    }


def crowded() -> Json:
    """Twelve chairs in every look there is, with the longest names and numbers."""
    widest = {"systolic": 204, "diastolic": 124, "heart_rate": 131, "respiratory_rate": 25, "spo2": 100}
    high = flag("systolic", "high", "BP 204/124, limit 200", 204)
    also_high = {**high, "id": str(uuid4())}
    low_oxygen = flag("spo2", "high", "SpO2 88, limit 88", 88)
    taken = {"state": "acknowledged", "acknowledged_by": LONG_NAME, "acknowledged_at": at(-1)}
    zero = flag("heart_rate", "medium", "HR: monitor reads 0, look at the patient and the sensor", 0)
    overdue = flag(None, "low", "Set overdue")
    return snapshot(
        12,
        [
            panel(1, values=widest, flags=[high], nurse=LONG_NAME, treatment="Nasal 84 mg", state="dosing"),
            panel(
                2,
                values=widest | {"spo2": 88},
                flags=[low_oxygen, also_high],
                nurse=LONG_NAME,
            ),
            panel(3, values=widest, flags=[flag("heart_rate", "medium", "HR 131, limit 120", 131, **taken)]),
            panel(
                4,
                values=widest,
                flags=[flag("systolic", "high", "BP 204/124, limit 180", 204, state="pending")],
            ),
            panel(
                5,
                values=widest,
                flags=[flag("systolic", "high", "BP 212/124, limit 200", 212, state="latched")],
            ),
            panel(6, values=widest, flags=[zero | {"category": "technical"}]),
            panel(7, age=21, due=due(-6, "40-minute set"), flags=[overdue]),
            panel(8, age=70, due=due(-55)),
            panel(9, state="held", absent={"spo2": {"reason": "cold fingers", "at": at(-1)}}),
            panel(10, state="ready", waiting_for_escort_at=at(-4), assessed_ready_by=LONG_NAME, due=None),
            panel(11, state="checked_in", dose_started_at=None, window_ends_at=None, doses=[], nurse=None),
            panel(None, nurse=LONG_NAME),
        ],
    )


def filled(chairs: int) -> Json:
    """So many chairs, all taken, one of them in trouble."""
    sessions = [panel(number, nurse=LONG_NAME) for number in range(1, chairs + 1)]
    sessions[0] |= {"flags": [flag("systolic", "high", "BP 184/104, limit 180", 184)]}
    return snapshot(chairs, sessions)


@dataclass
class Stage:
    """What the served board is told: change ``snapshot`` before a page opens, the rest at any time."""

    url: str = ""
    snapshot: Json = field(default_factory=lambda: filled(12))
    speaking: bool = True
    watch_age_s: float | None = 0.5
    worker_age_s: float | None = 1.0
    acknowledged: list[str] = field(default_factory=list)
    refused: str = ""
    # panels still to be told, the oldest first
    changes: deque[Json] = field(default_factory=deque)
    closed: bool = False
    version: str = VERSION
    served_walls: int = 0
    gone: bool = False

    def heartbeat(self) -> Json:
        return {
            "at": NOW.isoformat(),
            "watch_age_s": self.watch_age_s,
            "db_age_s": 0.5,
            "sequence": 1,
            "worker_age_s": self.worker_age_s,
            "version": self.version,
        }


def wall(*, night: bool = False) -> str:
    """The page of a wall screen whose night is now, or is not."""
    return render_to_string(
        "screens/wall.html",
        {
            "clinic": {"name": "Demo clinic"},
            "wall": {
                "name": "Corridor",
                "night_from": clock_time(10 if night else 19),
                "night_until": clock_time(11 if night else 7),
            },
            "night": night,
            "version": VERSION,
        },
    )


def page() -> str:
    return render_to_string(
        "screens/board.html",
        {
            "clinic": {"name": "Demo clinic", "time_zone": "America/New_York"},
            "me": {"id": ME, "name": LONG_NAME, "role": "nurse"},
            "screen": "board",
            "may_acknowledge": True,
            "csrf_token": "token-of-the-stage",
        },
    )


def _answers(stage: Stage, board: bytes) -> type[http.server.BaseHTTPRequestHandler]:
    class Answers(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            """Quiet: what matters is what the browser shows."""

        def give(self, body: bytes, kind: str, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            stage.acknowledged.append(self.path)
            if stage.refused:
                self.give(json.dumps({"message": stage.refused}).encode(), "application/json", 409)
            else:
                self.give(b"{}", "application/json")

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/board/":
                self.give(board, "text/html; charset=utf-8")
            elif path == "/wall/":
                stage.served_walls += 1
                night = "night" in self.path.partition("?")[2]
                self.give(wall(night=night).encode(), "text/html; charset=utf-8")
            elif stage.gone and path in {"/live/board/", "/api/v1/board/"}:
                self.give(b"{}", "application/json", 401)
            elif path == "/live/board/":
                self.stream()
            elif path.startswith("/static/") and (file := STATIC / path.removeprefix("/static/")).is_file():
                self.give(file.read_bytes(), mimetypes.guess_type(file.name)[0] or "application/octet-stream")
            elif path == "/api/v1/board/":
                self.give(b"{}", "application/json")
            else:
                self.give(b"", "text/plain", 404)

        def stream(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            try:
                self.tell("snapshot", stage.snapshot)
                while not stage.closed and not stage.gone:
                    if stage.speaking:
                        self.tell("heartbeat", stage.heartbeat())
                    next_beat = time.monotonic() + 0.2
                    while time.monotonic() < next_beat:
                        while stage.changes:
                            self.tell("session", stage.changes.popleft())
                        time.sleep(0.01)
            except OSError:
                return  # the page was closed

        def tell(self, name: str, data: Json) -> None:
            self.wfile.write(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())
            self.wfile.flush()

    return Answers


@contextmanager
def serving() -> Iterator[Stage]:
    """A stage on a free port of this machine, until the block ends."""
    stage = Stage()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _answers(stage, page().encode()))
    server.daemon_threads = True
    stage.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield stage
    finally:
        stage.closed = True
        server.shutdown()
        server.server_close()
        thread.join()
