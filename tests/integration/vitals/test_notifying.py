"""The outbox: who is told, what is written and when it is dropped, tried again, or dead."""

import hashlib
import hmac
import ipaddress
import threading
from base64 import urlsafe_b64decode
from datetime import timedelta
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection, connections, transaction
from django.db.models.functions import Now
from py_vapid import Vapid02

from clinic.models import AuditEvent, Membership
from clinic.refusals import NotAllowed
from sessions import day
from sessions.services import days
from tests import builders, notify_stage
from tests.notify_stage import Browser, receiver
from vitals.limits import Audience, Priority
from vitals.messengers import push
from vitals.models import AlertTarget, Flag, Notification, PushKey
from vitals.notices import Channel, State
from vitals.services import alerting, flags, notifying

LOOPBACK_ONLY = "127.0.0.0/8"


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.NOTIFY_NETWORKS = [ipaddress.ip_network(LOOPBACK_ONLY)]


@pytest.fixture
def harbor(cast, morning):
    """Harbor, whose limits are signed, with everything switched on."""
    notify_stage.may_send(cast, morning)
    return cast


def hook(cast, url, at):
    return alerting.add_webhook(by=cast.supervisor, name="Pager", url=url, at=at)


def mail_to(who, at, address="someone@harbor.test"):
    return alerting.keep_email(by=who, address=address, at=at)


def states():
    return list(Notification.objects.order_by("made_at", "id").values_list("state", flat=True))


def make_due():
    """The back-off has passed: rows and targets are as they are then."""
    Notification.objects.filter(state="waiting").update(due_at=Now() - timedelta(seconds=1))
    AlertTarget.objects.update(rests_until=None)


class TestWhoIsTold:
    def told_users(self, harbor, audience, at):
        flag = notify_stage.high_flag(harbor, at)
        notify_stage.told(flag, at, audience=audience)
        rows = Notification.objects.exclude(target__user=None)
        return set(rows.values_list("target__user", flat=True))

    @pytest.fixture
    def second(self, harbor, morning):
        second = builders.member(harbor.clinic, "second", "supervisor", prescriber=True)
        for who in (harbor.nurse, harbor.supervisor, second):
            mail_to(who, morning)
        return second

    def open_day(self, harbor, who, at):
        yes = {"answer": "yes"}
        answers = {question.code: yes for question in day.OPENING}
        answers[day.PRESCRIBER_ON_SITE] = {**yes, "who": str(who.user_id)}
        days.open_day(by=harbor.nurse, at=at, answers=answers)

    def test_all_supervisors(self, harbor, second, morning):
        told = self.told_users(harbor, Audience.SUPERVISORS, morning)
        assert told == {harbor.supervisor.user_id, second.user_id}

    def test_the_chairs_nurse(self, harbor, second, morning):
        assert self.told_users(harbor, Audience.NURSE, morning) == {harbor.nurse.user_id}

    def test_the_prescriber_whom_todays_opening_names_is_on_duty(self, harbor, second, morning):
        self.open_day(harbor, second, morning)
        assert self.told_users(harbor, Audience.ON_DUTY, morning) == {second.user_id}

    def test_yesterdays_opening_names_nobody_today(self, harbor, second, morning):
        self.open_day(harbor, second, morning - timedelta(days=1))
        told = self.told_users(harbor, Audience.ON_DUTY, morning)
        assert told == {harbor.supervisor.user_id, second.user_id}

    def test_one_on_duty_who_cannot_be_reached_is_stood_in_for(self, harbor, second, morning):
        self.open_day(harbor, second, morning)
        AlertTarget.objects.filter(user=second.user_id).update(ended_at=morning)
        assert self.told_users(harbor, Audience.ON_DUTY, morning) == {harbor.supervisor.user_id}

    def test_who_left_the_clinic_is_not_told(self, harbor, second, morning):
        Membership.objects.filter(user=second.user_id).update(ended_at=morning)
        assert self.told_users(harbor, Audience.SUPERVISORS, morning) == {harbor.supervisor.user_id}

    def test_a_webhook_is_told_of_everything(self, harbor, morning):
        hook(harbor, "http://127.0.0.1:9/x", morning)
        notify_stage.told(notify_stage.high_flag(harbor, morning), morning, audience=Audience.NURSE)
        assert [row.target.channel for row in Notification.objects.select_related("target")] == ["webhook"]

    def test_another_clinics_targets_are_not_told(self, harbor, morning):
        notify_stage.sign_limits(harbor.outsider, morning)
        mail_to(harbor.outsider, morning)
        alerting.add_webhook(by=harbor.outsider, name="Theirs", url="http://127.0.0.1:9/", at=morning)
        assert notify_stage.told(notify_stage.high_flag(harbor, morning), morning) == 0


