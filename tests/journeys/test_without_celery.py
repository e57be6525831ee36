"""With worker, beat and Redis gone, what is pushed is still stored, flagged, found overdue and shown."""

import time
from datetime import timedelta

import httpx
import pytest

from clinic import rooms
from clinic.clock import now
from clinic.local.ports import LOOPBACK, free_port
from clinic.models import Device, Membership
from clinic.tokens import issue_for_device, issue_for_member
from tests import builders, processes
from tests.streams import Listener
from vitals.models import Flag, Pulse

# A push is shown at once; without Redis, what another process commits is shown at the next poll, within
# a second. The rest is room for a busy machine: the benchmarks measure how fast it is.
SOON_S = processes.WITHIN_S


@pytest.fixture
def stage(committed_db, tmp_path):
    """(address, cast): web and watch alone, told of a Redis that is not there."""
    settings = processes.environment(redis_url=f"redis://{LOOPBACK}:{free_port()}/0")
    web, url = processes.web(settings, tmp_path)
    with processes.running(web, processes.watch(settings, tmp_path)):
        processes.await_web(web, url)
        yield url, builders.cast()


@pytest.mark.faults
def test_pushed_readings_flags_and_overdue_sets_need_no_worker_and_no_redis(stage):
    url, cast = stage
    # checked in long enough ago that the first set is overdue in some seconds
    overdue_in = timedelta(seconds=6)
    at = now() - timedelta(minutes=15) + overdue_in
    session = builders.checked_in(cast.nurse, cast.clinic, at)
    # the worker's last sign of life, before everything it needs was gone
    Pulse.objects.create(part="worker", at=now() - timedelta(minutes=3), clock_at=now())
    gateway = issue_for_device(Device.objects.get(pk=cast.gateway.actor_id))
    nurse = issue_for_member(Membership.objects.get(user_id=cast.nurse.user_id), expires_at=None)

    with Listener(url, "/live/board/", {"Authorization": f"Token {nurse}"}) as board:
        board.next("snapshot")
        pushed_at = time.monotonic()
        answer = httpx.post(
            f"{url}/api/v1/readings/",
            headers={"Authorization": f"Token {gateway}"},
            json={"session": str(session.id), "measured_at": now().isoformat(), "systolic": 205, "spo2": 97},
            timeout=SOON_S,
        )
        assert answer.status_code == 201
        [told] = answer.json()["readings"]
        assert told["flags"][0]["priority"] == "high"
        reading, flag, panel = (board.next(name, within_s=SOON_S) for name in ("reading", "flag", "session"))
        assert reading.data["id"] == told["id"]
        assert flag.data["condition"] == "bp-high"
        assert [one["id"] for one in panel.data["flags"]] == [flag.data["id"]]
        assert panel.heard_at - pushed_at < SOON_S

        # a board has drawn it, so nobody else is told that none has
        drawn = httpx.post(
            f"{url}/api/v1/flags/drawn/",
            headers={"Authorization": f"Token {nurse}"},
            json={"flags": [flag.data["id"]]},
            timeout=SOON_S,
        )
        assert drawn.json() == {"first": 1}
        overdue = next_flag(board, "overdue", within_s=overdue_in.total_seconds() + SOON_S)
        assert (overdue.data["condition"], overdue.data["priority"]) == ("overdue", "low")
        assert Flag.objects.get(pk=overdue.data["id"]).opened_at == at + timedelta(minutes=15)

        processes.wait_for(lambda: says_worker_is_silent(board), what="a heartbeat of watch without worker")


def next_flag(board, condition, *, within_s):
    """The next event of a flag of this condition; on a busy machine another may be taken up a step before."""
    while True:
        told = board.next("flag", within_s=within_s)
        if told.data["condition"] == condition:
            return told


def says_worker_is_silent(board):
    beat = board.next("heartbeat").data
    if beat["watch_age_s"] is None or beat["worker_age_s"] is None:
        return False
    return beat["watch_age_s"] < SOON_S and beat["worker_age_s"] > 120


@pytest.mark.faults
def test_a_patients_call_needs_no_worker_and_no_redis(stage):
    url, cast = stage
    session = builders.dosing(cast.nurse, cast.clinic, now() - timedelta(minutes=2))
    assert session.chair_id is not None
    screen = rooms.enrol(by=cast.supervisor, chair_id=session.chair_id, at=now())
    nurse = issue_for_member(Membership.objects.get(user_id=cast.nurse.user_id), expires_at=None)
    with Listener(url, "/live/board/", {"Authorization": f"Token {nurse}"}) as board:
        board.next("snapshot")
        room = {"Authorization": f"Token {screen}"}
        assert httpx.post(f"{url}/api/v1/room/call/", headers=room, timeout=SOON_S).status_code == 200
        flag = board.next("flag", within_s=SOON_S)
        assert (flag.data["condition"], flag.data["text"]) == ("patient-call", "Patient calls")
