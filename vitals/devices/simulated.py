"""The simulated monitor of the demo: an HTTP JSON monitor like any other, at its own path."""

from dataclasses import replace

from vitals.devices import http_json
from vitals.devices.driver import MonitorAddress
from vitals.measured import Measured

PATH = "/latest"


def read(address: MonitorAddress, timeout_s: float = http_json.TIMEOUT_S) -> list[Measured]:
    """Ask `<address>/latest`, the address being `http://…/monitors/<key>`; see `driver.Driver`."""
    url = address.url.rstrip("/").removesuffix(PATH) + PATH
    return http_json.read(replace(address, url=url), timeout_s)
