"""One HTTP POST to the world: only where it may go, to the very address that was checked, within its time."""

import asyncio
from collections.abc import Container, Mapping
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from vitals.devices.network import PUBLIC, Address, AddressRefused, Endpoint, checked
from vitals.messengers.delivery import Undelivered

TIMEOUT_S = 5.0


def endpoint(url: str) -> Endpoint:
    """The checked address of a URL: https to the public internet, either to the networks of the settings.

    raises: AddressRefused, naming the rule.
    """
    networks: list[Container[Address]] = [*settings.NOTIFY_NETWORKS]
    if urlsplit(url).scheme == "https":
        networks.append(PUBLIC)
    elif not networks:
        raise AddressRefused("an address begins with https://")
    return checked(url, networks, may_have="notifications")


def post(url: str, body: bytes, headers: Mapping[str, str], *, timeout_s: float = TIMEOUT_S) -> int:
    """The status of the answer; its body is not read. No redirect is followed, no cookie kept, no proxy used.

    raises: Undelivered when there is no answer within the time, all in all, or the address may not be called.
    """
    try:
        where = endpoint(url)
    except AddressRefused as refusal:
        raise Undelivered(refusal.reason) from None
    try:
        return asyncio.run(_post(where, body, headers, timeout_s))
    except (TimeoutError, httpx.TimeoutException):
        raise Undelivered(f"no answer within {timeout_s:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Undelivered(f"no answer: {type(error).__name__}") from None


async def _post(where: Endpoint, body: bytes, headers: Mapping[str, str], timeout_s: float) -> int:
    request = httpx.Request(
        "POST",
        where.url,
        content=body,
        headers={"Host": where.host_header, "User-Agent": "Vigil", **headers},
        extensions={"timeout": httpx.Timeout(timeout_s).as_dict(), "sni_hostname": where.host},
    )
    # the time is for the whole: one that trickles its head byte by byte ends with it
    async with asyncio.timeout(timeout_s), httpx.AsyncHTTPTransport() as transport:
        response = await transport.handle_async_request(request)
        await response.aclose()
        return response.status_code