class TestOffUntilSwitchedOn:
    def test_nothing_is_written_before(self, cast, morning):
        mail_to(cast.supervisor, morning)
        assert notify_stage.told(notify_stage.high_flag(cast, morning), morning) == 0
        assert states() == []

    def test_a_session_on_limits_that_nobody_signed_stays_silent(self, cast, morning):
        """It began before the signature and keeps the limits it began with."""
        flag = notify_stage.high_flag(cast, morning)
        notify_stage.sign_limits(cast.supervisor, morning)
        notify_stage.switch_on(cast.supervisor, morning, Channel.EMAIL)
        mail_to(cast.supervisor, morning)
        assert notify_stage.told(flag, morning) == 0
        later = notify_stage.high_flag(cast, morning, chair="2")
        assert notify_stage.told(later, morning) == 1

    def test_a_draft_that_nobody_has_signed_holds_nothing_back(self, harbor, morning):
        mail_to(harbor.supervisor, morning)
        flag = notify_stage.high_flag(harbor, morning)
        builders.draft(harbor.supervisor, morning)
        assert notify_stage.told(flag, morning) == 1

    def test_one_that_waits_is_dropped_when_its_channel_is_switched_off(self, harbor, morning):
        with receiver() as taken:
            target = hook(harbor, taken.url, morning)
            notify_stage.told(notify_stage.high_flag(harbor, morning), morning)
            alerting.switch(by=harbor.admin, channel=Channel.WEBHOOK, on=False, warning="", at=morning)
            assert not notifying.send_next(target.id)
            assert taken.posts == []
        row = Notification.objects.get()
        assert (row.state, row.trouble) == (State.DROPPED, "the channel was switched off")


class TestOnce:
    def test_two_watches_write_one_row(self, harbor, morning):
        mail_to(harbor.supervisor, morning)
        flag = notify_stage.high_flag(harbor, morning)
        notify_stage.told(flag, morning, attention=morning)
        notify_stage.told(flag, morning + timedelta(seconds=1), attention=morning)
        assert states() == ["waiting"]

    def test_each_step_and_each_attention_is_one_of_its_own(self, harbor, morning):
        mail_to(harbor.supervisor, morning)
        flag = notify_stage.high_flag(harbor, morning)
        for step in (1, 2):
            for minutes in (0, 5):
                notify_stage.told(flag, morning, step=step, attention=morning + timedelta(minutes=minutes))
        assert len(states()) == 4

    def test_it_falls_with_the_transaction_that_called_for_it(self, harbor, morning):
        mail_to(harbor.supervisor, morning)
        flag = notify_stage.high_flag(harbor, morning)
        with transaction.atomic():
            notify_stage.told(flag, morning)
            assert states() == ["waiting"]
            transaction.set_rollback(True)
        assert states() == []

    def test_one_that_was_dropped_in_a_pause_waits_again_when_it_is_asked_for_again(self, harbor, morning):
        mail_to(harbor.supervisor, morning)
        flag = notify_stage.high_flag(harbor, morning)
        notify_stage.told(flag, morning, attention=morning)
        Flag.objects.filter(pk=flag.pk).update(state="audio_paused")
        assert notifying.offered() == []
        assert states() == ["dropped"]
        Flag.objects.filter(pk=flag.pk).update(state="active")
        notify_stage.told(flag, morning, attention=morning)
        assert states() == ["waiting"]


