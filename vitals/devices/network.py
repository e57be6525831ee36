"""Which addresses may be called: staff type an address, and the server must not go anywhere."""

import ipaddress
import socket
from collections.abc import Container, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
DEFAULT_PORT = {"http": 80, "https": 443}
# IPv6 addresses that stand for an IPv4 one behind a translator: what they lead to cannot be judged here
TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


class AddressRefused(Exception):
    """An address that is none, has no host that is known, or lies where nothing may be called."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PublicInternet:
    """Every address that the whole internet can reach: none of this host, this house or this link."""

    def __contains__(self, address: object) -> bool:
        if isinstance(address, ipaddress.IPv6Address):
            within = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
            if within is not None or any(address in network for network in TRANSLATED):
                return False
        elif not isinstance(address, ipaddress.IPv4Address):
            return False
        return address.is_global and not address.is_multicast


PUBLIC = PublicInternet()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A checked address: `url` names the very IP that was checked; no second look-up can lead elsewhere."""

    url: str
    host: str  # as written, for the Host header and the certificate
    host_header: str


def checked(url: str, networks: Sequence[Container[Address]], *, may_have: str = "monitors") -> Endpoint:
    """Resolve the host of a URL and refuse it unless every address of it lies in `networks`.

    may_have: whose networks they are, for the words of a refusal.
    raises: AddressRefused, naming the rule.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORT[parts.scheme]
    except (ValueError, KeyError):
        raise AddressRefused("address is not an http or https URL") from None
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        raise AddressRefused("address needs a host, and no user, password or fragment")
    addresses = _resolved(parts.hostname, port)
    for address in addresses:
        if not any(address in network for network in networks):
            raise AddressRefused(f"{address} is outside the networks that {may_have} may have")
    return _pinned(parts, addresses[0], port)


def _resolved(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressRefused(f"no address found for {host}") from None
    return [ipaddress.ip_address(entry[4][0]) for entry in found]


def _pinned(parts: SplitResult, address: Address, port: int) -> Endpoint:
    literal = f"[{address}]" if address.version == 6 else str(address)
    host = parts.hostname or ""
    written = f"[{host}]" if ":" in host else host
    return Endpoint(
        url=parts._replace(netloc=f"{literal}:{port}").geturl(),
        host=host,
        host_header=written if port == DEFAULT_PORT[parts.scheme] else f"{written}:{port}",
    )
