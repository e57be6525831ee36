"""What `make demo` runs: servers, schema, a demo clinic, and the processes that serve it, until Ctrl-C."""

import http.client
import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from clinic.local import epoch
from clinic.local.child import Command
from clinic.local.commands import START_ORDER, argv
from clinic.local.ports import LOOPBACK, is_free
from clinic.local.servers import demo_variables, started
from clinic.local.state import ROOT, Refused, demo_folder, forget_environment, locked, write_environment
from clinic.local.stopping import StopAsked, StopRequests
from clinic.local.supervisor import Supervisor, say

FIRST_PORT = 8000
FIRST_MONITOR_PORT = 8100
PORTS_TRIED = 100
SERVES_WITHIN_S = 120.0


def demo() -> int:
    """Serve the demo until asked to stop.

    PORT and SPEED come from the environment; see `make demo`.
    returns: 0 after a stop that was asked for.
    raises:  Refused, saying what could not be started and why.
    """
    stop = StopRequests()
    folder = demo_folder()
    speed = _speed(os.environ.get("SPEED", ""))
    with locked(folder):
        port = choose_port(os.environ.get("PORT", ""))
        say("Starting PostgreSQL and Valkey ...")
        with started(folder) as (servers, addresses):
            supervisor = Supervisor(stop)
            for server in servers.values():
                supervisor.adopt(server)
            clock = epoch.begin(folder, speed)
            try:
                _serve(supervisor, folder, port, clock, addresses)
            except StopAsked:
                pass
            finally:
                say("Stopping ...")
                forget_environment(folder)
                supervisor.stop()
                epoch.end(folder, clock)
    say("Stopped. The data stay in place; the next start goes on with them.")
    return 0


def _serve(
    supervisor: Supervisor, folder: Path, port: int, clock: epoch.Epoch, addresses: Mapping[str, str]
) -> None:
    variables = {
        **addresses,
        **demo_variables(folder, clock),
        "DEMO_URL": f"http://{LOOPBACK}:{port}",
        "SIMULATE_PORT": str(_first_free(FIRST_MONITOR_PORT)),
    }
    write_environment(folder, variables)

    def command(name: str, words: list[str], output: Path | None = None) -> Command:
        inherited = {**os.environ, **variables, "PYTHONUNBUFFERED": "1"}
        return Command(name, words, inherited, folder, ROOT, output=output)

    def manage(name: str, *words: str, output: Path | None = None) -> Command:
        return command(name, [sys.executable, "manage.py", *words], output)

    say("Bringing the database up to date ...")
    supervisor.run_once(manage("migrate", "migrate", "--noinput"))
    say("Filling the demo clinic ...")
    seed = folder / "seed.json"
    supervisor.run_once(manage("seed", "seed_demo", "--json", output=seed))
    say(f"Starting {', '.join(START_ORDER)} ...")
    schedule = str((folder / "celerybeat-schedule").resolve())
    for name in START_ORDER:
        words = argv(name, python=sys.executable, host=LOOPBACK, port=port, schedule=schedule)
        supervisor.start(command(name, words))
    supervisor.wait_for(lambda: _is_ready(port), "the demo did not answer /readyz", SERVES_WITHIN_S)
    say(welcome(port, json.loads(seed.read_text()), folder, clock))
    supervisor.keep(_Ticker(folder, clock))


class _Ticker:
    """Keeps the demo's clock on disk while it runs."""

    def __init__(self, folder: Path, clock: epoch.Epoch) -> None:
        self.folder, self.clock, self.next_s = folder, clock, 0.0

    def __call__(self) -> None:
        if time.monotonic() >= self.next_s:
            self.next_s = time.monotonic() + epoch.SAVE_EVERY_S
            epoch.tick(self.folder, self.clock)


def choose_port(asked: str) -> int:
    """The port to serve on: the one asked for or none; without a wish the first free one from 8000.

    raises: Refused when the wish is no port or taken, or none of a hundred is free.
    """
    if asked:
        if not asked.isascii() or not asked.isdigit() or not 0 < int(asked) < 65536:
            raise Refused(f"PORT={asked} is no port number.")
        if not is_free(int(asked)):
            raise Refused(f"Port {asked} is taken by another program; choose another PORT.")
        return int(asked)
    port = _first_free(FIRST_PORT)
    if port != FIRST_PORT:
        say(f"Port {FIRST_PORT} is taken by another program; serving on {port}.")
    return port


def _first_free(first: int) -> int:
    for port in range(first, first + PORTS_TRIED):
        if is_free(port):
            return port
    raise Refused(f"No port from {first} to {first + PORTS_TRIED - 1} is free.")


def _speed(asked: str) -> float:
    try:
        speed = float(asked or "1")
    except ValueError:
        speed = 0.0
    if not 0 < speed <= 3600:
        raise Refused(f"SPEED={asked} is no number of simulated seconds per second above 0, up to 3600.")
    return speed


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def welcome(port: int, seed: Mapping[str, object], folder: Path, clock: epoch.Epoch) -> str:
    """The box that says where to go and how to sign in.

    seed: what `seed_demo --json` printed; `users` maps a role to a username and a password.
    """
    lines = [f"Vigil demo    http://localhost:{port}/", ""]
    users = seed.get("users")
    if isinstance(users, dict):
        width = max(len(str(user["username"])) for user in users.values())
        lines += [
            f"{role:<12}{user['username']:<{width}}   {user['password']}" for role, user in users.items()
        ]
    lines += ["", "Invented patients, simulated monitors."]
    if clock.speed != 1:
        lines.append(f"Time runs {clock.speed:g} times as fast as the wall's.")
    lines.append(f"Logs in {folder / 'log'}. Ctrl-C stops everything.")
    inner = max(len(line) for line in lines)
    edge = "+" + "-" * (inner + 4) + "+"
    return "\n".join(("", edge, *(f"|  {line:<{inner}}  |" for line in lines), edge, ""))