def test_it_is_refused_outside_a_transaction(committed_db, morning):
    with pytest.raises(RuntimeError, match="transaction"):
        notifying.notify(
            1,
            flag_id=UUID(int=1),
            session_id=UUID(int=2),
            priority=Priority.HIGH,
            step=1,
            audience=Audience.NURSE,
            cause="unacknowledged",
            at=morning,
        )


class TestSending:
    def test_a_webhook_gets_a_signed_body_and_the_row_says_so(self, harbor, morning, settings):
        settings.PUBLIC_URL = "https://vigil.harbor.test/"
        with receiver() as taken:
            target = hook(harbor, f"{taken.url}/flags?of=harbor", morning)
            flag = notify_stage.high_flag(harbor, morning)
            notify_stage.told(flag, morning)
            assert notifying.offered() == [target.id]
            assert notifying.send_next(target.id)
        [post] = taken.posts
        row = Notification.objects.get()
        assert (row.state, row.attempts, row.trouble) == ("sent", 1, "")
        assert post.path == "/flags?of=harbor"
        assert post.headers["Vigil-Id"] == post.json["id"] == str(row.id)
        assert post.json["url"] == f"https://vigil.harbor.test/sessions/{flag.session_id}/"
        assert_signed(post, target.secret)
        audited = AuditEvent.objects.get(act="send-notification")
        assert audited.details["state"] == "sent"
        assert audited.session_id == flag.session_id

    def test_500_and_then_200(self, harbor, morning):
        with receiver(500, 200) as taken:
            target = hook(harbor, taken.url, morning)
            notify_stage.told(notify_stage.high_flag(harbor, morning), morning)
            assert not notifying.send_next(target.id)
            row = Notification.objects.get()
            assert (row.state, row.attempts, row.trouble) == ("waiting", 1, "answered 500")
            # not before its time
            assert notifying.offered() == []
            assert not notifying.send_next(target.id)
            make_due()
            assert notifying.offered() == [target.id]
            assert notifying.send_next(target.id)
        assert states() == ["sent"]
        first, second = taken.posts
        assert first.body == second.body

    def test_after_the_last_try_it_is_dead_and_can_be_sent_again(self, harbor, morning, settings):
        settings.NOTIFY_BACKOFF_S = [5.0, 30.0]
        with receiver(500) as taken:
            target = hook(harbor, taken.url, morning)
            notify_stage.told(notify_stage.high_flag(harbor, morning), morning)
            for _ in range(5):
                make_due()
                notifying.send_next(target.id)
            assert len(taken.posts) == 3
            row = Notification.objects.get()
            assert (row.state, row.attempts, row.trouble) == ("dead", 3, "answered 500")
            taken.answers[:] = [200]
            alerting.send_again(by=harbor.supervisor, notification_id=row.id, at=morning)
            assert notifying.offered() == [target.id]
            assert notifying.send_next(target.id)
        assert states() == ["sent"]

    def test_what_killed_its_worker_each_time_is_dead_and_not_tried_for_ever(self, harbor, morning, settings):
        settings.NOTIFY_BACKOFF_S = [5.0]
        with receiver() as taken:
            target = hook(harbor, taken.url, morning)
            notify_stage.told(notify_stage.high_flag(harbor, morning), morning)
            for _ in range(2):
                assert notifying.claim(target.id) is not None
                Notification.objects.update(leased_until=Now() - timedelta(seconds=1))
            assert not notifying.send_next(target.id)
            assert taken.posts == []
        row = Notification.objects.get()
        assert (row.state, row.trouble) == ("dead", "the worker ended while it was sent")

    def test_taken_in_between_nothing_more_goes_out(self, harbor, morning):
        with receiver(500) as taken:
            target = hook(harbor, taken.url, morning)
            flag = notify_stage.high_flag(harbor, morning)
            notify_stage.told(flag, morning)
            notifying.send_next(target.id)
            flags.acknowledge(by=harbor.nurse, flag_id=flag.id, action="I'm on it", at=morning)
            make_due()
            assert not notifying.send_next(target.id)
            assert len(taken.posts) == 1
        row = Notification.objects.get()
        assert row.state == State.DROPPED
        assert row.trouble.startswith("no longer needed")

    def test_the_sweeper_drops_what_nobody_needs_long_before_its_next_try(self, harbor, morning):
        mail_to(harbor.supervisor, morning)
        flag = notify_stage.high_flag(harbor, morning)
        notify_stage.told(flag, morning)
        Notification.objects.update(due_at=Now() + timedelta(hours=1))
        flags.acknowledge(by=harbor.nurse, flag_id=flag.id, action="I'm on it", at=morning)
        assert notifying.offered() == []
        assert states() == ["dropped"]

    def test_a_dead_one_that_nobody_needs_is_not_sent_again(self, harbor, morning, settings):
        settings.NOTIFY_BACKOFF_S = []
        with receiver(500) as taken:
            target = hook(harbor, taken.url, morning)
            flag = notify_stage.high_flag(harbor, morning)
            notify_stage.told(flag, morning)
            notifying.send_next(target.id)
        flags.acknowledge(by=harbor.nurse, flag_id=flag.id, action="I'm on it", at=morning)
        row = Notification.objects.get()
        with pytest.raises(NotAllowed, match="Nobody needs it"):
            alerting.send_again(by=harbor.supervisor, notification_id=row.id, at=morning)

    def test_a_target_that_failed_rests_and_the_others_do_not(self, harbor, morning):
        with receiver(500) as bad, receiver() as good:
            failing, well = hook(harbor, bad.url, morning), hook(harbor, good.url, morning)
            flag = notify_stage.high_flag(harbor, morning)
            notify_stage.told(flag, morning, step=1)
            notify_stage.told(flag, morning, step=2)
            notifying.send_next(failing.id)
            # the second is due, but its target rests
            assert notifying.offered() == [well.id]
            assert not notifying.send_next(failing.id)
            assert len(bad.posts) == 1
            while notifying.send_next(well.id):
                pass
            assert len(good.posts) == 2


