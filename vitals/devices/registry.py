"""Which driver reads which kind of monitor; a device row names one of these."""

from vitals.devices import http_json, simulated
from vitals.devices.driver import Driver

DRIVERS: dict[str, Driver] = {
    "http-json": http_json.read,
    "simulated": simulated.read,
}
