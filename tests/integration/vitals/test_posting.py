"""One POST to the world: where it may not go, and what it does not wait for."""

import ipaddress
import socket
import threading
import time
from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.notify_stage import receiver
from vitals.devices.network import PUBLIC, AddressRefused
from vitals.messengers import posting, webhook
from vitals.messengers.delivery import Address, Undelivered
from vitals.notices import Notice

NOTICE = Notice(id=UUID(int=1), at=datetime(2026, 11, 23, tzinfo=UTC), cause="test")


@pytest.fixture
def _loopback(settings):
    settings.NOTIFY_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]


def leads_to(monkeypatch, *addresses):
    entries = [(2, 1, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **kwargs: entries)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.5",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104  refused, not bound
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "fe80::1",
        "fc00::1",
        "::ffff:10.0.0.5",
        "::ffff:8.8.8.8",
        "64:ff9b::a00:5",
        "2002:a00:5::1",
        "ff02::1",
    ],
)
def test_nobody_reaches_inside(address, monkeypatch):
    leads_to(monkeypatch, address)
    with pytest.raises(AddressRefused, match="outside the networks that notifications may have"):
        posting.endpoint("https://hooks.example/x")


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_the_public_internet_is_open_by_https_alone(address, monkeypatch):
    leads_to(monkeypatch, address)
    assert posting.endpoint("https://hooks.example/x").host == "hooks.example"
    with pytest.raises(AddressRefused, match="https"):
        posting.endpoint("http://hooks.example/x")


def test_a_network_that_is_named_is_open_and_its_neighbour_is_not(settings, monkeypatch):
    settings.NOTIFY_NETWORKS = [ipaddress.ip_network("10.20.0.0/16")]
    leads_to(monkeypatch, "10.20.1.1")
    assert posting.endpoint("http://hooks.example/x").url == "http://10.20.1.1:80/x"
    leads_to(monkeypatch, "10.21.1.1")
    with pytest.raises(AddressRefused):
        posting.endpoint("https://hooks.example/x")


def test_one_address_inside_refuses_the_name(monkeypatch):
    leads_to(monkeypatch, "8.8.8.8", "10.0.0.5")
    with pytest.raises(AddressRefused, match=r"10\.0\.0\.5"):
        posting.endpoint("https://hooks.example/x")


def test_only_addresses_are_public():
    assert "8.8.8.8" not in PUBLIC
    assert ipaddress.ip_address("8.8.8.8") in PUBLIC


def test_it_is_looked_at_again_when_it_is_sent():
    """A name that led elsewhere when it was entered."""
    with receiver() as taken:
        with pytest.raises(Undelivered, match="https"):
            posting.post(taken.url, b"{}", {})
        assert taken.posts == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.usefixtures("_loopback")
def test_a_redirect_is_not_followed(status):
    with receiver(status) as taken:
        with pytest.raises(Undelivered, match=f"answered {status}, a redirect, which is not followed"):
            webhook.send(Address(taken.url, "secret"), NOTICE)
        assert [post.path for post in taken.posts] == ["/"]


@pytest.mark.usefixtures("_loopback")
def test_one_that_hangs_is_not_waited_for():
    release = threading.Event()
    with receiver(lambda: release.wait(10) and 200) as taken:
        begun = time.monotonic()
        with pytest.raises(Undelivered, match=r"no answer within 0\.3 s"):
            posting.post(taken.url, b"{}", {}, timeout_s=0.3)
        assert time.monotonic() - begun < 5
        release.set()


@pytest.mark.usefixtures("_loopback")
def test_one_that_trickles_its_head_is_not_waited_for():
    """Each byte comes within the time of one read; only the time of the whole ends it."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def trickle():
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                for byte in b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 200:
                    try:
                        connection.send(bytes([byte]))
                    except OSError:
                        break
                    if ended.wait(0.1):
                        break

        thread = threading.Thread(target=trickle)
        thread.start()
        begun = time.monotonic()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(Undelivered, match=r"no answer within 0\.5 s"):
            posting.post(url, b"{}", {}, timeout_s=0.5)
        assert time.monotonic() - begun < 8
        ended.set()
        thread.join()


@pytest.mark.usefixtures("_loopback")
def test_nobody_listens():
    with receiver() as taken:
        pass
    with pytest.raises(Undelivered, match="no answer: ConnectError"):
        posting.post(taken.url, b"{}", {})


def test_keys_are_never_printed():
    assert "SECRET" not in repr(Address("https://SECRET", "SECRET", "SECRET", "SECRET"))
