"""Notifications by a real worker, beat and broker: killed, flushed, hung on, answered late. Nothing is lost.

Times are shortened by the worker's settings. Waits end as soon as what is waited for is there.
"""

import ipaddress
import json
import threading
from base64 import b64decode
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import kombu
import pytest
import redis
from django.db.models.functions import Now

from clinic.clock import now
from clinic.models import AuditEvent
from tests import builders, notify_stage, processes
from tests.notify_stage import Browser, mailbox, receiver
from tests.processes import running
from vitals import tasks
from vitals.models import AlertTarget, Notification
from vitals.services import alerting, flags

pytestmark = pytest.mark.faults

CANARY = {"given_name": "Xanthippe", "family_name": "Quillfeather"}
MRN = "MR-CANARY-77"
# nothing of these may be found in anything that leaves the house, nor in the queue or a log
OF_THE_PATIENT = ("Xanthippe", "Quillfeather", "X. Q.", MRN, "207.5", "1980-01-01")


@pytest.fixture
def harbor(committed_db):
    """Harbor, signed and switched on, its broker empty."""
    cast = builders.cast()
    notify_stage.may_send(cast, now())
    broker().flushdb()
    yield cast
    broker().flushdb()


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.NOTIFY_NETWORKS = [ipaddress.ip_network(notify_stage.WORKER["NOTIFY_NETWORKS"])]


def wait_for(condition, *, what):
    """Two processes start first, on a machine with much else to do."""
    return processes.wait_for(condition, what=what, within_s=3 * processes.WITHIN_S)


def broker() -> Any:
    return redis.Redis.from_url(processes.redis_apart())


@contextmanager
def sending(logs, *, start_worker=True, **more):
    """(worker, beat): running with short times."""
    environment = processes.environment(**{**notify_stage.WORKER, **more})
    worker, beat = processes.worker(environment, logs), processes.beat(environment, logs)
    with running(*([worker] if start_worker else []), beat):
        try:
            yield worker, beat
        finally:
            worker.stop()


def in_the_queue():
    """Every message that lies there, with its body decoded."""
    messages = [json.loads(raw) for raw in broker().lrange("celery", 0, -1)]
    return " ".join(f"{one} {b64decode(one['body']).decode()}" for one in messages)


def hook(cast, url):
    return alerting.add_webhook(by=cast.supervisor, name="Pager", url=url, at=now())


def flag_of(cast, **how):
    return notify_stage.high_flag(cast, now() - timedelta(minutes=2), **how)


def states():
    return sorted(Notification.objects.values_list("state", flat=True))


def test_an_endpoint_that_answers_500_and_then_200(harbor, tmp_path):
    with receiver(500, 500, 200) as taken, sending(tmp_path):
        hook(harbor, taken.url)
        notify_stage.told(flag_of(harbor), now())
        wait_for(lambda: states() == ["sent"], what="the sending")
    assert len(taken.posts) == 3
    assert len({post.headers["Vigil-Id"] for post in taken.posts}) == 1
    assert Notification.objects.get().attempts == 3


def test_a_worker_that_is_killed_in_the_middle(harbor, tmp_path):
    arrived, release = threading.Event(), threading.Event()

    def hold():
        arrived.set()
        release.wait(processes.WITHIN_S)
        return 200

    with receiver(hold, 200) as taken, sending(tmp_path) as (worker, _):
        hook(harbor, taken.url)
        notify_stage.told(flag_of(harbor), now())
        assert arrived.wait(processes.WITHIN_S)
        worker.kill()
        release.set()
        row = Notification.objects.get()
        assert row.state == "waiting"
        assert row.lease is not None, "it was killed while it held the row"
        worker.start()
        # held until the lease runs out, however often it is offered; which is as if it had
        assert len(taken.posts) == 1
        Notification.objects.update(leased_until=Now() - timedelta(seconds=1))
        wait_for(lambda: states() == ["sent"], what="the second worker's sending")
    # at least once: the receiver knows the repetition by its id
    assert [post.headers["Vigil-Id"] for post in taken.posts] == [str(row.id)] * 2
    assert Notification.objects.get().attempts == 2


def test_a_broker_that_is_flushed(harbor, tmp_path):
    with receiver() as taken, sending(tmp_path, start_worker=False) as (worker, _):
        hook(harbor, taken.url)
        notify_stage.told(flag_of(harbor), now())
        wait_for(lambda: broker().llen("celery") > 0, what="messages in the queue")
        broker().flushdb()
        worker.start()
        wait_for(lambda: states() == ["sent"], what="the sending")
    assert len(taken.posts) == 1


