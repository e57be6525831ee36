"""The small decisions of `make demo`."""

import socket
from contextlib import closing

import pytest

from clinic.local.demo import choose_port, welcome
from clinic.local.epoch import Epoch
from clinic.local.ports import LOOPBACK, free_port, is_free
from clinic.local.state import Refused
from clinic.local.supervisor import pause_s


@pytest.fixture
def taken():
    """A port that another program listens on."""
    with closing(socket.create_server((LOOPBACK, 0))) as server:
        yield server.getsockname()[1]


def test_a_port_asked_for_is_used_or_refused(taken):
    port = free_port()
    assert choose_port(str(port)) == port
    with pytest.raises(Refused, match=f"Port {taken} is taken"):
        choose_port(str(taken))


@pytest.mark.parametrize("asked", ["http", "0", "65536", "-1", "8000.0", "٨٠"])
def test_what_is_no_port_is_named(asked):
    with pytest.raises(Refused, match="is no port number"):
        choose_port(asked)


def test_without_a_wish_the_next_free_port_is_taken(taken, monkeypatch):
    monkeypatch.setattr("clinic.local.demo.FIRST_PORT", taken)
    port = choose_port("")
    assert port > taken
    assert is_free(port)


def test_pauses_between_starts_double_up_to_half_a_minute():
    assert [pause_s(falls) for falls in (1, 2, 3, 5, 6, 50)] == [1, 2, 4, 16, 30, 30]


def test_the_box_says_where_and_as_whom(tmp_path):
    users = {
        "nurse": {"username": "nora", "password": "a b"},
        "supervisor": {"username": "s", "password": "x"},
    }
    clock = Epoch(real0_s=0, simulated0_s=0, speed=60.0, until_s=0)
    box = welcome(8010, {"users": users}, tmp_path, clock)
    assert "http://localhost:8010/" in box
    assert "nora   a b" in box
    assert "60 times" in box
    assert len({len(line) for line in box.splitlines() if line}) == 1
