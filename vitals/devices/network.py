"""Which addresses may be called: staff type a monitor's address, and the server must not go anywhere."""

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from vitals.devices.driver import MonitorUnreachable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
DEFAULT_PORT = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A checked address: `url` names the very IP that was checked; no second look-up can lead elsewhere."""

    url: str
    host: str  # as written, for the Host header and the certificate
    host_header: str


def checked(url: str, networks: Sequence[Network]) -> Endpoint:
    """Resolve the host of a URL and refuse it unless every address of it lies in `networks`.

    raises: MonitorUnreachable, naming the rule.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORT[parts.scheme]
    except (ValueError, KeyError):
        raise MonitorUnreachable("address is not an http or https URL") from None
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        raise MonitorUnreachable("address needs a host, and no user, password or fragment")
    addresses = _resolved(parts.hostname, port)
    for address in addresses:
        if not any(address in network for network in networks):
            raise MonitorUnreachable(f"{address} is outside the networks that monitors may have")
    return _pinned(parts, addresses[0], port)


def _resolved(host: str, port: int) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise MonitorUnreachable(f"no address found for {host}") from None
    return [ipaddress.ip_address(entry[4][0]) for entry in found]


def _pinned(
    parts: SplitResult, address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int
) -> Endpoint:
    literal = f"[{address}]" if address.version == 6 else str(address)
    host = parts.hostname or ""
    written = f"[{host}]" if ":" in host else host
    return Endpoint(
        url=parts._replace(netloc=f"{literal}:{port}").geturl(),
        host=host,
        host_header=written if port == DEFAULT_PORT[parts.scheme] else f"{written}:{port}",
    )
