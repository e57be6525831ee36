"""All that `simulate` does at once: serve the monitors, follow the board, chart in the demo."""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from datetime import datetime

import httpx
import uvicorn

from vitals.simulator import board
from vitals.simulator.bedside import ChartingNurse
from vitals.simulator.config import SimulateConfig
from vitals.simulator.monitor import Monitor, MonitorServer
from vitals.simulator.ward import Ward

LOOPBACK = "127.0.0.1"
BOARD_EVERY_S = 2.0
API_TIMEOUT_S = 5.0
STOP_WITHIN_S = 3

logger = logging.getLogger(__name__)


class PortTaken(Exception):
    """Another program, most likely a second `simulate`, serves on this port."""


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling, which ends a clean stop with the signal's exit code."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listening(port: int) -> socket.socket:
    """A socket bound to loopback; port 0 takes any free one.

    raises: PortTaken.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise PortTaken(f"{LOOPBACK}:{port}: {error.strerror}; is another simulate running?") from error
    return listener


async def serve(
    config: SimulateConfig,
    listener: socket.socket,
    *,
    now: Callable[[], datetime],
    rate: float,
    with_nurse: bool,
) -> None:
    """Run until SIGTERM or SIGINT.

    now, rate:  the (perhaps scaled) clock.
    with_nurse: chart sets in the configured chairs; for the demo alone.
    """
    ward = Ward(config.monitors, started_at=now())
    monitors = {monitor.key: Monitor(monitor, ward, rate) for monitor in config.monitors}
    server = _Server(
        uvicorn.Config(
            MonitorServer(monitors, config.token, now),
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_WITHIN_S,
        )
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, setattr, server, "should_exit", True)
    headers = {"Authorization": f"Token {config.api_token}"}
    async with httpx.AsyncClient(
        base_url=config.base_url, headers=headers, timeout=API_TIMEOUT_S, trust_env=False
    ) as client:
        nurse = ChartingNurse(config.charted_chairs if with_nurse else (), ward, client, now)
        following = asyncio.create_task(_follow(ward, nurse, client))
        # a fault in the following must not leave monitors that serve a board of long ago
        following.add_done_callback(lambda _: setattr(server, "should_exit", True))
        await server.serve(sockets=[listener])
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following


async def _follow(ward: Ward, nurse: ChartingNurse, client: httpx.AsyncClient) -> None:
    """Read the board every few seconds, and let the nurse go round; without a board, wait for it."""
    trouble = ""
    while True:
        try:
            ward.learn(await board.fetch(client))
            if trouble:
                logger.info("the board is back")
            trouble = ""
            await nurse.go_round()
        except board.BoardUnavailable as error:
            if not trouble:  # once per outage
                logger.warning("no board: %s", error)
            trouble = str(error)
        await asyncio.sleep(BOARD_EVERY_S)