def assert_signed(post, secret):
    """As a receiver checks it."""
    stamp, mac = (part.split("=")[1] for part in post.headers["Vigil-Signature"].split(","))
    expected = hmac.new(secret.encode(), f"{stamp}.".encode() + post.body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(mac, expected)


class TestPush:
    def subscribed(self, harbor, url, morning, browser):
        return alerting.keep_browser(
            by=harbor.supervisor, endpoint=url, name="Phone", at=morning, **browser.keys
        )

    def test_only_the_browser_can_read_it(self, harbor, morning):
        browser, other = Browser(), Browser()
        with receiver(201) as service:
            target = self.subscribed(harbor, f"{service.url}/push/abc", morning, browser)
            flag = notify_stage.high_flag(harbor, morning)
            notify_stage.told(flag, morning)
            assert notifying.send_next(target.id)
        [post] = service.posts
        assert b"high" not in post.body
        read = browser.read(post.body).decode()
        assert '"title":"Vigil: high flag, chair 1"' in read
        assert str(flag.session_id) in read
        with pytest.raises(InvalidTag):
            other.read(post.body)
        assert post.headers["Topic"] == flag.id.hex
        assert post.headers["Content-Encoding"] == "aes128gcm"

    def test_a_push_service_can_check_who_sends(self, harbor, morning):
        with receiver(201) as service:
            target = self.subscribed(harbor, service.url, morning, Browser())
            notify_stage.told(notify_stage.high_flag(harbor, morning), morning)
            notifying.send_next(target.id)
        [post] = service.posts
        assert Vapid02.verify(post.headers["Authorization"])
        assert post.headers["Authorization"].endswith(f"k={push.public_key()}")

    def test_the_key_is_made_once(self, db):
        assert push.public_key() == push.public_key()
        assert PushKey.objects.count() == 1

    def test_a_subscription_that_is_no_more_ends_for_good(self, harbor, morning):
        with receiver(410) as service:
            target = self.subscribed(harbor, service.url, morning, Browser())
            flag = notify_stage.high_flag(harbor, morning)
            notify_stage.told(flag, morning, step=1)
            notify_stage.told(flag, morning, step=2)
            notifying.send_next(target.id)
            notifying.send_next(target.id)
            assert len(service.posts) == 1
        target.refresh_from_db()
        assert target.ended_at is not None
        assert sorted(states()) == ["dead", "dropped"]

    def test_the_rfcs_own_message_can_be_read(self):
        """RFC 8291, appendix A: the reader of these tests is right by the standard's own example."""

        def raw(text):
            return urlsafe_b64decode(text + "=" * (-len(text) % 4))

        private = int.from_bytes(raw("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"))
        browser = Browser(ec.derive_private_key(private, ec.SECP256R1()), raw("BTBZMqHH6r4Tts7J_aSIgg"))
        body = raw(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
            "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
            "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        )
        assert browser.read(body) == b"When I grow up, I want to be a watermelon"


class TestMail:
    @pytest.fixture(autouse=True)
    def _real_mail(self, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "127.0.0.1", False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.DEFAULT_FROM_EMAIL = "Harbor <vigil@harbor.test>"

    def test_a_mail_says_chair_and_priority(self, harbor, morning, settings):
        with notify_stage.mailbox() as box:
            settings.EMAIL_PORT = box.port
            target = mail_to(harbor.supervisor, morning)
            notify_stage.told(notify_stage.high_flag(harbor, morning), morning)
            assert notifying.send_next(target.id)
        [mail] = box.mails
        assert "Subject: Vigil: high flag, chair 1" in mail
        assert "To: someone@harbor.test" in mail
        assert f"<{Notification.objects.get().id}@harbor.test>" in mail

    def test_an_address_that_is_refused_for_good_is_dead_at_once(self, harbor, morning, settings):
        with notify_stage.mailbox(refuses=550) as box:
            settings.EMAIL_PORT = box.port
            target = mail_to(harbor.supervisor, morning)
            notify_stage.told(notify_stage.high_flag(harbor, morning), morning)
            notifying.send_next(target.id)
        row = Notification.objects.get()
        assert (row.state, row.trouble) == ("dead", "the mail server refused the address, 550")

    def test_one_that_is_refused_for_now_is_tried_again(self, harbor, morning, settings):
        with notify_stage.mailbox(refuses=451) as box:
            settings.EMAIL_PORT = box.port
            target = mail_to(harbor.supervisor, morning)
            notify_stage.told(notify_stage.high_flag(harbor, morning), morning)
            notifying.send_next(target.id)
        assert states() == ["waiting"]

    def test_no_mail_server(self, harbor, morning, settings, caplog):
        with notify_stage.mailbox() as box:
            settings.EMAIL_PORT = box.port
        target = mail_to(harbor.supervisor, morning)
        notify_stage.told(notify_stage.high_flag(harbor, morning), morning)
        notifying.send_next(target.id)
        row = Notification.objects.get()
        assert (row.state, row.trouble) == ("waiting", "ConnectionRefusedError")
        assert "someone@harbor.test" not in caplog.text


def test_two_sweepers_and_four_workers_send_each_one_once(committed_db, morning):
    cast = builders.cast()
    notify_stage.may_send(cast, morning)
    with receiver() as taken:
        for _ in range(3):
            hook(cast, taken.url, morning)
        for chair in range(1, 6):
            flag = notify_stage.high_flag(cast, morning, chair=str(chair))
            for step in (1, 2):
                notify_stage.told(flag, morning, step=step)
        # one of the five needs nobody any more: both sweepers find that too
        flags.acknowledge(by=cast.nurse, flag_id=flag.id, action="I'm on it", at=morning)
        begin = threading.Barrier(4)

        def work():
            try:
                begin.wait(10)
                while targets := notifying.offered():
                    for target_id in targets:
                        while notifying.send_next(target_id):
                            pass
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()
    sent = Notification.objects.filter(state="sent")
    assert sorted(post.json["id"] for post in taken.posts) == sorted(str(row.id) for row in sent)
    assert sent.count() == 3 * 4 * 2
    assert set(sent.values_list("attempts", flat=True)) == {1}
    assert Notification.objects.filter(state="dropped").count() == 3 * 2
    assert connection.is_usable()