def test_an_endpoint_that_hangs_holds_up_nobody_else(harbor, tmp_path):
    release, at_once = threading.Event(), threading.Semaphore(1)
    crowded = []

    def hang():
        if not at_once.acquire(blocking=False):
            crowded.append("a second one came while the first still hung")
        try:
            # longer than the sender waits
            release.wait(5.5)
            return 200
        finally:
            at_once.release()

    with receiver(hang) as hangs, receiver() as well, sending(tmp_path, NOTIFY_BACKOFF_S="2,2,2,2,2,2"):
        hook(harbor, hangs.url)
        hook(harbor, well.url)
        for chair in range(1, 6):
            notify_stage.told(flag_of(harbor, chair=str(chair)), now())
        wait_for(lambda: len(well.posts) == 5, what="all five at the other endpoint")
        wait_for(
            lambda: Notification.objects.filter(trouble="no answer within 5 s").exists(),
            what="the end of the wait",
        )
        release.set()
        wait_for(lambda: states() == ["sent"] * 10, what="everything, once it answers")
    assert crowded == []


def test_dead_letters_are_kept_with_their_reason(harbor, tmp_path):
    with receiver(500) as taken, sending(tmp_path, NOTIFY_BACKOFF_S="0.2,0.2"):
        hook(harbor, taken.url)
        notify_stage.told(flag_of(harbor), now())
        wait_for(lambda: states() == ["dead"], what="the last try")
        row = Notification.objects.get()
        assert (row.attempts, row.trouble, len(taken.posts)) == (3, "answered 500", 3)
        taken.answers[:] = [200]
        alerting.send_again(by=harbor.supervisor, notification_id=row.id, at=now())
        wait_for(lambda: states() == ["sent"], what="the sending after all")


def test_taken_in_between(harbor, tmp_path):
    with receiver(500) as taken, sending(tmp_path, NOTIFY_BACKOFF_S="2,2,2,2"):
        hook(harbor, taken.url)
        flag = flag_of(harbor)
        notify_stage.told(flag, now())
        wait_for(lambda: Notification.objects.get().trouble == "answered 500", what="the first try")
        flags.acknowledge(by=harbor.nurse, flag_id=flag.id, action="I'm on it", at=now())
        wait_for(lambda: states() == ["dropped"], what="the drop")
        assert Notification.objects.get().trouble.startswith("no longer needed")
    assert len(taken.posts) == Notification.objects.get().attempts


def offer_as_a_worker_does():
    """What beat's message makes of the due rows: one message per target, in the broker of these tests."""
    sends: Any = tasks.send_notifications
    with kombu.Connection(processes.redis_apart()) as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sends, "apply_async", partial(sends.apply_async, connection=connection))
        tasks.offer_notifications()


def test_nothing_of_the_patient_leaves_the_house(harbor, tmp_path):
    """What goes out by each channel, what lies in the queue, and what is logged: ids and priorities."""
    patient = builders.patient(harbor.clinic, MRN, **CANARY)
    browser = Browser()
    with receiver() as webhooks, receiver(201) as service, mailbox() as box:
        hook(harbor, webhooks.url)
        alerting.keep_email(by=harbor.supervisor, address="lead@harbor.test", at=now())
        alerting.keep_browser(
            by=harbor.supervisor, endpoint=f"{service.url}/p", name="", at=now(), **browser.keys
        )
        flag = flag_of(harbor)
        type(flag.session).objects.filter(pk=flag.session_id).update(patient=patient)
        assert "207.5" in flag.text, "the flag itself says what must not go out"
        mail = {"EMAIL_URL": f"smtp://127.0.0.1:{box.port}"}
        with sending(tmp_path, start_worker=False, LOG_LEVEL="DEBUG", **mail) as (worker, beat):
            notify_stage.told(flag, now())
            wait_for(lambda: broker().llen("celery") > 0, what="messages in the queue")
            offer_as_a_worker_does()
            queued = in_the_queue()
            worker.start()
            wait_for(lambda: states() == ["sent"] * 3, what="all three")
            logged = worker.said() + beat.said()
    [hooked], [pushed], [mailed] = webhooks.posts, service.posts, box.mails
    kept = str(list(Notification.objects.values())) + str(
        list(AuditEvent.objects.filter(act="send-notification").values())
    )
    leaving = {
        "webhook": f"{hooked.path} {hooked.headers} {hooked.body.decode()}",
        "push": f"{pushed.headers} {browser.read(pushed.body).decode()}",
        "mail": mailed,
        "queue": queued,
        "log": logged,
        "rows": kept,
    }
    for name, text in leaving.items():
        assert len(text) > 50, name
        assert not [word for word in OF_THE_PATIENT if word in text], name
    assert all(str(target_id) in queued for target_id in AlertTarget.objects.values_list("id", flat=True))
    for name in ("webhook", "push", "mail", "rows"):
        assert str(flag.session_id) in leaving[name], name
    assert set(hooked.json) == {
        "id",
        "event",
        "flag",
        "session",
        "chair",
        "priority",
        "step",
        "at",
        "url",
    }
