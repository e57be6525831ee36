"""Celery's doors: what to poll, what to send, and signs of life. Each may run twice; none is clinical.

One task per gateway, never one per reading or per monitor: what a task costs is paid a few times a minute.
"""

import itertools
import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from celery import shared_task
from django.db import connection
from kombu.exceptions import OperationalError

from clinic import clock
from clinic.models import Device
from clinic.tokens import principal_of_device
from vitals.devices.driver import MonitorAddress, MonitorUnreachable, MonitorUnreadable
from vitals.devices.registry import DRIVERS
from vitals.measured import Measured
from vitals.models import Watch
from vitals.services import limit_replays, notifying, quarantine, watch
from vitals.services.arrivals import Incoming
from vitals.services.record import record_readings

TIMEOUT_S = 2.0
AT_ONCE = 16
AT_A_TIME = 500
PARTITION_MONTHS = 4
# a task that sends ends after so long, and the next offer goes on: visibly shorter than a lost task's return
SEND_FOR_S = 20.0

log = logging.getLogger("vigil.poll")
_calls = itertools.count(1)


@shared_task
def poll_monitors() -> None:
    """Enqueue one poll per gateway for the connected monitors of chairs with an open session."""
    chairs = Watch.objects.filter(is_open=True, chair__isnull=False).values("chair_id")
    gateways: dict[str, list[str]] = defaultdict(list)
    devices = Device.objects.filter(is_active=True, chair__in=chairs).exclude(driver="")
    if clock.is_scaled():
        devices = devices.filter(simulated=True)
    for device_id, address in devices.values_list("id", "address"):
        gateways[urlsplit(address).netloc].append(str(device_id))
    for device_ids in gateways.values():
        for start in range(0, len(device_ids), AT_A_TIME):
            poll_gateway.apply_async(kwargs={"device_ids": device_ids[start : start + AT_A_TIME]}, expires=10)


@shared_task
def poll_gateway(device_ids: list[str]) -> None:
    """Ask the monitors of one gateway, then bring all they gave through the corridor in one batch."""
    devices = list(Device.objects.filter(pk__in=[UUID(id_) for id_ in device_ids], is_active=True))
    seated = Watch.objects.filter(is_open=True, chair__in=[device.chair_id for device in devices])
    since: dict[UUID | None, datetime] = {
        chair_id: checked_in_at
        for chair_id, checked_in_at in seated.values_list("chair_id", "session__checked_in_at")
        if checked_in_at is not None
    }
    # the connection goes back before the network is waited for
    connection.close()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(_read, devices))
    received_at = clock.now()
    call = next(_calls)
    batch = [
        Incoming(by=principal_of_device(device), call=call, received_at=received_at, measured=measured)
        for device, given in zip(devices, answers, strict=True)
        for measured in given.readings
        # a monitor still holds what it measured on the patient before: that was polled then
        if device.chair_id in since and measured.measured_at >= since[device.chair_id]
    ]
    if batch:
        record_readings(batch, at=received_at)
    quarantine.keep(
        quarantine.Refused(
            by=principal_of_device(device),
            received_at=received_at,
            code="unreadable",
            reason=given.reason,
            body=given.raw.decode(errors="replace"),
        )
        for device, given in zip(devices, answers, strict=True)
        if given.reason
    )


@dataclass(frozen=True, slots=True)
class _Given:
    """What one monitor gave; with a reason when some of it could not be read."""

    readings: Sequence[Measured] = ()
    reason: str = ""
    raw: bytes = b""


def _read(device: Device) -> _Given:
    """Ask one monitor. One that cannot be reached gives nothing: its silence is found by ``watch``."""
    address = MonitorAddress(device.name, device.address, device.monitor_token)
    try:
        return _Given(DRIVERS[device.driver](address, TIMEOUT_S))
    except MonitorUnreachable as error:
        log.warning("monitor %s: %s", device.pk, error.reason)
        return _Given()
    except MonitorUnreadable as error:
        log.warning("monitor %s sent what cannot be read", device.pk)
        return _Given(error.readable, error.reason, error.raw)


@shared_task
def offer_notifications() -> None:
    """Enqueue one sending per target with something due: a slow server holds up no other."""
    for target_id in notifying.offered():
        send_notifications.apply_async(kwargs={"target_id": str(target_id)}, expires=10)


@shared_task
def send_notifications(target_id: str) -> None:
    """Send what is due to one target, one after the other, unless another worker is at it."""
    until = time.monotonic() + SEND_FOR_S
    while time.monotonic() < until and notifying.send_next(UUID(target_id)):
        pass


@shared_task
def show_alive() -> None:
    """A row that proves beat, broker and worker: its age is on every board."""
    watch.beat("worker", at=clock.now())


@shared_task
def make_partitions() -> None:
    """Have the coming months' partitions ready; what has none is stored all the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT make_reading_partitions(%s, %s)", [clock.now().date().replace(day=1), PARTITION_MONTHS]
        )


def offer_replay(replay_id: UUID) -> None:
    """Enqueue a piece of a replay. Without a broker it waits: ``offer_replays`` asks again."""
    try:
        run_replay.apply_async(kwargs={"replay_id": str(replay_id)}, expires=60, retry=False)
    except OperationalError:
        log.warning("replay %s waits for the broker", replay_id)


@shared_task
def run_replay(replay_id: str) -> None:
    """A piece of one replay; the next piece is a task of its own."""
    if limit_replays.work(UUID(replay_id), at=clock.now()):
        offer_replay(UUID(replay_id))


@shared_task
def offer_replays() -> None:
    """Offer every replay that nobody has: one that was just asked for, or whose worker died."""
    for replay_id in limit_replays.unclaimed():
        offer_replay(replay_id)
